"""Creates, one by one: what is announced, what is sent, what is recorded, and what could be mistaken for it.

The API takes no idempotency key and promises no unique names, so what appeared since the plan is never
doubled. Must not know in which order or how often anything is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar, assert_never

from pmsync.errors import Refused, Rejected, StalePlan, Unconfirmed
from pmsync.model.address import Address
from pmsync.model.outcome import Drop, Entry, Put, Settle
from pmsync.model.plan import CreateDataset, CreateDatatable, CreateFolder, Replace
from pmsync.model.snapshot import LeftOut, NotShown, RemoteDataset, RemoteDatatable, RemoteFolder
from pmsync.model.state import (
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Intent,
    IntentKind,
    Origin,
    Superseded,
)
from pmsync.planning.onrecord import OnRecord
from pmsync.tenant.client import TenantWriter

T = TypeVar("T", RemoteFolder, RemoteDataset, RemoteDatatable)
IdOf = Callable[[Address], str]
Create = CreateFolder | CreateDataset | Replace | CreateDatatable


def make(change: Create, writer: TenantWriter, id_of: IdOf) -> str:
    """POST it; the new id.

    Raises Refused where the tenant says no to a second dataset of a name that a REPLACE needs.
    """
    place = place_of(change, id_of)
    match change:
        case CreateFolder():
            return writer.create_folder(change.display_name, place).id
        case CreateDatatable():
            return writer.create_datatable(id_of(change.address.dataset_address), change.display_name).id
        case CreateDataset():
            return writer.create_dataset(change.display_name, place).id
        case Replace():
            return _make_beside(change, writer, place)
        case _:
            assert_never(change)


def _make_beside(change: Replace, writer: TenantWriter, parent: str | None) -> str:
    try:
        return writer.create_dataset(change.display_name, parent).id
    except Rejected as caught:
        what = f"this tenant refuses a second dataset of this name ({caught.what}); nothing was deleted"
    hint = "choose another displayName: it can stand beside the old one"
    raise Refused(what, where=change.address, hint=hint)


def place_of(change: Create, id_of: IdOf) -> str | None:
    """The id of what it is to be made in; None is the root."""
    match change:
        case CreateFolder():
            return None if change.parent is None else id_of(change.parent)
        case CreateDataset() | Replace():
            return id_of(Address.folder(change.folder)) if change.folder else None
        case CreateDatatable():
            return id_of(change.address.dataset_address)
        case _:
            assert_never(change)


def made_entries(change: Create, live_id: str, before: OnRecord) -> tuple[Entry, ...]:
    """What to record once it is made. Records of an earlier one (or of the replaced one) are dropped.

    `before`: what was on record before the level of creates.
    """
    match change:
        case CreateFolder():
            return (Put(change.address, FolderRecord(id=live_id, origin=Origin.CREATED)),)
        case CreateDatatable():
            below = before.everything_below(change.address)
            drops = (Drop(one) for one in below if one != change.address)
            record = DatatableRecord(id=live_id, display_name=change.display_name, origin=Origin.CREATED)
            return (*drops, Put(change.address, record))
        case CreateDataset() | Replace():
            old = change.superseded if isinstance(change, Replace) else None
            drops = (Drop(one) for one in before.everything_below(old.address if old else change.address))
            made = Put(change.address, _dataset_record(change, live_id, old))
            return (*drops, *_deletes_announced(change.address, before), made)
        case _:
            assert_never(change)


def _deletes_announced(address: Address, before: OnRecord) -> tuple[Settle, ...]:
    """What an earlier run was about to delete and is on record no more: nobody has to know any more."""
    announced = before.intent(IntentKind.DELETE, address)
    return (Settle(announced.kind, address),) if announced else ()


def _dataset_record(
    change: CreateDataset | Replace, live_id: str, superseded: Superseded | None
) -> DatasetRecord:
    return DatasetRecord(
        id=live_id,
        display_name=change.display_name,
        folder=change.folder,
        origin=Origin.CREATED,
        protect=change.protect,
        on_removal=change.on_removal,
        superseded=superseded,
    )


def create_intent(change: Create, seen: Seen, id_of: IdOf) -> Intent:
    """What is announced ahead of a create: where it goes, and what bore the name before."""
    old = change.superseded if isinstance(change, Replace) else None
    return Intent(
        kind=_KINDS[type(change)],
        address=change.address,
        display_name=change.display_name,
        parent_id=place_of(change, id_of),
        ids_before=tuple(sorted(bearers(change, seen, id_of))),
        target_id=old.id if old else "",
    )


_KINDS: dict[type[Create], IntentKind] = {
    CreateFolder: IntentKind.CREATE_FOLDER,
    CreateDataset: IntentKind.CREATE_DATASET,
    Replace: IntentKind.CREATE_DATASET,
    CreateDatatable: IntentKind.CREATE_DATATABLE,
}


Live = RemoteFolder | RemoteDataset | RemoteDatatable


class Seen:
    """What one listing showed just before a level of creates, by name."""

    def __init__(self, live: Iterable[Live], left_out: Collection[LeftOut]) -> None:
        self._named: dict[tuple[type[Live], str, str], list[Live]] = {}
        self.left_out = left_out
        self._full: set[str] = set()
        ids = {one.id for one in left_out}
        for one in live:
            ids.add(one.id)
            inside = one.dataset_id if isinstance(one, RemoteDatatable) else ""
            self._named.setdefault((type(one), one.display_name, inside), []).append(one)
            if not isinstance(one, RemoteFolder) and _holds_something(one):
                self._full.add(one.id)
        self.ids = frozenset(ids)
        """Everything that was listed: none of it is what a later create made."""

    def named(self, kind: type[T], name: str, inside: str = "") -> list[T]:
        """What bears a name; of datatables, in this dataset."""
        return [one for one in self._named.get((kind, name, inside), ()) if isinstance(one, kind)]

    def filled(self, ids: Iterable[str]) -> list[str]:
        """Those of these datasets and datatables that hold something."""
        return [id_ for id_ in ids if id_ in self._full]


def _holds_something(live: RemoteDataset | RemoteDatatable) -> bool:
    return bool(live.datatable_count if isinstance(live, RemoteDataset) else live.row_count)


def must_be_new(change: Create, seen: Seen, claimed: frozenset[str], id_of: IdOf) -> None:
    """Raises StalePlan if something of this name appeared where it is to be made since the plan."""
    beside = () if isinstance(change, CreateFolder) else change.beside
    new = [id_ for id_ in bearers(change, seen, id_of) if id_ not in claimed and id_ not in beside]
    if new:
        what = f"{new[0]} of this name appeared since the plan was made, so none was made"
        raise StalePlan(what, where=change.address, hint="plan again")
    must_be_addressable(change, seen, id_of)


def must_be_addressable(change: Create, seen: Seen, id_of: IdOf) -> None:
    """Raises Unconfirmed if something of this name is there whose id is none: it may be what was made."""
    place = place_of(change, id_of) if isinstance(change, CreateDatatable) else ""
    for one in seen.left_out:
        if one.display_name == change.display_name and one.dataset_id == place:
            what = f"something of this name is there, and cannot be asked for: {one.fault}"
            raise Unconfirmed(what, where=change.address, hint="delete it in ProcessMind, then plan again")


def bearers(change: Create, seen: Seen, id_of: IdOf) -> list[str]:
    """Ids of what bears the name where the change is to make something."""
    name, place = change.display_name, place_of(change, id_of)
    match change:
        case CreateFolder():
            return [one.id for one in seen.named(RemoteFolder, name) if _is_in(one, place)]
        case CreateDataset() | Replace():
            return [one.id for one in seen.named(RemoteDataset, name) if _is_in(one, place)]
        case CreateDatatable():
            return [one.id for one in seen.named(RemoteDatatable, name, place or "")]
        case _:
            assert_never(change)


def _is_in(live: RemoteFolder | RemoteDataset, parent: str | None) -> bool:
    """Whether its parent is the same or not shown."""
    return isinstance(live.parent_id, NotShown) or live.parent_id == parent
