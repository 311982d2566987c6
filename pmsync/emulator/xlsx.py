"""Rows of an .xlsx file, read by openpyxl as a stream. Must not know what is done with them."""

import re
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Final

from openpyxl import load_workbook

from pmsync.emulator.cells import Row, UnreadableError

# More than a sheet can have. A file may claim any number, and openpyxl fills in what lies between.
_MOST_ROWS: Final = 1 << 20

# openpyxl fills in what lies before a cell, too: a few bytes in the last column make 16,384 cells.
_MOST_CELLS: Final = 200_000_000

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def rows(path: Path) -> Generator[Row, None, None]:
    """The rows of the first sheet as far as its cells go; raises what openpyxl raises."""
    # openpyxl warns of styles it does not know; whoever uploads cannot act on that.
    with path.open("rb") as file, warnings.catch_warnings(action="ignore"):
        workbook = load_workbook(file, read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # some writers state a size that is not true
        cells = 0
        for values in sheet.iter_rows(max_row=_MOST_ROWS, values_only=True):
            cells += len(values)
            if cells > _MOST_CELLS:
                raise UnreadableError("a workbook that is too large")
            yield {column: _spelt_out(value) for column, value in enumerate(values) if value is not None}


def _spelt_out(value: object) -> object:
    """Characters that XML cannot hold are written as _x000D_; openpyxl leaves them so."""
    if isinstance(value, str) and "_x" in value:
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
    return value
