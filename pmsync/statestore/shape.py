"""What the state and its journal look like as JSON: names, types and what may stand where.

This is the file format of `formatVersion` 1 and the one place in this room that imports pydantic, which
costs a tenth of a second: nothing imports this module before a state is read or written. It must not know
the model's records (the codec maps them) nor where the files are.

A key that is not listed here is damage: rewriting the file would lose it. A new key is a new formatVersion.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from pydantic_core import to_json
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from pmsync.model.consent import Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.state import Evidence, IntentKind, Origin

_STRICT: Final = ConfigDict(strict=True, extra="forbid")

Shape = TypeVar("Shape")

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


@with_config(_STRICT)
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


@with_config(_STRICT)
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

_STATE: Final = TypeAdapter(StateShape)
_HEADER: Final = TypeAdapter(HeaderShape)
_OUTCOMES: Final[TypeAdapter[list[list[EntryShape]]]] = TypeAdapter(
    list[list[Annotated[EntryShape, Field(discriminator="entry")]]], config=_STRICT
)


class MisshapenError(ValueError):
    """The JSON is not what the format says; the text names the place and the first problem."""


def state_shape(raw: Any) -> StateShape:
    """The parsed content of state.json, checked.

    Raises MisshapenError: something is missing, unknown, or of another type.
    """
    return _checked(_STATE, raw)


def header_shape(raw: Any) -> HeaderShape:
    """The parsed first line of a journal, checked.

    Raises MisshapenError: something is missing, unknown, or of another type.
    """
    return _checked(_HEADER, raw)


def outcome_shapes(raw: Any) -> list[list[EntryShape]]:
    """The outcomes of one line of a journal, parsed or about to be written, checked.

    Raises MisshapenError: something is missing, unknown, or of another type.
    """
    return _checked(_OUTCOMES, raw)


def _checked(adapter: TypeAdapter[Shape], raw: Any) -> Shape:
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise MisshapenError(f"{_place(first['loc'])}: {first['msg']}{more}") from error


def _place(parts: Iterable[int | str]) -> str:
    """`datatables → order-to-cash.events → rows`: addresses hold dots, so dots cannot separate."""
    return " → ".join(str(part) for part in parts) or "the whole"


def json_bytes(value: object, *, indent: int | None = None) -> bytes:
    """UTF-8 JSON in the order given. The standard library takes ten times as long to indent."""
    return to_json(value, indent=indent)
