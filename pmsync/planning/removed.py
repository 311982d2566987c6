"""Datasets that are on record and no longer declared: deleted, or forgotten.

Omission counts as a wish only for what a record proves to be ours, and a DELETE needs a consent all the
same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.outcome import Drop, Put
from pmsync.model.plan import AnyChange, Delete, Forget, Reason, ReasonCode
from pmsync.model.state import DatasetRecord, DatatableRecord, IntentKind, UploadRecord
from pmsync.planning.inputs import World
from pmsync.planning.replacing import protected_block
from pmsync.planning.stakes import planned_against, stake_of
from pmsync.planning.wording import rows


def removed_changes(world: World, address: Address) -> tuple[AnyChange, ...]:
    """What becomes of a recorded dataset that the manifests no longer hold."""
    record = world.state.datasets[address]
    old_half = _old_half(world, address, record)
    live = record.id in world.snapshot.datasets
    if not live or record.on_removal is OnRemoval.RETAIN:
        return (*old_half, _forget(world, address, record, live=live))
    return (*old_half, delete_change(world, address, ReasonCode.REMOVED))


def delete_change(world: World, address: Address, code: ReasonCode) -> Delete:
    """The DELETE of a live dataset on record, with what is at stake."""
    record = world.state.datasets[address]
    datatables = {one: world.state.datatables[one] for one in world.records_in.get(address, ())}
    uploads = {one: upload for table in datatables for one, upload in world.held(table).items()}
    return _delete(world, address, record, datatables, uploads, code)


def _delete(
    world: World,
    address: Address,
    record: DatasetRecord,
    datatables: Mapping[Address, DatatableRecord],
    uploads: Mapping[Address, UploadRecord],
    code: ReasonCode,
) -> Delete:
    stake = stake_of(world, record.id, datatables, uploads)
    live_name = world.snapshot.datasets[record.id].display_name
    protected = record.protect or world.inputs.environment.protect
    sentence = f"no longer declared: {stake.datatables} datatables with {rows(stake.rows)} go, for ever"
    return Delete(
        address=address,
        reason=Reason(code, sentence),
        live_id=record.id,
        needs=(Consent.DELETE, Consent.LOSS) if stake.lost else (Consent.DELETE,),
        block=protected_block(world, address) if protected else None,
        display_name=live_name,
        stake=stake,
        datatables=planned_against(world, record.id),
        entries=_drops(world, address),
    )


def _drops(world: World, address: Address) -> tuple[Drop, ...]:
    below = world.records_in.get(address, ())
    uploads = (Drop(one) for table in below for one in sorted(world.held(table)))
    return (*uploads, *(Drop(one) for one in below), Drop(address))


def _forget(world: World, address: Address, record: DatasetRecord, *, live: bool) -> Forget:
    if live:
        reason = Reason(ReasonCode.REMOVED_RETAINED, "no longer declared; it stays in ProcessMind as it is")
    else:
        intent = world.intent(IntentKind.DELETE, address)
        ours = intent is not None and intent.target_id == record.id
        sentence = "an earlier run deleted it" if ours else "no longer declared, and gone from ProcessMind"
        reason = Reason(ReasonCode.SETTLED if ours else ReasonCode.REMOVED_RETAINED, sentence)
    return Forget(address=address, reason=reason, live_id=record.id, entries=_drops(world, address))


def _old_half(world: World, address: Address, record: DatasetRecord) -> tuple[AnyChange, ...]:
    """The old half of an unfinished REPLACE, when the new half is no longer wanted either."""
    old = record.superseded
    if old is None or old.retain or old.id not in world.snapshot.datasets:
        return ()
    whole = replace(record, id=old.id, display_name=old.display_name, superseded=None)
    change = _delete(world, address, whole, old.datatables, old.uploads, ReasonCode.REMOVED)
    return (replace(change, entries=(Put(address, replace(record, superseded=None)),)),)
