"""What the child says of a workbook, in words: what is wrong with it, and what is odd and stops nothing.

The child answers with the name of a fault, numbers and names of sheets. It read a stranger's file, so none
of it is believed to be what it should: numbers are numbers, names are cut and escaped.
This module must not know how it is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from pmsync.errors import InputError
from pmsync.sources.columns import findings_of
from pmsync.sources.declared import Declared, Finding, shown
from pmsync.sources.workbook.child.limits import MAX_CELLS, MAX_FILE, MAX_HEADER, MAX_MEMORY, MAX_UNPACKED

_CSV: Final = "save the sheet as CSV in UTF-8 instead"
_STRAY: Final = f"delete cells far below or right of the data, or {_CSV}"
_WHOLE: Final = f"open it in Excel and save it again, or {_CSV}"
_EXCEL: Final = "save it from Excel as .xlsx, or as CSV in UTF-8"
_FRONT: Final = "move {better} to the front: only the first sheet is loaded"
_NAMES: Final = "its first row must name the columns"


class _Words(NamedTuple):
    """A diagnostic's code, its sentence (with the answer's numbers in it) and what to do."""

    code: str
    what: str
    hint: str


_WORDS: Final[Mapping[str, _Words]] = {
    "password": _Words("PM212", "is encrypted with a password", "save it without one"),
    "unreadable": _Words("PM212", "cannot be read as an Excel workbook", _CSV),
    "unpack": _Words("PM212", "cannot be unpacked as an Excel workbook", _WHOLE),
    "package": _Words("PM212", "is a ZIP archive, but no Excel workbook", _EXCEL),
    "compound": _Words("PM212", "is an Office file, but no Excel workbook", _EXCEL),
    "opendocument": _Words("PM212", "is an OpenDocument file, no Excel workbook", "save it as .xlsx"),
    "old": _Words("PM212", "is a workbook of Excel 4 or older", "save it as .xlsx"),
    "twice": _Words("PM212", "holds two parts of one name, so two readers may see two tables", _WHOLE),
    "method": _Words("PM212", "is packed in a way that Excel does not use", _WHOLE),
    "file": _Words("PM213", f"has {{size:,}} bytes, and a workbook may have {MAX_FILE:,}", _CSV),
    "unpacked": _Words("PM213", f"unpacks to more than {MAX_UNPACKED:,} bytes", _CSV),
    "parts": _Words("PM213", "holds {count:,} parts, too many for a workbook", _WHOLE),
    "cells": _Words("PM213", f"holds more than {MAX_CELLS:,} cells or strings", _CSV),
    "area": _Words(
        "PM213",
        f"uses an area of {{height:,}} rows and {{width:,}} columns, and {MAX_CELLS:,} cells can be read",
        _STRAY,
    ),
    "header": _Words("PM210", f"has column names of more than {MAX_HEADER:,} characters", _STRAY),
    "error header": _Words("PM210", "has an error instead of a column name in {cell}", _NAMES),
    "title": _Words(
        "PM224",
        "has one cell in its first row, and {width:,} in row {row:,}",
        f"delete the rows above the column names: {_NAMES}",
    ),
    "empty": _Words("PM210", "has no column names: all its sheets are empty", _NAMES),
    "cell kind": _Words("PM212", "holds cells of a kind that no Excel since 2007 writes", _WHOLE),
    "macros": _Words("PM230", "has macros", "save it as .xlsx"),
    "no sheet": _Words("PM231", "has no sheet", _EXCEL),
    "empty first": _Words("PM231", "has an empty first sheet", _FRONT),
    "hidden first": _Words("PM231", "has a hidden first sheet, {first}", _FRONT),
    "chart first": _Words("PM231", "has a chart as its first sheet, {first}", _FRONT),
    "dialog first": _Words("PM231", "has a dialog as its first sheet, {first}", _FRONT),
    "macro first": _Words("PM231", "has macros as its first sheet, {first}", _FRONT),
    "place": _Words(
        "PM233", "begins in {cell}", "delete the empty rows above and columns before it: the header is in A1"
    ),
    "memory": _Words("PM213", f"takes more than {MAX_MEMORY:,} bytes of memory to read", _CSV),
    "time": _Words("PM213", "takes too long to read", _CSV),
    "crash": _Words("PM212", "ended the process that reads workbooks ({signal})", _CSV),
    "garbage": _Words("PM212", "ended the process that reads workbooks", _CSV),
    "start": _Words("PM212", "cannot be read: the process that reads workbooks did not start", "try again"),
}


def refused(declared: Declared, answer: Mapping[str, object]) -> InputError:
    """The error for a file of which the child (or the system, of the child) said this."""
    words = _WORDS.get(str(answer.get("fault")), _WORDS["garbage"])
    said = _said(answer)
    return declared.refused(words.code, words.what.format(**said), words.hint.format(**said))


def _said(answer: Mapping[str, object]) -> dict[str, int | str]:
    said = {name: _plain(answer.get(name)) for name in ("size", "count", "height", "width", "row", "signal")}
    first, better = [*sheet_names(answer.get("sheets")), "", ""][:2]
    said["first"] = first
    said["better"] = better or "the sheet to be loaded"
    said["cell"] = cell_name(answer.get("row", 1), answer.get("column"))
    return said


def _plain(value: object) -> int | str:
    """A number, or the name of a signal; anything else is not said."""
    if isinstance(value, int):
        return value
    return value if isinstance(value, str) and value.isalnum() else 0


_LONGEST: Final = 31
_MOST: Final = 5
LAST_COLUMN: Final = 16_384
_LAST_ROW: Final = 1_048_576


def sheet_names(names: object) -> list[str]:
    """A few names in quotes, cut to what Excel allows, nothing in them but what can be printed."""
    if not isinstance(names, list):
        return []
    return [sheet_name(name) for name in names[:_MOST]]


def sheet_name(name: object) -> str:
    """One name in quotes."""
    return shown(str(name)[:_LONGEST])


def cell_name(row: object, column: object) -> str:
    """A cell as Excel names it, such as B3; rows and columns count from 1."""
    letters, left = "", number_in(column, LAST_COLUMN)
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{number_in(row, _LAST_ROW)}"


def number_in(value: object, most: int) -> int:
    """A number from 1 to the most there can be; 1 for what is none."""
    return min(max(value, 1), most) if isinstance(value, int) else 1


_MANY: Final = 1 << 40
_OTHERS: Final = "only the first sheet is loaded; save the others as files of their own if they are meant too"


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
            yield Finding("PM232", what, _OTHERS)
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
