"""What is odd about a workbook and stops nothing: sheets that are not loaded, cells that hold an error.

This module must not know how it is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pmsync.sources.columns import findings_of
from pmsync.sources.declared import Finding
from pmsync.sources.workbook.places import LAST_COLUMN, cell_name, number_in, sheet_name

_MANY: Final = 1 << 40
_FRONT: Final = "only the first sheet is loaded; save the others as files of their own if they are meant too"


def sheet_findings(answer: Mapping[str, object], columns: Sequence[str]) -> tuple[Finding, ...]:
    """The findings of a workbook with these columns, of which the child said this."""
    nameless = _filled_beyond(answer.get("beyond"))
    return (
        *findings_of(columns, [nameless] if nameless else [], cells=len(nameless)),
        *_of_others(answer.get("others")),
        *_of_errors(answer.get("errors")),
    )


def _filled_beyond(beyond: object) -> list[str]:
    """A row that stands for all: something in each column that holds data and may have no name."""
    numbers = beyond if isinstance(beyond, list) else []
    columns = {number for number in numbers if isinstance(number, int) and 0 <= number < LAST_COLUMN}
    return ["x" if at in columns else "" for at in range(max(columns, default=-1) + 1)]


def _of_others(others: object) -> Iterator[Finding]:
    match others:
        case [int(count), *sheets] if sheets:
            named = [_told(sheet) for sheet in sheets]
            rest = [f"and {count - len(named):,} more"] if count > len(named) else []
            what = f"holds rows in sheets that are not loaded: {', '.join([*named, *rest])}"
            yield Finding("PM232", what, _FRONT)
        case _:
            return


def _told(sheet: object) -> str:
    match sheet:
        case [name, int(rows), hidden]:
            counted = "rows not counted" if rows < 0 else f"{rows:,} filled row{'' if rows == 1 else 's'}"
            return f"{sheet_name(name)} ({'hidden, ' if hidden else ''}{counted})"
        case _:
            return "?"


def _of_errors(errors: object) -> Iterator[Finding]:
    match errors:
        case [int(count), int(row), int(column)]:
            cells = f"{count:,} cell{'' if count == 1 else 's'}"
            what = f"has errors such as #N/A in {cells}, first in {cell_name(row, column)}"
            hint = "they are loaded as they are: put values there, or leave the cells empty"
            yield Finding("PM234", what, hint, number_in(row, _MANY), number_in(column, _MANY))
        case _:
            return
