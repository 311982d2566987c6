"""Reading the live tenant: two listings, and one request more for each thing they leave in doubt.

"Could not read" is never "is empty": any failed read ends the plan. An id that we know and a listing
lacks is asked for by itself before it counts as gone. A thing without a usable id is left out with a word,
unless it is, or could be taken for, one of ours: then nothing can be planned.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from pmsync.errors import UnexpectedAnswer
from pmsync.model.address import Kind
from pmsync.model.events import NotAddressable, Observer, Reading, silent
from pmsync.model.manifest import Manifest
from pmsync.model.snapshot import RemoteDatatable, RemoteFolder, Snapshot
from pmsync.model.state import State
from pmsync.tenant.client import TenantReader


class Known(Struct, frozen=True):
    """The ids that the state knows: of datasets, and of datatables with the dataset each is in.

    `names` are display names of datasets and folders that are managed or are to be.
    """

    datasets: frozenset[str] = frozenset()
    datatables: tuple[tuple[str, str], ...] = ()
    names: frozenset[str] = frozenset()


def known_ids(state: State | None, manifest: Manifest | None = None) -> Known:
    """Every id on record, both halves of an unfinished REPLACE included, and every name that matters."""
    names = _names(state, manifest)
    if state is None:
        return Known(names=names)
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
    return Known(frozenset(datasets), tuple(datatables), names)


def _names(state: State | None, manifest: Manifest | None) -> frozenset[str]:
    things = (*(state.datasets.values() if state else ()), *(manifest.datasets.values() if manifest else ()))
    return frozenset({name for one in things for name in (one.display_name, *one.folder)})


def read_tenant(reader: TenantReader, known: Known, observer: Observer = silent) -> Snapshot:
    """The whole tenant. In sync this is two requests; a TenantError anywhere ends it.

    Raises UnexpectedAnswer where something of ours has an id that cannot stand in a path.
    """
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
    _judge_left_out(snapshot, known, observer)
    return snapshot


def _listings(reader: TenantReader) -> Snapshot:
    listing, tables = reader.datasets(), reader.datatable_listing()
    return Snapshot(
        folders=listing.folders,
        datasets=listing.datasets,
        datatables=tables.datatables,
        left_out=listing.left_out + tables.left_out,
    )


def _judge_left_out(snapshot: Snapshot, known: Known, observer: Observer) -> None:
    """Say what is left out; raise where that would hide something that is ours or looks like it."""
    if not snapshot.left_out:
        return
    named = {id_ for id_, one in snapshot.datasets.items() if one.display_name in known.names}
    ours = known.datasets | {id_ for id_, _ in known.datatables} | named
    for one in snapshot.left_out:
        by_name = one.kind is not Kind.DATATABLE and one.display_name in known.names
        if by_name or one.id in ours or one.dataset_id in ours:
            raise UnexpectedAnswer(
                f"the {one.kind} '{one.display_name[:100]}' cannot be asked for: {one.fault}",
                hint="nothing can be planned while it is there: delete it in ProcessMind, or tell the vendor",
            )
    observer(NotAddressable(len(snapshot.left_out), snapshot.left_out[0]))


def _disagreeing(snapshot: Snapshot) -> set[str]:
    """Datasets whose `datatableCount` is not what the datatable listing shows."""
    counts: dict[str, int] = {}
    for datatable in snapshot.datatables.values():
        counts[datatable.dataset_id] = counts.get(datatable.dataset_id, 0) + 1
    for one in snapshot.left_out:
        counts[one.dataset_id] = counts.get(one.dataset_id, 0) + 1
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
    others = tuple(one for one in snapshot.left_out if one.dataset_id != dataset_id)
    left_out = (*others, *detail.left_out)
    return replace(snapshot, datasets=datasets, datatables={**mine, **kept}, left_out=left_out)


def with_columns(reader: TenantReader, snapshot: Snapshot, ids: frozenset[str]) -> Snapshot:
    """The snapshot in which these datatables show their columns: one request each."""
    shown: dict[str, RemoteDatatable] = dict(snapshot.datatables)
    for datatable_id in sorted(ids):
        found = reader.datatable(datatable_id)
        if found is None:
            continue
        listed = snapshot.datatables[datatable_id].dataset_id
        if found.dataset_id != listed:
            what = (
                f"the datatable {datatable_id} is listed in dataset {listed}, and says that it is in another"
            )
            raise UnexpectedAnswer(what, hint="the tenant contradicts itself: plan again")
        shown[datatable_id] = found
    return replace(snapshot, datatables=shown)
