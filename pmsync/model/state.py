"""What pmsync remembers having done: the only proof of ownership there is.

The API lists no uploads and has no labels, so a thing is ours only if a record says so. Records are
keyed by address. What is in this module is the file format of the state (`statestore`) as well: a field that
is added, or may be more than it could be, is another `formatVersion`, unless it has a default and is left out
where that is its value. It must not know how the state is stored, nor decide anything from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import field

from pmsync.model.address import (
    Address,
    DatasetAddress,
    DatatableAddress,
    FolderAddress,
    FolderPath,
    Kind,
    SourceAddress,
)
from pmsync.model.consent import Approval
from pmsync.model.manifest import OnRemoval
from pmsync.model.stored import HeadLease, StoredFile
from pmsync.model.written import (
    Addressed,
    CommitId,
    Count,
    Difference,
    Id,
    IdOrNone,
    Moment,
    Sha256,
    Sha256OrNone,
    Text,
    Uuid,
    Written,
    address_shelves,
    always,
)


class Origin(StrEnum):
    """How a thing came under management; an adopted one is never deleted unless the manifest says so."""

    CREATED = "created"
    ADOPTED = "adopted"


class Evidence(StrEnum):
    """Why an upload counts as done."""

    ROWS = "rows"
    """The tenant's row count moved to what was expected."""
    STORED = "stored"
    """The bucket took the file and its ETag is right; rows were not seen."""
    ASSUMED = "assumed"
    """The user said so."""


class FolderRecord(Written, frozen=True, kw_only=True, gc=False):
    """A TreeGroup that is ours or that we use."""

    id: Id
    origin: Origin


class UploadRecord(Written, frozen=True, kw_only=True, gc=False):
    """Content that the tenant is believed to hold now, under the file name it knows (`name`).

    `path` is where the file was, relative to the project folder; `rows` of the file; `append`: the entry
    said that its files add up; `run`: the number of the apply that sent it; `rows_tell` is False where
    the count could not show the upload (it was expected to stay as it was), so that `stored` is all the
    evidence there can be.
    """

    name: str
    path: str
    sha256: Sha256
    size: Count
    rows: Count
    evidence: Evidence
    append: bool
    run: Count
    uploaded_at: Moment
    rows_tell: bool = True

    @property
    def is_unseen(self) -> bool:
        """Whether the row count was to show it, and nobody saw that yet."""
        return self.evidence is Evidence.STORED and self.rows_tell


