"""What tenants there are, with their datasets, folders and datatables, as rows of the database.

Holds facts only: which of them are allowed is decided in tenant.
"""

from collections.abc import Iterable
from typing import Any

from pmsync.emulator.database import Database
from pmsync.emulator.records import Datatable, Node, TenantRecord

_NODES = """
SELECT id, kind, name, parent, created_at, (SELECT count(*) FROM datatables WHERE node = nodes.seq)
FROM nodes WHERE tenant = :tenant
"""

# One statement however many there are: a tenant of 10,000 datatables is listed in one go.
_DATATABLES = """
SELECT datatables.id, nodes.id, datatables.name, datatables.created_at, coalesce(sum(loads.row_count), 0)
FROM nodes JOIN datatables ON nodes.seq = datatables.node
LEFT JOIN loads ON loads.datatable = datatables.seq
    AND loads.visible_at <= :now AND (loads.gone_at IS NULL OR loads.gone_at > :now)
WHERE {which}
GROUP BY datatables.seq ORDER BY datatables.seq
"""


class Catalogue:
    """The rows of all tenants. Tenants go by their ids; nothing crosses from one to another."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def meet(self, tenant: TenantRecord) -> bool:
        """Remember a tenant; whether it was unknown so far."""
        return self._db.change("INSERT OR IGNORE INTO tenants VALUES (?, ?)", [tenant.id, tenant.name]) == 1

    def name_tenant(self, tenant: TenantRecord) -> None:
        self._db.change("UPDATE tenants SET name = ? WHERE id = ?", [tenant.name, tenant.id])

    def tenant(self, tenant: str) -> TenantRecord:
        return TenantRecord(*self._db.rows("SELECT id, name FROM tenants WHERE id = ?", [tenant])[0])

    def tenant_ids(self) -> list[str]:
        """The ids of all tenants that were ever met."""
        return [tenant for (tenant,) in self._db.rows("SELECT id FROM tenants ORDER BY rowid")]

    def forget_all(self) -> None:
        """Remove every tenant with all it holds."""
        with self._db.transaction():
            self._db.change("DELETE FROM nodes")
            self._db.change("DELETE FROM tenants")

    def nodes(self, tenant: str) -> list[Node]:
        """All datasets and folders, in the order they were made."""
        return [Node(*row) for row in self._db.rows(_NODES + "ORDER BY seq", {"tenant": tenant})]

    def nodes_named(self, tenant: str, name: str) -> list[Node]:
        rows = self._db.rows(_NODES + "AND name = :name ORDER BY seq", {"tenant": tenant, "name": name})
        return [Node(*row) for row in rows]

    def node(self, tenant: str, node_id: str) -> Node | None:
        rows = self._db.rows(_NODES + "AND id = :id", {"tenant": tenant, "id": node_id})
        return Node(*rows[0]) if rows else None

    def has_children(self, tenant: str, node_id: str) -> bool:
        return bool(
            self._db.rows("SELECT 1 FROM nodes WHERE tenant = ? AND parent = ? LIMIT 1", [tenant, node_id])
        )

    def add_nodes(self, tenant: str, nodes: Iterable[Node]) -> None:
        self._db.change_many(
            "INSERT INTO nodes (tenant, id, kind, name, parent, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            [(tenant, n.id, n.kind, n.name, n.parent_id, n.created_at) for n in nodes],
        )

    def change_node(self, tenant: str, node: Node) -> None:
        """Give a node the name and the parent it carries here."""
        self._db.change(
            "UPDATE nodes SET name = ?, parent = ? WHERE tenant = ? AND id = ?",
            [node.name, node.parent_id, tenant, node.id],
        )

    def remove_node(self, tenant: str, node_id: str) -> None:
        """Remove a node with its datatables and their loads."""
        self._db.change("DELETE FROM nodes WHERE tenant = ? AND id = ?", [tenant, node_id])

    def datatables(self, tenant: str, now: float) -> list[Datatable]:
        """All datatables of a tenant in the order they were made, with their row counts at that moment."""
        return self._datatables("datatables.tenant = :tenant", {"tenant": tenant, "now": now})

    def datatables_of(self, tenant: str, node_id: str, now: float) -> list[Datatable]:
        return self._datatables(
            "nodes.tenant = :tenant AND nodes.id = :node", {"tenant": tenant, "node": node_id, "now": now}
        )

    def datatable_ids(self, tenant: str, node_id: str) -> list[str]:
        """The ids of a dataset's datatables, in the order they were made."""
        rows = self._db.rows(
            "SELECT datatables.id FROM nodes JOIN datatables ON nodes.seq = datatables.node"
            " WHERE nodes.tenant = ? AND nodes.id = ? ORDER BY datatables.seq",
            [tenant, node_id],
        )
        return [datatable_id for (datatable_id,) in rows]

    def datatable(self, tenant: str, datatable_id: str, now: float) -> Datatable | None:
        found = self._datatables(
            "datatables.tenant = :tenant AND datatables.id = :id",
            {"tenant": tenant, "id": datatable_id, "now": now},
        )
        return found[0] if found else None

    def _datatables(self, which: str, values: dict[str, Any]) -> list[Datatable]:
        return [Datatable(*row) for row in self._db.rows(_DATATABLES.format(which=which), values)]

    def datatable_named(self, tenant: str, node_id: str, name: str) -> bool:
        """Whether a dataset has a datatable of that name."""
        return bool(
            self._db.rows(
                "SELECT 1 FROM nodes JOIN datatables ON nodes.seq = datatables.node"
                " WHERE nodes.tenant = ? AND nodes.id = ? AND datatables.name = ? LIMIT 1",
                [tenant, node_id, name],
            )
        )

    def add_datatables(self, tenant: str, datatables: Iterable[Datatable]) -> None:
        """Add datatables; how many rows each has is what its loads will say, not what it carries here."""
        self._db.change_many(
            "INSERT INTO datatables (tenant, id, name, created_at, node)"
            " VALUES (?, ?, ?, ?, (SELECT seq FROM nodes WHERE tenant = ? AND id = ?))",
            [(tenant, d.id, d.name, d.created_at, tenant, d.dataset_id) for d in datatables],
        )

    def rename_datatable(self, tenant: str, datatable_id: str, name: str) -> None:
        self._db.change(
            "UPDATE datatables SET name = ? WHERE tenant = ? AND id = ?", [name, tenant, datatable_id]
        )

    def remove_datatable(self, tenant: str, datatable_id: str) -> None:
        """Remove a datatable with its loads."""
        self._db.change("DELETE FROM datatables WHERE tenant = ? AND id = ?", [tenant, datatable_id])
