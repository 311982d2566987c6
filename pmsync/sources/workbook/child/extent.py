"""How large a sheet is by the cells that it names, as its bytes go by.

This finds the honest case (a stray cell far away, more cells than can be read) while it costs little, so
that the user hears of it in rows and columns. A sheet that hides its size runs into the limits of the
process instead. This module must not know archives, nor what the cells hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from .limits import MAX_CELLS

_OVERLAP: Final = 64
"""Bytes kept of the last block, so that no attribute is cut in two."""

# Each pattern begins with letters that are searched for at the speed of C; Excel writes no other form.
_ROW: Final = re.compile(rb'row r="(\d{1,7})"')
_COLUMN: Final = re.compile(rb'c r="([A-Z]{1,3})\d')
_CELL_TAGS: Final = (b"<c", b":c ", b":c>", b":c/")
_STRING_TAGS: Final = (b"<si", b":si ", b":si>", b":si/")

_ROW_RECORD: Final = 0
_LAST_CELL_RECORD: Final = 11
_LONGEST_HEAD: Final = 6


class Extent(NamedTuple):
    """The last row and the last column that a sheet names, and how many cells it lists."""

    height: int
    width: int
    cells: int


def xml_extent(blocks: Iterable[bytes]) -> Extent:
    """The extent of a sheet in XML; counting ends where there are too many cells."""
    height, columns, cells, tail = 0, set[bytes](), 0, b""
    for block in blocks:
        cells += _count(block, _CELL_TAGS)
        if cells > MAX_CELLS:
            break
        text = tail + block
        height = max(height, max(map(int, _ROW.findall(text)), default=0))
        columns.update(_COLUMN.findall(text))
        tail = text[-_OVERLAP:]
    return Extent(height, max(map(_column_number, columns), default=0), cells)


def counted_strings(blocks: Iterable[bytes]) -> int:
    """How many strings a table of shared strings holds; counting ends where they are too many."""
    strings = 0
    for block in blocks:
        strings += _count(block, _STRING_TAGS)
        if strings > MAX_CELLS:
            break
    return strings


def binary_extent(blocks: Iterable[bytes]) -> Extent:
    """The extent of a sheet in XLSB: row records start with their number, cell records with their column."""
    height = width = cells = 0
    for kind, number in _records(blocks):
        if kind == _ROW_RECORD:
            height = max(height, number + 1)
        else:
            cells += 1
            width = max(width, number + 1)
            if cells > MAX_CELLS:
                break
    return Extent(height, width, cells)


def _records(blocks: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """The kind and first number of each row and cell record: a type, a length (7 bits a byte) and data."""
    data, at = b"", 0
    for block in blocks:
        data, at = data[at:] + block, max(0, at - len(data))
        last = len(data) - _LONGEST_HEAD - 4
        while at < last:
            kind, size = data[at], data[at + 1]
            if kind < 128 and size < 128:
                at += 2
            else:
                kind, at = _varint(data, at, 2)
                size, at = _varint(data, at, 4)
            if kind <= _LAST_CELL_RECORD:
                yield kind, int.from_bytes(data[at : at + 4], "little")
            at += size


def _varint(data: bytes, at: int, most: int) -> tuple[int, int]:
    number = 0
    for count in range(most):
        byte = data[at]
        number |= (byte & 0x7F) << (7 * count)
        at += 1
        if byte < 0x80:
            break
    return number, at


def _count(block: bytes, tags: Iterable[bytes]) -> int:
    return sum(map(block.count, tags))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
