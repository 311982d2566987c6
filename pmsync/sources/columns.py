"""Judges the names in a first row, of a text or of a sheet, and compares those of files of one datatable.

Rows that do not belong together must not add up. This module must not know where the names come from.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

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


class Compared(NamedTuple):
    """One file of a datatable. `append`: its rows add up with those of the others."""

    name: str
    columns: tuple[str, ...]
    append: bool


class Difference(NamedTuple):
    """What of the file of this name differs from the others; `refused`: it must not be loaded."""

    name: str
    finding: Finding
    refused: bool


def compared(files: Sequence[Compared]) -> list[Difference]:
    """What differs between the files of one datatable, in their order; the columns of most are the measure.

    Neither order nor white space around names is a difference. PM228 (refused): a file of `append` that
    shares no column with others of `append`, whatever the case of letters. PM229: what differs otherwise.
    """
    if len({file.columns for file in files}) < 2:
        return []
    measure = _measure([file for file in files if file.append] or files)
    return [
        difference
        for file in files
        if file.columns != measure.columns
        for difference in _differences(file, measure)
    ]


def _measure(files: Sequence[Compared]) -> Compared:
    """The first of the files with the columns that most have."""
    most = Counter(_names(file) for file in files).most_common(1)[0][0]
    return next(file for file in files if _names(file) == most)


def _differences(file: Compared, measure: Compared) -> Iterator[Difference]:
    mine, others = _names(file), _names(measure)
    if mine == others:
        return
    other = shown(measure.name)
    if {name.casefold() for name in mine}.isdisjoint(name.casefold() for name in others):
        what = f"shares no column name with {other}: {few(sorted(mine))} here, {few(sorted(others))} there"
        refused = file.append and measure.append
        hint = (
            "its first line must name the columns; a file of other columns belongs in a datatable of its own"
        )
        yield Difference(file.name, Finding("PM228" if refused else "PM229", what, hint, 1, 1), refused)
        return
    lacks, adds = others - mine, mine - others
    parts = [f"lacks {few(sorted(lacks))}"] * bool(lacks) + [f"has {few(sorted(adds))} beside"] * bool(adds)
    what = f"differs in its columns from {other}: it {' and '.join(parts)}"
    yield Difference(file.name, Finding("PM229", what, "fine if it is meant", 1, 1), refused=False)


def _names(file: Compared) -> frozenset[str]:
    return frozenset(name.strip() for name in file.columns) - {""}
