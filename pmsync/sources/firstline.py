"""Takes the first record of a text apart, cell by cell, with the place of each.

This module must not know which delimiter is right, nor what a header is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct


class Cell(Struct, frozen=True):
    """A cell's value, the line and column it begins at, and what its quotes are like.

    `spans`: whether it holds a line end; `closed`: false if a quote opens it and none closes it.
    """

    value: str
    line: int
    column: int
    spans: bool = False
    closed: bool = True


class FirstRecord(Struct, frozen=True):
    """The first record of a text; `ended`: whether a line end was seen behind it."""

    cells: tuple[Cell, ...]
    ended: bool

    @property
    def values(self) -> list[str]:
        return [cell.value for cell in self.cells]


def first_record(text: str, delimiter: str) -> FirstRecord:
    """The first record of a text as csv would read it."""
    cells = []
    at, line, line_start = 0, 1, 0
    while True:
        found = _cell(delimiter).match(text, at)
        assert found is not None  # an empty cell is one
        quoted, plain, end = found["quoted"], found["plain"], found["end"]
        inside = quoted or ""
        breaks = list(_LINE_END.finditer(inside))
        cells.append(
            Cell(
                value=inside.replace('""', '"') + plain,
                line=line,
                column=at - line_start + 1,
                spans=bool(breaks),
                closed=quoted is None or found["close"] == '"',
            )
        )
        if breaks:
            line += len(breaks)
            line_start = found.start("quoted") + breaks[-1].end()
        if end != delimiter:
            return FirstRecord(tuple(cells), ended=bool(end))
        at = found.end()


_LINE_END = re.compile(r"\r\n|\r|\n")


@lru_cache
def _cell(delimiter: str) -> re.Pattern[str]:
    sign = re.escape(delimiter)
    plain = rf"(?P<plain>[^{sign}\r\n]*+)"
    quoted = r'(?:"(?P<quoted>(?:[^"]++|"")*+)(?P<close>"?))?+'
    return re.compile(rf"{quoted}{plain}(?P<end>{sign}|\r\n|\r|\n|\Z)")
