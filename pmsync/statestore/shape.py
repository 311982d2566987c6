"""What the state and its journal look like as JSON: names, types and what may stand where.

This is the file format of `formatVersion` 2, in typed structs that `msgspec` reads and writes; what format 1
says otherwise stands in `format1`. A struct's fields are those of the model's record of that name, so that
one is made from the other field by field. It must not know where the files are.

A key that is not listed here is damage: rewriting the file would lose it. A new key is a new formatVersion;
those with a default are reserved for what comes next, and may be missing.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from pmsync.model.consent import Consent
from pmsync.model.ids import SAFE_ID, UUID
from pmsync.model.manifest import OnRemoval
from pmsync.model.state import Evidence, IntentKind, Origin, Sent

FORMAT_VERSION: Final = 2

Count = Annotated[int, Meta(ge=0, le=2**53)]
Difference = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Id = Annotated[str, Meta(pattern=rf"\A{SAFE_ID}\Z")]
IdOrNone = Annotated[str, Meta(pattern=rf"\A({SAFE_ID})?\Z")]
Uuid = Annotated[str, Meta(pattern=rf"\A{UUID}\Z")]
Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Sha256OrNone = Annotated[str, Meta(pattern=r"\A([0-9a-f]{64})?\Z")]
CommitId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{40}([0-9a-f]{24})?\Z")]
Text = Annotated[str, Meta(min_length=1)]
Moment = Annotated[str, Meta(max_length=40)]
FolderKey = Annotated[str, Meta(pattern=r"\Afolder:")]
DatasetKey = Annotated[str, Meta(pattern=r"\A[^./:]+\Z")]
DatatableKey = Annotated[str, Meta(pattern=r"\A[^./:]+\.[^./]+\Z")]
SourceKey = Annotated[str, Meta(pattern=r"(?s)\A[^./:]+\.[^./]+/.+\Z")]


class Shape(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One object of the file: every key is known."""


class FolderShape(Shape, frozen=True, kw_only=True):
    """A folder's record."""

    id: Id
    origin: Origin


class UploadShape(Shape, frozen=True, kw_only=True):
    """An upload's record."""

    append: bool
    evidence: Evidence
    name: str
    path: str
    rows: Count
    rows_tell: bool
    run: Count
    sha256: Sha256
    size: Count
    uploaded_at: Moment


