"""The model's records as shapes, and back: which noun's field is which key of the format.

Both ways of one thing stand together, so that a field added to one is seen to be missing in the other.
It must not know bytes or files, and checks nothing: what comes in has been checked against its shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent
from pmsync.model.state import (
    AppliedPlan,
    Binding,
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Intent,
    State,
    Superseded,
    UploadRecord,
)

if TYPE_CHECKING:
    from pmsync.statestore import shape

Noun = TypeVar("Noun")
Shape = TypeVar("Shape")


def shelf_shape(shelf: Mapping[Address, Noun], shape_of: Callable[[Noun], Shape]) -> dict[str, Shape]:
    """A map of records, sorted by address."""
    return {address: shape_of(record) for address, record in sorted(shelf.items())}


def shelf(raw: Mapping[str, Shape], noun_of: Callable[[Shape], Noun]) -> dict[Address, Noun]:
    """A map of records by address."""
    return {Address(address): noun_of(record) for address, record in raw.items()}


def folder_shape(record: FolderRecord) -> shape.FolderShape:
    """A folder's record, as written."""
    return {"id": record.id, "origin": record.origin}


def folder(raw: shape.FolderShape) -> FolderRecord:
    """A folder's record, as read."""
    return FolderRecord(id=raw["id"], origin=raw["origin"])


def upload_shape(record: UploadRecord) -> shape.UploadShape:
    """An upload's record, as written."""
    return {
        "append": record.append,
        "evidence": record.evidence,
        "name": record.name,
        "path": record.path,
        "rows": record.rows,
        "rowsTell": record.rows_tell,
        "run": record.run,
        "sha256": record.sha256,
        "size": record.size,
        "uploadedAt": record.uploaded_at,
    }


def upload(raw: shape.UploadShape) -> UploadRecord:
    """An upload's record, as read."""
    return UploadRecord(
        name=raw["name"],
        path=raw["path"],
        sha256=raw["sha256"],
        size=raw["size"],
        rows=raw["rows"],
        evidence=raw["evidence"],
        append=raw["append"],
        run=raw["run"],
        uploaded_at=raw["uploadedAt"],
        rows_tell=raw["rowsTell"],
    )


def datatable_shape(record: DatatableRecord) -> shape.DatatableShape:
    """A datatable's record, as written."""
    return {
        "baseline": record.baseline,
        "displayName": record.display_name,
        "id": record.id,
        "origin": record.origin,
    }


def datatable(raw: shape.DatatableShape) -> DatatableRecord:
    """A datatable's record, as read."""
    return DatatableRecord(
        id=raw["id"], display_name=raw["displayName"], origin=raw["origin"], baseline=raw["baseline"]
    )


def superseded_shape(half: Superseded) -> shape.SupersededShape:
    """The old half of a REPLACE, as written."""
    return {
        "address": half.address,
        "consents": [] if half.reverted else [Consent.REPLACE],
        "datatables": shelf_shape(half.datatables, datatable_shape),
        "displayName": half.display_name,
        "folder": list(half.folder),
        "id": half.id,
        "origin": half.origin,
        "retain": half.retain,
        "uploads": shelf_shape(half.uploads, upload_shape),
    }


def superseded(raw: shape.SupersededShape) -> Superseded:
    """The old half of a REPLACE, as read."""
    return Superseded(
        id=raw["id"],
        address=Address(raw["address"]),
        display_name=raw["displayName"],
        folder=tuple(raw["folder"]),
        origin=raw["origin"],
        retain=raw["retain"],
        reverted=Consent.REPLACE not in raw["consents"],
        datatables=shelf(raw["datatables"], datatable),
        uploads=shelf(raw["uploads"], upload),
    )


def dataset_shape(record: DatasetRecord) -> shape.DatasetShape:
    """A dataset's record, as written."""
    return {
        "displayName": record.display_name,
        "folder": list(record.folder),
        "id": record.id,
        "onRemoval": record.on_removal,
        "origin": record.origin,
        "protect": record.protect,
        "superseded": None if record.superseded is None else superseded_shape(record.superseded),
    }


