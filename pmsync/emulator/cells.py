"""What a cell of any kind of file is: filled or blank, a name as a header, a value of some type.

Knows nothing of files and formats.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from pmsync.emulator.records import ColumnType

BLANK: Final = " \t\r\n\v\f"
"""What a blank cell may hold. A no-break space is not among it: somebody typed it."""

MOST_COLUMNS: Final = 1_000_000


Row = Mapping[int, object]
"""The cells of a workbook's row that hold something, by their columns from 0."""


class UnreadableError(Exception):
    """The file holds no table; the text says why."""


def is_filled(cell: object) -> bool:
    """Whether the cell makes its record a row."""
    return bool(cell.strip(BLANK)) if isinstance(cell, str) else cell is not None


def column_names(header: Sequence[object]) -> list[str]:
    """What the columns are called; empty cells behind the last name are no columns."""
    width = max((n for n, cell in enumerate(header, start=1) if is_filled(cell)), default=0)
    return [
        _name(cell) if is_filled(cell) else f"column_{n}" for n, cell in enumerate(header[:width], start=1)
    ]


def _name(cell: object) -> str:
    match cell:
        case bool():
            return str(cell).upper()  # as a workbook shows it
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return str(cell).removesuffix(" 00:00:00")  # a date is a moment for some readers
        case _:
            return str(cell).strip(BLANK)


def type_of_value(cell: object) -> ColumnType:
    """The type of a cell that is no text."""
    match cell:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if cell.is_integer() else "number"
        case Decimal():
            return "number"
        case date():
            return "datetime"
        case _:
            return "string"  # a time of day is no moment
