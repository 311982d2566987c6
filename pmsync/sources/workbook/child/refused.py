"""Why a workbook is not read, as a name and numbers; the parent has the words.

Names of sheets are the one text of a file that goes along; the parent bounds and escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence


class Refused(Exception):
    """What is wrong with a workbook: the name of a fault, and numbers and sheets that its sentence needs."""

    def __init__(self, fault: str, *, sheets: Sequence[str] = (), **numbers: int) -> None:
        super().__init__(fault)
        self.fault = fault
        self.sheets = list(sheets)
        self.numbers = numbers
