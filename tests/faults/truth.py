"""What a tenant holds in truth, read behind the API: what was taken and not replaced, shown or not."""

from __future__ import annotations

from collections.abc import Mapping

from faults.story import Live, LiveDataset, LiveTable
from pmsync.emulator.records import Node
from pmsync.emulator.server import RunningEmulator


def folders_of(emulator: RunningEmulator, tenant: str) -> dict[str, tuple[str, ...]]:
    """The path of each folder by id, whether the API shows folders or not."""
    nodes = {node.id: node for node in emulator.world.ground.catalogue.nodes(tenant)}
    return {id_: path_of(nodes, id_) for id_, node in nodes.items() if node.kind == "TreeGroup"}


def path_of(nodes: Mapping[str, Node], node_id: str | None) -> tuple[str, ...]:
    """The names from the root down to a folder."""
    return (*path_of(nodes, nodes[node_id].parent_id), nodes[node_id].name) if node_id else ()


def live_of(emulator: RunningEmulator, tenant: str) -> Live:
    """What a tenant holds in truth: what was taken and not replaced, whether it is counted yet or not."""
    ground = emulator.world.ground
    tables = emulator.tenant(tenant).datatables()  # this counts what waits, and lets go what it replaces
    nodes = {node.id: node for node in ground.catalogue.nodes(tenant)}
    held: dict[str, list[tuple[str, str]]] = {}
    for table, name, sha256 in ground.database.rows(
        "SELECT datatables.id, file_name, sha256 FROM loads JOIN datatables ON datatables.seq = loads.datatable"
        " WHERE gone_at IS NULL AND sha256 IS NOT NULL AND (row_count > 0 OR waiting) AND datatables.tenant = ? ORDER BY loads.seq",
        [tenant],
    ):
        held.setdefault(table, []).append((name, sha256))

    return tuple(
        LiveDataset(
            node.id,
            node.name,
            path_of(nodes, node.parent_id),
            tuple(
                LiveTable(one.id, one.name, one.row_count, tuple(held.get(one.id, ())))
                for one in tables
                if one.dataset_id == node.id
            ),
        )
        for node in nodes.values()
        if node.kind == "Dataset"
    )
