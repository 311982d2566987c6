"""What `import` writes into the state: a live thing managed under a declared address from now on.

The command is the consent. It never lets go of what is live and managed, and takes no id that is anything
else: the records would say something that is not so. Raises Refused, with the reason and what to do.
"""

from __future__ import annotations

from typing import assert_never

from pmsync.errors import Refused
from pmsync.model.address import Address, Kind
from pmsync.model.manifest import DatasetSpec, OnRemoval
from pmsync.model.outcome import Drop, Entry, Put
from pmsync.model.snapshot import RemoteDataset
from pmsync.model.state import (
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    IntentKind,
    Origin,
)
from pmsync.planning.claims import Claim, Role, claims_of
from pmsync.planning.edits import not_live, settled_below
from pmsync.planning.inputs import World
from pmsync.planning.settling import dataset_record
from pmsync.planning.wording import Ways, and_list


def take(world: World, address: Address, live_id: str) -> tuple[Entry, ...]:
    """`import`: manage this live thing under this declared address, as adopted.

    Where the tenant shows no folders, the user's word for a folder's id is taken.

    A dataset brings those of its declared datatables whose name is there once. Records of an earlier
    thing at the address, which is gone, are dropped.
    """
    _must_be_free(world, address, live_id)
    _must_be_of_its_kind(world, address, live_id)
    match address.kind:
        case Kind.DATASET:
            return _dataset(world, address, live_id)
        case Kind.DATATABLE:
            return _datatable(world, address, live_id)
        case Kind.FOLDER:
            if world.snapshot.shows_tree and live_id not in world.snapshot.folders:
                raise not_live(address, live_id)
            record = FolderRecord(id=live_id, origin=Origin.ADOPTED)
            return (Put(address, record), *settled_below(world.state, address))
        case Kind.SOURCE:
            what = "the tenant has no ids for uploads"
            hint = f"pmsync apply --assume-uploaded {address}"
            raise Refused(what, where=address, hint=hint)
        case _:
            assert_never(address.kind)


def _must_be_free(world: World, address: Address, live_id: str) -> None:
    """Raises Refused where a record holds this id already, or this address something else that is live."""
    for claim in claims_of(world.state).get(live_id, ()):
        if claim.address == address and claim.role is not Role.OLD_HALF:
            raise Refused(f"{live_id} is managed here already", where=address, hint="pmsync plan")
        hint = _instead(world, address, claim)
        raise Refused(f"{live_id} is in the state as {claim}", where=address, hint=hint)
    held = _live_here(world, address)
    if held and not _answers_a_replace(world, address):
        forget = Ways(world.inputs.environment.name).typed("state", "forget", address)
        what = f"it is {held} in the state, which is live: importing over it would let go of it unsaid"
        hint = f"{forget} lets go of it (ProcessMind keeps it); then import {live_id}"
        raise Refused(what, where=address, hint=hint)


def _instead(world: World, address: Address, claim: Claim) -> str:
    ways = Ways(world.inputs.environment.name)
    if claim.role is Role.OLD_HALF:
        return f"finish the REPLACE of {claim.address} first"
    if claim.address.kind is address.kind:
        return ways.typed("state", "move", claim.address, address)
    return ways.typed("state", "list")


def _live_here(world: World, address: Address) -> str:
    """The id of the live thing that the state holds at this address; empty if there is none."""
    state, snapshot = world.state, world.snapshot
    if (folder := state.folders.get(address)) is not None:
        return folder.id if folder.id in snapshot.folders else ""
    if (dataset := state.datasets.get(address)) is not None:
        return dataset.id if dataset.id in snapshot.datasets else ""
    table, home = state.datatables.get(address), state.datasets.get(address.dataset_address)
    live = snapshot.datatables.get(table.id) if table else None
    return live.id if live is not None and home is not None and live.dataset_id == home.id else ""


def _answers_a_replace(world: World, address: Address) -> bool:
    """Whether an earlier run began to replace what is here, and may have made what is to be imported."""
    intent = world.intent(IntentKind.CREATE_DATASET, address)
    return intent is not None and bool(intent.target_id)


def _must_be_of_its_kind(world: World, address: Address, live_id: str) -> None:
    snapshot = world.snapshot
    listings = {
        Kind.FOLDER: snapshot.folders,
        Kind.DATASET: snapshot.datasets,
        Kind.DATATABLE: snapshot.datatables,
    }
    for kind, listing in listings.items():
        if live_id in listing and kind is not address.kind:
            what = f"{live_id} is listed as a {kind} of ProcessMind, and this would be a {address.kind}"
            raise Refused(what, where=address, hint="pmsync ls shows ids and what they are")


def _dataset(world: World, address: Address, live_id: str) -> tuple[Entry, ...]:
    spec = world.inputs.manifest.datasets.get(address)
    if spec is None:
        hint = "write it into a manifest first; pmsync export prints what is live as one"
        raise Refused("it is not declared", where=address, hint=hint)
    live = world.snapshot.datasets.get(live_id)
    if live is None:
        raise not_live(address, live_id)
    settled = settled_below(world.state, address)
    intent = world.intent(IntentKind.CREATE_DATASET, address)
    if intent is not None and intent.target_id:  # it is the new half that the earlier run could not tell
        return (*settled, *dataset_record(world, intent, live_id))
    earlier = (Drop(one) for one in world.everything_below(address))
    return (*earlier, *settled, Put(address, _record(world, spec, live)), *_inside(world, spec, live_id))


def _record(world: World, spec: DatasetSpec, live: RemoteDataset) -> DatasetRecord:
    """The adopted dataset. The old half of a REPLACE whose new one is gone is still to be known."""
    folder, gone = world.folder_of(live), world.state.datasets.get(spec.address)
    return DatasetRecord(
        id=live.id,
        display_name=live.display_name,
        folder=spec.folder if folder is None else folder,
        origin=Origin.ADOPTED,
        protect=spec.protect,
        on_removal=spec.on_removal or OnRemoval.RETAIN,
        superseded=gone.superseded if gone else None,
    )


def _inside(world: World, spec: DatasetSpec, live_id: str) -> list[Put]:
    """Its declared datatables: those whose name is there once, and that nothing else holds."""
    found: list[Put] = []
    known = claims_of(world.state)
    for one, datatable in sorted(spec.datatables.items()):
        named = world.tables_named(live_id, datatable.display_name)
        others = (claim for live in named for claim in known.get(live.id, ()) if claim.address != one)
        if len(named) == 1 and not any(others):
            found.append(Put(one, _adopted(named[0].id, datatable.display_name)))
    return found


def _datatable(world: World, address: Address, live_id: str) -> tuple[Entry, ...]:
    dataset = world.state.datasets.get(address.dataset_address)
    if dataset is None:
        hint = f"pmsync import {address.dataset_address} ID"
        raise Refused("its dataset is not in the state", where=address, hint=hint)
    live = world.snapshot.datatables.get(live_id)
    if live is None or live.dataset_id != dataset.id:
        what = f"{live_id} is no datatable of {address.dataset_address} ({dataset.id})"
        inside = [one.id for one in world.datatables_in.get(dataset.id, ())]
        hint = f"its datatables are {and_list(inside)}" if inside else "it has none"
        raise Refused(what, where=address, hint=hint)
    earlier = (Drop(one) for one in world.everything_below(address))
    settled = settled_below(world.state, address)
    return (*earlier, *settled, Put(address, _adopted(live_id, live.display_name)))


def _adopted(live_id: str, display_name: str) -> DatatableRecord:
    return DatatableRecord(id=live_id, display_name=display_name, origin=Origin.ADOPTED)