class DatatableShape(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """A datatable's record. The baseline is below zero where rows that were ours are missing for good."""

    baseline: Difference
    display_name: str
    id: Id
    origin: Origin
    accepted_duplicates: tuple[Id, ...] = ()
    accepted_leftovers: tuple[Text, ...] = ()


class OldHalf(Shape, frozen=True, kw_only=True):
    """The old half of an unfinished REPLACE: what both formats say of it."""

    address: DatasetKey
    datatables: dict[DatatableKey, DatatableShape]
    display_name: str
    folder: list[str]
    id: Id
    origin: Origin
    retain: bool
    uploads: dict[SourceKey, UploadShape]


class SupersededShape(OldHalf, frozen=True, kw_only=True):
    """The old half of an unfinished REPLACE."""

    reverted: bool


class DatasetShape(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """A dataset's record."""

    display_name: str
    folder: list[str]
    id: Id
    on_removal: OnRemoval
    origin: Origin
    protect: bool
    superseded: SupersededShape | None
    accepted_duplicates: tuple[Id, ...] = ()


class IntentShape(Shape, frozen=True, kw_only=True, omit_defaults=True):
    """A mutation that was announced and whose outcome is not on record."""

    address: Text
    at: Moment
    display_name: str
    ids_before: list[Id]
    kind: IntentKind
    parent_id: IdOrNone | None
    rows: Count
    rows_before: Count
    sha256: Sha256OrNone
    size: Count
    target_id: IdOrNone
    sent: Sent = Sent.UNKNOWN


class ApprovalShape(Shape, frozen=True, kw_only=True):
    """An approval that has been used up."""

    address: Text
    consent: Consent
    content: str | None
    environment: str
    live_id: str


class AppliedShape(Shape, frozen=True, kw_only=True):
    """The plan that the last apply ran."""

    changes: frozenset[str]
    digest: str
    structure_digest: str


class LastApplyShape(Shape, frozen=True, kw_only=True):
    """When the last apply began, and from which commit."""

    at: Moment
    commit: CommitId | None
    committed_at: Moment | None


class OwnerShape(Shape, frozen=True, kw_only=True):
    """The environment that the state belongs to, and where it is declared."""

    environment: Text
    path: Text
    project: Text


class BindingShape(Shape, frozen=True, kw_only=True):
    """What the state belongs to."""

    host: Text
    owner: OwnerShape | None
    tenant_id: Id


class LeaseShape(Shape, frozen=True, kw_only=True):
    """Who may change a state in a remote store."""

    beats: Count
    nonce: Uuid
    run: str
    ttl: Count


class StoredFileShape(Shape, frozen=True, kw_only=True):
    """Something that is kept under the hash of its content."""

    sha256: Sha256
    size: Count


class Records(Shape, frozen=True, kw_only=True):
    """state.json: what both formats say in the same way."""

    applied: AppliedShape | None
    datatables: dict[DatatableKey, DatatableShape]
    folders: dict[FolderKey, FolderShape]
    lineage: Uuid
    pmsync_version: str
    runs: Count
    serial: Count
    spent: list[ApprovalShape]
    uploads: dict[SourceKey, UploadShape]


class StateShape(Records, frozen=True, kw_only=True):
    """state.json."""

    binding: BindingShape
    datasets: dict[DatasetKey, DatasetShape]
    format_version: Literal[2]
    intents: list[IntentShape]
    ephemeral: bool = False
    last_apply: LastApplyShape | None = None
    lease: LeaseShape | None = None
    parts: list[StoredFileShape] = []
    snapshot: StoredFileShape | None = None


class HeaderShape(Shape, frozen=True, kw_only=True):
    """The first line of a journal: which version of which state it goes on from."""

    format_version: Count
    lineage: Uuid
    pmsync_version: str
    serial: Count


class EntryShape(Shape, frozen=True, kw_only=True, tag_field="entry"):
    """One entry of the journal; a new kind is a new formatVersion of its header."""


class PutFolderShape(EntryShape, frozen=True, kw_only=True, tag="put-folder"):
    """A folder's record now stands at the address."""

    address: FolderKey
    record: FolderShape


class PutDatasetShape(EntryShape, frozen=True, kw_only=True, tag="put-dataset"):
    """A dataset's record now stands at the address."""

    address: DatasetKey
    record: DatasetShape


class PutDatatableShape(EntryShape, frozen=True, kw_only=True, tag="put-datatable"):
    """A datatable's record now stands at the address."""

    address: DatatableKey
    record: DatatableShape


class PutUploadShape(EntryShape, frozen=True, kw_only=True, tag="put-upload"):
    """An upload's record now stands at the address."""

    address: SourceKey
    record: UploadShape


class DropShape(EntryShape, frozen=True, kw_only=True, tag="drop"):
    """Nothing is recorded at the address any more."""

    address: Text


class SpendShape(EntryShape, frozen=True, kw_only=True, tag="spend"):
    """An approval has been used up."""

    approval: ApprovalShape


class BeginShape(EntryShape, frozen=True, kw_only=True, tag="begin"):
    """An apply of the plan began."""

    plan: AppliedShape
    run: Count
    last_apply: LastApplyShape | None = None


class AnnounceShape(EntryShape, frozen=True, kw_only=True, tag="announce"):
    """A mutation is about to be sent."""

    intent: IntentShape


class SettleShape(EntryShape, frozen=True, kw_only=True, tag="settle"):
    """What became of an announced mutation is known."""

    address: Text
    kind: IntentKind


Unchanged = (
    PutFolderShape | PutDatatableShape | PutUploadShape | DropShape | SpendShape | BeginShape | SettleShape
)
"""The entries that both formats say in the same way."""
Entries = list[list[Unchanged | PutDatasetShape | AnnounceShape]]
"""The outcomes of one line of a journal."""
