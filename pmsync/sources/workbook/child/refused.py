"""Why a workbook is not read, as a name and numbers; the parent has the words."""

from __future__ import annotations


class Refused(Exception):
    """What is wrong with a workbook: the name of a fault, and numbers that its sentence needs."""

    def __init__(self, fault: str, **numbers: int) -> None:
        super().__init__(fault)
        self.fault = fault
        self.numbers = numbers
