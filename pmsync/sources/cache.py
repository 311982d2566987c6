"""Remembers what files held, so that an unchanged file is not read again.

One file that may be lost, be written by several runs, or be rubbish: then files are read again, and nobody
hears of it. It is typed data behind a checksum and can be nothing else; it holds paths, stamps, digests,
row counts and column names, never contents or secrets. A row is believed only while the file's device,
inode, size, mtime and ctime are what they were, and only if they were clearly older than the reading: a
file touched within the resolution of its times could have changed since without showing it (git's "racily
clean" entries). This module must not know what is a source, nor read one.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Collection
from contextlib import suppress
from typing import Final

import msgspec
from msgspec import Struct

from pmsync.disk.private import read_private, replace_private
from pmsync.model.source import FileStamp
from pmsync.sources.fingerprint import Fingerprint

RACY_NS: Final = 2_000_000_000
"""A file must be this much older than its reading: the coarsest times in use (FAT) step by two seconds."""

LARGEST: Final = 128 * 1024 * 1024
"""Bytes: half a million files. What is larger is not read, and written anew."""

_VERSION: Final = 1
_SHAPE: Final = ",".join(Fingerprint._fields)
_HEAD: Final = f"pmsync-digests {_VERSION} {_SHAPE} ".encode()
"""What a file holds is another format as soon as a fingerprint says something else."""

_CHECKSUM: Final = len("00000000\n")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_UNSTORABLE: Final = re.compile(r"[\ud800-\udfff]")
"""Bytes of a path that are no UTF-8, and so no text: such a file is read every time."""


class Known(Struct, frozen=True):
    """What is known of one file: its stamp as text, the allowed folder it was found in, what it held."""

    stamp: str
    home: str
    content: Fingerprint


class _Row(msgspec.Struct, array_like=True, gc=False):
    """`Known`, with the columns and the home as places in the lists they are in: thousands share a few."""

    stamp: str
    home: int
    columns: int
    content: Fingerprint


class _Table(msgspec.Struct, array_like=True, gc=False):
    """All rows, by absolute path."""

    homes: list[str]
    columns: list[tuple[str, ...]]
    rows: dict[str, _Row]


def stamp_text(stamp: FileStamp) -> str:
    """A stamp in one comparable piece."""
    return f"{stamp.device}:{stamp.inode}:{stamp.size}:{stamp.mtime_ns}:{stamp.ctime_ns}"


def is_racy(stamp: FileStamp, read_at_ns: int) -> bool:
    """Whether a file that was read at that time may have changed since without a change of its stamp."""
    return max(stamp.mtime_ns, stamp.ctime_ns) > read_at_ns - RACY_NS


class DigestCache:
    """The rows of one cache file: all read at once, all written at once by `save` if some are new.

    Without a path it remembers for as long as it lives.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._table = _read(path) if path is not None else _nothing()
        self._fresh: dict[str, Known] = {}
        self._lasting: set[str] = set()
        self._seen: set[str] = set()

    def get(self, path: str, stamp: str, homes: Collection[str]) -> Fingerprint | None:
        """What the file at an absolute path held, if its stamp is the same and its folder still allowed."""
        self._seen.add(path)
        if path in self._fresh:
            fresh = self._fresh[path]
            return fresh.content if fresh.stamp == stamp else None
        row = self._table.rows.get(path)
        return _content(row, self._table, homes) if row is not None and row.stamp == stamp else None

    def put(self, path: str, known: Known, *, lasting: bool) -> None:
        """Remember it; beyond this run only if it is lasting."""
        self._fresh[path] = known
        if lasting and not _UNSTORABLE.search(path):
            self._lasting.add(path)

    def save(self) -> None:
        """Write what is new, and drop rows of files that are gone; failing to is no failure of anything."""
        if self._path is None or not self._lasting:
            return
        table = _read(self._path)  # another run may have written since
        unseen = self._table.rows.keys() - self._seen
        for path in [one for one in unseen if not os.path.lexists(one)]:
            table.rows.pop(path, None)
        _add(table, {path: self._fresh[path] for path in self._lasting})
        with suppress(OSError):
            replace_private(self._path, _encoded(table))


def _nothing() -> _Table:
    return _Table([], [], {})


def _read(path: str) -> _Table:
    """The table of a file; an empty one where there is none, or none that can be believed."""
    try:
        data = read_private(path, LARGEST)
        start = len(_HEAD) + _CHECKSUM
        if data[:start] != _head_of(data[start:]):
            return _nothing()
        return msgspec.msgpack.decode(memoryview(data)[start:], type=_Table)
    except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return _nothing()


def _encoded(table: _Table) -> bytes:
    body = msgspec.msgpack.encode(table)
    return _head_of(body) + body


def _head_of(body: bytes) -> bytes:
    return b"%s%08x\n" % (_HEAD, zlib.crc32(body))


def _content(row: _Row, table: _Table, homes: Collection[str]) -> Fingerprint | None:
    """What the row says, if it is about an allowed folder and makes sense."""
    if not (0 <= row.home < len(table.homes) and 0 <= row.columns < len(table.columns)):
        return None
    content = row.content
    if table.homes[row.home] not in homes or content.rows < 0 or not _SHA256.fullmatch(content.sha256):
        return None
    return Fingerprint(content.sha256, content.rows, table.columns[row.columns], content.findings)


def _add(table: _Table, known: dict[str, Known]) -> None:
    homes = {home: at for at, home in enumerate(table.homes)}
    columns = {names: at for at, names in enumerate(table.columns)}
    for path, one in sorted(known.items()):
        home = homes.setdefault(one.home, len(homes))
        names = columns.setdefault(one.content.columns, len(columns))
        table.rows[path] = _Row(one.stamp, home, names, one.content._replace(columns=()))
    table.homes, table.columns = list(homes), list(columns)
