"""Unfinished REPLACEs that turn back: the halves change places, on record only.

Either the manifest is the old one again, or the new half vanished. What was the new half then goes, if it
is there, as a DELETE with a consent of its own.
"""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.manifest import OnRemoval
from pmsync.model.outcome import Drop, Entry, Put
from pmsync.model.plan import RecordState
from pmsync.model.reason import Reason, ReasonCode
from pmsync.model.state import DatasetRecord, DatatableRecord, Superseded, UploadRecord
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name
from pmsync.planning.replacing import superseded


def reverted(world: World) -> tuple[RecordState, ...]:
    """What writes down that the old half is the dataset again, for each REPLACE that turns back."""
    found = []
    for address, record in sorted(world.state.datasets.items()):
        old = record.superseded
        if old is None or old.id not in world.snapshot.datasets:
            continue
        if record.id not in world.snapshot.datasets:
            if not world.doubted and _is_free(world, address, old):
                found.append(_back(world, address, record, old, None))
        elif _wanted_again(world, address, record, old):
            found.append(_back(world, address, record, old, superseded(world, address)))
    return tuple(found)


def _is_free(world: World, address: Address, old: Superseded) -> bool:
    """Whether the old half can have its own address again."""
    return old.address == address or old.address not in world.state.datasets


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
        return address not in declared and _is_free(world, address, old)
    return not wanted.same(Name(record.display_name, record.folder))


def _back(
    world: World, address: Address, record: DatasetRecord, old: Superseded, new: Superseded | None
) -> RecordState:
    """`new`: what was the new half, as the half that goes; None if it is gone already."""
    back = DatasetRecord(
        id=old.id,
        display_name=old.display_name,
        folder=old.folder,
        origin=old.origin,
        protect=record.protect,
        on_removal=OnRemoval.RETAIN if old.retain else OnRemoval.DELETE,
        superseded=None if new is None else replace(new, retain=False, reverted=True),
    )
    kept: dict[Address, DatatableRecord | UploadRecord] = {**old.datatables, **old.uploads}
    stale = (one for one in world.everything_below(address) if one not in kept and one != old.address)
    entries: tuple[Entry, ...] = (
        *(Drop(one) for one in stale),
        Put(old.address, back),
        *(Put(one, kept[one]) for one in sorted(kept)),
    )
    sentence = "replace reverted: back to the old dataset"
    if new is None:
        sentence = (
            f"the unfinished replacement ({record.id}) was deleted from ProcessMind: back to the old dataset"
        )
    reason = Reason(ReasonCode.REPLACE_REVERTED, sentence)
    return RecordState(address=old.address, reason=reason, live_id=old.id, entries=entries)
