"""What a listing can be made to show: an earlier moment, fewer entries, another order, nothing new.

Works on the JSON of the answers, so that a client sees nothing of how it came about.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, assert_never

from pmsync.emulator.endpoints import EndpointName
from pmsync.emulator.faultactions import How, InconsistentListing, ShortListing
from pmsync.emulator.history import Exchange
from pmsync.emulator.shapes import dataset_json, datatable_json
from pmsync.emulator.world import World

LISTINGS: Final[tuple[EndpointName, ...]] = ("datasets.list", "datatables.list", "dataset.get")
"""The endpoints whose answers list things; a dataset lists its datatables."""

Entries = list[dict[str, Any]]

Moment = Mapping[tuple[str, str], Entries]
"""What each listing of each tenant showed at one time, by the tenant's id and the endpoint."""


def moment_of(world: World, tenant_ids: Iterable[str]) -> Moment:
    """What the listings of those tenants show now."""
    moment: dict[tuple[str, str], Entries] = {}
    for tenant_id in tenant_ids:
        tenant, tree = world.tenant(tenant_id), world.ground.settings.show_tree
        moment[tenant_id, "datasets.list"] = [dataset_json(node, tree=tree) for node in tenant.nodes()]
        moment[tenant_id, "datatables.list"] = [datatable_json(table) for table in tenant.datatables()]
    return moment


def entries_then(moment: Moment, exchange: Exchange) -> Entries:
    """What the listing that is asked for showed at that moment; a tenant nobody had met had nothing."""
    tenant_id = exchange.ids.get("tenantId", "")
    if exchange.endpoint != "dataset.get":
        return moment.get((tenant_id, str(exchange.endpoint)), [])
    return [
        {name: table[name] for name in ("id", "displayName", "rowCount")}
        for table in moment.get((tenant_id, "datatables.list"), [])
        if table["datasetId"] == exchange.ids.get("datasetId")
    ]


def shortened(entries: Entries, wanted: ShortListing) -> Entries:
    """The first few, or all but the last few."""
    if wanted.keep is not None:
        return entries[: wanted.keep]
    return entries[: max(0, len(entries) - (wanted.drop or 0))]


def inconsistent(entries: Entries, wanted: InconsistentListing) -> Entries:
    """The entries in disorder, doubled or thinned out; the same each time."""
    how: How = wanted.how
    match how:
        case "shuffled":  # the same each time, and another order than before wherever there are two
            return entries[1::2] + entries[::2]
        case "duplicates":
            return [entry for entry in entries for _ in range(2)]
        case "half":
            return entries[::2]
        case _:
            assert_never(how)


def listed(content: Any) -> Entries | None:
    """The entries of a listing's answer; None where it is a refusal."""
    if isinstance(content, dict):
        content = content.get("datatables")
    return content if isinstance(content, list) else None


def with_entries(content: Any, entries: Entries) -> Any:
    """The same answer with other entries."""
    return {**content, "datatables": entries} if isinstance(content, dict) else entries
