"""The records of a binary workbook's parts: a kind and a length (7 bits a byte each), and that much data.

This module must not know what a record means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

_LONGEST_HEAD: Final = 6
_LAST_SHORT: Final = 18
_RICH: Final = 62
"""Cells are of the kinds below and this one."""

_SHORT_BLANK: Final = 12


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and the data of each record, as far as they are whole."""
    at = 0
    while at + _LONGEST_HEAD <= len(data):
        kind, at = _varint(data, at, 2)
        size, at = _varint(data, at, 4)
        if at + size > len(data):
            return
        yield kind, data[at : at + size]
        at += size


def cell_records(blocks: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """The kind and first number of each row and cell record."""
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
            if (kind <= _LAST_SHORT and kind != _SHORT_BLANK) or kind == _RICH:
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
