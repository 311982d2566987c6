"""What a process of pmsync ends with: one number for each thing that an operator does next.

The order of the lines is the ranking: of several, the first one here is what the process ends with. A test
holds the README's table to this list. It must not know what makes a run end.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """The number, and what it means to whoever started the process; the first of several wins."""

    meaning: str

    def __new__(cls, number: int, meaning: str) -> Self:
        made = int.__new__(cls, number)
        made._value_ = number
        made.meaning = meaning
        return made

    INTERRUPTED = 130, "interrupted: run it again"
    TERMINATED = 143, "interrupted: run it again"
    USAGE = 64, "usage"
    KEY = 8, "the key is missing or refused"
    LOCKED = 5, "another run holds the lock"
    INVALID = 7, "a manifest, the config or a source is invalid"
    UNCONFIRMED = (
        4,
        "sent but not confirmed, or a lost answer matches several: look at the tenant, plan again",
    )
    STALE = 6, "what was approved is not what would run now"
    FAILED = 1, "some change failed"
    REFUSED = 3, "declined or blocked: decide"
    CHANGES = 2, "changes present (`plan --detailed-exitcode` only)"
    DONE = 0, "done, or nothing to do"


def ranked(codes: Iterable[int]) -> ExitCode:
    """Of several the one that ranks first; DONE where there is none."""
    found = set(codes)
    return next((code for code in ExitCode if code in found), ExitCode.DONE)
