"""The plan: what would be done, why, what it needs, and what stands in its way. Frozen data.

Executing, showing, counting, saving and digesting are interpreters over the same change types, each a
`match` that ends in `assert_never`, so a preview cannot differ from the run. A change never says how it
is shown; its sentences are plain text in which names from the tenant stand as they are: every view
escapes them for its sink.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pmsync.diagnostics import Diagnostic, Location
from pmsync.model.address import Address, FolderPath
from pmsync.model.consent import Approval, Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.notes import Duplicate, Leftover, Note
from pmsync.model.options import PlanningOptions
from pmsync.model.outcome import Entry, Settle
from pmsync.model.reason import AtStake, Block, BlockCode, Reason
from pmsync.model.source import SourceFile
from pmsync.model.state import Binding, Superseded


class Action(StrEnum):
    """What kind of step a change is."""

    CREATE = "create"
    ADOPT = "adopt"
    MOVE = "move"
    RECORD = "record"
    FORGET = "forget"
    UPLOAD = "upload"
    REPLACE = "replace"
    DELETE = "delete"
    NO_OP = "no-op"
    BLOCKED = "blocked"
    """Which step it would be is for the user to choose; the block names the flags that choose."""


class Change(Struct, frozen=True, kw_only=True):
    """One step of a plan.

    `needs` are the consents it takes; `block` is set while it may not run; `requires` are the addresses
    of changes that must be done first. `live_id` is the tenant's id of what it touches, empty if that
    is still to be made.
    """

    address: Address
    reason: Reason
    live_id: str = ""
    needs: tuple[Consent, ...] = ()
    block: Block | None = None
    requires: tuple[Address, ...] = ()
    location: Location | None = None


class CreateFolder(Change, frozen=True, kw_only=True):
    """Make a TreeGroup named `display_name` below `parent` (None: the root)."""

    display_name: str
    parent: Address | None


class CreateDataset(Change, frozen=True, kw_only=True):
    """Make a dataset in `folder` (the root: empty).

    `beside`: live ids of the same name that were seen when it was planned, and are to stay beside it.
    """

    display_name: str
    folder: FolderPath
    protect: bool
    on_removal: OnRemoval
    beside: tuple[str, ...] = ()


class CreateDatatable(Change, frozen=True, kw_only=True):
    """Make a datatable in the dataset of its address; `beside` as for a dataset."""

    display_name: str
    beside: tuple[str, ...] = ()


class Adopt(Change, frozen=True, kw_only=True):
    """Take a live thing under management: state only. `facts` say what it is, for the user to judge."""

    display_name: str
    entries: tuple[Entry, ...]
    facts: tuple[str, ...] = ()


class Move(Change, frozen=True, kw_only=True):
    """The same live thing under another address: state only. `origin` is the old address."""

    origin: Address
    entries: tuple[Entry, ...]


class RecordState(Change, frozen=True, kw_only=True):
    """Write down what is so already: state only."""

    entries: tuple[Entry, ...]


class Forget(Change, frozen=True, kw_only=True):
    """Stop managing: state only; the tenant keeps what it has."""

    entries: tuple[Entry, ...]


class Upload(Change, frozen=True, kw_only=True):
    """Send one file to a datatable.

    `name` is the file name that the tenant sees (an older one after a MOVE). `rows_before`: the live row
    count it was planned against (None: the datatable is still to be made). `rows_leaving`: rows of
    earlier uploads that this one replaces; `drops` are their addresses. `baseline`: the accepted row
    count to record with it (None: unchanged). `confirm_first`: nobody said whether another name adds, so
    the rows must be seen before the datatable's next upload is sent.
    """

    name: str
    file: SourceFile
    rows_before: int | None
    rows_leaving: int = 0
    drops: tuple[Address, ...] = ()
    baseline: int | None = None
    confirm_first: bool = False


class Replace(Change, frozen=True, kw_only=True):
    """Make the dataset anew, beside the old one. What fills it, and the old one's DELETE, follow.

    `beside` as for a CREATE; the old half is not in it.
    """

    display_name: str
    folder: FolderPath
    protect: bool
    on_removal: OnRemoval
    superseded: Superseded
    stake: AtStake
    beside: tuple[str, ...] = ()


class Delete(Change, frozen=True, kw_only=True):
    """Delete a dataset with everything in it, for ever.

    `datatables` are the ids and row counts it was planned against. `entries` are what to record when it
    is gone.
    """

    display_name: str
    stake: AtStake
    datatables: tuple[tuple[str, int], ...]
    entries: tuple[Entry, ...]


class Retire(Change, frozen=True, kw_only=True):
    """The old half of a REPLACE: it goes once the new half is full (`retain`: it is only forgotten).

    `live_id` is the old dataset's; the fields are those of a DELETE.
    """

    display_name: str
    retain: bool
    stake: AtStake
    datatables: tuple[tuple[str, int], ...]


class NoOp(Change, frozen=True, kw_only=True):
    """Nothing to do. `drift`: how the tenant differs from what the state remembers (empty: it does not)."""

    drift: str = ""


class Undecided(Change, frozen=True, kw_only=True):
    """Nothing can be done until the user chooses; `block` says what there is to choose from.

    `offers` are the consents that would choose an action, each bound to what it would be given for.
    `problems`: what is wrong with a source file, where that is why.
    """

    offers: tuple[Approval, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


AnyChange = (
    CreateFolder
    | CreateDataset
    | CreateDatatable
    | Adopt
    | Move
    | RecordState
    | Forget
    | Upload
    | Replace
    | Delete
    | Retire
    | NoOp
    | Undecided
)


class Plan(Struct, frozen=True, kw_only=True):
    """Everything that would be done, in order, and everything that was found on the way.

    `lineage` is empty where there is no state yet; `first_run`: an apply must say that there never was one.
    `unmanaged` counts live datasets that are neither declared nor recorded: they are never touched. `void`
    crosses out what an earlier run announced and did not do. `unfit`: consents and flags that fit nothing;
    `unmatched`: a sentence for each selector that does.
    """

    environment: str
    binding: Binding
    emulated: bool
    protected: bool
    lineage: str
    options: PlanningOptions
    first_run: bool = False
    changes: tuple[AnyChange, ...]
    notes: tuple[Note, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    unmanaged: int = 0
    void: tuple[Settle, ...] = ()
    unfit: tuple[Note, ...] = ()
    unmatched: tuple[str, ...] = ()
    digest: str = ""
    structure_digest: str = ""

    @property
    def steps(self) -> tuple[AnyChange, ...]:
        """The changes that are not NO_OP."""
        return tuple(change for change in self.changes if not isinstance(change, NoOp))

    @property
    def blocked(self) -> tuple[AnyChange, ...]:
        return tuple(change for change in self.changes if change.block is not None and not is_pending(change))

    @property
    def pending(self) -> tuple[AnyChange, ...]:
        """What waits for a consent and holds up nothing: old halves of REPLACEs that are otherwise done."""
        return tuple(change for change in self.changes if is_pending(change))

    @property
    def is_clean(self) -> bool:
        """Whether, once nothing is left to do, nothing either is left to say."""
        return not any(left.recent for left in self.leftovers) and not any(
            one.certain for one in self.duplicates
        )

    @property
    def drifted(self) -> tuple[NoOp, ...]:
        return tuple(change for change in self.changes if isinstance(change, NoOp) and change.drift)


def is_pending(change: Change) -> bool:
    """Whether it waits for a consent and nothing waits for it."""
    return change.block is not None and change.block.code is BlockCode.PENDING


def action_of(change: AnyChange) -> Action:
    """The kind of step that a change is."""
    if isinstance(change, Retire) and change.retain:
        return Action.FORGET
    return _ACTIONS[type(change)]


_ACTIONS: dict[type[Change], Action] = {
    CreateFolder: Action.CREATE,
    CreateDataset: Action.CREATE,
    CreateDatatable: Action.CREATE,
    Adopt: Action.ADOPT,
    Move: Action.MOVE,
    RecordState: Action.RECORD,
    Forget: Action.FORGET,
    Upload: Action.UPLOAD,
    Replace: Action.REPLACE,
    Delete: Action.DELETE,
    Retire: Action.DELETE,
    NoOp: Action.NO_OP,
    Undecided: Action.BLOCKED,
}
