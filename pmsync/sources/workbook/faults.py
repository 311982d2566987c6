"""What the child says is wrong with a workbook, in words.

The child answers with the name of a fault, numbers and names of sheets. It read a stranger's file, so none
of it is believed to be what it should: numbers are numbers, names are cut and escaped.
This module must not know how a fault is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from pmsync.errors import InputError
from pmsync.sources.declared import Declared
from pmsync.sources.workbook.child.limits import MAX_CELLS, MAX_FILE, MAX_HEADER, MAX_MEMORY, MAX_UNPACKED
from pmsync.sources.workbook.places import cell_name, sheet_names

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
