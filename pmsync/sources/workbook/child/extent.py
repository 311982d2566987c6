"""How large a sheet is by the cells that it names, as its bytes go by.

This finds the honest case (a stray cell far away, more cells than can be read) while it costs little, so
that the user hears of it in rows and columns. A sheet that hides its size runs into the limits of the
process instead. This module must not know archives, nor what the cells hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from .errors import Errors
from .limits import MAX_CELLS
from .records import cell_records

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
    return Extent(height, max(map(_column_number, columns), default=0), cells, errors)


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


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
