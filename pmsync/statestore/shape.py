"""What the state and its journal look like as JSON: names, types and what may stand where.

This is the file format of `formatVersion` 1. With `checking` it is the home of pydantic in this room, which
costs a tenth of a second: nothing imports either before a state is read or written. It must not know the
model's records (the codec maps them) nor where the files are.

A key that is not listed here is damage: rewriting the file would lose it. A new key is a new formatVersion.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from pmsync.model.consent import Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.state import Evidence, IntentKind, Origin

STRICT: Final = ConfigDict(strict=True, extra="forbid")

Count = Annotated[int, Field(ge=0)]
Id = Annotated[str, Field(min_length=1)]
FolderKey = Annotated[str, Field(pattern=r"^folder:")]
DatasetKey = Annotated[str, Field(pattern=r"^[^./:]+$")]
DatatableKey = Annotated[str, Field(pattern=r"^[^./:]+\.[^./]+$")]
SourceKey = Annotated[str, Field(pattern=r"(?s)^[^./:]+\.[^./]+/.+$")]

# JSON has only text for an enumeration; everything else is taken strictly.
OriginText = Annotated[Origin, Field(strict=False)]
EvidenceText = Annotated[Evidence, Field(strict=False)]
ConsentText = Annotated[Consent, Field(strict=False)]
OnRemovalText = Annotated[OnRemoval, Field(strict=False)]
IntentKindText = Annotated[IntentKind, Field(strict=False)]


class FolderShape(TypedDict):
    """A folder's record."""

    id: Id
    origin: OriginText


class UploadShape(TypedDict):
    """An upload's record."""

    append: bool
    evidence: EvidenceText
    name: str
    path: str
    rows: Count
    rowsTell: bool
    run: Count
    sha256: str
    size: Count
    uploadedAt: str


class DatatableShape(TypedDict):
    """A datatable's record. The baseline is below zero where rows that were ours are missing for good."""

    baseline: int
    displayName: str
    id: Id
    origin: OriginText


class SupersededShape(TypedDict):
    """The old half of an unfinished REPLACE."""

    address: DatasetKey
    consents: list[ConsentText]
    datatables: dict[DatatableKey, DatatableShape]
    displayName: str
    folder: list[str]
    id: Id
    origin: OriginText
    retain: bool
    uploads: dict[SourceKey, UploadShape]


class DatasetShape(TypedDict):
    """A dataset's record."""

    displayName: str
    folder: list[str]
    id: Id
    onRemoval: OnRemovalText
    origin: OriginText
    protect: bool
    superseded: SupersededShape | None


class IntentShape(TypedDict):
    """A mutation that was announced and whose outcome is not on record."""

    address: Id
    at: str
    consents: list[ConsentText]
    displayName: str
    idsBefore: list[str]
    kind: IntentKindText
    parentId: str | None
    rows: Count
    rowsBefore: Count
    sha256: str
    size: Count
    targetId: str


class ApprovalShape(TypedDict):
    """An approval that has been used up."""

    address: Id
    consent: ConsentText
    content: str | None
    environment: str
    liveId: str


class AppliedShape(TypedDict):
    """The plan that the last apply ran."""

    changes: list[str]
    digest: str
    structureDigest: str


class TenantShape(TypedDict):
    """The tenant that the state belongs to."""

    host: Id
    id: Id


@with_config(STRICT)
class StateShape(TypedDict):
    """state.json."""

    applied: AppliedShape | None
    datasets: dict[DatasetKey, DatasetShape]
    datatables: dict[DatatableKey, DatatableShape]
    folders: dict[FolderKey, FolderShape]
    formatVersion: Literal[1]
    intents: list[IntentShape]
    lineage: Id
    pmsyncVersion: str
    runs: Count
    serial: Count
    spent: list[ApprovalShape]
    tenant: TenantShape
    uploads: dict[SourceKey, UploadShape]


@with_config(STRICT)
class HeaderShape(TypedDict):
    """The first line of a journal: which version of which state it goes on from."""

    formatVersion: Literal[1]
    lineage: Id
    pmsyncVersion: str
    serial: Count


class PutFolderShape(TypedDict):
    """A folder's record now stands at the address."""

    address: FolderKey
    entry: Literal["put-folder"]
    record: FolderShape


class PutDatasetShape(TypedDict):
    """A dataset's record now stands at the address."""

    address: DatasetKey
    entry: Literal["put-dataset"]
    record: DatasetShape


class PutDatatableShape(TypedDict):
    """A datatable's record now stands at the address."""

    address: DatatableKey
    entry: Literal["put-datatable"]
    record: DatatableShape


class PutUploadShape(TypedDict):
    """An upload's record now stands at the address."""

    address: SourceKey
    entry: Literal["put-upload"]
    record: UploadShape


class DropShape(TypedDict):
    """Nothing is recorded at the address any more."""

    address: Id
    entry: Literal["drop"]


class SpendShape(TypedDict):
    """An approval has been used up."""

    approval: ApprovalShape
    entry: Literal["spend"]


class BeginShape(TypedDict):
    """An apply of the plan began."""

    entry: Literal["begin"]
    plan: AppliedShape
    run: Count


class AnnounceShape(TypedDict):
    """A mutation is about to be sent."""

    entry: Literal["announce"]
    intent: IntentShape


class SettleShape(TypedDict):
    """What became of an announced mutation is known."""

    address: Id
    entry: Literal["settle"]
    kind: IntentKindText


EntryShape = (
    PutFolderShape
    | PutDatasetShape
    | PutDatatableShape
    | PutUploadShape
    | DropShape
    | SpendShape
    | BeginShape
    | AnnounceShape
    | SettleShape
)
"""One entry of the journal; a new kind is a new formatVersion of its header."""
