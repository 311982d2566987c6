"""Compound files (OLE2) by their bytes, as the tests of this room need them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR = 512
_SMALL = 64
_SMALLEST = 4096
_FREE, _END, _TABLE, _MORE = 0xFFFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFD, 0xFFFF_FFFC
_LISTED = 109
_NUMBERS = _SECTOR // 4


class _Chains:
    """Pieces of one size, each with the number of the next."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.pieces: list[bytes] = []
        self.table: list[int] = []

    def store(self, data: bytes) -> int:
        """Where the data begins."""
        start, count = len(self.pieces), max(1, -(-len(data) // self.size))
        padded = data.ljust(count * self.size, b"\0")
        self.pieces += [padded[at : at + self.size] for at in range(0, len(padded), self.size)]
        self.table += [*range(start + 1, start + count), _END]
        return start


def compound_of(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams in its root; short ones are stored among the small ones."""
    sectors, small = _Chains(_SECTOR), _Chains(_SMALL)
    entries = []
    for number, (name, data) in enumerate(streams.items(), 1):
        right = number + 1 if number < len(streams) else _FREE
        start = (small if len(data) < _SMALLEST else sectors).store(data)
        entries.append(_entry(name, 2, start, len(data), right=right))
    content = b"".join(small.pieces)
    root = _entry("Root Entry", 5, sectors.store(content), len(content), child=1 if streams else _FREE)
    directory = sectors.store(b"".join([root, *entries]))
    small_table = sectors.store(struct.pack(f"<{len(small.table)}I", *small.table).ljust(_SECTOR, b"\xff"))
    own, listing = 1, 0
    while own * _NUMBERS < len(sectors.table) + own + listing:
        own += 1
        listing = max(0, -(-(own - _LISTED) // (_NUMBERS - 1)))
    first = len(sectors.pieces)
    places = list(range(first, first + own))
    table = [*sectors.table, *[_TABLE] * own, *[_MORE] * listing]
    numbers = struct.pack(f"<{len(table)}I", *table).ljust(own * _SECTOR, b"\xff")
    listed = [_listing(places[_LISTED:], at, first + own, listing) for at in range(listing)]
    head = _head((own, directory, small_table, listing), places[:_LISTED], first + own)
    return head + b"".join([*sectors.pieces, numbers, *listed])


def _listing(places: list[int], at: int, first: int, count: int) -> bytes:
    """A sector that lists where the table goes on, and where the next of its kind is."""
    here = places[at * (_NUMBERS - 1) : (at + 1) * (_NUMBERS - 1)]
    following = first + at + 1 if at + 1 < count else _END
    return struct.pack(f"<{len(here)}I", *here).ljust(_SECTOR - 4, b"\xff") + struct.pack("<I", following)


def _head(numbers: tuple[int, int, int, int], places: list[int], more: int) -> bytes:
    own, directory, small_table, listing = numbers
    listed = [*places, *[_FREE] * (_LISTED - len(places))]
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
        + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        + struct.pack("<IIIII", 0, own, directory, 0, _SMALLEST)
        + struct.pack("<IIII", small_table, 1, more if listing else _END, listing)
        + struct.pack(f"<{_LISTED}I", *listed)
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
