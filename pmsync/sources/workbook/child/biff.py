"""The records of an .xls workbook: whether it is encrypted, and which cells of its first sheet hold an error.

The library reads those cells as empty ones. This module must not know where the bytes come from.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .extent import Errors
from .refused import Refused

_HEAD: Final = struct.Struct("<HH")
_PLACE: Final = struct.Struct("<HH")
_OFFSET: Final = struct.Struct("<I")

_FORMULA: Final = 0x0006
_END: Final = 0x000A
_ENCRYPTED: Final = 0x002F
_SHEET: Final = 0x0085
_TRUTH_OR_ERROR: Final = 0x0205
_BEGIN: Final = 0x0809

_SHORTEST: Final = 8
"""Bytes of the shortest record that can hold an error: row, column, format, value, and whether it is one."""


def errors_of_first_sheet(stream: bytes) -> Errors:
    """The error cells of the first sheet; Refused if the workbook is encrypted."""
    errors = Errors()
    place = _place_of_first_sheet(stream)
    for kind, at, size in _own_records(stream, place):
        if size >= _SHORTEST and _is_error(stream, kind, at):
            errors.add(*_PLACE.unpack_from(stream, at))
    return errors


def _place_of_first_sheet(stream: bytes) -> int:
    for kind, at, size in _records(stream, 0):
        if kind == _ENCRYPTED:
            raise Refused("password")
        if kind == _SHEET and size >= _OFFSET.size:
            return int(_OFFSET.unpack_from(stream, at)[0])
        if kind == _END:
            break
    return len(stream)


def _own_records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """The records of one sheet, without those of charts within it."""
    depth = 0
    for kind, at, size in _records(stream, place):
        if kind == _BEGIN:
            depth += 1
        elif kind == _END:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, at, size


def _is_error(stream: bytes, kind: int, at: int) -> bool:
    if kind == _TRUTH_OR_ERROR:
        return stream[at + 7] == 1
    return kind == _FORMULA and stream[at + 6] == 2 and stream[at + 12 : at + 14] == b"\xff\xff"


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """The kind of each record, where its data begins, and how long that is."""
    while at + _HEAD.size <= len(stream):
        kind, size = _HEAD.unpack_from(stream, at)
        at += _HEAD.size
        if at + size > len(stream):
            return
        yield kind, at, size
        at += size
