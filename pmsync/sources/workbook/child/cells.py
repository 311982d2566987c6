"""What one cell of a workbook is: filled or not, and the text it would have as a column's name.

This module must not know sheets, nor formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

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
