"""Which type a column has, judged by the text of its cells.

The reference shows `string` and `datetime`; the other types and all the rules here are assumptions.
"""

import re
from typing import Final

from pmsync.emulator.records import ColumnType

_BOOLEAN: Final = re.compile(r"true|false", re.IGNORECASE)
# A leading zero marks a code (00123), not an amount.
_INTEGER: Final = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_POINT_NUMBER: Final = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMMA_NUMBER: Final = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]+)?")
_TIME: Final = r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?)?"
_DATETIME: Final = re.compile(
    r"(?:[0-9]{4}-[01][0-9]-[0-3][0-9]|[0-9]{4}/[01]?[0-9]/[0-3]?[0-9]"
    r"|[0-3]?[0-9]\.[01]?[0-9]\.[0-9]{4}|[0-3]?[0-9]/[0-3]?[0-9]/[0-9]{4})" + _TIME
)


class TypeJudge:
    """Narrows the type of one column cell by cell; a column without a value is text."""

    def __init__(self, *, decimal_comma: bool) -> None:
        self._numbers = (_COMMA_NUMBER, _POINT_NUMBER) if decimal_comma else (_POINT_NUMBER,)
        self._so_far: ColumnType | None = None

    @property
    def type(self) -> ColumnType:
        return self._so_far or "string"

    def see(self, cell: str) -> None:
        """Take one cell into account. White space around it and empty cells say nothing."""
        text = cell.strip()
        if text and self._so_far != "string":
            self.see_type(self._type_of(text))

    def see_type(self, found: ColumnType) -> None:
        """Take into account a cell whose type is known, as a workbook's cells have one."""
        self._so_far = found if self._so_far is None else wider(self._so_far, found)

    def _type_of(self, text: str) -> ColumnType:
        if _INTEGER.fullmatch(text):
            return "integer"
        if any(number.fullmatch(text) for number in self._numbers):
            return "number"
        if _DATETIME.fullmatch(text):
            return "datetime"
        return "boolean" if _BOOLEAN.fullmatch(text) else "string"


def wider(one: ColumnType, other: ColumnType) -> ColumnType:
    """The narrowest type that holds both."""
    if one == other:
        return one
    return "number" if {one, other} == {"integer", "number"} else "string"
