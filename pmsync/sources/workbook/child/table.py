"""The first sheet of a workbook: its first row, and how many rows with a filled cell follow.

This module must not know limits of memory and time, only that they are there.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence

import python_calamine

from .limits import MAX_CELLS, MAX_HEADER
from .package import require_modest
from .refused import Refused


def read_table(data: bytes) -> tuple[int, list[str]]:
    """Rows with a filled cell below the first row, and that row's cells; Refused if it cannot be read."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        require_modest(data)
    try:
        rows = _rows(data)
        header = _header(next(rows, []))
        return sum(1 for row in rows if any(_text(cell).strip() for cell in row)), header
    except python_calamine.PasswordError as problem:
        raise Refused("password") from problem


def _rows(data: bytes) -> Iterator[Sequence[object]]:
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        sheet = workbook.get_sheet_by_index(0)
        if sheet.start is None:
            return
        if sheet.total_height * sheet.total_width > MAX_CELLS:
            raise Refused("area", height=sheet.total_height, width=sheet.total_width)
        yield from ([] for _ in range(sheet.start[0]))  # empty rows above the used area
        yield from sheet.iter_rows()


def _header(row: Sequence[object]) -> list[str]:
    cells = [_text(cell) for cell in row]
    while cells and not cells[-1].strip():
        cells.pop()
    if sum(map(len, cells)) + len(cells) > MAX_HEADER:
        raise Refused("header")
    return cells


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
