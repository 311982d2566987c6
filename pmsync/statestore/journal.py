"""The journal: what a run did since its state was last written, one line for each time the disk was awaited.

    ["6f1c0a3e",{"formatVersion":1,"lineage":"…","pmsyncVersion":"…","serial":7}]
    ["90aa71d2",[[{"entry":"put-dataset",…},{"entry":"spend",…}],[{"entry":"drop",…}]]]

Each line is a JSON list of a checksum and a body; the first body says which version of the state the journal
goes on from, every other one is a list of outcomes. A checksum (CRC-32, eight hex digits) covers its body and
all bodies before it, so a line that was changed, lost or moved is found. A line is written only after the one
before it is on the disk; so a killed run can leave one torn line, the last, and anything else is damage.
It must not know what the entries mean.
"""

from __future__ import annotations

import shlex
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Final

from msgspec import Struct

from pmsync.disk.private import Files
from pmsync.errors import StateRefused
from pmsync.model.outcome import Entry
from pmsync.statestore.codec import Header, Place, decode_header, decode_outcomes

_OPEN: Final = b'["'
_SEPARATOR: Final = b'",'
_CLOSE: Final = b"]"
_DIGITS: Final = 8
_BODY_AT: Final = len(_OPEN) + _DIGITS + len(_SEPARATOR)


class Replay(Struct, frozen=True, kw_only=True):
    """What a left journal says: what it goes on from, and the entries in the order they happened."""

    header: Header
    entries: tuple[Entry, ...]


class Journal:
    """The open journal of a run: only ever appended to. Its caller lets in one thread at a time."""

    def __init__(self, files: Files, descriptor: int, header: bytes) -> None:
        """`header` is the body of the first line, which is on the disk already."""
        self._files = files
        self._descriptor = descriptor
        self._checksum = zlib.crc32(header)

    def append(self, outcomes: Iterable[bytes]) -> int:
        """Write encoded outcomes as one line; how many bytes, once the disk has it.

        Raises OSError: it may or may not be there; nothing may be appended any more.
        """
        body = b"[" + b",".join(outcomes) + b"]"
        line, self._checksum = sealed(body, self._checksum)
        self._files.write(self._descriptor, line)
        self._files.sync(self._descriptor)
        return len(line)

    def close(self) -> None:
        self._files.close(self._descriptor)


def sealed(body: bytes, checksum: int) -> tuple[bytes, int]:
    """The line for this body after lines of this checksum (0: the first), and the checksum after it."""
    checksum = zlib.crc32(body, checksum)
    return _OPEN + f"{checksum:08x}".encode() + _SEPARATOR + body + _CLOSE + b"\n", checksum


def replay(data: bytes, place: Place) -> Replay:
    """What the journal's text says, without a torn last line.

    Raises StateRefused: empty, without a whole first line (which is never torn: the file appears with it), a
    damaged line that is not the last, or a content that the format does not know.
    """
    lines = list(BytesIO(data))
    bodies = list(_bodies(lines))
    if not bodies:
        raise place.refuse("the journal is damaged: its first line is not whole")
    if len(bodies) < len(lines) - 1:
        raise _damaged(place, len(bodies) + 1)
    header = decode_header(bodies[0], _at(place, 1))
    entries = tuple(
        entry
        for number, body in enumerate(bodies[1:], start=2)
        for outcome in decode_outcomes(body, _at(place, number), header.format)
        for entry in outcome
    )
    return Replay(header=header, entries=entries)


def _damaged(place: Place, line: int) -> StateRefused:
    path = shlex.quote(place.where)
    return StateRefused(
        "the journal is damaged: the checksum of this line is wrong",
        where=f"{place.where}:{line}",
        hint="put it back from a backup, or keep what stands before that line (the next plan asks about the "
        f"rest): head -n {line - 1} {path} > {path}.kept && mv {path}.kept {path}",
    )


def _at(place: Place, line: int) -> Place:
    return Place(where=f"{place.where}:{line}", remedy=place.remedy)


def _bodies(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The bodies of the lines up to the first that is not whole."""
    checksum = 0
    for line in lines:
        body = line[_BODY_AT : -len(_CLOSE) - 1]
        whole, checksum = sealed(body, checksum)
        if whole != line:
            return
        yield body
