"""Finds the markers that git leaves in a file whose two sides it could not merge.

Only outside of quotes: in a cell they are text. This module must not know where a text comes from.
"""

from __future__ import annotations

import re
from typing import Final

from pmsync.sources.dialect import Dialect
from pmsync.sources.flaws import Conflict

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
