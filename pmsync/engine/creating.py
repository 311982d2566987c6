"""Levels of creates: listed, announced, sent, recorded; and what is done where an answer is lost.

Before each level the tenant is listed once more. Things of one name are made one after another, so that a
lost answer can be told from a sister's. An id that was listed or recorded before is not what a create made,
whatever its answer says: recorded as ours, a stranger's data could be replaced or deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from threading import Lock
from typing import Final

from msgspec import Struct

from pmsync.engine.making import (
    Create,
    Seen,
    bearers,
    create_intent,
    made_entries,
    make,
    must_be_addressable,
    must_be_new,
)
from pmsync.engine.run import Run
from pmsync.engine.settle import found_again
from pmsync.engine.wave import Wave
from pmsync.errors import AnswerLost, PmsyncError, Rejected, TenantError, Unconfirmed
from pmsync.model.outcome import Settle
from pmsync.model.plan import CreateDatatable, CreateFolder
from pmsync.model.snapshot import Snapshot
from pmsync.model.state import Intent, State
from pmsync.planning.folders import if_unseen
from pmsync.planning.onrecord import OnRecord

_TRIES: Final = 3
"""How often one thing is made if its answers are lost and nothing came of them."""


def create(run: Run, changes: Sequence[Create]) -> None:
    """Make one level of things, in parallel.

    Raises PmsyncError only where the state could not be written.
    """
    level = [change for change in changes if run.course.may_start(change)]
    if not level:
        return
    try:
        outset = _outset(run, level[0])
    except PmsyncError as error:
        for change in level:
            run.course.failed(change, error)
        return
    by_name = groupby(sorted(level, key=_mistakable), key=_mistakable)
    groups = [[(change, _intent(run, change, outset)) for change in group] for _, group in by_name]
    # Of one name only the first: while two are open, nobody could tell whose a lost answer was.
    wave = Wave(run, [intent for ((_, intent), *_) in groups if isinstance(intent, Intent)])

    def one_name(group: list[tuple[Create, Intent | PmsyncError]]) -> None:
        for i, (change, intent) in enumerate(group):
            if not _create_one(run, change, intent, outset=outset, wave=wave):
                run.course.skip([later for later, _ in group[i + 1 :]])
                return

    run.tools.in_parallel(groups, one_name)
    wave.end()


def _mistakable(change: Create) -> tuple[str, str]:
    """What things share of which one could be taken for another: the dataset of a datatable is shown."""
    inside = change.address.dataset_address if isinstance(change, CreateDatatable) else ""
    return change.display_name, inside


class _Outset(Struct, frozen=True):
    """What was live and on record before a level: what is made in it changes neither for its other things."""

    seen: Seen
    before: OnRecord
    claimed: frozenset[str]
    taken: _Taken


class _Taken:
    """Ids that were there before a level, and those its creates were given since, in any thread."""

    def __init__(self, ids: frozenset[str]) -> None:
        self._ids = set(ids)
        self._lock = Lock()

    def claim(self, id_: str) -> bool:
        """Whether nobody had it yet."""
        with self._lock:
            is_new = id_ not in self._ids
            self._ids.add(id_)
            return is_new


def _outset(run: Run, first: Create) -> _Outset:
    state = run.ledger.state
    seen, claimed = _look(run, first), _claimed(state)
    return _Outset(seen, OnRecord(state=state), claimed, _Taken(seen.ids | claimed))


def _look(run: Run, first: Create) -> Seen:
    """The listing that shows whether something of a name is there."""
    if isinstance(first, CreateDatatable):
        tables = run.tools.writer.datatable_listing()
        return Seen(tables.datatables.values(), tables.left_out)
    listing = run.tools.writer.datasets()
    return Seen((*listing.folders.values(), *listing.datasets.values()), listing.left_out)


def _claimed(state: State) -> frozenset[str]:
    """Ids on record: what bears the name of a REPLACE's new half is its old half, and no surprise."""
    ids = {record.id for record in state.datasets.values()}
    ids |= {record.id for record in state.datatables.values()}
    ids |= {record.id for record in state.folders.values()}
    return frozenset(ids.union(one.superseded.id for one in state.datasets.values() if one.superseded))


def _create_one(
    run: Run, change: Create, intent: Intent | PmsyncError, *, outset: _Outset, wave: Wave
) -> bool:
    """Make one thing; False if it is not clear whether it was made."""
    if run.tools.stopped():
        run.course.skip([change])
        return True
    run.course.begin(change)
    made = _recorded(run, change, intent, outset=outset, wave=wave)
    if isinstance(made, PmsyncError):
        run.course.failed(change, made)
        return not isinstance(made, AnswerLost | Unconfirmed)
    run.course.done(change, made)
    return True


