"""Sheets and cells as a sentence names them. What comes from the child is checked here: it is a stranger's.

This module must not know what is said of them.
"""

from __future__ import annotations

from typing import Final

from pmsync.sources.declared import shown

_LONGEST: Final = 31
_MOST: Final = 5
LAST_COLUMN: Final = 16_384
_LAST_ROW: Final = 1_048_576


def sheet_names(names: object) -> list[str]:
    """A few names in quotes, cut to what Excel allows, nothing in them but what can be printed."""
    if not isinstance(names, list):
        return []
    return [sheet_name(name) for name in names[:_MOST]]


def sheet_name(name: object) -> str:
    """One name in quotes."""
    return shown(str(name)[:_LONGEST])


def cell_name(row: object, column: object) -> str:
    """A cell as Excel names it, such as B3; rows and columns count from 1."""
    letters, left = "", number_in(column, LAST_COLUMN)
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{number_in(row, _LAST_ROW)}"


def number_in(value: object, most: int) -> int:
    """A number from 1 to the most there can be; 1 for what is none."""
    return min(max(value, 1), most) if isinstance(value, int) else 1
