"""What `state accept|forget|move|unprotect` write into the state, which alone changes.

The command is the consent. Each function gives the entries to record and raises Refused, with the reason,
where the records would say something that is not so.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from pmsync.errors import Refused
from pmsync.model.address import Address, Kind
from pmsync.model.outcome import Drop, Entry, Put, Settle
from pmsync.model.state import (
    DatasetRecord,
    DatatableRecord,
    State,
    intents_below,
    recorded_below,
)
from pmsync.planning.inputs import World
from pmsync.planning.leaving import removed_entries
from pmsync.planning.moves import dataset_entries, datatable_entries
from pmsync.planning.onrecord import OnRecord
from pmsync.planning.wording import Ways, and_list, number, rows


def accept(world: World, address: Address) -> tuple[Entry, ...]:
    """Take what is live as it is: a dataset's name and folder, a datatable's name and row count (if any).

    Others of its name, which nobody manages, may then stay beside it, and rows of removed sources in it.

    Where the tenant does not show a dataset's folder, the manifest's is taken: the user moved it by hand.
    Raises Refused for the new half of a REPLACE while nobody saw the rows of an upload into it: to accept
    them as missing would let the old half go for what never arrived.
    """
    _must_be_a_users(address)
    match address.kind:
        case Kind.DATASET:
            return (Put(address, _accepted_dataset(world, address)),)
        case Kind.DATATABLE:
            return (Put(address, _accepted_datatable(world, address)),)
        case Kind.FOLDER | Kind.SOURCE:
            what = "only datasets and datatables have something live to accept"
            raise Refused(what, where=address, hint="give the address of a dataset or datatable")
        case _:
            assert_never(address.kind)


def _accepted_dataset(world: World, address: Address) -> DatasetRecord:
    record = world.state.datasets.get(address)
    if record is None:
        raise _not_on_record(address)
    live = world.snapshot.datasets.get(record.id)
    if live is None:
        raise not_live(address, record.id)
    folder = world.folder_of(live)
    if folder is None:
        spec = world.inputs.manifest.datasets.get(address)
        folder = spec.folder if spec else record.folder
    named = world.unclaimed(world.candidates(live.display_name, folder))
    others = tuple(sorted(one.id for one in named if one.id != live.id))
    return replace(record, display_name=live.display_name, folder=folder, accepted_duplicates=others)


def _accepted_datatable(world: World, address: Address) -> DatatableRecord:
    record = world.state.datatables.get(address)
    if record is None:
        raise _not_on_record(address)
    live = world.snapshot.datatables.get(record.id)
    if live is None:
        raise not_live(address, record.id)
    surplus = live.row_count - world.expected_rows(address) if live.rows_shown else 0
    unseen, dataset = world.unseen(address), world.state.datasets.get(address.dataset_address)
    if surplus and unseen and _is_being_filled(dataset):
        raise _not_seen(world, address, live.row_count, unseen)
    named = world.tables_named(live.dataset_id, live.display_name)
    others = tuple(sorted(one.id for one in named if one.id not in world.claimed))
    return replace(
        record,
        display_name=live.display_name,
        baseline=record.baseline + surplus,
        accepted_duplicates=others,
        accepted_leftovers=_accepted_leftovers(world, address),
    )


def _accepted_leftovers(world: World, address: Address) -> tuple[str, ...]:
    """The sources that are declared no more: their rows stay, and that is in order."""
    spec = world.inputs.manifest.datasets.get(address.dataset_address)
    declared = spec.datatables.get(address) if spec else None
    return tuple(sorted(removed_entries(declared, world.held(address)))) if declared else ()


def _is_being_filled(record: DatasetRecord | None) -> bool:
    """Whether it is the new half of a REPLACE that goes on: one that turns back was agreed to no more."""
    old = record.superseded if record else None
    return old is not None and not old.reverted


def _not_seen(world: World, address: Address, shown: int, unseen: tuple[Address, ...]) -> Refused:
    expected, files = rows(world.expected_rows(address)), and_list(one.key for one in unseen)
    what = f"replacement incomplete: {number(shown)} of {expected}, and those of {files} were never seen"
    ways = Ways(world.inputs.environment.name)
    forget = ways.typed("state", "forget", unseen[0])
    hint = (
        f"wait and plan again; if no more rows will come, {ways.taken_as_done(unseen)} "
        f"(for a file that is declared no more: {forget}), and then this once more"
    )
    return Refused(what, where=address, hint=hint)


def forget(state: State, address: Address) -> tuple[Entry, ...]:
    """Stop managing it and everything below it; the tenant keeps what it has."""
    below, settled = recorded_below(state, address), settled_below(state, address)
    if not below and not settled:
        raise _not_on_record(address)
    dataset = state.datasets.get(address)
    if dataset is not None and dataset.protect:
        hint = f"pmsync state unprotect {address}"
        raise Refused("it is protected, and forgetting it would lift that", where=address, hint=hint)
    return (*(Drop(one) for one in below), *settled)


def settled_below(state: State, address: Address) -> tuple[Settle, ...]:
    """What an earlier run left open there is answered by the user."""
    return tuple(Settle(one.kind, one.address) for one in intents_below(state.intents, address))


def move(state: State, origin: Address, address: Address) -> tuple[Entry, ...]:
    """Manage it under another address, with everything below it."""
    _must_be_a_users(address)
    if origin.kind is not address.kind:
        what = f"{origin} is a {origin.kind} and {address} would be a {address.kind}"
        raise Refused(what, hint="move it to an address of its own kind")
    taken = (*state.datasets, *state.datatables, *state.uploads, *state.folders)
    if address in taken:
        raise Refused("already in the state", where=address, hint=f"pmsync state forget {address}")
    match origin.kind:
        case Kind.DATASET if origin in state.datasets:
            return dataset_entries(OnRecord(state=state), origin, address)
        case Kind.DATATABLE if origin in state.datatables:
            if origin.dataset_address != address.dataset_address:
                raise Refused("a datatable stays in its dataset", where=address)
            return datatable_entries(OnRecord(state=state), origin, address)
        case Kind.SOURCE if origin in state.uploads:
            if origin.datatable_address != address.datatable_address:
                raise Refused("an upload stays in its datatable", where=address)
            return (Drop(origin), Put(address, state.uploads[origin]))
        case Kind.FOLDER if origin in state.folders:
            return (Drop(origin), Put(address, state.folders[origin]))
        case _:
            raise _not_on_record(origin)


def unprotect(state: State, address: Address) -> tuple[Entry, ...]:
    """Lift the protection that outlived its block in the manifest. It counts from the next plan on."""
    record = state.datasets.get(address)
    if record is None:
        raise _not_on_record(address)
    return (Put(address, replace(record, protect=False)),)


def _must_be_a_users(address: Address) -> None:
    """What stands at a reserved address is removed without a question: nothing else may get there."""
    if address.reserved:
        what = "addresses that begin with '_' are for the scratch datasets of doctor --probe"
        raise Refused(what, where=address, hint="give it the key that it has in a manifest")


def _not_on_record(address: Address) -> Refused:
    return Refused("not in the state", where=address, hint="pmsync state list")


def not_live(address: Address, live_id: str) -> Refused:
    """The refusal of an id that is nowhere in the tenant."""
    return Refused(f"{live_id} is not there in ProcessMind", where=address, hint="pmsync ls")
