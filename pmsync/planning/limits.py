"""Guards that look at a whole plan: caps on one run, and the listing that lost half of what we know.

They count everything, selected or not.
"""

from __future__ import annotations

from dataclasses import replace

from pmsync.model.address import Address
from pmsync.model.consent import Allow, Consent
from pmsync.model.plan import (
    AnyChange,
    Block,
    BlockCode,
    CreateDataset,
    Delete,
    Forget,
    Replace,
    Upload,
)
from pmsync.planning.inputs import World
from pmsync.planning.wording import Ways, line_to_write, number


def guarded(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    """The changes, with a block on each that a guard holds back (an earlier block stays)."""
    blocks = {**_too_many_deletes(world, changes), **_too_many_bytes(world, changes)}
    held = [_held(change, blocks.get(type(change))) for change in changes]
    if not world.half_gone or any(allow == _RECREATE_ALL for allow in world.granted.allow):
        return held
    doubt = _doubt(world)
    return [_held(change, doubt if _follows_from_absence(world, change) else None) for change in held]


_RECREATE_ALL = Allow(consent=Consent.RECREATE, glob="*")


def _held(change: AnyChange, block: Block | None) -> AnyChange:
    if block is None or change.block is not None:
        return change
    return replace(change, block=block)


def _too_many_deletes(world: World, changes: list[AnyChange]) -> dict[type, Block]:
    limit = world.inputs.environment.limits.max_deletes
    count = sum(isinstance(change, Delete | Replace) for change in changes)
    if limit is None or count <= limit:
        return {}
    sentence = f"{count} datasets would be deleted or replaced in one run; limits.maxDeletes is {limit}"
    way = line_to_write("delete fewer at a time, or raise the cap in pmsync.yaml", f"maxDeletes: {count}")
    block = Block(BlockCode.LIMIT, sentence, (way,))
    return {Delete: block, Replace: block}


def _too_many_bytes(world: World, changes: list[AnyChange]) -> dict[type, Block]:
    limit = world.inputs.environment.limits.max_upload_bytes
    count = sum(change.file.size for change in changes if isinstance(change, Upload))
    if limit is None or count <= limit:
        return {}
    sentence = f"{number(count)} bytes would be sent in one run; limits.maxUploadBytes is {number(limit)}"
    way = line_to_write("send less at a time, or raise the cap in pmsync.yaml", f"maxUploadBytes: {count}")
    return {Upload: Block(BlockCode.LIMIT, sentence, (way,))}


def _doubt(world: World) -> Block:
    sentence = "more than half of the known datasets are gone; an incomplete answer looks just like that"
    ways = Ways(world.inputs.environment.name)
    out = (
        ways.plan_again("look again"),
        ways.allow("they are really gone", [Consent.RECREATE], Address("*")),
    )
    return Block(BlockCode.DECISION, sentence, out)


def _follows_from_absence(world: World, change: AnyChange) -> bool:
    """Whether a change is in the plan because something known was not shown."""
    record = world.state.datasets.get(change.address)
    if record is None or record.id in world.snapshot.datasets:
        return False
    return isinstance(change, CreateDataset | Forget)
