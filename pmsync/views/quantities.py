"""Numbers as people read them: counts with separators, bytes in binary units, seconds.

The same number is written in the same way everywhere.
"""

from __future__ import annotations

from typing import Final

_UNITS: Final = ("KiB", "MiB", "GiB", "TiB")


def count(number: int, thing: str, things: str = "") -> str:
    """`1 row`, `12,431 rows`; `things` is the plural where it is not the word with an s."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def size(number: int) -> str:
    """`812 B`, `1.2 MiB`."""
    if number < 1024:
        return f"{number} B"
    value, steps = number / 1024, 0
    # What would round up to 1024.0 is one of the next unit.
    while value >= 1023.95 and steps < len(_UNITS) - 1:
        value, steps = value / 1024, steps + 1
    return f"{value:,.1f} {_UNITS[steps]}"


def seconds(number: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`."""
    if number < 10:
        return f"{number:.1f} s"
    whole = round(number)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
