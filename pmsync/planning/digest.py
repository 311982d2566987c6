"""Digests: what exactly was approved.

Canonical JSON of tenant, host, lineage, planning options and each chosen change, without times, local
paths and message texts: equal inputs give equal digests on every machine. The structure digest leaves
out uploads that need no consent and row counts, so that it can be approved today for tomorrow's extract.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, assert_never

from msgspec.structs import replace

from pmsync.model.options import PlanningOptions
from pmsync.model.outcome import Entry, Put
from pmsync.model.plan import (
    Adopt,
    AnyChange,
    CreateDataset,
    CreateDatatable,
    CreateFolder,
    Delete,
    Forget,
    Move,
    NoOp,
    Plan,
    RecordState,
    Replace,
    Retire,
    Undecided,
    Upload,
    action_of,
)
from pmsync.model.state import (
    AppliedPlan,
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Record,
    UploadRecord,
)


def digested(plan: Plan) -> Plan:
    """The plan with both its digests."""
    return replace(plan, digest=_digest(plan, rows=True), structure_digest=_digest(plan, rows=False))


def applied_plan(plan: Plan) -> AppliedPlan:
    """What the state remembers of a plan that is being applied."""
    return AppliedPlan(
        digest=plan.digest,
        structure_digest=plan.structure_digest,
        changes=frozenset(fingerprint(change) for change in plan.steps),
    )


def fingerprint(change: AnyChange) -> str:
    """Action, address and content: what makes a change part of an earlier plan, whatever its ids are."""
    content = change.file.sha256 if isinstance(change, Upload) else ""
    return f"{action_of(change)} {change.address} {content}".rstrip()


def _digest(plan: Plan, *, rows: bool) -> str:
    steps = [
        _facts(change, rows=rows)
        for change in plan.steps
        if rows or change.needs or not isinstance(change, Upload)
    ]
    whole = {
        "environment": plan.environment,
        "tenant": plan.binding.tenant_id,
        "host": plan.binding.host,
        "lineage": plan.lineage,
        "options": _options(plan.options),
        "changes": steps,
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _options(options: PlanningOptions) -> dict[str, Any]:
    return {
        "variables": sorted(options.variables),
        "allow": sorted(str(allow) for allow in options.allow),
        "assumeUploaded": sorted(options.assume_uploaded),
        "reupload": sorted(options.reupload),
        "select": sorted(options.select),
        "exclude": sorted(options.exclude),
        "noData": options.no_data,
        "refreshOnly": options.refresh_only,
        "newState": options.new_state,
        "destroy": options.destroy,
    }


def _facts(change: AnyChange, *, rows: bool) -> dict[str, Any]:
    common = {
        "action": action_of(change),
        "reason": change.reason.code,
        "address": change.address,
        "id": change.live_id,
        "needs": change.needs,
    }
    return {**common, **_own_facts(change, rows=rows)}


def _own_facts(change: AnyChange, *, rows: bool) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind
    match change:
        case CreateFolder():
            return {"name": change.display_name}
        case CreateDatatable():
            return {"name": change.display_name, "beside": change.beside}
        case CreateDataset() | Replace():
            return {
                "name": change.display_name,
                "folder": change.folder,
                "protect": change.protect,
                "onRemoval": change.on_removal,
                "beside": change.beside,
            }
        case Upload():
            facts = {"name": change.name, "content": change.file.sha256, "size": change.file.size}
            counts = {"rowsBefore": change.rows_before, "rowsLeaving": change.rows_leaving}
            return {**facts, **counts} if rows else facts
        case Delete() | Retire():
            ids = [id_ for id_, _ in change.datatables]
            return {"name": change.display_name, "datatables": change.datatables if rows else ids}
        case Move():
            return {"origin": change.origin}
        case Adopt() | RecordState():
            return {"records": _records(change.entries)}
        case Forget() | NoOp() | Undecided():
            return {}
        case _:
            assert_never(change)


def _records(entries: tuple[Entry, ...]) -> list[list[Any]]:
    """What is put on record: names, ids, settings and contents decide what later runs may do."""
    return [[entry.address, *_record_facts(entry.record)] for entry in entries if isinstance(entry, Put)]


def _record_facts(record: Record) -> list[Any]:
    match record:
        case FolderRecord():
            return [record.id, record.origin]
        case DatasetRecord():
            settings = [record.origin, record.protect, record.on_removal]
            superseded = record.superseded.id if record.superseded else ""
            return [record.id, record.display_name, record.folder, *settings, superseded]
        case DatatableRecord():
            return [record.id, record.display_name, record.origin]
        case UploadRecord():
            return [record.name, record.sha256, record.evidence]
        case _:
            assert_never(record)
