"""Judges the names in a first row, of a text or of a sheet.

This module must not know where the names come from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from pmsync.sources.declared import Declared, Finding, shown
from pmsync.sources.delimiter import BLANK

MAX_NAME: Final = 1024
"""Characters that a column's name may have."""

_DATUM: Final = re.compile(
    r"[-+]?(?=[.,]*+\d)[\d.,]++(?:[eE][-+]?\d++)?%?|\d{4}-\d\d-\d\d(?:[T ][\d:.,+Zz-]*+)?"
)
"""A number or an ISO date: what a row of data may hold in each cell, and a header does not."""

_HINT: Final = "its first line must name the columns"
_TOLD: Final = 3
_CUT: Final = 40
"""What a message shows at most: names, and characters of one."""


def columns_of(cells: Sequence[str], declared: Declared) -> tuple[str, ...]:
    """The names in a first row, without empty cells at its end; InputError if it is no header."""
    names = [cell.strip(BLANK) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise declared.refused("PM210", "has no column names in its first line", _HINT)
    if all(_DATUM.fullmatch(name) for name in names if name):
        raise declared.refused("PM210", "has no header: its first line holds numbers or dates only", _HINT)
    if any(len(name) > MAX_NAME for name in names):
        raise declared.refused("PM223", f"has a column name of more than {MAX_NAME:,} characters", _HINT)
    return tuple(names)


def findings_of(
    columns: Sequence[str], rows: Sequence[Sequence[str]] = (), *, cells: int = 0
) -> list[Finding]:
    """What is odd about names and stops nothing: names twice, and columns with data and without a name.

    `rows`: the first ones below; `cells`: how many the first row has, the empty ones at its end as well.
    """
    return [*_doubled(columns), *_nameless(columns, rows, cells)]


def _doubled(columns: Sequence[str]) -> list[Finding]:
    places = defaultdict(list)
    for number, name in enumerate(columns, 1):
        if name:
            places[name].append(str(number))
    twice = [
        f"{shown(name[:_CUT])} in columns {' and '.join(at)}" for name, at in places.items() if len(at) > 1
    ]
    if not twice:
        return []
    what = f"has column names that are there twice: {_few(twice)}"
    return [Finding("PM225", what, "give each column a name of its own", 1, 1)]


def _nameless(columns: Sequence[str], rows: Sequence[Sequence[str]], cells: int) -> list[Finding]:
    """Empty names between others, empty ones at the end above data, and none where all rows go on."""
    empty = [number for number, name in enumerate(columns, 1) if not name]
    width = max(map(len, rows), default=0)
    for number in range(len(columns), width):
        filled = [len(row) > number and bool(row[number].strip()) for row in rows]
        if any(filled) if number < cells else len(rows) > 1 and all(filled):
            empty.append(number + 1)
    numbers = [str(number) for number in empty]
    if not numbers:
        return []
    what = f"has no name for column {_few(numbers)}"
    return [Finding("PM225", what, "give each column a name of its own", 1, 1)]


def few(names: Sequence[str]) -> str:
    """A few of the names in quotes, as a sentence may show them, and how many more there are."""
    return _few([shown(name[:_CUT]) for name in names])


def _few(texts: Sequence[str]) -> str:
    more = len(texts) - _TOLD
    return ", ".join(texts[:_TOLD]) + (f" and {more:,} more" if more > 0 else "")
