"""What the child says is wrong with a workbook, in words.

The child answers with the name of a fault and numbers, never with text: what it says comes from where the
file was taken apart. This module must not know how a fault is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from pmsync.errors import InputError
from pmsync.sources.declared import Declared
from pmsync.sources.workbook.child.limits import MAX_CELLS, MAX_FILE, MAX_HEADER, MAX_MEMORY, MAX_UNPACKED

_CSV: Final = "save the sheet as CSV in UTF-8 instead"
_STRAY: Final = f"delete cells far below or right of the data, or {_CSV}"
_WHOLE: Final = f"open it in Excel and save it again, or {_CSV}"


class _Words(NamedTuple):
    """A diagnostic's code, its sentence (with the answer's numbers in it) and what to do."""

    code: str
    what: str
    hint: str


_WORDS: Final[Mapping[str, _Words]] = {
    "password": _Words("PM212", "is encrypted with a password", "save it without one"),
    "unreadable": _Words("PM212", "cannot be read as an Excel workbook", _CSV),
    "unpack": _Words("PM212", "cannot be unpacked as an Excel workbook", _WHOLE),
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
    "memory": _Words("PM213", f"takes more than {MAX_MEMORY:,} bytes of memory to read", _CSV),
    "time": _Words("PM213", "takes too long to read", _CSV),
    "crash": _Words("PM212", "ended the process that reads workbooks ({signal})", _CSV),
    "garbage": _Words("PM212", "ended the process that reads workbooks", _CSV),
    "start": _Words("PM212", "cannot be read: the process that reads workbooks did not start", "try again"),
}


def refused(declared: Declared, answer: Mapping[str, object]) -> InputError:
    """The error for a file of which the child (or the system, of the child) said this."""
    words = _WORDS.get(str(answer.get("fault")), _WORDS["garbage"])
    numbers = {name: _plain(answer.get(name)) for name in ("size", "count", "height", "width", "signal")}
    return declared.refused(words.code, words.what.format(**numbers), words.hint)


def _plain(value: object) -> int | str:
    """A number, or the name of a signal; anything else is not said."""
    if isinstance(value, int):
        return value
    return value if isinstance(value, str) and value.isalnum() else 0
