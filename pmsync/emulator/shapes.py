"""The JSON the API answers, field for field as the vendor's API reference prints it.

The tree fields are not in the reference; they are added where the settings show the tree.
"""

from typing import Any

from pmsync.emulator.records import Column, Datatable, Node, TenantRecord


def tenant_json(tenant: TenantRecord) -> dict[str, Any]:
    """The details of a tenant; the reference does not show them."""
    return {"id": tenant.id, "displayName": tenant.name}


def dataset_json(node: Node, *, tree: bool) -> dict[str, Any]:
    """A dataset in the listing, and as the answer to its creation."""
    return {
        "id": node.id,
        "displayName": node.name,
        "createdAt": node.created_at,
        "datatableCount": node.datatable_count,
    } | _tree_fields(node, tree=tree)


def dataset_details_json(node: Node, datatables: list[Datatable], *, tree: bool) -> dict[str, Any]:
    """A dataset asked for by id."""
    return {
        "id": node.id,
        "displayName": node.name,
        "createdAt": node.created_at,
        "datatables": [
            {"id": table.id, "displayName": table.name, "rowCount": table.row_count} for table in datatables
        ],
    } | _tree_fields(node, tree=tree)


def datatable_json(table: Datatable) -> dict[str, Any]:
    """A datatable in the listing, and as the answer to its creation."""
    return {
        "id": table.id,
        "displayName": table.name,
        "datasetId": table.dataset_id,
        "rowCount": table.row_count,
        "createdAt": table.created_at,
    }


def datatable_details_json(table: Datatable, columns: list[Column]) -> dict[str, Any]:
    """A datatable asked for by id."""
    return {
        "id": table.id,
        "displayName": table.name,
        "datasetId": table.dataset_id,
        "rowCount": table.row_count,
        "columns": [{"name": column.name, "type": column.type} for column in columns],
        "createdAt": table.created_at,
    }


def _tree_fields(node: Node, *, tree: bool) -> dict[str, Any]:
    return {"treeNodeType": node.kind, "treeParentId": node.parent_id} if tree else {}
