"""Why a change is in a plan, what stands in its way, and what is at stake: the words around the steps.

A code is for programs, a sentence for people. Nothing here knows which step it explains.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pmsync.model.remedy import AnyRemedy


class ReasonCode(StrEnum):
    """Why a change is in the plan: one for each row of the tables of what a plan says."""

    # things
    NEW = "new"
    """Declared, and nothing of that name and folder is live."""
    SETTLED = "settled"
    """A create of ours whose answer was lost has exactly one match."""
    LIVE_UNCLAIMED = "live-unclaimed"
    """Declared, and one live thing of that name that nobody claims."""
    PARENT_ADOPTED = "parent-adopted"
    """A declared datatable of a dataset that is being adopted."""
    AMBIGUOUS = "ambiguous"
    """Several live things of that name."""
    CLAIMED = "claimed"
    """The only live one of that name belongs to another address."""
    KEY_CHANGED = "key-changed"
    """The key changed and nothing else."""
    KEY_AND_NAME_CHANGED = "key-and-name-changed"
    """The key changed, and the name followed it: the same contents would be built again."""
    IN_SYNC = "in-sync"
    RENAMED_EVERYWHERE = "renamed-everywhere"
    """Renamed or moved by hand, then in the manifest: only the record lags."""
    RENAMED_IN_MANIFEST = "renamed-in-manifest"
    """The manifest has another name or folder; the API can rename nothing."""
    RENAMED_LIVE = "renamed-live"
    """The live name or folder differs from manifest and record."""
    ALL_DIFFER = "all-differ"
    """Manifest, record and live differ, each from each."""
    GONE_REMADE = "gone-remade"
    """Ours is gone and one of that name was made by hand."""
    GONE = "gone"
    """Ours is gone; every source on record is still here."""
    GONE_SOURCES_MISSING = "gone-sources-missing"
    """Ours is gone, and so are some of the sources that filled it."""
    REMOVED = "removed"
    """No longer declared."""
    REMOVED_RETAINED = "removed-retained"
    """No longer declared, and the tenant keeps it (or has lost it)."""
    SETTINGS_CHANGED = "settings-changed"
    """protect or onRemoval changed."""
    REPLACE_ASKED = "replace-asked"
    """A rebuild was asked for."""
    REPLACED = "replaced"
    """The old half of a REPLACE, once the new half is full."""
    REPLACE_REVERTED = "replace-reverted"
    """The manifest is the old one again: the new half goes."""
    REBUILT = "rebuilt"
    """Part of a dataset that is made anew."""
    DESTROY = "destroy"
    """Everything that pmsync made is to go."""
    PROBE = "probe"
    """A scratch dataset that `doctor --probe` could not remove itself."""
    # source files
    SAME_CONTENT = "same-content"
    """Another declared source of the datatable has the same content: it is sent once."""
    UNCONFIRMED = "unconfirmed"
    """Stored by the bucket, not yet seen in the row count."""
    ROWS_SEEN = "rows-seen"
    """Stored earlier; the rows are there now."""
    NAME_CHANGED = "name-changed"
    """The content is on record under a name that is no longer declared."""
    ANSWER_LOST = "answer-lost"
    """An upload was sent and its answer never seen."""
    ROWS_MISSING = "rows-missing"
    """The datatable holds fewer rows than were loaded."""
    NO_ROWS = "no-rows"
    """The new content has no data rows where rows are on record."""
    ROTATION = "rotation"
    """The tenant's name for it holds content that is declared elsewhere in the datatable."""
    CHANGED = "changed"
    """Same name, new content."""
    WOULD_DOUBLE = "would-double"
    """Same name, new content, and this tenant appends."""
    SAME_NAME_UNKNOWN = "same-name-unknown"
    """Same name, new content, and nobody said what this tenant does."""
    LOST_STATE = "lost-state"
    """The rows there are just those of the new sources: the state was probably lost."""
    FOREIGN_ROWS = "foreign-rows"
    """The datatable holds rows that nobody accounts for."""
    LEFTOVER_ROWS = "leftover-rows"
    """The datatable holds rows of a source that is no longer declared and was not `append`."""
    ASSUMED = "assumed"
    """`--assume-uploaded` says that the tenant holds it."""
    REUPLOAD_ASKED = "reupload-asked"
    """`--reupload` asks for it."""
    WAITS = "waits"
    """Waits for an unconfirmed upload of the same datatable, or for a source of it that cannot be sent."""
    NO_TABLE = "no-table"
    """The source cannot be sent: no table, missing, or not clear which."""


class Reason(Struct, frozen=True):
    """Why: a code for programs, one sentence for people."""

    code: ReasonCode
    sentence: str


class BlockCode(StrEnum):
    """What stands in the way of a change."""

    CONSENT = "consent"
    PENDING = "pending"
    """Its consent is missing too, and nothing is held up by that: it may as well stay for now."""
    DECISION = "decision"
    """The user must choose which action it is."""
    PROTECTED = "protected"
    CLAIMED = "claimed"
    """What it would delete is on record as something else, too: nothing that anybody agrees to lifts that."""
    LIMIT = "limit"
    UNSETTLED = "unsettled"
    """Something was sent and several live things could be its outcome (exit 4)."""
    UNCONFIRMED = "unconfirmed"
    """A file was sent, and nobody saw its rows yet (exit 4)."""
    DATA = "data"
    """A source file has a problem (exit 7)."""
    NO_DATA = "no-data"
    """It cannot be judged without looking at the sources."""
    WAITS = "waits"


class Block(Struct, frozen=True):
    """Why a change may not run, and what to do about it: the recommended remedy first."""

    code: BlockCode
    sentence: str
    remedies: tuple[AnyRemedy, ...] = ()


class Loss(Struct, frozen=True):
    """Something in the tenant that could not be loaded again from here. `rows` None: not known."""

    what: str
    rows: int | None
    why: str


class AtStake(Struct, frozen=True, kw_only=True):
    """What a DELETE or REPLACE takes away, in data terms, and what of it does not come back."""

    datatables: int
    rows: int
    last_upload: str = ""
    lost: tuple[Loss, ...] = ()
