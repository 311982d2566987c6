"""Which changes of a plan may start at all, before anything is sent. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pmsync.errors import Refused, Unconfirmed
from pmsync.model.address import Address
from pmsync.model.plan import AnyChange, NoOp, Plan
from pmsync.model.reason import BlockCode


@dataclass(frozen=True, slots=True)
class Readiness:
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


def must_be_unblocked(plan: Plan) -> None:
    """Raises Refused (or Unconfirmed, for a lost answer with several matches) if anything is blocked."""
    blocked = plan.blocked
    if not blocked:
        return
    first = blocked[0]
    where = str(first.address)
    unsettled = [change for change in blocked if change.block and change.block.code is BlockCode.UNSETTLED]
    if unsettled:
        raise Unconfirmed(
            "a request of an earlier run could have made any of several live things",
            where=str(unsettled[0].address),
            hint="the plan names the ids; pmsync import takes the right one",
        )
    count = f"{len(blocked)} change{'' if len(blocked) == 1 else 's'}"
    raise Refused(
        f"{count} blocked, so nothing was sent",
        where=where,
        hint="see the ways out in the plan, or run what is ready with --safe-only",
    )
