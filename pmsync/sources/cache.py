"""Remembers what files held, so that an unchanged file is not read again.

A SQLite file that may be lost, be shared by processes, or be rubbish: then files are read again, and
nobody hears of it. It holds paths, stamps, digests, row counts and column names, never contents or
secrets. A row is believed only while the file's device, inode, size, mtime and ctime are what they were,
and only if they were clearly older than the reading: a file touched within the resolution of its times
could have changed since without showing it (git's "racily clean" entries).
This module must not know what is a source, nor read one.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pmsync.model.source import FileStamp
from pmsync.sources.fingerprint import Fingerprint

RACY_NS: Final = 2_000_000_000
"""A file must be this much older than its reading: the coarsest times in use (FAT) step by two seconds."""

_APPLICATION: Final = 0x504D5359  # "PMSY": which program's file this is
_VERSION: Final = 1
_PATIENCE: Final = 0.2
"""Seconds to wait for another process; reading files again is better than waiting long."""

_TABLE: Final = """create table digests (
    path text primary key, stamp text not null, home text not null,
    sha256 text not null, rows integer not null, columns text not null) without rowid"""

_UNSTORABLE: Final = re.compile(r"[\ud800-\udfff]")
"""Bytes of a path that are no UTF-8: SQLite cannot hold them, and such a file is read every time."""

_INSIDE: Final = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""What SQLite says where it can read the file and the file is not what it should be."""

_READ: Final = """select path,
    stamp || char(9) || sha256 || char(9) || rows || char(9) || columns || char(9) || home
    from digests where typeof(path) = 'text'"""
"""Rows in two pieces, which Python reads three times as fast as six; a row is taken apart when it is used."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one file: its stamp as text, the allowed folder it was found in, what it held."""

    stamp: str
    home: str
    content: Fingerprint


def stamp_text(stamp: FileStamp) -> str:
    """A stamp in one comparable piece; inode and device numbers may not fit a SQLite integer."""
    return f"{stamp.device}:{stamp.inode}:{stamp.size}:{stamp.mtime_ns}:{stamp.ctime_ns}"


def is_racy(stamp: FileStamp, read_at_ns: int) -> bool:
    """Whether a file that was read at that time may have changed since without a change of its stamp."""
    return max(stamp.mtime_ns, stamp.ctime_ns) > read_at_ns - RACY_NS


class DigestCache:
    """The rows of one cache file: all read at once, the changed ones written at once by `save`.

    Without a path it remembers for as long as it lives. A path that is a symlink is left alone: following
    it could write wherever a pull request points.
    """

    def __init__(self, path: str | None) -> None:
        self._path = None if path is not None and os.path.islink(path) else path
        self._rubbish = False
        self._rows: dict[str, str | None] = {}
        self._fresh: dict[str, Known] = {}
        self._lasting: set[str] = set()
        self._seen: set[str] = set()
        if self._path is not None and os.path.exists(self._path):
            self._load(self._path)

    def get(self, path: str, stamp: str, homes: Collection[str]) -> Fingerprint | None:
        """What the file at an absolute path held, if its stamp is the same and its folder still allowed."""
        self._seen.add(path)
        if path in self._fresh:
            fresh = self._fresh[path]
            return fresh.content if fresh.stamp == stamp else None
        row = self._rows.get(path)
        return _content(row, stamp, homes) if row is not None else None

    def put(self, path: str, known: Known, *, lasting: bool) -> None:
        """Remember it; beyond this run only if it is lasting."""
        self._fresh[path] = known
        if lasting and not _UNSTORABLE.search(path):
            self._lasting.add(path)

    def save(self) -> None:
        """Write what is new, and drop rows of files that are gone; failing to is no failure of anything."""
        if self._path is None or not self._lasting:
            return
        try:
            os.makedirs(os.path.dirname(self._path) or ".", exist_ok=True)
            if self._rubbish:
                os.unlink(self._path)
            with closing(self._connect(self._path)) as connection, connection:
                self._write(connection)
        except (sqlite3.Error, OSError, ValueError):
            return

    def _write(self, connection: sqlite3.Connection) -> None:
        connection.execute("begin immediate")
        if not _is_ours(connection):  # new, or made by another process since
            connection.execute("drop table if exists digests")
            connection.execute(_TABLE)
            connection.execute(f"pragma application_id = {_APPLICATION}")
            connection.execute(f"pragma user_version = {_VERSION}")
        rows = [_row(path, self._fresh[path]) for path in sorted(self._lasting)]
        connection.executemany("insert or replace into digests values (?, ?, ?, ?, ?, ?)", rows)
        gone = _gone(path for path in self._rows if path not in self._seen)
        connection.executemany("delete from digests where path = ?", [(path,) for path in gone])

    def _load(self, path: str) -> None:
        try:
            with closing(self._connect(path)) as connection:
                if _is_ours(connection):
                    self._rows = dict(connection.execute(_READ))
                else:
                    self._rubbish = True
        except sqlite3.Error as problem:
            # Locked, or not to be opened or read: this run goes without. Anything else is rubbish inside.
            code = getattr(
                problem, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT
            )  # text that is no UTF-8 has none
            self._rubbish = code & 0xFF in _INSIDE

    @staticmethod
    def _connect(path: str) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        # A cache need not survive a power cut; rows of a torn page do not match any file's stamp.
        connection.execute("pragma synchronous = off")
        return connection


def _is_ours(connection: sqlite3.Connection) -> bool:
    application = connection.execute("pragma application_id").fetchone()[0]
    version = connection.execute("pragma user_version").fetchone()[0]
    return (application, version) == (_APPLICATION, _VERSION)


def _gone(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if not os.path.lexists(path)]


def _row(path: str, known: Known) -> tuple[str, str, str, str, int, str]:
    content = known.content
    return (path, known.stamp, known.home, content.sha256, content.rows, json.dumps(content.columns))


def _content(row: str, stamp: str, homes: Collection[str]) -> Fingerprint | None:
    """What the row says, if it is about this stamp and an allowed folder, and makes sense."""
    if not row.startswith(stamp + "\t"):
        return None
    _, sha256, rows, columns, home = row.split("\t", 4)
    names = _names(columns)
    if names is None or home not in homes or not rows.isdecimal() or len(sha256) != 64:
        return None
    return Fingerprint(sha256, int(rows), names)


@lru_cache(maxsize=256)  # thousands of files share a few headers
def _names(columns: str) -> tuple[str, ...] | None:
    try:
        names = json.loads(columns)
    except (ValueError, RecursionError):
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return tuple(names)
