"""Which changes of a plan may start at all, before anything is sent. Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pmsync.diagnostics import Diagnostic
from pmsync.errors import InputError, PmsyncError, Refused, Unconfirmed
from pmsync.model.address import Address
from pmsync.model.plan import AnyChange, Delete, NoOp, Plan, Replace, Retire, Undecided
from pmsync.model.project import Limits
from pmsync.model.reason import BlockCode
from pmsync.model.source import in_order

UNSURE: Final = frozenset({BlockCode.UNSETTLED, BlockCode.UNCONFIRMED})
"""What an earlier run sent and nobody knows the outcome of: exit 4."""

_REST: Final = "run what is ready with --safe-only"


class Readiness(Struct, frozen=True):
    """The changes that run, in plan order, and those that wait for a decision or for one that does."""

    ready: tuple[AnyChange, ...]
    pending: tuple[AnyChange, ...]


def readiness(plan: Plan) -> Readiness:
    """Splits the plan. A change is pending if it is blocked or requires, however far, one that is."""
    waiting: set[Address] = set()
    ready: list[AnyChange] = []
    pending: list[AnyChange] = []
    for change in plan.changes:
        if change.block is not None or waiting.intersection(change.requires):
            waiting.add(change.address)
            pending.append(change)
        elif not isinstance(change, NoOp):
            ready.append(change)
    return Readiness(tuple(ready), tuple(pending))


def must_be_within_limits(split: Readiness, limits: Limits) -> None:
    """Raises Refused where consents that were given since the plan would exceed the cap on deletions."""
    replaced = {change.address for change in split.ready if isinstance(change, Replace)}
    ends = {change.address for change in split.ready if isinstance(change, Retire) and not change.retain}
    deletes = [change for change in split.ready if isinstance(change, Delete) and not change.address.reserved]
    count = len(deletes) + len(replaced | ends)
    if limits.max_deletes is not None and count > limits.max_deletes:
        what = f"{count} datasets would be deleted or replaced; limits.maxDeletes is {limits.max_deletes}"
        raise Refused(what, hint="agree to fewer at a time, or raise the cap in pmsync.yaml")


def must_be_unblocked(plan: Plan) -> None:
    """Raises an error if anything is blocked.

    InputError for a problem of a source file; else Unconfirmed for what was sent and is not seen, or is seen
    several times; else Refused.
    """
    blocked = plan.blocked
    if not blocked:
        return
    first = blocked[0]
    where = str(first.address)
    problems = problems_in(plan)
    unsure = [one for one in blocked if one.block and one.block.code in UNSURE]
    error: PmsyncError
    if problems:
        error = InputError(problems, then=f"nothing was sent; {_REST}")
    elif unsure:
        error = Unconfirmed(
            "what became of a request of an earlier run is not known yet, so nothing was sent",
            where=unsure[0].address,
            hint=f"resolve it as the plan shows, or {_REST}",
        )
    else:
        count = f"{len(blocked)} change{'' if len(blocked) == 1 else 's'}"
        error = Refused(
            f"{count} blocked, so nothing was sent",
            where=where,
            hint=f"resolve them as the plan shows, or {_REST}",
        )
    error.plan = plan
    raise error


def problems_in(plan: Plan) -> tuple[Diagnostic, ...]:
    """What is wrong with source files, in the order of their places."""
    return in_order(
        one for change in plan.changes if isinstance(change, Undecided) for one in change.problems
    )
