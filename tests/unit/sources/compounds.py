"""Compound files (OLE2) and .xls workbooks by their bytes, as the tests of this room need them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR = 512
_SMALLEST = 4096
_FREE, _END, _TABLE = 0xFFFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFD


def compound_of(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams in its root, none of them among the small ones."""
    sectors: list[bytes] = []
    table: list[int] = []

    def stored(data: bytes) -> int:
        start, count = len(sectors), max(1, -(-len(data) // _SECTOR))
        padded = data.ljust(count * _SECTOR, b"\0")
        sectors.extend(padded[at : at + _SECTOR] for at in range(0, len(padded), _SECTOR))
        table.extend([*range(start + 1, start + count), _END])
        return start

    entries = [_entry("Root Entry", 5, _END, 0, child=1 if streams else _FREE)]
    for number, (name, data) in enumerate(streams.items(), 1):
        right = number + 1 if number < len(streams) else _FREE
        padded = data.ljust(_SMALLEST, b"\0")
        entries.append(_entry(name, 2, stored(padded), len(padded), right=right))
    directory = stored(b"".join(entries))
    own = 1
    while own * (_SECTOR // 4) < len(table) + own:
        own += 1
    places = [len(sectors) + at for at in range(own)]
    table += [_TABLE] * own
    numbers = struct.pack(f"<{len(table)}I", *table).ljust(own * _SECTOR, b"\xff")
    return _head(own, directory, places) + b"".join(sectors) + numbers


def _head(own: int, directory: int, places: list[int]) -> bytes:
    listed = [*places, *[_FREE] * (109 - len(places))]
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
        + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        + struct.pack("<IIIIIIIII", 0, own, directory, 0, _SMALLEST, _END, 0, _END, 0)
        + struct.pack("<109I", *listed)
    )


def _entry(name: str, kind: int, start: int, size: int, **near: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + struct.pack("<III", _FREE, near.get("right", _FREE), near.get("child", _FREE))
        + bytes(36)
        + struct.pack("<III", start, size, 0)
    )
