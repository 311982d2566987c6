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
    if are_data(names):
        raise declared.refused("PM210", "has no header: its first line holds numbers or dates only", _HINT)
    if any(len(name) > MAX_NAME for name in names):
        raise declared.refused("PM223", f"has a column name of more than {MAX_NAME:,} characters", _HINT)
    return tuple(names)


def are_data(cells: Sequence[str]) -> bool:
    """Whether all cells that hold something hold a number or a date, as names do not."""
    return all(_DATUM.fullmatch(cell.strip()) for cell in cells if cell.strip())


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
    twice = [f"{shown(name[:_CUT])} in columns {_all(at)}" for name, at in places.items() if len(at) > 1]
    if not twice:
        return []
    what = f"has column names that are there more than once: {_few(twice)}"
    return [Finding("PM225", what, "give each column a name of its own", 1, 1)]


def _nameless(columns: Sequence[str], rows: Sequence[Sequence[str]], cells: int) -> list[Finding]:
    """Empty names between others, empty ones at the end above data, and none where all rows go on."""
    empty = [number for number, name in enumerate(columns, 1) if not name]
    for at in range(len(columns), cells):
        empty += [at + 1] * any(row[at].strip() for row in rows if len(row) > at)
    if len(rows) > 1 and len(columns) > 1:  # a single column may hold the delimiter in its cells
        width = min(map(len, rows))
        empty += [
            at + 1 for at in range(max(len(columns), cells), width) if all(row[at].strip() for row in rows)
        ]
    if not empty:
        return []
    what = f"has no name for column {_few([str(number) for number in empty])}"
    return [Finding("PM225", what, "give each column a name of its own", 1, 1)]


def few(names: Sequence[str]) -> str:
    """A few of the names in quotes, as a sentence may show them, and how many more there are."""
    return _few([shown(name[:_CUT]) for name in names])


def _all(numbers: Sequence[str]) -> str:
    """Numbers as they are said aloud, if they are few."""
    few_enough = 1 < len(numbers) <= _TOLD
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}" if few_enough else _few(numbers)


def _few(texts: Sequence[str]) -> str:
    more = len(texts) - _TOLD
    return ", ".join(texts[:_TOLD]) + (f" and {more:,} more" if more > 0 else "")