def create_alone(run: Run, change: Create) -> str | PmsyncError:
    """Make one thing apart from any plan: its id, or what the tenant said instead.

    Raises PmsyncError where the tenant could not be listed, or the state not written.
    """
    outset = _outset(run, change)
    return _recorded(run, change, _intent(run, change, outset), outset=outset, wave=Wave(run, ()))


def _intent(run: Run, change: Create, outset: _Outset) -> Intent | PmsyncError:
    """What to announce of a create, or why it may not be sent."""
    try:
        must_be_new(change, outset.seen, outset.claimed, run.course.id_of)
    except PmsyncError as error:
        return error
    return create_intent(change, outset.seen, run.course.id_of)


def _recorded(
    run: Run, change: Create, intent: Intent | PmsyncError, *, outset: _Outset, wave: Wave
) -> str | PmsyncError:
    """Announce, send and record one create; its id, or why there is none."""
    if isinstance(intent, PmsyncError):
        return intent
    made = _made(run, change, intent, outset=outset, wave=wave)
    if isinstance(made, PmsyncError):
        return made
    run.course.knows(change.address, made)
    entries = made_entries(change, made, outset.before)
    run.ledger.record((*entries, Settle(intent.kind, intent.address), *run.spent(change)))
    run.ledger.checkpoint()
    return made


def _made(run: Run, change: Create, intent: Intent, *, outset: _Outset, wave: Wave) -> str | PmsyncError:
    """The new id, or what went wrong. The intent stays open only where it is not clear what was made."""
    lost: PmsyncError | None = None
    for _ in range(_TRIES):
        wave.sends(intent)
        result = _sent(run, change, outset)
        if isinstance(result, str):
            return result
        if not isinstance(result, AnswerLost):
            return _said_no(run, intent, result, lost)
        lost = result
        found = _found(run, change, intent, lost)
        if isinstance(found, str) and not outset.taken.claim(found):
            return Unconfirmed("two creates seem to have made the same thing", hint="plan again")
        if found is not None:
            return found
        if run.tools.stopped():
            break
    return lost or AnswerLost("its answer was lost")


def _sent(run: Run, change: Create, outset: _Outset) -> str | PmsyncError:
    """The id that the tenant gave, if it is a new one; any other is as good as no answer."""
    try:
        made = make(change, run.tools.writer, run.course.id_of)
    except Rejected as error:
        if isinstance(change, CreateFolder):  # one of its name may be there that no listing shows
            error.hint = f"one of this name may be there unseen: {if_unseen(run.environment, change.address)}"
        return error
    except PmsyncError as error:
        return error
    if outset.taken.claim(made):
        return made
    what = "the tenant answered a create with the id of something that was there before"
    return AnswerLost(what, where=change.address, hint="what the tenant shows now decides; plan again")


def _said_no(run: Run, intent: Intent, error: PmsyncError, lost: PmsyncError | None) -> PmsyncError:
    if lost is not None:  # what was lost before may be what stands in the way now
        return Unconfirmed(f"{error.what}, after an answer was lost", hint="plan again")
    run.settle(intent)
    return error


def _found(run: Run, change: Create, intent: Intent, lost: PmsyncError) -> str | PmsyncError | None:
    """What became of a create whose answer was lost; None: nothing, it may be sent again."""
    try:
        found = found_again(
            lambda: _matches(run, change, intent), run.tools.request_patience, what=change.address
        )
        unseen = found is None and isinstance(change, CreateFolder) and not _shows_tree(run)
    except TenantError:
        return lost
    except Unconfirmed as unclear:
        return unclear
    if unseen:
        what = "its answer was lost, and this tenant does not show folders: it may be there or not"
        return Unconfirmed(what, hint="look in ProcessMind; the next plan shows what resolves it")
    return found


def _shows_tree(run: Run) -> bool:
    listing = run.tools.writer.datasets()
    return Snapshot(folders=listing.folders, datasets=listing.datasets).shows_tree


def _matches(run: Run, change: Create, intent: Intent) -> tuple[str, ...]:
    """What is there now of its name and place, was not there before, and is nobody's.

    Nor does it hold anything. Raises Unconfirmed if all there is does: then somebody else made it.
    """
    known, seen = _claimed(run.ledger.state).union(intent.ids_before), _look(run, change)
    must_be_addressable(change, seen, run.course.id_of)
    matches = sorted(set(bearers(change, seen, run.course.id_of)) - known)
    theirs = seen.filled(matches)
    ours = tuple(one for one in matches if one not in theirs)
    if theirs and not ours:
        what = f"its answer was lost, and somebody made and filled {theirs[0]} of this name meanwhile"
        raise Unconfirmed(what, hint="plan again")
    return ours
