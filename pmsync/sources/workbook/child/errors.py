"""Cells that hold an error such as #N/A. The library gives them like empty cells, so they are sought apart.

This module must not know archives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from .elements import Attributes, parse_xml
from .refused import Refused

_CELL: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")

_KNOWN: Final = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
_LONGEST: Final = 100
_NOWHERE: Final = (1 << 32, 1 << 32)


class Errors:
    """Error cells as they are met: how many, where the first is, and in which rows and columns any are.

    `unknown`: there are errors, or kinds of cells, that the library does not know.
    """

    def __init__(self) -> None:
        self.unknown = False
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


def errors_in_xml(blocks: Iterable[bytes]) -> Errors:
    """The error cells of a sheet in XML."""
    walk = _Walk()
    parse_xml(blocks, walk.start, walk.text)
    walk.settle()
    return walk.errors


class _Walk:
    """Where the parser is in a sheet: a row or cell that does not say its place follows the last one.

    `_error` is the place of an error cell whose value is not known yet.
    """

    def __init__(self) -> None:
        self.errors = Errors()
        self._row = -1
        self._place = ""
        self._since = 0
        self._error: tuple[int, int] | None = None
        self._value = ""
        self._in_value = False

    def start(self, name: str, attributes: Attributes) -> None:
        self._in_value = False
        if name == "c":  # tens of millions of them: no call that is not needed
            if self._error is not None:
                self.settle()
            if "r" in attributes:
                self._place, self._since = attributes["r"], 0
            else:
                self._since += 1
            if attributes.get("t") == "e":
                self._error, self._value = self._cell(placed="r" in attributes), ""
        elif name == "v":
            self._in_value = self._error is not None
        elif name == "row":
            place = attributes.get("r")
            self._row = _number(place) - 1 if place else self._row + 1
            self._place, self._since = "", 0

    def text(self, text: str) -> None:
        if self._in_value and len(self._value) < _LONGEST:
            self._value += text

    def settle(self) -> None:
        """Take the last error cell for one, if it has a value."""
        value = self._value.strip()
        if self._error is not None and value:
            self.errors.add(*self._error)
            self.errors.unknown = self.errors.unknown or value not in _KNOWN
        self._error = None

    def _cell(self, *, placed: bool) -> tuple[int, int]:
        if not self._place:
            return self._row, self._since - 1
        match = _CELL.fullmatch(self._place)
        if match is None:
            raise Refused("unreadable")
        row, column = int(match[2]) - 1, _column(match[1]) + self._since
        return (row if placed else self._row), column


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise Refused("unreadable")
    return int(text[:9])


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
