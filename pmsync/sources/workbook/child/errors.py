"""Cells that hold an error such as #N/A. The library gives them like empty cells, so they are sought apart.

This module must not know how a format writes them.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

_NOWHERE: Final = (1 << 32, 1 << 32)


class Errors:
    """Error cells as they are met: how many, where the first is, and in which rows and columns any are."""

    def __init__(self) -> None:
        self.count = 0
        self.first = _NOWHERE
        self._rows: set[int] = set()
        self._columns: set[int] = set()

    def add(self, row: int, column: int) -> None:
        """One more, at a row and column from 0."""
        self.count += 1
        self.first = min(self.first, (row, column))
        self._rows.add(row)
        self._columns.add(column)

    @property
    def rows(self) -> AbstractSet[int]:
        return self._rows

    @property
    def columns(self) -> AbstractSet[int]:
        return self._columns
