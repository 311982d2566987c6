"""Compares the columns of files that fill one datatable: rows that do not belong together must not add up.

Pure: names and columns in, differences out. This module must not know files, nor where they are declared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pmsync.sources.columns import few
from pmsync.sources.declared import Finding, shown


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
