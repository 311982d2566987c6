"""Keys that changed while nothing else did: only the records move.

Moves are found first and folded into the state that the other rules see, so that a moved dataset with a
changed file plans as if it had always had its new key.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from pmsync.diagnostics import Location
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec
from pmsync.model.outcome import Announce, Drop, Entry, Put, Settle
from pmsync.model.plan import Move
from pmsync.model.reason import Reason, ReasonCode
from pmsync.model.state import DatasetRecord, State, intents_below
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name, canonical


class Moved(Struct, frozen=True):
    """The world after the moves, and the moves."""

    world: World
    moves: tuple[Move, ...] = ()


def follow_moves(world: World) -> Moved:
    """Datasets first, then the datatables inside them; the common case finds nothing and costs little."""
    datasets = tuple(_dataset_moves(world))
    if datasets:
        world = world.after(datasets)
    datatables = tuple(_datatable_moves(world))
    if datatables:
        world = world.after(datatables)
    return Moved(world, (*datasets, *datatables))


def _dataset_moves(world: World) -> Iterable[Move]:
    declared = world.inputs.manifest.datasets
    gone = [one for one in sorted(world.state.datasets) if one not in declared and not one.reserved]
    for address, spec in sorted(declared.items()):
        if address in world.state.datasets:
            continue
        origins = [one for one in gone if _same_dataset(world, spec, world.state.datasets[one])]
        if len(origins) == 1:
            gone.remove(origins[0])
            entries = dataset_entries(world.state, origins[0], address)
            record = world.state.datasets[origins[0]]
            yield _move(origins[0], address, record.id, entries, spec.location)


def _same_dataset(world: World, spec: DatasetSpec, record: DatasetRecord) -> bool:
    live = world.snapshot.datasets.get(record.id)
    if live is None:
        return False
    wanted = Name(spec.display_name, spec.folder)
    names = (Name(record.display_name, record.folder), Name(live.display_name, world.folder_of(live)))
    return any(wanted.same(name) for name in names)


def _datatable_moves(world: World) -> Iterable[Move]:
    for dataset, spec in sorted(world.inputs.manifest.datasets.items()):
        known = world.records_in.get(dataset, ())
        gone = [address for address in known if address not in spec.datatables]
        for address, datatable in sorted(spec.datatables.items()) if gone else ():
            if address in world.state.datatables:
                continue
            origins = [one for one in gone if _same_datatable(world, datatable, one)]
            if len(origins) == 1:
                gone.remove(origins[0])
                record = world.state.datatables[origins[0]]
                entries = datatable_entries(world.state, origins[0], address)
                yield _move(origins[0], address, record.id, entries, datatable.location)


def _same_datatable(world: World, spec: DatatableSpec, origin: Address) -> bool:
    record = world.state.datatables[origin]
    live = world.snapshot.datatables.get(record.id)
    if live is None:
        return False
    return canonical(spec.display_name) in {canonical(record.display_name), canonical(live.display_name)}


def _move(
    origin: Address, address: Address, live_id: str, entries: tuple[Entry, ...], location: Location
) -> Move:
    sentence = f"moved from {origin} (key renamed; no data moves)"
    return Move(
        address=address,
        reason=Reason(ReasonCode.KEY_CHANGED, sentence),
        live_id=live_id,
        location=location,
        origin=origin,
        entries=entries,
    )


def dataset_entries(state: State, origin: Address, address: Address) -> tuple[Entry, ...]:
    """What moves with a dataset: its record and everything below it."""
    record = state.datasets[origin]
    entries: list[Entry] = [Drop(origin), Put(address, record), *_intents(state, origin, address)]
    for one in sorted(state.datatables):
        if one.dataset_address == origin:
            entries += _with_uploads(state, one, Address.datatable(address, one.key))
    return tuple(entries)


def datatable_entries(state: State, origin: Address, address: Address) -> tuple[Entry, ...]:
    """What moves with a datatable: its record, its uploads, and what an earlier run left open."""
    return (*_with_uploads(state, origin, address), *_intents(state, origin, address))


def _with_uploads(state: State, origin: Address, address: Address) -> list[Entry]:
    entries: list[Entry] = [Drop(origin), Put(address, state.datatables[origin])]
    for one in sorted(one for one in state.uploads if one.datatable_address == origin):
        entries += [Drop(one), Put(Address.source(address, one.key), state.uploads[one])]
    return entries


def _intents(state: State, origin: Address, address: Address) -> Iterable[Entry]:
    """The open intents for what moves and for what is in it, under their new addresses."""
    for intent in intents_below(state, origin):
        yield Settle(intent.kind, intent.address)
        yield Announce(replace(intent, address=Address(address + intent.address.removeprefix(origin))))
