"""What the number of a date cell means.

In .xls and .xlsb a date is a number, and only its format says that it is one. Knows nothing of files.
"""

import re
from datetime import datetime, time, timedelta
from typing import Final

# Formats that Excel has built in: dates and times, and those that show a duration.
_BUILT_IN: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))

# Quoted text, escaped characters, colours, currencies and elapsed time ([h]) are no parts of a date.
_NO_DATE: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DATE: Final = re.compile(r"[dmyhs]", re.IGNORECASE)

_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook knows no time zone
_EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001
_FIRST_RIGHT_DAY: Final = 61  # before it, Excel counts a 29 February 1900


def is_date_format(number: int, code: str | None) -> bool:
    """Whether a number format shows dates or times; `code` where the workbook spells it out."""
    if code is None:
        return number in _BUILT_IN
    return bool(_DATE.search(_NO_DATE.sub("", code.split(";")[0])))


def moment(serial: float, *, since_1904: bool) -> datetime | time | float:
    """The moment, the time of day of a number below 1, or the number where no calendar has such a day."""
    try:
        span = timedelta(milliseconds=round(serial * 86_400_000))
        if 0 <= serial < 1:
            return (_EPOCH + span).time()
        if since_1904:
            return _EPOCH_1904 + span
        return _EPOCH + span + timedelta(days=serial < _FIRST_RIGHT_DAY)
    except (OverflowError, ValueError):
        return serial