class DatatableRecord(Written, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A live datatable under management. `baseline`: rows that the user accepted as not ours.

    `accepted_duplicates`: ids of others of its name that the user said may stay beside it.
    `accepted_leftovers`: keys of removed sources whose rows may stay in it.
    """

    id: Id
    display_name: str
    origin: Origin
    baseline: Difference = always(0)
    accepted_duplicates: tuple[Id, ...] = ()
    accepted_leftovers: tuple[Text, ...] = ()


class Superseded(Addressed, frozen=True, kw_only=True):
    """The old half of a REPLACE that is under way: what is deleted once the new half is full.

    It keeps the old records, so that going back is possible, and no consent: whoever can write a state
    could give one. `retain`: the old dataset is forgotten, not deleted. `address` is the old one's, where
    the key changed too. `reverted`: the manifest is the old one again, and this was to be the new half.
    """

    address: DatasetAddress
    id: Id
    display_name: str
    folder: FolderPath
    origin: Origin
    retain: bool
    reverted: bool = False
    datatables: Mapping[DatatableAddress, DatatableRecord] = field(default_factory=dict)
    uploads: Mapping[SourceAddress, UploadRecord] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A file says addresses as plain texts."""
        super().__post_init__()
        address_shelves(self, "datatables", "uploads")


class DatasetRecord(Written, frozen=True, kw_only=True, omit_defaults=True):
    """A live dataset under management.

    `display_name` and `folder` are what pmsync last knew to be live. `protect` outlives the block in the
    manifest. `superseded` is set while a REPLACE is unfinished. `accepted_duplicates` as for a datatable.
    """

    id: Id
    display_name: str
    folder: FolderPath
    origin: Origin
    protect: bool
    on_removal: OnRemoval
    superseded: Superseded | None = always(None)
    accepted_duplicates: tuple[Id, ...] = ()


Record = FolderRecord | DatasetRecord | DatatableRecord | UploadRecord


class IntentKind(StrEnum):
    """The mutation that an intent announces."""

    CREATE_FOLDER = "create-folder"
    CREATE_DATASET = "create-dataset"
    CREATE_DATATABLE = "create-datatable"
    UPLOAD = "upload"
    DELETE = "delete"


class Sent(StrEnum):
    """How far an announced upload may have come."""

    UNKNOWN = "unknown"
    """Nobody can know."""
    BEGUN = "begun"
    """Its last block was not announced, so it was not sent: of half a file a bucket stores nothing."""
    WHOLE = "whole"
    """Its last block was announced: it may have arrived."""


class Intent(Addressed, frozen=True, kw_only=True, omit_defaults=True):
    """A mutation that was announced before it was sent and whose outcome is not on record.

    `at`: when, as an ISO 8601 time in UTC. `parent_id`: where it was to be made (folder id, or dataset id;
    of an upload, the datatable's). `ids_before`: the ids that already bore the name, so they are not its
    result. For an upload: `sha256`, `rows`, `rows_before`, the datatable's count when it was sent, and how
    far it was `sent` (`at`: when that was announced). For a delete, `target_id` is what goes; for
    the create of a REPLACE, the old half.
    """

    kind: IntentKind
    display_name: str = always("")
    parent_id: IdOrNone | None = always(None)
    ids_before: tuple[Id, ...] = always(())
    sha256: Sha256OrNone = always("")
    size: Count = always(0)
    rows: Count = always(0)
    rows_before: Count = always(0)
    target_id: IdOrNone = always("")
    at: Moment = always("")
    sent: Sent = Sent.UNKNOWN


class Owner(Written, frozen=True, kw_only=True):
    """The environment that a state belongs to, and where it is declared.

    `path`: of pmsync.yaml, from the root of its Git work tree, with `/`; without one, its file name.
    """

    project: Text
    environment: Text
    path: Text

    def __str__(self) -> str:
        return f"{self.project}/{self.environment}:{self.path}"


class Binding(Written, frozen=True, kw_only=True):
    """What a state belongs to: it is never used against another tenant or host, nor from another place.

    `owner` is None in a state of format 1, which did not say: whoever writes it next binds it.
    """

    tenant_id: Id
    host: Text
    owner: Owner | None = None


class AppliedPlan(Written, frozen=True, kw_only=True):
    """The plan that the last apply ran: both digests and what it consisted of.

    A run that was killed may be repeated with the same saved plan; `changes` are the fingerprints
    (action, address, content) that what remains must be part of.
    """

    digest: str
    structure_digest: str
    changes: frozenset[str]


class AppliedRun(Written, frozen=True, kw_only=True):
    """The last apply that began: `at`, and the commit it ran from, where there is Git.

    `committed_at` is the committer's time of that commit. All times are ISO 8601 in UTC.
    """

    at: Moment
    commit: CommitId | None = None
    committed_at: Moment | None = None


class State(Written, frozen=True, kw_only=True):
    """Everything remembered about one environment's tenant.

    `lineage` names this memory for ever, `serial` counts its versions, `runs` the applies.
    The four maps are flat: what is in a dataset is found by its address. `intents` are what a killed
    run left in the journal. `spent` are approvals that have been used up. `ephemeral`: it was started for an
    environment that is thrown away. `lease`, `snapshot` (of the tenant) and `parts` (of a state too large for
    one file) are of a state in a remote store.
    """

    lineage: Uuid
    serial: Count
    binding: Binding
    runs: Count = 0
    folders: Mapping[FolderAddress, FolderRecord] = field(default_factory=dict)
    datasets: Mapping[DatasetAddress, DatasetRecord] = field(default_factory=dict)
    datatables: Mapping[DatatableAddress, DatatableRecord] = field(default_factory=dict)
    uploads: Mapping[SourceAddress, UploadRecord] = field(default_factory=dict)
    intents: tuple[Intent, ...] = ()
    spent: frozenset[Approval] = frozenset()
    applied: AppliedPlan | None = None
    last_apply: AppliedRun | None = None
    ephemeral: bool = False
    lease: HeadLease | None = None
    snapshot: StoredFile | None = None
    parts: tuple[StoredFile, ...] = ()

    def __post_init__(self) -> None:
        """A file says addresses as plain texts."""
        address_shelves(self, "folders", "datasets", "datatables", "uploads")


def only_probed(state: State) -> bool:
    """Whether nothing but `doctor --probe` ever used this state: no apply began, and nothing else is in it.

    Such a state proves nothing about what is the user's: it counts as none.
    """
    known = (*state.folders, *state.datasets, *state.datatables, *state.uploads)
    return state.runs == 0 and all(one.reserved for one in (*known, *(one.address for one in state.intents)))


def intents_below(intents: Iterable[Intent], address: Address) -> tuple[Intent, ...]:
    """Of these open intents those for a thing and for what is in it."""
    inside = (f"{address}.", f"{address}/")
    return tuple(one for one in intents if one.address == address or one.address.startswith(inside))


def recorded_below(state: State, address: Address) -> tuple[Address, ...]:
    """Every recorded address at or below a dataset, datatable or upload; a folder has nothing below."""
    known = (*state.folders, *state.datasets, *state.datatables, *state.uploads)
    inside = () if address.kind is Kind.FOLDER else (f"{address}.", f"{address}/")
    return tuple(sorted(one for one in known if one == address or one.startswith(inside)))
