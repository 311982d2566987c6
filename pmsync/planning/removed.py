"""Datasets that are on record and no longer declared: deleted, or forgotten.

Omission counts as a wish only for what a record proves to be ours, and a DELETE needs a consent all the
same.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.outcome import Drop, Entry, Put, Settle
from pmsync.model.plan import Delete, Forget
from pmsync.model.reason import AtStake, Reason, ReasonCode
from pmsync.model.state import (
    DatasetRecord,
    DatatableRecord,
    IntentKind,
    Superseded,
    UploadRecord,
)
from pmsync.planning.inputs import World
from pmsync.planning.naming import is_scratch_name
from pmsync.planning.protection import protected_block
from pmsync.planning.stakes import planned_against, stake_of
from pmsync.planning.wording import rows, tables


def removed_changes(world: World, address: Address) -> tuple[Delete | Forget, ...]:
    """What becomes of a recorded dataset that the manifests no longer hold.

    Of an unfinished REPLACE the old half goes first: the record that knows both is dropped last.
    """
    record = world.state.datasets[address]
    if is_scratch(world, address):
        return (_scratch(world, address, record),)
    drops: tuple[Entry, ...] = (
        *(Drop(one) for one in world.everything_below(address)),
        *(Settle(one.kind, one.address) for one in world.intents_below(address)),
    )
    live = record.id in world.snapshot.datasets
    change: Delete | Forget
    if not live or record.on_removal is OnRemoval.RETAIN:
        change = _forget(world, address, record, drops)
    else:
        change = _delete(world, address, record, *_inside(world, address), drops)
    old = record.superseded
    if old is None or old.retain or old.id not in world.snapshot.datasets:
        return (change,)
    return (_old_half(world, address, record, old), replace(change, requires=(address,)))


def is_scratch(world: World, address: Address) -> bool:
    """Whether it is a live dataset that `doctor --probe` made for itself and that still bears its name.

    One that somebody renamed may be of use to them by now: it needs consent like any other. The name is read
    from the tenant: what a state alone calls scratch may be anybody's.
    """
    live = world.snapshot.datasets.get(world.state.datasets[address].id)
    return address.reserved and live is not None and is_scratch_name(live.display_name)


def _scratch(world: World, address: Address, record: DatasetRecord) -> Delete:
    """The DELETE of a scratch dataset: it holds nothing of anybody's, so nobody is asked.

    A create of its own that is still open stays so: there is one more of it.
    """
    drops = (Drop(one) for one in world.everything_below(address))
    inside = world.datatables_in.get(record.id, ())
    below = (one for one in world.intents_below(address) if one.address != address)
    return Delete(
        address=address,
        reason=Reason(ReasonCode.PROBE, "left by doctor --probe: a scratch dataset of pmsync's own"),
        live_id=record.id,
        display_name=record.display_name,
        stake=AtStake(datatables=len(inside), rows=sum(one.row_count for one in inside)),
        datatables=planned_against(world, record.id),
        entries=(*drops, *(Settle(one.kind, one.address) for one in below)),
    )


def _inside(
    world: World, address: Address
) -> tuple[Mapping[Address, DatatableRecord], Mapping[Address, UploadRecord]]:
    datatables = {one: world.state.datatables[one] for one in world.records_in.get(address, ())}
    uploads = {one: upload for table in datatables for one, upload in world.held(table).items()}
    return datatables, uploads


def _old_half(world: World, address: Address, record: DatasetRecord, old: Superseded) -> Delete:
    """The DELETE of the half that was to be replaced, when its replacement is not wanted either."""
    whole = replace(record, id=old.id, superseded=None)
    entry = Put(address, replace(record, superseded=None))
    return _delete(world, address, whole, old.datatables, old.uploads, (entry,))


def _delete(
    world: World,
    address: Address,
    record: DatasetRecord,
    datatables: Mapping[Address, DatatableRecord],
    uploads: Mapping[Address, UploadRecord],
    entries: tuple[Entry, ...],
) -> Delete:
    stake = stake_of(world, record.id, datatables, uploads)
    protected = record.protect or world.inputs.environment.protect
    why = "everything that pmsync created" if world.inputs.options.destroy else "no longer declared"
    needs = (Consent.DELETE, Consent.LOSS) if stake.lost else (Consent.DELETE,)
    sentence = f"{why}: {tables(stake.datatables)} with {rows(stake.rows)} permanently deleted"
    return Delete(
        address=address,
        reason=Reason(ReasonCode.REMOVED, sentence),
        live_id=record.id,
        needs=needs,
        block=protected_block(world, address, needs) if protected else None,
        display_name=world.snapshot.datasets[record.id].display_name,
        stake=stake,
        datatables=planned_against(world, record.id),
        entries=entries,
    )


def _forget(world: World, address: Address, record: DatasetRecord, drops: tuple[Entry, ...]) -> Forget:
    if record.id in world.snapshot.datasets:
        reason = Reason(
            ReasonCode.REMOVED_RETAINED, "it stays in ProcessMind as it is, and is managed no longer"
        )
    else:
        intent = world.intent(IntentKind.DELETE, address)
        ours = intent is not None and intent.target_id == record.id
        sentence = "an earlier run deleted it" if ours else "it is gone from ProcessMind"
        reason = Reason(ReasonCode.SETTLED if ours else ReasonCode.REMOVED_RETAINED, sentence)
    return Forget(address=address, reason=reason, live_id=record.id, entries=drops)
