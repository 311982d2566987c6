"""The model's records as shapes, and back.

Both have the same fields, so each is made from the other by name; only what has no order of its own is put
in one here. What a shape does not allow cannot be made: nothing is written that could not be read again. It
must not know bytes or files.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final, TypeVar, assert_never

from msgspec import convert, structs
from msgspec.structs import fields

from pmsync.model.address import Address
from pmsync.model.outcome import Announce, Begin, Drop, Entry, Put, Settle, Spend
from pmsync.model.state import (
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Record,
    State,
    UploadRecord,
)
from pmsync.statestore import shape
from pmsync.statestore.format1 import Announce1, PutDataset1, State1

Noun = TypeVar("Noun")
AnyEntry = shape.Unchanged | shape.PutDatasetShape | shape.AnnounceShape | PutDataset1 | Announce1


def state_shape(state: State, *, pmsync_version: str) -> shape.StateShape:
    """The whole state, as written. Raises msgspec.ValidationError: it could not be read again."""
    known = {field.name: getattr(state, field.name) for field in fields(state)}
    writer = {"format_version": shape.FORMAT_VERSION, "pmsync_version": pmsync_version}
    made = convert(SimpleNamespace(**known, **writer), shape.StateShape, from_attributes=True)
    return structs.replace(made, spent=sorted(made.spent, key=_order))


def _order(used: shape.ApprovalShape) -> tuple[str, ...]:
    return used.environment, used.address, used.consent, used.live_id, used.content or ""


def state(raw: shape.StateShape | State1) -> State:
    """The whole state, as read."""
    return _noun(raw, State)


def entry_shape(entry: Entry) -> AnyEntry:
    """One entry of the journal, as written. Raises msgspec.ValidationError: it could not be read again."""
    match entry:
        case Put(_, record):
            return convert(entry, _PUTS[type(record)], from_attributes=True)
        case Drop():
            return convert(entry, shape.DropShape, from_attributes=True)
        case Spend():
            return convert(entry, shape.SpendShape, from_attributes=True)
        case Begin():
            return convert(entry, shape.BeginShape, from_attributes=True)
        case Announce():
            return convert(entry, shape.AnnounceShape, from_attributes=True)
        case Settle():
            return convert(entry, shape.SettleShape, from_attributes=True)
        case _:
            assert_never(entry)


_PUTS: Final[dict[type[Record], type[AnyEntry]]] = {
    FolderRecord: shape.PutFolderShape,
    DatasetRecord: shape.PutDatasetShape,
    DatatableRecord: shape.PutDatatableShape,
    UploadRecord: shape.PutUploadShape,
}


def entry(raw: AnyEntry) -> Entry:  # noqa: PLR0911 - one return for each kind of entry
    """One entry of the journal, as read."""
    match raw:
        case shape.PutFolderShape(address=address, record=folder):
            return Put(Address(address), _noun(folder, FolderRecord))
        case shape.PutDatasetShape(address=address, record=dataset):
            return Put(Address(address), _noun(dataset, DatasetRecord))
        case PutDataset1(address=address, record=older):
            return Put(Address(address), _noun(older, DatasetRecord))
        case shape.PutDatatableShape(address=address, record=datatable):
            return Put(Address(address), _noun(datatable, DatatableRecord))
        case shape.PutUploadShape(address=address, record=upload):
            return Put(Address(address), _noun(upload, UploadRecord))
        case shape.DropShape():
            return _noun(raw, Drop)
        case shape.SpendShape():
            return _noun(raw, Spend)
        case shape.BeginShape():
            return _noun(raw, Begin)
        case shape.AnnounceShape() | Announce1():
            return _noun(raw, Announce)
        case shape.SettleShape():
            return _noun(raw, Settle)
        case _:
            assert_never(raw)


def _noun(raw: object, kind: type[Noun]) -> Noun:
    return convert(raw, kind, from_attributes=True, dec_hook=_address)


def _address(kind: type, text: Any) -> Any:
    """The only class of the model that `msgspec` does not know by itself."""
    assert kind is Address, kind
    return Address(text)
