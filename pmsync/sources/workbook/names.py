"""What a file's name says of the workbook that it holds, against what its bytes are.

A tenant may go by the name, so both have to say the same. This module must not open anything.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from pmsync.errors import InputError
from pmsync.sources.declared import Declared

_KINDS: Final = (".xlsx", ".xls", ".xlsb")
_MACROS: Final = (".xlsm", ".xltm", ".xlam")
_ALL: Final = (*_KINDS, *_MACROS)


def is_workbook(path: str) -> bool:
    """Whether a name is that of an Excel workbook, one that can be loaded or not."""
    return path.lower().endswith(_ALL) and _suffix(path) in _ALL  # nearly none ends so: that is quick to see


def macros_by_name(declared: Declared) -> InputError | None:
    """The error for a name that stands for macros."""
    suffix = _suffix(declared.path)
    if suffix not in _MACROS:
        return None
    return declared.refused("PM230", f"is a workbook with macros ({suffix})", "save it as .xlsx")


def misnamed(declared: Declared, answer: Mapping[str, object]) -> InputError | None:
    """The error for a workbook of another kind than its name says."""
    kind, suffix = f".{answer.get('kind')}", _suffix(declared.path)
    if kind not in _KINDS or kind == suffix:
        return None
    return declared.refused(
        "PM235", f"is an {kind} workbook by its content", f"name it so, or save it as {suffix}"
    )


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()
