"""The live tenant beside the records: what is managed, drifted, left over, unmanaged or gone."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.listing import LiveThing, Standing
from pmsync.model.snapshot import RemoteDataset, RemoteDatatable
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name
from pmsync.planning.wording import number

_NOT_DECLARED: Final = "no longer declared"


def live_things(world: World, *, with_manifests: bool = True) -> tuple[LiveThing, ...]:
    """Every live dataset with its datatables after it, by folder and name; then what is gone.

    Without manifests everything on record counts as declared.
    """
    datasets = {record.id: address for address, record in world.state.datasets.items()}
    datatables = {record.id: address for address, record in world.state.datatables.items()}
    found: list[LiveThing] = []
    for live in sorted(world.snapshot.datasets.values(), key=lambda one: _place(world, one)):
        found.append(_dataset(world, live, datasets.get(live.id)))
        inside = world.datatables_in.get(live.id, ())
        found += (_datatable(world, one, datatables.get(one.id)) for one in sorted(inside, key=_name))
    things = (*found, *_gone(world))
    return things if with_manifests else tuple(map(_as_declared, things))


def _as_declared(thing: LiveThing) -> LiveThing:
    """The thing without what only manifests can say."""
    if thing.remark != _NOT_DECLARED:
        return thing
    return replace(thing, standing=Standing.MANAGED, remark="")


def _place(world: World, live: RemoteDataset) -> tuple[tuple[str, ...], str, str]:
    return (world.folder_of(live) or (), live.display_name, live.id)


def _name(live: RemoteDatatable) -> tuple[str, str]:
    return (live.display_name, live.id)


def _dataset(world: World, live: RemoteDataset, address: Address | None) -> LiveThing:
    folder = world.folder_of(live)
    standing, remark = Standing.UNMANAGED, ""
    if address is not None:
        record = world.state.datasets[address]
        standing = Standing.MANAGED
        recorded = Name(record.display_name, record.folder, said=folder is not None)
        if not recorded.same(Name(live.display_name, folder)):
            standing, remark = Standing.DRIFTED, f"in the state as {recorded}"
        elif address not in world.inputs.manifest.datasets:
            remark = _NOT_DECLARED
    return LiveThing(
        standing=standing,
        address=address,
        id=live.id,
        display_name=live.display_name,
        folder=folder,
        remark=remark,
    )


def _datatable(world: World, live: RemoteDatatable, address: Address | None) -> LiveThing:
    standing, remark = Standing.UNMANAGED, ""
    if address is not None:
        standing, remark = _standing(world, live, address)
    return LiveThing(
        standing=standing,
        address=address,
        id=live.id,
        display_name=live.display_name,
        dataset_id=live.dataset_id,
        rows=live.row_count,
        remark=remark,
    )


def _standing(world: World, live: RemoteDatatable, address: Address) -> tuple[Standing, str]:
    spec = world.inputs.manifest.datasets.get(address.dataset_address)
    declared = spec.datatables.get(address) if spec else None
    if spec is not None and declared is None:
        return Standing.LEFTOVER, _NOT_DECLARED
    record = world.state.datatables[address]
    if record.display_name != live.display_name:
        return Standing.DRIFTED, f"in the state as '{record.display_name}'"
    expected = record.baseline + sum(upload.rows for upload in world.held(address).values())
    filled = bool(world.held(address)) if spec is None else declared is not None and bool(declared.sources)
    if filled and live.rows_shown and expected != live.row_count:
        return Standing.DRIFTED, f"{number(expected)} rows were loaded"
    return Standing.MANAGED, ""


def _gone(world: World) -> tuple[LiveThing, ...]:
    """Datasets and datatables in the state that are not live any more."""
    datasets = (
        LiveThing(standing=Standing.GONE, address=one, id=record.id, display_name=record.display_name)
        for one, record in sorted(world.state.datasets.items())
        if record.id not in world.snapshot.datasets
    )
    datatables = (
        LiveThing(standing=Standing.GONE, address=one, id=record.id, display_name=record.display_name)
        for one, record in sorted(world.state.datatables.items())
        if record.id not in world.snapshot.datatables
    )
    return (*datasets, *datatables)
