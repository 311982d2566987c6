"""Which changes of a plan may start at all, before anything is sent. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pmsync.errors import Obstacle, PmsyncError, Refused, Unconfirmed
from pmsync.model.address import Address
from pmsync.model.plan import AnyChange, Delete, NoOp, Plan, Replace, Retire
from pmsync.model.project import Limits
from pmsync.model.reason import Block, BlockCode


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
    """Raises Refused (or Unconfirmed, for a lost answer with several matches) if anything is blocked."""
    blocked = plan.blocked
    if not blocked:
        return
    first = blocked[0]
    where = str(first.address)
    obstacles = tuple(_obstacle(change.address, change.block) for change in blocked if change.block)
    unsettled = [one for one in obstacles if one.code == BlockCode.UNSETTLED]
    error: PmsyncError
    if unsettled:
        error = Unconfirmed(
            "what became of a request of an earlier run cannot be told here",
            where=unsettled[0].address,
            hint="the plan names the ways out",
        )
    else:
        count = f"{len(blocked)} change{'' if len(blocked) == 1 else 's'}"
        error = Refused(
            f"{count} blocked, so nothing was sent",
            where=where,
            hint="see the ways out in the plan, or run what is ready with --safe-only",
        )
    error.obstacles = obstacles
    raise error


def _obstacle(address: Address, block: Block) -> Obstacle:
    ways = tuple((way.meaning, way.command) for way in block.ways_out)
    return Obstacle(address=address, code=block.code, sentence=block.sentence, ways_out=ways)
