"""Keys that changed while nothing else did: only the records move.

Moves are found first and folded into the state that the other rules see, so that a moved dataset with a
changed file plans as if it had always had its new key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pmsync.diagnostics import Location
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec
from pmsync.model.outcome import Announce, Drop, Entry, Put, Settle
from pmsync.model.plan import Move
from pmsync.model.reason import Reason, ReasonCode
from pmsync.model.snapshot import RemoteDataset, RemoteDatatable
from pmsync.model.state import DatasetRecord, DatatableRecord
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name, canonical
from pmsync.planning.onrecord import OnRecord

_Record = DatasetRecord | DatatableRecord
_Live = RemoteDataset | RemoteDatatable
_Spec = TypeVar("_Spec", DatasetSpec, DatatableSpec)


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
    declared, known = world.inputs.manifest.datasets, world.state.datasets
    gone = (
        (one, record, world.snapshot.datasets.get(record.id))
        for one, record in sorted(known.items())
        if one not in declared and not one.reserved
    )
    new = (spec for address, spec in sorted(declared.items()) if address not in known)
    for origin, spec in _followed(gone, new, lambda origin, spec: _same_dataset(world, spec, known[origin])):
        entries = dataset_entries(world, origin, spec.address)
        yield _move(origin, spec.address, known[origin].id, entries, spec.location)


def _same_dataset(world: World, spec: DatasetSpec, record: DatasetRecord) -> bool:
    live = world.snapshot.datasets[record.id]
    wanted = Name(spec.display_name, spec.folder)
    names = (Name(record.display_name, record.folder), Name(live.display_name, world.folder_of(live)))
    return any(wanted.same(name) for name in names)


def _datatable_moves(world: World) -> Iterable[Move]:
    known = world.state.datatables
    for dataset, spec in sorted(world.inputs.manifest.datasets.items()):
        gone = [
            (one, known[one], world.snapshot.datatables.get(known[one].id))
            for one in world.records_in.get(dataset, ())
            if one not in spec.datatables
        ]
        new = (table for address, table in sorted(spec.datatables.items()) if address not in known)
        for origin, table in _followed(gone, new, lambda _origin, _table: True) if gone else ():
            entries = datatable_entries(world, origin, table.address)
            yield _move(origin, table.address, known[origin].id, entries, table.location)


def _followed(
    gone: Iterable[tuple[Address, _Record, _Live | None]],
    new: Iterable[_Spec],
    same: Callable[[Address, _Spec], bool],
) -> Iterable[tuple[Address, _Spec]]:
    """Each new key with the one gone key of its name, on record or live, that is the same by `same`.

    `gone`: each with its record and what is live of it; what is not live cannot be followed.
    """
    origins: dict[str, set[Address]] = {}
    for address, record, live in gone:
        if live is not None:
            for name in (record.display_name, live.display_name):
                origins.setdefault(canonical(name), set()).add(address)
    taken: set[Address] = set()
    for spec in new if origins else ():
        found = origins.get(canonical(spec.display_name), set()) - taken
        fitting = [origin for origin in found if same(origin, spec)]
        if len(fitting) == 1:
            taken.update(fitting)
            yield fitting[0], spec


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


def dataset_entries(known: OnRecord, origin: Address, address: Address) -> tuple[Entry, ...]:
    """What moves with a dataset: its record and everything below it."""
    record = known.state.datasets[origin]
    entries: list[Entry] = [Drop(origin), Put(address, record), *_intents(known, origin, address)]
    for one in known.records_in.get(origin, ()):
        entries += _with_uploads(known, one, Address.datatable(address, one.key))
    return tuple(entries)


def datatable_entries(known: OnRecord, origin: Address, address: Address) -> tuple[Entry, ...]:
    """What moves with a datatable: its record, its uploads, and what an earlier run left open."""
    return (*_with_uploads(known, origin, address), *_intents(known, origin, address))


def _with_uploads(known: OnRecord, origin: Address, address: Address) -> list[Entry]:
    entries: list[Entry] = [Drop(origin), Put(address, known.state.datatables[origin])]
    for one, upload in sorted(known.held(origin).items()):
        entries += [Drop(one), Put(Address.source(address, one.key), upload)]
    return entries


def _intents(known: OnRecord, origin: Address, address: Address) -> Iterable[Entry]:
    """The open intents for what moves and for what is in it, under their new addresses."""
    for intent in known.intents_below(origin):
        yield Settle(intent.kind, intent.address)
        yield Announce(replace(intent, address=Address(address + intent.address.removeprefix(origin))))
