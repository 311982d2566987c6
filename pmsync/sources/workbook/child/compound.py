"""Compound files (OLE2): what .xls files are, and what Excel wraps around a workbook with a password.

A small file system: sectors, a table that chains them, a directory of streams. Whatever leads nowhere or in
circles is refused as unreadable. This module must not know what is in a stream.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .refused import Refused

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_HEAD: Final = struct.Struct("<30x HH 10x II 4x II II I")
_HEAD_SIZE: Final = 76
_INLINE: Final = 109
"""Sectors of the allocation table that the header itself lists."""

_ENTRY: Final = struct.Struct("<64s H B 49x I I 4x")
_ENTRY_SIZE: Final = 128
_STREAM: Final = 2
_ROOT: Final = 5
_LAST: Final = 0xFFFF_FFFA
"""From here on a sector number is a mark: free, the end of a chain, part of the table."""


class Compound:
    """The streams of a compound file by name, wherever they stand in its tree; Refused if it is damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        try:
            self._read()
        except (struct.error, IndexError, ValueError) as problem:
            raise Refused("unreadable") from problem

    def _read(self) -> None:
        head = _HEAD.unpack_from(self._data)
        shift, small_shift, _, first, self._cutoff, small, _, more, _ = head
        self._size, self._small_size = 1 << shift, 1 << small_shift
        if not (7 <= shift <= 16 and small_shift < shift):
            raise Refused("unreadable")
        self._sectors = len(self._data) // self._size
        self._table = self._numbers(b"".join(map(self._sector, self._table_sectors(more))))
        self._small_table = self._numbers(self._chained(small))
        self._entries: dict[str, tuple[int, int]] = {}
        self._small = b""
        for name, kind, start, size in self._directory(first):
            if kind == _ROOT:
                self._small = self._chained(start)
            elif kind == _STREAM:
                self._entries.setdefault(name, (start, size))

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def stream(self, name: str) -> bytes:
        """The bytes of a stream; Refused if its sectors are not all there."""
        start, size = self._entries[name]
        try:
            data = self._chained(start) if size >= self._cutoff else self._small_chained(start)
        except IndexError as problem:
            raise Refused("unreadable") from problem
        return data[:size]

    def _directory(self, first: int) -> Iterator[tuple[str, int, int, int]]:
        data = self._chained(first)
        for at in range(0, len(data) - _ENTRY_SIZE + 1, _ENTRY_SIZE):
            name, length, kind, start, size = _ENTRY.unpack_from(data, at)
            yield name[: max(0, length - 2)].decode("utf-16-le", errors="replace"), kind, start, size

    def _table_sectors(self, more: int) -> list[int]:
        """Where the allocation table is: listed in the header, then in sectors that lead to each other."""
        listed = list(struct.unpack_from(f"<{_INLINE}I", self._data, _HEAD_SIZE))
        while more < _LAST and len(listed) <= self._sectors + _INLINE:
            *numbers, more = self._numbers(self._sector(more))
            listed += numbers
        return [number for number in listed if number < _LAST]

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        if at >= len(self._data):
            raise IndexError(number)
        return bytes(self._data[at : at + self._size])

    def _chained(self, start: int) -> bytes:
        return b"".join(map(self._sector, _chain(start, self._table, most=self._sectors)))

    def _small_chained(self, start: int) -> bytes:
        size = self._small_size
        numbers = _chain(start, self._small_table, most=len(self._small) // size + 1)
        return b"".join(self._small[number * size : (number + 1) * size] for number in numbers)

    def _numbers(self, data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _chain(start: int, table: tuple[int, ...], *, most: int) -> Iterator[int]:
    for _ in range(most + 1):
        if start >= _LAST:
            return
        yield start
        start = table[start]
    raise Refused("unreadable")  # round in circles
