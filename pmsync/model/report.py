"""What an apply came to: each change's fate, and whether the tenant now shows what is declared."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pmsync.exit_codes import ExitCode
from pmsync.model.plan import AnyChange


class Fate(StrEnum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    """Sent, but the tenant does not show it yet, or shows something else."""
    SKIPPED = "skipped"
    """Not started because something it depends on failed, or the run stopped."""
    PENDING = "pending"
    """Not started because it is blocked or depends on something that is (`--safe-only`)."""


class Convergence(StrEnum):
    """What the fresh read at the end of an apply showed."""

    CONVERGED = "converged"
    EXCEPT = "converged-except"
    """Nothing left to do, but rows of removed sources are still there."""
    NOT = "not-converged"


class Result(Struct, frozen=True, kw_only=True):
    """One change and its fate. `live_id`: what the tenant calls it; `problem` and `hint` if it failed.

    `note`: what is to be known of one that is done. `awaited`: a file is stored, and its rows may still show.
    """

    change: AnyChange
    fate: Fate
    live_id: str = ""
    problem: str = ""
    hint: str = ""
    note: str = ""
    exit_code: int = ExitCode.DONE
    awaited: bool = False


class Report(Struct, frozen=True, kw_only=True):
    """One run of apply: every change that is not NO_OP, in plan order.

    `remaining` are sentences on what the fresh read still found to do; empty when converged.
    """

    results: tuple[Result, ...]
    convergence: Convergence
    remaining: tuple[str, ...] = ()

    def of(self, fate: Fate) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.fate is fate)