def dataset(raw: shape.DatasetShape) -> DatasetRecord:
    """A dataset's record, as read."""
    return DatasetRecord(
        id=raw["id"],
        display_name=raw["displayName"],
        folder=tuple(raw["folder"]),
        origin=raw["origin"],
        protect=raw["protect"],
        on_removal=raw["onRemoval"],
        superseded=None if raw["superseded"] is None else superseded(raw["superseded"]),
    )


def intent_shape(intent: Intent) -> shape.IntentShape:
    """An open intent, as written."""
    return {
        "address": intent.address,
        "at": intent.at,
        "consents": [],
        "displayName": intent.display_name,
        "idsBefore": list(intent.ids_before),
        "kind": intent.kind,
        "parentId": intent.parent_id,
        "rows": intent.rows,
        "rowsBefore": intent.rows_before,
        "sha256": intent.sha256,
        "size": intent.size,
        "targetId": intent.target_id,
    }


def intent(raw: shape.IntentShape) -> Intent:
    """An open intent, as read."""
    return Intent(
        kind=raw["kind"],
        address=Address(raw["address"]),
        display_name=raw["displayName"],
        parent_id=raw["parentId"],
        ids_before=tuple(raw["idsBefore"]),
        sha256=raw["sha256"],
        size=raw["size"],
        rows=raw["rows"],
        rows_before=raw["rowsBefore"],
        target_id=raw["targetId"],
        at=raw["at"],
    )


def approval_shape(approval: Approval) -> shape.ApprovalShape:
    """A spent approval, as written."""
    return {
        "address": approval.address,
        "consent": approval.consent,
        "content": approval.content,
        "environment": approval.environment,
        "liveId": approval.live_id,
    }


def approval(raw: shape.ApprovalShape) -> Approval:
    """A spent approval, as read."""
    return Approval(
        environment=raw["environment"],
        address=Address(raw["address"]),
        consent=raw["consent"],
        live_id=raw["liveId"],
        content=raw["content"],
    )


def applied_shape(plan: AppliedPlan) -> shape.AppliedShape:
    """The last plan, as written."""
    return {
        "changes": sorted(plan.changes),
        "digest": plan.digest,
        "structureDigest": plan.structure_digest,
    }


def applied(raw: shape.AppliedShape) -> AppliedPlan:
    """The last plan, as read."""
    return AppliedPlan(
        digest=raw["digest"], structure_digest=raw["structureDigest"], changes=frozenset(raw["changes"])
    )


def state_shape(state: State, *, pmsync_version: str) -> shape.StateShape:
    """The whole state, as written."""
    spent = sorted(state.spent, key=lambda used: (*_order(used), used.content or ""))
    return {
        "applied": None if state.applied is None else applied_shape(state.applied),
        "datasets": shelf_shape(state.datasets, dataset_shape),
        "datatables": shelf_shape(state.datatables, datatable_shape),
        "folders": shelf_shape(state.folders, folder_shape),
        "formatVersion": 1,
        "intents": [intent_shape(open_intent) for open_intent in state.intents],
        "lineage": state.lineage,
        "pmsyncVersion": pmsync_version,
        "runs": state.runs,
        "serial": state.serial,
        "spent": [approval_shape(used) for used in spent],
        "tenant": {"host": state.binding.host, "id": state.binding.tenant_id},
        "uploads": shelf_shape(state.uploads, upload_shape),
    }


def _order(used: Approval) -> tuple[str, str, str, str]:
    return used.environment, used.address, used.consent, used.live_id


def state(raw: shape.StateShape) -> State:
    """The whole state, as read."""
    return State(
        lineage=raw["lineage"],
        serial=raw["serial"],
        binding=Binding(tenant_id=raw["tenant"]["id"], host=raw["tenant"]["host"]),
        runs=raw["runs"],
        folders=shelf(raw["folders"], folder),
        datasets=shelf(raw["datasets"], dataset),
        datatables=shelf(raw["datatables"], datatable),
        uploads=shelf(raw["uploads"], upload),
        intents=tuple(intent(open_intent) for open_intent in raw["intents"]),
        spent=frozenset(approval(used) for used in raw["spent"]),
        applied=None if raw["applied"] is None else applied(raw["applied"]),
    )
