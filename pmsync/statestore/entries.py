"""The entries of an outcome as shapes, and back: what the journal's lines hold.

A new kind of entry is a new shape, a case in each direction and a new formatVersion. It must not know bytes
or files, and checks nothing: what comes in has been checked against its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from pmsync.model.address import Address
from pmsync.model.outcome import Announce, Begin, Drop, Entry, Put, Settle, Spend
from pmsync.model.state import DatasetRecord, DatatableRecord, FolderRecord, Record, UploadRecord
from pmsync.statestore import records

if TYPE_CHECKING:
    from pmsync.statestore import shape


def _put_shape(address: Address, record: Record) -> shape.EntryShape:
    match record:
        case FolderRecord():
            return {"address": address, "entry": "put-folder", "record": records.folder_shape(record)}
        case DatasetRecord():
            return {"address": address, "entry": "put-dataset", "record": records.dataset_shape(record)}
        case DatatableRecord():
            return {"address": address, "entry": "put-datatable", "record": records.datatable_shape(record)}
        case UploadRecord():
            return {"address": address, "entry": "put-upload", "record": records.upload_shape(record)}
        case _:
            assert_never(record)


def entry_shape(entry: Entry) -> shape.EntryShape:
    """One entry of the journal, as written."""
    match entry:
        case Put(address, record):
            return _put_shape(address, record)
        case Drop(address):
            return {"address": address, "entry": "drop"}
        case Spend(used):
            return {"approval": records.approval_shape(used), "entry": "spend"}
        case Begin(run, plan):
            return {"entry": "begin", "plan": records.applied_shape(plan), "run": run}
        case Announce(intent):
            return {"entry": "announce", "intent": records.intent_shape(intent)}
        case Settle(kind, address):
            return {"address": address, "entry": "settle", "kind": kind}
        case _:
            assert_never(entry)


def entry(raw: shape.EntryShape) -> Entry:  # noqa: PLR0911 - one return for each kind of entry
    """One entry of the journal, as read."""
    match raw["entry"]:
        case "put-folder":
            return Put(Address(raw["address"]), records.folder(raw["record"]))
        case "put-dataset":
            return Put(Address(raw["address"]), records.dataset(raw["record"]))
        case "put-datatable":
            return Put(Address(raw["address"]), records.datatable(raw["record"]))
        case "put-upload":
            return Put(Address(raw["address"]), records.upload(raw["record"]))
        case "drop":
            return Drop(Address(raw["address"]))
        case "spend":
            return Spend(records.approval(raw["approval"]))
        case "begin":
            return Begin(raw["run"], records.applied(raw["plan"]))
        case "announce":
            return Announce(records.intent(raw["intent"]))
        case "settle":
            return Settle(raw["kind"], Address(raw["address"]))
        case _:
            assert_never(raw["entry"])
