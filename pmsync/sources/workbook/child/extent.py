"""How large a sheet is by the cells that it names, and which of them hold an error, as its bytes go by.

The library gives cells with an error such as #N/A like empty ones. The size finds
the honest case (a stray cell far away, more cells than can be read) while it costs little, so that the user
hears of it in rows and columns. A sheet that hides its size runs into the limits of the process instead.
This module must not know archives, nor what the cells hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from .elements import Attributes, parse_xml
from .limits import MAX_CELLS
from .records import cell_records
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


_OVERLAP: Final = 64
"""Bytes kept of the last block, so that no attribute is cut in two."""

# Each pattern begins with letters that are searched for at the speed of C; Excel writes no other form.
_ROW: Final = re.compile(rb'row r="(\d{1,7})"')
_COLUMN: Final = re.compile(rb'c r="([A-Z]{1,3})\d')
_CELL_TAGS: Final = (b"<c", b":c ", b":c>", b":c/")
_STRING_TAGS: Final = (b"<si", b":si ", b":si>", b":si/")

_ERROR_MARKS: Final = (b'"e"', b"'e'")
"""How the type of an error cell is written."""

_ROW_RECORD: Final = 0
_LAST_CELL_RECORD: Final = 11
_ERROR_RECORDS: Final = frozenset({3, 11})


class Extent(NamedTuple):
    """The last row and column that a sheet names, how many cells it lists, whether any may hold an error."""

    height: int
    width: int
    cells: int
    errors: bool = False


def xml_extent(blocks: Iterable[bytes]) -> Extent:
    """The extent of a sheet in XML; counting ends where there are too many cells."""
    height, columns, cells, errors, tail = 0, set[bytes](), 0, False, b""
    for block in blocks:
        cells += _count(block, _CELL_TAGS)
        if cells > MAX_CELLS:
            break
        text = tail + block
        height = max(height, max(map(int, _ROW.findall(text)), default=0))
        columns.update(_COLUMN.findall(text))
        errors = errors or any(mark in text for mark in _ERROR_MARKS)
        tail = text[-_OVERLAP:]
    width = max((_column(letters.decode()) + 1 for letters in columns), default=0)
    return Extent(height, width, cells, errors)


def counted_strings(blocks: Iterable[bytes]) -> int:
    """How many strings a table of shared strings holds; counting ends where they are too many."""
    strings = 0
    for block in blocks:
        strings += _count(block, _STRING_TAGS)
        if strings > MAX_CELLS:
            break
    return strings


def binary_extent(blocks: Iterable[bytes], errors: Errors) -> Extent:
    """The extent of a sheet in XLSB and its errors: rows begin with their number, cells with their column."""
    height = width = cells = row = 0
    for kind, number in cell_records(blocks):
        if kind == _ROW_RECORD:
            row, height = number, max(height, number + 1)
            continue
        errors.unknown = errors.unknown or kind > _LAST_CELL_RECORD
        cells += 1
        width = max(width, number + 1)
        if kind in _ERROR_RECORDS:
            errors.add(row, number)
        if cells > MAX_CELLS:
            break
    return Extent(height, width, cells)


def _count(block: bytes, tags: Iterable[bytes]) -> int:
    return sum(map(block.count, tags))
