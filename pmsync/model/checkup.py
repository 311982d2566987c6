"""What `doctor` looked at, one thing each, and how it stands.

A check knows words and an exit code; it must not know how it was made or is shown.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pmsync.exit_codes import ExitCode


class Verdict(StrEnum):
    """How a thing that was looked at stands."""

    OK = "ok"
    PROBLEM = "problem"
    SKIPPED = "skipped"
    """It could not be looked at, for a reason that another check tells."""


class Check(Struct, frozen=True, kw_only=True):
    """One thing that was looked at: what was seen, what to do about it (if anything), and what it comes to.

    `exit_code` is what a run would end with because of it; DONE unless it is a problem.
    """

    name: str
    verdict: Verdict
    says: str
    remedy: str = ""
    exit_code: int = ExitCode.DONE
