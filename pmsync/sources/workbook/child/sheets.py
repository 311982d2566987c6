"""Which sheet of a workbook is the first one, whether it can be loaded, and which others hold rows too.

The first sheet is the one that the workbook lists first, whatever its part in the archive is called.
A cell is filled or not, and has a text that would be a column's name.
This module must not know what a table is.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetMetadata, SheetTypeEnum, SheetVisibleEnum

from .refused import Refused

LONGEST_NAME: Final = 31
"""Characters of a sheet's name in Excel."""


class Other(NamedTuple):
    """A sheet that is not loaded. `rows`: those with a filled cell, or -1 where they cannot be counted."""

    name: str
    rows: int
    hidden: bool


def require_front(workbook: CalamineWorkbook, large: Container[int]) -> None:
    """Refused if the first sheet is none that holds cells, or is hidden; says which one to move there."""
    sheets = workbook.sheets_metadata
    if not sheets:
        raise Refused("no sheet")
    first = sheets[0]
    fault = _fault(first)
    if fault:
        raise Refused(fault, sheets=[first.name[:LONGEST_NAME], *better(others_of(workbook, large))])


def _fault(sheet: SheetMetadata) -> str:
    if sheet.typ == SheetTypeEnum.ChartSheet:
        return "chart first"
    if sheet.typ == SheetTypeEnum.DialogSheet:
        return "dialog first"
    if sheet.typ != SheetTypeEnum.WorkSheet:
        return "macro first"
    return "hidden first" if _is_hidden(sheet) else ""


def others_of(workbook: CalamineWorkbook, large: Container[int]) -> list[Other]:
    """The sheets behind the first one that hold rows; those in `large` are not looked into."""
    behind = list(enumerate(workbook.sheets_metadata))[1:]
    cells = (pair for pair in behind if pair[1].typ == SheetTypeEnum.WorkSheet)
    counted = [
        Other(sheet.name[:LONGEST_NAME], -1 if at in large else _rows(workbook, at), _is_hidden(sheet))
        for at, sheet in cells
    ]
    return [other for other in counted if other.rows]


def better(others: list[Other]) -> list[str]:
    """The name of the sheet to move to the front, if there is one."""
    visible = (other.name for other in others if not other.hidden)
    return [name for name, _ in zip(visible, range(1), strict=False)]


def _is_hidden(sheet: SheetMetadata) -> bool:
    return bool(sheet.visible != SheetVisibleEnum.Visible)


def _rows(workbook: CalamineWorkbook, at: int) -> int:
    try:
        sheet = workbook.get_sheet_by_index(at)
    except CalamineError:  # it is not loaded: what is wrong with it is nobody's business
        return -1
    return 0 if sheet.start is None else filled_rows(sheet.iter_rows())


_WHITE: Final = " \t\r\n\v\f"
"""What fills no cell; a no-break space does."""

_LONGEST_WHOLE: Final = 1e15
"""Numbers below it are shown without a fraction if they have none."""


def is_filled(cell: object) -> bool:
    """Whether a cell holds anything; an empty one comes as an empty text."""
    return bool(cell.strip(_WHITE)) if isinstance(cell, str) else True


def first_filled(row: Iterable[object]) -> int | None:
    """Where the first filled cell of a row is."""
    return next((at for at, cell in enumerate(row) if is_filled(cell)), None)


def filled_rows(rows: Iterable[Sequence[object]]) -> int:
    """How many rows have a filled cell."""
    return sum(1 for row in rows if any(map(is_filled, row)))


def text_of(cell: object) -> str:
    """A cell as Excel shows it plainly: 1 and not 1.0, TRUE, an ISO date, hours beyond a day."""
    match cell:
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer() and abs(cell) < _LONGEST_WHOLE:
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ")
        case timedelta():
            return _hours(cell)
        case _:
            return str(cell)


def _hours(duration: timedelta) -> str:
    sign = "-" if duration < timedelta(0) else ""
    minutes, seconds = divmod(round(abs(duration).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}"
