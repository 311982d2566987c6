"""Which sheet of a workbook is the first one, whether it can be loaded, and which others hold rows too.

The first sheet is the one that the workbook lists first, whatever its part in the archive is called.
This module must not know what a table is.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetMetadata, SheetTypeEnum, SheetVisibleEnum

from .cells import filled_rows
from .refused import Refused

LONGEST_NAME: Final = 31
"""Characters of a sheet's name in Excel."""


class Other(NamedTuple):
    """A sheet that is not loaded. `rows`: those with a filled cell, or -1 where they cannot be counted."""

    name: str
    rows: int
    hidden: bool


def require_front(workbook: CalamineWorkbook) -> None:
    """Refused if the first sheet is none that holds cells, or is hidden; says which one to move there."""
    sheets = workbook.sheets_metadata
    if not sheets:
        raise Refused("no sheet")
    first = sheets[0]
    fault = _fault(first)
    if fault:
        raise Refused(fault, sheets=[first.name[:LONGEST_NAME], *better(others_of(workbook))])


def _fault(sheet: SheetMetadata) -> str:
    if sheet.typ == SheetTypeEnum.ChartSheet:
        return "chart first"
    if sheet.typ == SheetTypeEnum.DialogSheet:
        return "dialog first"
    if sheet.typ != SheetTypeEnum.WorkSheet:
        return "macro first"
    return "" if sheet.visible == SheetVisibleEnum.Visible else "hidden first"


def others_of(workbook: CalamineWorkbook) -> list[Other]:
    """The sheets behind the first one that hold rows."""
    behind = list(enumerate(workbook.sheets_metadata))[1:]
    cells = (pair for pair in behind if pair[1].typ == SheetTypeEnum.WorkSheet)
    counted = [_counted(workbook, at, sheet) for at, sheet in cells]
    return [other for other in counted if other.rows]


def better(others: list[Other]) -> list[str]:
    """The name of the sheet to move to the front, if there is one."""
    visible = (other.name for other in others if not other.hidden)
    return [name for name, _ in zip(visible, range(1), strict=False)]


def _counted(workbook: CalamineWorkbook, at: int, sheet: SheetMetadata) -> Other:
    hidden = sheet.visible != SheetVisibleEnum.Visible
    return Other(sheet.name[:LONGEST_NAME], _rows(workbook, at), hidden)


def _rows(workbook: CalamineWorkbook, at: int) -> int:
    try:
        sheet = workbook.get_sheet_by_index(at)
    except CalamineError:  # it is not loaded: what is wrong with it is nobody's business
        return -1
    return 0 if sheet.start is None else filled_rows(sheet.iter_rows())
