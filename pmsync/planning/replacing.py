"""REPLACE: a new dataset beside the old one, filled and seen full, and only then the old one goes.

The record keeps the old half, with its records and the consents given, until it is gone: a killed
REPLACE goes on where it was without a question.
"""

from __future__ import annotations

from dataclasses import replace

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import DatasetSpec, OnRemoval
from pmsync.model.outcome import Drop, Entry, Put
from pmsync.model.plan import (
    AnyChange,
    AtStake,
    Block,
    BlockCode,
    Forget,
    Leftover,
    NoOp,
    Reason,
    ReasonCode,
    RecordState,
    Replace,
    Retire,
    Undecided,
)
from pmsync.model.state import DatasetRecord, DatatableRecord, Superseded, UploadRecord
from pmsync.planning.datatables import comes_back, new_datatables, unseen_sources
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name
from pmsync.planning.stakes import planned_against, stake_of
from pmsync.planning.wording import Ways

NOTHING_AT_STAKE = AtStake(datatables=0, rows=0)


def wants_replace(
    world: World,
    spec: DatasetSpec,
    record: DatasetRecord,
    changes: tuple[AnyChange, ...],
    leftovers: tuple[Leftover, ...],
) -> bool:
    """Whether the user asked for a rebuild *and* something calls for one.

    A flag that stays in a nightly job must not rebuild a dataset that is in sync.
    """
    if record.superseded or not world.granted.gives(Consent.REPLACE, spec.address, record.id):
        return False
    offered = any(
        offer.consent is Consent.REPLACE
        for change in changes
        if isinstance(change, Undecided)
        for offer in change.offers
    )
    return offered or bool(leftovers)


def replace_changes(
    world: World, spec: DatasetSpec, origin: Address, in_folder: tuple[Address, ...]
) -> tuple[AnyChange, ...]:
    """The whole REPLACE of the dataset recorded at `origin` (another address if the key changed too)."""
    old = superseded(world, origin)
    stake, needs = _stake(world, spec, old)
    protect = world.state.datasets[origin].protect or spec.protect
    block = protected_block(world, spec.address) if protect else unseen_sources(world)
    granted = tuple(c for c in needs if world.granted.gives(c, spec.address, old.id))
    start = Replace(
        address=spec.address,
        reason=Reason(ReasonCode.REPLACE_ASKED, "built anew, as you asked; it gets a new id"),
        live_id=old.id,
        needs=needs,
        block=block,
        requires=in_folder,
        location=spec.location,
        display_name=spec.display_name,
        folder=spec.folder,
        protect=spec.protect,
        on_removal=spec.on_removal or OnRemoval.DELETE,
        superseded=replace(old, consents=granted),
        stake=stake,
    )
    below = new_datatables(world, spec, Reason(ReasonCode.REBUILT, "part of the rebuild"))
    waits = (spec.address, *(change.address for change in below if not isinstance(change, NoOp)))
    return (start, *below, _retire(world, spec.address, old, waits, stake=stake))


def superseded(world: World, address: Address) -> Superseded:
    """The dataset recorded at this address as the old half of a REPLACE."""
    record = world.state.datasets[address]
    datatables = {one: world.state.datatables[one] for one in world.records_in.get(address, ())}
    return Superseded(
        id=record.id,
        address=address,
        display_name=record.display_name,
        folder=record.folder,
        origin=record.origin,
        retain=record.on_removal is OnRemoval.RETAIN,
        consents=(),
        datatables=datatables,
        uploads={one: upload for table in datatables for one, upload in world.held(table).items()},
    )


def _stake(world: World, spec: DatasetSpec, old: Superseded) -> tuple[AtStake, tuple[Consent, ...]]:
    """What the old half takes with it. A retained one takes nothing: it stays in ProcessMind."""
    if old.retain:
        return NOTHING_AT_STAKE, (Consent.REPLACE,)
    again = comes_back(world, spec.datatables)
    by_key = {Address.datatable(old.address, one.key): found for one, found in again.items()}
    stake = stake_of(world, old.id, old.datatables, old.uploads, by_key)
    return stake, (Consent.REPLACE, Consent.LOSS) if stake.lost else (Consent.REPLACE,)


