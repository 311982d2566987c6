"""What makes a text no table although it begins like one, and where; without words for it.

Merge conflict markers are searched for outside of quotes only: in a cell they are text. Places count bytes
from the start of the file. This module must not know lines, columns or messages.
"""

from __future__ import annotations

import re
from typing import Final

from pmsync.sources.dialect import Dialect


class _Flaw(Exception):
    """Something in a text that stops its reading; `place` is where it is."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class OpenQuote(_Flaw):
    """A quote opens a cell and none closes it."""


class SwallowedRows(_Flaw):
    """A quote opens a cell that goes on over line ends until the next quote, which is not the cell's end."""

    def __init__(self, place: int, closed: int) -> None:
        super().__init__(place)
        self.closed = closed


class Nul(_Flaw):
    """A NUL byte."""


class BadByte(_Flaw):
    """A byte that means nothing in the file's encoding; `around` is what it stands in."""

    def __init__(self, place: int, byte: int, around: bytes) -> None:
        super().__init__(place)
        self.byte = byte
        self.around = around


class Conflict(_Flaw):
    """The first of three merge conflict markers."""


FLAWS: Final = (OpenQuote, SwallowedRows, Nul, BadByte, Conflict)
Flaw = OpenQuote | SwallowedRows | Nul | BadByte | Conflict


_MARKERS: Final = (
    (b"<<<<<<< ", re.compile(rb"^<{7} ", re.MULTILINE)),
    (b"=======", re.compile(rb"^={7}\r?$", re.MULTILINE)),
    (b">>>>>>> ", re.compile(rb"^>{7} ", re.MULTILINE)),
)
_PATIENCE: Final = 64
"""Pieces in which markers were in quotes only, after which a file is one that holds such texts."""


class ConflictSearch:
    """A search for the three markers, in this order, through texts that begin with a record."""

    __slots__ = ("_dialect", "_found", "_in_vain", "_place", "sign")

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.sign = _MARKERS[0][0][:1]
        """A byte without which a text is not worth a look."""
        self._found = 0
        self._place = 0
        self._in_vain = 0

    def look(self, text: bytes, at: int) -> None:
        """Search on in a text that begins at this place of the file; Conflict if the third one is in it."""
        if _MARKERS[self._found][0] not in text or self._in_vain > _PATIENCE:
            return
        outside = self._dialect.cell.sub(_masked, text) if b'"' in text else text
        start = 0
        while found := _MARKERS[self._found][1].search(outside, start):
            if not self._found:
                self._place = at + found.start()
            self._found += 1
            if self._found == len(_MARKERS):
                raise Conflict(self._place)
            self.sign = _MARKERS[self._found][0][:1]
            start = found.end()
        self._in_vain += not start


def _masked(cell: re.Match[bytes]) -> bytes:
    return b"x" * len(cell[0])
