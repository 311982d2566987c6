"""Rows of an .xls file, read by xlrd. Must not know what is done with them."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import xlrd
from xlrd import biffh

from pmsync.emulator.cells import Row
from pmsync.emulator.serials import moment

_EMPTY: Final = (biffh.XL_CELL_EMPTY, biffh.XL_CELL_BLANK)


def rows(path: Path) -> Generator[Row, None, None]:
    """The rows of the first sheet as far as their cells go; raises what xlrd raises."""
    # xlrd tells of what it finds odd, on the standard output unless told otherwise.
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        xlrd.open_workbook(str(path), logfile=nowhere, on_demand=True, ragged_rows=True) as book,
    ):
        sheet = book.sheet_by_index(0)
        for number in range(sheet.nrows):
            cells = enumerate(zip(sheet.row_types(number), sheet.row_values(number), strict=True))
            yield {
                column: _value(kind, value, since_1904=bool(book.datemode))
                for column, (kind, value) in cells
                if kind not in _EMPTY
            }


def _value(kind: int, value: Any, *, since_1904: bool) -> object:
    if kind == biffh.XL_CELL_DATE:
        return moment(value, since_1904=since_1904)
    if kind == biffh.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == biffh.XL_CELL_ERROR:
        return biffh.error_text_from_code.get(value, "#ERROR")
    return value
