"""Guards that look at a whole plan: caps on one run, and the listing that lost half of what we know.

They count everything, selected or not.
"""

from __future__ import annotations

from dataclasses import replace

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.plan import AnyChange, CreateDataset, Delete, Forget, Replace, Retire, Upload
from pmsync.model.reason import Block, BlockCode
from pmsync.model.state import DatasetRecord
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name
from pmsync.planning.wording import Ways, line_to_write, number


def guarded(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    """The changes, with a block on each that a guard holds back (an earlier block stays).

    Scratch datasets of pmsync's own neither count nor are held back.
    """
    own = [change for change in changes if change.address.reserved]
    return [*own, *_guarded(world, [change for change in changes if not change.address.reserved])]


def _guarded(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    blocks = {**_too_many_deletes(world, changes), **_too_many_bytes(world, changes)}
    held = [_held(change, blocks.get(type(change))) for change in changes]
    if not world.doubted:
        return held
    doubt = _doubt(world)
    absent = _absent(world)
    return [_held(change, doubt if _follows_from_absence(change, absent) else None) for change in held]


def _held(change: AnyChange, block: Block | None) -> AnyChange:
    if block is None or change.block is not None:
        return change
    return replace(change, block=block)


def _too_many_deletes(world: World, changes: list[AnyChange]) -> dict[type, Block]:
    limit = world.inputs.environment.limits.max_deletes
    replaced = {change.address for change in changes if isinstance(change, Replace)}
    count = sum(isinstance(change, Delete | Replace) or _ends_alone(change, replaced) for change in changes)
    if limit is None or count <= limit:
        return {}
    sentence = f"{count} datasets would be deleted or replaced in one run; limits.maxDeletes is {limit}"
    way = line_to_write("delete fewer at a time, or raise the cap in pmsync.yaml", f"maxDeletes: {count}")
    block = Block(BlockCode.LIMIT, sentence, (way,))
    return {Delete: block, Replace: block, Retire: block}


def _ends_alone(change: AnyChange, replaced: set[Address]) -> bool:
    """Whether it deletes the old half of a REPLACE that began in an earlier run."""
    return isinstance(change, Retire) and not change.retain and change.address not in replaced


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


def _absent(world: World) -> list[DatasetRecord]:
    """Known datasets that were not shown, other than those an earlier run set out to delete."""
    deleted = {intent.target_id for intent in world.state.intents}
    shown = world.snapshot.datasets
    known = (record for address, record in world.state.datasets.items() if not address.reserved)
    return [record for record in known if record.id not in shown and record.id not in deleted]


def _follows_from_absence(change: AnyChange, absent: list[DatasetRecord]) -> bool:
    """Whether a change is in the plan because something known was not shown.

    What would be made under the name of something that was not shown is in doubt under any key.
    """
    if isinstance(change, CreateDataset):
        name = Name(change.display_name, change.folder)
        return any(
            change.live_id == one.id or name.same(Name(one.display_name, one.folder)) for one in absent
        )
    return isinstance(change, Forget) and any(change.live_id == one.id for one in absent)
