"""What others do to a tenant while a client is at work: the changes a fault script can make by hand.

Things are named by id or by display name, because a script is written before ids are known.
"""

from typing import assert_never

from pmsync.emulator.errors import NotFound, Refusal
from pmsync.emulator.faultactions import Mutate
from pmsync.emulator.seed import SeedDataset, SeedDatatable
from pmsync.emulator.world import World


def mutate(world: World, wanted: Mutate, *, tenant_id: str) -> None:
    """Make the change; nothing happens where it cannot be made, as what it is about is not there any more."""
    about = wanted.tenant or tenant_id
    if not about:
        return
    try:
        _change(world, wanted, about)
    except Refusal:
        return


def _change(world: World, wanted: Mutate, tenant_id: str) -> None:
    by_hand, tenant = world.by_hand(tenant_id), world.tenant(tenant_id)
    name = wanted.name or ""
    match wanted.change:
        case "create-dataset":
            by_hand.add_datasets([SeedDataset(name)])
        case "rename-dataset":
            by_hand.rename_dataset(_dataset(world, tenant_id, wanted), name)
        case "recreate-dataset":
            by_hand.recreate_dataset(_dataset(world, tenant_id, wanted))
        case "delete-dataset":
            tenant.delete_node(_dataset(world, tenant_id, wanted))
        case "create-datatable":
            by_hand.add_datatables(_dataset(world, tenant_id, wanted), [SeedDatatable(name)])
        case "rename-datatable":
            by_hand.rename_datatable(_datatable(world, tenant_id, wanted), name)
        case "delete-datatable":
            by_hand.delete_datatable(_datatable(world, tenant_id, wanted))
        case "add-rows":
            by_hand.add_rows(_datatable(world, tenant_id, wanted), wanted.rows or 0)
        case _:
            assert_never(wanted.change)


def _dataset(world: World, tenant_id: str, wanted: Mutate) -> str:
    nodes = world.ground.catalogue.nodes(tenant_id)
    for node in nodes:
        if node.id == wanted.dataset:
            return node.id
    for node in nodes:
        if node.name == wanted.dataset:
            return node.id
    raise NotFound(f"no dataset {wanted.dataset}")


def _datatable(world: World, tenant_id: str, wanted: Mutate) -> str:
    """A datatable; its dataset need only be told where two have one of that name."""
    inside = _dataset(world, tenant_id, wanted) if wanted.dataset else None
    tables = world.ground.catalogue.datatables(tenant_id, world.ground.clock())
    there = [table for table in tables if inside in {None, table.dataset_id}]
    for table in there:
        if wanted.datatable in {table.id, table.name}:
            return table.id
    raise NotFound(f"no datatable {wanted.datatable}")
