"""Creates and state-only changes: one request or none, then what it came to is recorded.

Before each level of creates the tenant is listed once more: what appeared since the plan is never doubled
(the API takes no idempotency key and promises no unique names).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pmsync.errors import Refused, Rejected, StalePlan
from pmsync.model.address import Address
from pmsync.model.outcome import Drop, Entry, Put
from pmsync.model.plan import CreateDataset, CreateDatatable, CreateFolder, Replace
from pmsync.model.snapshot import NotShown, RemoteDataset, RemoteDatatable, RemoteFolder
from pmsync.model.state import DatasetRecord, DatatableRecord, FolderRecord, Origin, State, recorded_below
from pmsync.tenant.client import TenantWriter

IdOf = Callable[[Address], str]


@dataclass(frozen=True, slots=True)
class Made:
    """Something new in the tenant, and what to record of it."""

    live_id: str
    entries: tuple[Entry, ...]


def make_folder(change: CreateFolder, writer: TenantWriter, id_of: IdOf) -> Made:
    """POST a TreeGroup."""
    parent = None if change.parent is None else id_of(change.parent)
    folder = writer.create_folder(change.display_name, parent)
    return Made(folder.id, (Put(change.address, FolderRecord(id=folder.id, origin=Origin.CREATED)),))


def make_dataset(change: CreateDataset | Replace, writer: TenantWriter, id_of: IdOf, before: State) -> Made:
    """POST a dataset. Records of an earlier one at the address (or of the replaced one) are dropped.

    Raises Refused where the tenant says no to a second dataset of a name that a REPLACE needs.
    """
    parent = id_of(Address.folder(change.folder)) if change.folder else None
    try:
        dataset = writer.create_dataset(change.display_name, parent)
    except Rejected as caught:
        if not isinstance(change, Replace):
            raise
        what = f"this tenant refuses a second dataset of this name ({caught.what}); nothing was deleted"
        hint = "choose another displayName: it can stand beside the old one"
        raise Refused(what, where=change.address, hint=hint) from None
    record = DatasetRecord(
        id=dataset.id,
        display_name=change.display_name,
        folder=change.folder,
        origin=Origin.CREATED,
        protect=change.protect,
        on_removal=change.on_removal,
        superseded=change.superseded if isinstance(change, Replace) else None,
    )
    earlier = change.superseded.address if isinstance(change, Replace) else change.address
    drops = (Drop(one) for one in recorded_below(before, earlier))
    return Made(dataset.id, (*drops, Put(change.address, record)))


def make_datatable(change: CreateDatatable, writer: TenantWriter, id_of: IdOf, before: State) -> Made:
    """POST a datatable into its dataset."""
    datatable = writer.create_datatable(id_of(change.address.dataset_address), change.display_name)
    record = DatatableRecord(id=datatable.id, display_name=change.display_name, origin=Origin.CREATED)
    drops = (Drop(one) for one in recorded_below(before, change.address) if one != change.address)
    return Made(datatable.id, (*drops, Put(change.address, record)))


@dataclass(frozen=True, slots=True)
class Seen:
    """What one listing showed just before a level of creates."""

    folders: tuple[RemoteFolder, ...] = ()
    datasets: tuple[RemoteDataset, ...] = ()
    datatables: tuple[RemoteDatatable, ...] = ()


def must_be_new(
    change: CreateFolder | CreateDataset | Replace | CreateDatatable,
    seen: Seen,
    claimed: frozenset[str],
    id_of: IdOf,
) -> None:
    """Raises StalePlan if something of this name appeared where it is to be made since the plan."""
    planned = claimed if isinstance(change, CreateFolder) else claimed.union(change.beside)
    new = [id_ for id_ in _bearers(change, seen, id_of) if id_ not in planned]
    if new:
        what = f"{new[0]} of this name appeared since the plan was made, so none was made"
        raise StalePlan(what, where=change.address, hint="plan again")


def _bearers(
    change: CreateFolder | CreateDataset | Replace | CreateDatatable, seen: Seen, id_of: IdOf
) -> list[str]:
    """Ids of what bears the name where the change is to make something."""
    name = change.display_name
    match change:
        case CreateFolder():
            parent = None if change.parent is None else id_of(change.parent)
            return [one.id for one in seen.folders if _same(one, name, parent)]
        case CreateDataset() | Replace():
            parent = id_of(Address.folder(change.folder)) if change.folder else None
            return [one.id for one in seen.datasets if _same(one, name, parent)]
        case CreateDatatable():
            dataset = id_of(change.address.dataset_address)
            inside = (one for one in seen.datatables if one.dataset_id == dataset)
            return [one.id for one in inside if one.display_name == name]


def _same(live: RemoteFolder | RemoteDataset, name: str, parent: str | None) -> bool:
    """Same name, and a parent that is the same or not shown."""
    return live.display_name == name and (isinstance(live.parent_id, NotShown) or live.parent_id == parent)
