"""The bytes clients uploaded: one file per content, named by its sha256.

A name from the database is believed only where it is a sha256, and what has it only where it is a regular
file: the data folder may have come from anywhere. Knows nothing of tenants: who refers to a content is the
storage's business.
"""

import errno
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from pmsync.emulator.records import StoredFile

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Incoming:
    """A file on its way in, hashed while it is written; leaves nothing behind unless it is kept."""

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=folder)
        self.path = Path(name)
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._sha256 = hashlib.sha256()
        # The bucket's ETag is an MD5 by definition; nothing is secured with it.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.steps: tuple[Callable[[bytes], object], ...] = (
            self._md5.update,
            self._sha256.update,
            self._file.write,
        )
        """What each block goes through; for one block they may run side by side, which halves the time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def write(self, block: bytes) -> None:
        for step in self.steps:
            step(block)

    def finish(self) -> StoredFile:
        """Close the file and say what it holds."""
        size = self._file.tell()
        self._file.close()
        return StoredFile(self._sha256.hexdigest(), self._md5.hexdigest(), size)


class FileStore:
    """Uploaded contents in one folder; without a folder, in a temporary one that goes with the emulator.

    Even then the bytes are kept on disk: an upload may be larger than the memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="pmsync-emulator-")
        root = Path(self._temporary.name) if self._temporary else folder or Path()
        self.kept = root / "files"
        self._incoming = root / "incoming"
        for each in (self.kept, self._incoming):
            each.mkdir(parents=True, exist_ok=True)
            if each.is_symlink():
                raise NotADirectoryError(
                    errno.ENOTDIR, "it is a link, and not a folder of the emulator", str(each)
                )

    def receive(self) -> Incoming:
        return Incoming(self._incoming)

    def keep(self, incoming: Incoming, stored: StoredFile) -> None:
        """Give finished bytes their place; a content that is there already is simply replaced by itself."""
        incoming.path.replace(self.kept / stored.sha256)

    def path(self, sha256: str) -> Path:
        """Where a content is. Raises OSError: there is no such content, or a link or a pipe in its place."""
        path = self._place(sha256)
        if not stat.S_ISREG(path.lstat().st_mode):
            raise FileNotFoundError(errno.ENOENT, "it is no regular file", str(path))
        return path

    def forget(self, sha256: str) -> None:
        with suppress(FileNotFoundError):
            self._place(sha256).unlink()

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(str(sha256)):
            raise FileNotFoundError(errno.ENOENT, "it is no name of a content")
        return self.kept / sha256

    def close(self) -> None:
        if self._temporary:
            self._temporary.cleanup()