def _retire(
    world: World,
    address: Address,
    old: Superseded,
    waits: tuple[Address, ...],
    *,
    stake: AtStake,
) -> Retire:
    verb = "forgotten" if old.retain else "deleted"
    return Retire(
        address=address,
        reason=Reason(ReasonCode.REPLACED, f"the old half is {verb} once the new one is full"),
        live_id=old.id,
        requires=waits,
        display_name=old.display_name,
        retain=old.retain,
        stake=stake,
        datatables=planned_against(world, old.id),
    )


def protected_block(world: World, address: Address) -> Block:
    """The block on whatever would delete or replace a protected dataset."""
    ways = Ways(world.inputs.environment.name)
    meaning = "lift the protection (once no manifest says protect)"
    way = ways.command(meaning, "state", "unprotect", address)
    return Block(BlockCode.PROTECTED, "it is protected", (way,))


def retire_changes(
    world: World, spec: DatasetSpec, record: DatasetRecord, below: tuple[AnyChange, ...]
) -> tuple[AnyChange, ...]:
    """What is left to do about the old half of an unfinished REPLACE."""
    old = record.superseded
    if old is None:
        return ()
    if old.id not in world.snapshot.datasets:
        entry = Put(spec.address, replace(record, superseded=None))
        reason = Reason(ReasonCode.REPLACED, "the old half is gone already")
        return (Forget(address=spec.address, reason=reason, live_id=old.id, entries=(entry,)),)
    stake, needs = _stake(world, spec, old)
    waits = tuple(change.address for change in below if not isinstance(change, NoOp))
    retire = _retire(world, spec.address, old, waits, stake=stake)
    open_ = tuple(consent for consent in needs if consent not in (*old.consents, Consent.REPLACE))
    if Consent.REPLACE not in old.consents:
        open_ = (Consent.DELETE, *open_)
    return (replace(retire, needs=() if old.retain else open_),)


def reverted(world: World) -> tuple[RecordState, ...]:
    """Unfinished REPLACEs whose manifest is the old one again: the halves change places, on record only.

    What was the new half is then the one that goes, as a DELETE with a consent of its own.
    """
    found = []
    for address, record in sorted(world.state.datasets.items()):
        old = record.superseded
        if (
            old is not None
            and old.id in world.snapshot.datasets
            and _wanted_again(world, address, record, old)
        ):
            found.append(_swap(world, address, record, old))
    return tuple(found)


def _wanted_again(world: World, address: Address, record: DatasetRecord, old: Superseded) -> bool:
    """Whether the manifest declares the old half, under its own address, and not the new one."""
    declared = world.inputs.manifest.datasets
    spec = declared.get(old.address)
    if spec is None:
        return False
    wanted = Name(spec.display_name, spec.folder)
    if not wanted.same(Name(old.display_name, old.folder)):
        return False
    if old.address != address:
        return address not in declared and old.address not in world.state.datasets
    return not wanted.same(Name(record.display_name, record.folder))


def _swap(world: World, address: Address, record: DatasetRecord, old: Superseded) -> RecordState:
    new_half = replace(superseded(world, address), retain=False)
    back = DatasetRecord(
        id=old.id,
        display_name=old.display_name,
        folder=old.folder,
        origin=old.origin,
        protect=record.protect,
        on_removal=OnRemoval.RETAIN if old.retain else OnRemoval.DELETE,
        superseded=new_half,
    )
    kept: dict[Address, DatatableRecord | UploadRecord] = {**old.datatables, **old.uploads}
    mine = (address, *new_half.datatables, *new_half.uploads)
    dropped = [one for one in mine if one not in kept and one != old.address]
    entries: tuple[Entry, ...] = (
        *(Drop(one) for one in sorted(dropped)),
        Put(old.address, back),
        *(Put(one, record_) for one, record_ in sorted(kept.items())),
    )
    reason = Reason(ReasonCode.REPLACE_REVERTED, "the manifest is the old one again: back to the old dataset")
    return RecordState(address=old.address, reason=reason, live_id=old.id, entries=entries)
