"""Guards that look at a whole plan: caps on one run, ids held twice, and half of what we know gone at once.

Gone from the tenant (a cut listing looks like that) or from the manifests (a copied project, a glob that lost a
folder). They look at everything, selected or not.
"""

from __future__ import annotations

from dataclasses import replace

from pmsync.model.address import Address, Kind
from pmsync.model.consent import Allow, Consent
from pmsync.model.plan import AnyChange, CreateDataset, Delete, Forget, Replace, Retire, Upload
from pmsync.model.reason import Block, BlockCode
from pmsync.model.state import DatasetRecord
from pmsync.planning.claims import claims_of, why_not_ours_to_delete
from pmsync.planning.consent import Granted
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name
from pmsync.planning.wording import Ways, line_to_write, number


def guarded(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    """The changes, with a block on each that a guard holds back (an earlier block stays).

    Scratch datasets of pmsync's own are not counted, and held back only where their id is something else's.
    """
    changes = _ours_alone(world, changes)
    own = [change for change in changes if change.address.reserved]
    return [*own, *_guarded(world, [change for change in changes if not change.address.reserved])]


def _guarded(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    blocks = {**_too_many_deletes(world, changes), **_too_many_bytes(world, changes)}
    held = [_held(change, blocks.get(type(change))) for change in _half_undeclared(world, changes)]
    if not world.doubted:
        return held
    doubt = _doubt(world)
    absent = _absent(world)
    return [_held(change, doubt if _follows_from_absence(change, absent) else None) for change in held]


def _ours_alone(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    """Nothing is deleted that a record holds as another thing, nor replaced by what could not go then."""
    going = [change for change in changes if isinstance(change, Delete | Retire) and _deletes(change)]
    if not going:
        return changes
    claims = claims_of(world.state)
    begun = {change.address: change for change in changes if isinstance(change, Replace)}
    blocks = {
        (change.address, change.live_id): _not_ours(world, change, why)
        for change in going
        if (why := why_not_ours_to_delete(change, claims, begun.get(change.address)))
    }
    return [
        replace(change, block=blocks[change.address, change.live_id])
        if isinstance(change, Delete | Retire | Replace) and (change.address, change.live_id) in blocks
        else change
        for change in changes
    ]


def _deletes(change: AnyChange) -> bool:
    return isinstance(change, Delete) or (isinstance(change, Retire) and not change.retain)


def _not_ours(world: World, change: Delete | Retire, why: str) -> Block:
    ways = Ways(world.inputs.environment.name)
    meaning = "bring the right state back, or let go of what is on record here"
    forget = ways.command(meaning, "state", "forget", change.address)
    return Block(BlockCode.CLAIMED, f"{why}, so it is not deleted", (forget,))


def _half_undeclared(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    """Half of what we know is no longer declared: nothing goes, on record or live, until somebody says so."""
    removed = [change for change in changes if _is_removed(world, change)]
    known = _known(world)
    gone = {change.address for change in removed} & known
    if world.inputs.options.destroy or len(gone) < 2 or 2 * len(gone) <= len(known):
        return changes
    if _DELETE_ALL in world.granted.allow or all(_is_approved(world, change) for change in removed):
        return changes
    block = _undeclared(world, len(gone), len(known))
    return [
        _held(change, block) if _deletes(change) or isinstance(change, Forget) else change
        for change in changes
    ]


_DELETE_ALL = Allow(consent=Consent.DELETE, glob="*")


def _is_removed(world: World, change: AnyChange) -> bool:
    """Whether a dataset goes, or goes off the record, because the manifests do not hold it any more."""
    if not isinstance(change, Delete | Forget) or change.address.kind is not Kind.DATASET:
        return False
    open_ids = {intent.target_id for intent in world.state.intents}
    return change.address not in world.inputs.manifest.datasets and change.live_id not in open_ids


def _known(world: World) -> set[Address]:
    """The datasets on record, other than scratch ones and those that an earlier run set out to delete."""
    open_ids = {intent.target_id for intent in world.state.intents}
    known = world.state.datasets.items()
    return {one for one, record in known if not one.reserved and record.id not in open_ids}


def _is_approved(world: World, change: AnyChange) -> bool:
    return Granted(environment=world.granted.environment, approvals=world.granted.approvals).gives(
        Consent.DELETE, change.address, change.live_id
    )


def _undeclared(world: World, gone: int, known: int) -> Block:
    sentence = (
        f"{number(gone)} of {number(known)} known datasets are no longer declared; a copied project, "
        "or a pattern that lost a folder, looks just like that"
    )
    ways = Ways(world.inputs.environment.name)
    out = (
        ways.plan_again("declare them again, and look again"),
        ways.allow("they are really to go", [Consent.DELETE], Address("*")),
    )
    return Block(BlockCode.DECISION, sentence, out)


def _held(change: AnyChange, block: Block | None) -> AnyChange:
    if block is None or change.block is not None:
        return change
    return replace(change, block=block)


def _too_many_deletes(world: World, changes: list[AnyChange]) -> dict[type, Block]:
    limit = world.inputs.environment.limits.max_deletes
    replaced = {change.address for change in changes if isinstance(change, Replace)}
    count = sum(isinstance(change, Delete | Replace) or _ends_alone(change, replaced) for change in changes)
    if limit is None or count <= limit or world.inputs.options.destroy:
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
