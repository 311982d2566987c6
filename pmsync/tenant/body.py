"""What is to be sent of one source file, and the file while it is being sent.

The bytes are hashed as they go, and the last block is held back until all of them are known to be the
planned ones and whoever listens has noted that it goes out: a bucket that gets fewer bytes than announced
stores nothing. Knows no host and no URL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, Final, Protocol

from msgspec import Struct

from pmsync.errors import PmsyncError, StalePlan

BLOCK: Final = 1024 * 1024
"""Bytes per read and send: with 1 MiB urllib3 is as fast as curl, with its own 16 KiB half as fast."""


class UploadTask(Struct, frozen=True, kw_only=True):
    """One file to put into one datatable, as plain data: where it goes and what it must be.

    `name` is the file name the tenant sees, `mtime_ms` milliseconds since 1970 (both go into the request for
    an upload URL), `size` in bytes, `sha256` in hex: what was planned.
    """

    datatable_id: str
    dataset_id: str
    name: str
    size: int
    sha256: str
    mtime_ms: int


class Body(Protocol):
    """An opened file: `read` gives at most so many bytes and none only at its end; `rewind` starts again."""

    @property
    def size(self) -> int: ...

    def read(self, count: int, /) -> bytes: ...

    def rewind(self) -> None: ...


def _no_count(_count: int) -> None:
    """Nobody counts."""


def _no_word() -> None:
    """Nobody notes anything."""


class Listener(Struct, frozen=True, kw_only=True):
    """Who is told of an upload on its way.

    `on_bytes`: more bytes are out (negative: an attempt starts again). `before_last`: the content is right
    and the last block of this attempt is next; until this returns it is held back, and an error that it
    raises ends the upload with nothing stored.
    """

    on_bytes: Callable[[int], None] = _no_count
    before_last: Callable[[], None] = _no_word


class InMemory:
    """A file that is nowhere on a disk."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    @property
    def size(self) -> int:
        return len(self._content)

    def read(self, count: int, /) -> bytes:
        block = self._content[self._at : self._at + count]
        self._at += len(block)
        return block

    def rewind(self) -> None:
        self._at = 0


class _Hashes:
    """sha256 and (where wanted) MD5 of a stream, computed beside it: hashing a block leaves Python's lock."""

    def __init__(self, executor: Executor | None, *, md5: bool) -> None:
        self.sha256 = hashlib.sha256()
        self.md5 = hashlib.md5(usedforsecurity=False) if md5 else None
        self._executor = executor
        self._running: list[Future[Any]] = []

    def update(self, block: bytes) -> None:
        updates = [self.sha256.update] + ([self.md5.update] if self.md5 else [])
        if self._executor is None:
            for update in updates:
                update(block)
            return
        self.settle()
        self._running = [self._executor.submit(update, block) for update in updates]

    def settle(self) -> None:
        """Wait until every block given is counted in: digests are right only then."""
        for future in self._running:
            future.result()
        self._running = []


class SendingBody:
    """A file on its way, once from its beginning: reads as the HTTP library asks, hashes, counts.

    `read` raises StalePlan, before the last block is handed out, where the content is not the planned one.
    `sent` counts bytes handed out, `whole` says that the last of them were. `executor` hashes large files
    beside the sending.
    """

    def __init__(
        self,
        body: Body,
        task: UploadTask,
        *,
        listener: Listener,
        executor: Executor | None,
        md5: bool = True,
    ) -> None:
        self._body = body
        self._task = task
        self._listener = listener
        single = task.size <= BLOCK
        self._hashes = _Hashes(None if single else executor, md5=md5)
        self._next: bytes | None = None
        self.sent = 0
        self.whole = False
        body.rewind()

    def read(self, count: int = BLOCK, /) -> bytes:
        block = self._fetch(count) if self._next is None else self._next
        if not block:
            if not self.whole:  # a bucket that gets nothing waits for it, and we for the bucket
                raise self._changed("it is empty")
            return b""
        self._hashes.update(block)
        self._next = self._fetch(count)
        if self.sent + len(block) + len(self._next) > self._task.size:
            raise self._changed("it grew")
        if not self._next:
            self._check(self.sent + len(block))
            self._listener.before_last()
            self.whole = True
        self.sent += len(block)
        self._listener.on_bytes(len(block))
        return block

    def md5(self) -> str | None:
        """In hex, of all that was sent; None where it was not wanted."""
        self._hashes.settle()
        return self._hashes.md5.hexdigest() if self._hashes.md5 else None

    def take_back(self) -> None:
        """Tell the progress that this attempt came to nothing."""
        if self.sent:
            self._listener.on_bytes(-self.sent)

    def _fetch(self, count: int) -> bytes:
        try:
            return self._body.read(count)
        except OSError as caught:
            reason = caught.strerror or type(caught).__name__
        raise PmsyncError(f"the file cannot be read any more: {reason}", where=self._task.name)

    def _check(self, size: int) -> None:
        self._hashes.settle()
        if size != self._task.size:
            raise self._changed("it shrank")
        if self._hashes.sha256.hexdigest() != self._task.sha256:
            raise self._changed("other bytes")

    def _changed(self, how: str) -> StalePlan:
        return StalePlan(
            f"the file is not what was planned any more ({how}); the bucket stored nothing of it",
            where=self._task.name,
            hint="plan again",
        )
