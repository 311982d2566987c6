"""Reading the live tenant: two listings, and one request more for each thing they leave in doubt.

"Could not read" is never "is empty": any failed read ends the plan. An id that we know and a listing
lacks is asked for by itself before it counts as gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pmsync.model.events import Observer, Reading, silent
from pmsync.model.snapshot import RemoteDatatable, RemoteFolder, Snapshot
from pmsync.model.state import State
from pmsync.tenant.client import TenantReader


@dataclass(frozen=True, slots=True)
class Known:
    """The ids that the state knows: of datasets, and of datatables with the dataset each is in."""

    datasets: frozenset[str] = frozenset()
    datatables: tuple[tuple[str, str], ...] = ()


def known_ids(state: State | None) -> Known:
    """Every id on record, both halves of an unfinished REPLACE included."""
    if state is None:
        return Known()
    datasets = {record.id for record in state.datasets.values()}
    datatables = [
        (record.id, state.datasets[address.dataset_address].id)
        for address, record in state.datatables.items()
        if address.dataset_address in state.datasets
    ]
    for dataset in state.datasets.values():
        if dataset.superseded is not None:
            datasets.add(dataset.superseded.id)
            datatables += [(old.id, dataset.superseded.id) for old in dataset.superseded.datatables.values()]
    return Known(frozenset(datasets), tuple(datatables))


def read_tenant(reader: TenantReader, known: Known, observer: Observer = silent) -> Snapshot:
    """The whole tenant. In sync this is two requests; a TenantError anywhere ends it."""
    observer(Reading("the tenant"))
    snapshot = _listings(reader)
    if _disagreeing(snapshot):
        snapshot = _listings(reader)
    for dataset_id in sorted((known.datasets - set(snapshot.datasets)) | _disagreeing(snapshot)):
        snapshot = _with_dataset(reader, snapshot, dataset_id)
    for datatable_id, dataset_id in known.datatables:
        if datatable_id not in snapshot.datatables and dataset_id in snapshot.datasets:
            found = reader.datatable(datatable_id)
            if found is not None:
                snapshot = replace(snapshot, datatables={**snapshot.datatables, found.id: found})
    return snapshot


def _listings(reader: TenantReader) -> Snapshot:
    listing = reader.datasets()
    return Snapshot(folders=listing.folders, datasets=listing.datasets, datatables=reader.datatables())


def _disagreeing(snapshot: Snapshot) -> set[str]:
    """Datasets whose `datatableCount` is not what the datatable listing shows."""
    counts: dict[str, int] = {}
    for datatable in snapshot.datatables.values():
        counts[datatable.dataset_id] = counts.get(datatable.dataset_id, 0) + 1
    return {
        dataset.id
        for dataset in snapshot.datasets.values()
        if dataset.datatable_count is not None and dataset.datatable_count != counts.get(dataset.id, 0)
    }


def _with_dataset(reader: TenantReader, snapshot: Snapshot, dataset_id: str) -> Snapshot:
    """The snapshot corrected by what the dataset itself says; what it denies is gone."""
    detail = reader.dataset(dataset_id)
    datasets, datatables = dict(snapshot.datasets), dict(snapshot.datatables)
    if detail is None or isinstance(detail.entry, RemoteFolder):
        datasets.pop(dataset_id, None)
        return replace(snapshot, datasets=datasets)
    datasets[dataset_id] = datasets.get(dataset_id, detail.entry)
    mine = {datatable.id: datatable for datatable in detail.datatables}
    kept = {
        id_: datatable
        for id_, datatable in datatables.items()
        if datatable.dataset_id != dataset_id or id_ in mine
    }
    return replace(snapshot, datasets=datasets, datatables={**mine, **kept})


def with_columns(reader: TenantReader, snapshot: Snapshot, ids: frozenset[str]) -> Snapshot:
    """The snapshot in which these datatables show their columns: one request each."""
    shown: dict[str, RemoteDatatable] = dict(snapshot.datatables)
    for datatable_id in sorted(ids):
        found = reader.datatable(datatable_id)
        if found is not None:
            shown[datatable_id] = found
    return replace(snapshot, datatables=shown)
