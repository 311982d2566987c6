"""Running a plan: stage after stage, in parallel inside a stage, each outcome recorded before the next.

What fails skips what depends on it and nothing else; deletions start only if all before them worked. It
sequences; what a change does is in making, filling and removing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from msgspec.structs import replace

from pmsync.engine.creating import create
from pmsync.engine.filling import (
    NO_COUNT,
    Filling,
    Stored,
    confirm,
    fill,
    take_as_stored,
    unconfirmed,
)
from pmsync.engine.removing import delete_intent, remove
from pmsync.engine.run import Run
from pmsync.engine.waiting import Expected, wait_for_rows
from pmsync.engine.wave import Wave
from pmsync.errors import PmsyncError, TenantError, Unconfirmed
from pmsync.model.address import Address
from pmsync.model.outcome import Entry, Put, Settle
from pmsync.model.plan import (
    Adopt,
    AnyChange,
    CreateDataset,
    CreateDatatable,
    CreateFolder,
    Delete,
    Forget,
    Move,
    RecordState,
    Replace,
    Retire,
    Upload,
)
from pmsync.model.project import SameName
from pmsync.model.report import Result
from pmsync.model.snapshot import RemoteDatatable
from pmsync.model.state import IntentKind, Sent, State, UploadRecord
from pmsync.planning.claims import Claims, claims_of

Create = CreateFolder | CreateDataset | Replace | CreateDatatable
T = TypeVar("T")
StateOnly = Adopt | Move | RecordState | Forget


def execute(run: Run, changes: tuple[AnyChange, ...], void: tuple[Settle, ...] = ()) -> tuple[Result, ...]:
    """Run the changes (ready ones, in plan order); the result of each.

    `void` crosses out what an earlier run announced and did not do.

    Raises PmsyncError only where the state could not be written: then nothing new may be sent.
    """
    _write_down(run, [change for change in changes if isinstance(change, Adopt | Move | RecordState)])
    if void:
        run.ledger.record(void)
    for level in _levels([change for change in changes if isinstance(change, CreateFolder)]):
        create(run, level)
    create(run, [change for change in changes if isinstance(change, CreateDataset | Replace)])
    create(run, [change for change in changes if isinstance(change, CreateDatatable)])
    retiring = {change.address for change in changes if isinstance(change, Retire)}
    _upload(run, [change for change in changes if isinstance(change, Upload)], retiring)
    _finish(run, [change for change in changes if isinstance(change, Delete | Retire | Forget)])
    return run.course.results(changes)


def _levels(folders: list[CreateFolder]) -> list[list[CreateFolder]]:
    """Folders by depth: a level needs the ids of the one above."""
    by_depth = sorted(folders, key=lambda change: len(change.address.path))
    return [list(level) for _, level in groupby(by_depth, key=lambda change: len(change.address.path))]


def _write_down(run: Run, changes: Iterable[StateOnly]) -> None:
    """What sends nothing is recorded as one outcome, however much it is."""
    started = [change for change in changes if run.course.may_start(change)]
    if not started:
        return
    entries = [entry for change in started for entry in (*change.entries, *run.spent(change))]
    run.ledger.record(entries, hard=True)
    for change in started:
        for address, live_id in _written_ids(change.entries):
            run.course.knows(address, live_id)
        run.course.done(change)


def _written_ids(entries: Iterable[Entry]) -> Iterator[tuple[Address, str]]:
    """The ids now on record: of a MOVE also those of everything below it."""
    for entry in entries:
        if isinstance(entry, Put) and not isinstance(entry.record, UploadRecord):
            yield entry.address, entry.record.id


def _upload(run: Run, changes: list[Upload], retiring: set[Address]) -> None:
    """All uploads, then the wait for their rows. A REPLACE always waits: its old half depends on it."""
    if not changes:
        return
    try:
        counts = _counts(run)
    except PmsyncError as error:
        for change in changes:
            run.course.failed(change, error)
        return
    filling = _filling(run)
    groups = [tuple(group) for _, group in groupby(changes, key=lambda one: one.address.datatable_address)]
    stored: list[Stored] = []

    def one_datatable(uploads: tuple[Upload, ...]) -> None:
        started = [upload for upload in uploads if not _orphaned(run, upload)]
        if started:
            live_id = run.course.id_of(started[0].address.datatable_address)
            stored.append(fill(filling, tuple(started), counts.get(live_id, 0)))
            run.ledger.checkpoint()

    run.tools.in_parallel(groups, one_datatable)
    _confirm(run, filling, [one for one in stored if one.uploads], retiring)


def _orphaned(run: Run, upload: Upload) -> bool:
    """Whether the datatable could not be made: then its uploads are skipped before their ids are asked."""
    return bool(upload.requires) and not run.course.may_start(upload)


def _filling(run: Run) -> Filling:
    state = run.ledger.state

    def count_of(live_id: str) -> int | None:
        found = run.tools.writer.datatable(live_id)
        return _count(found) if found else 0

    return Filling(
        course=run.course,
        send=run.tools.send,
        announce=run.announce,
        record=run.ledger.record,
        spent=run.spent,
        datatables=state.datatables,
        doubtful=_doubtful(state),
        count_of=count_of,
        patience=run.rows_patience,
        now=run.tools.now,
        observer=run.tools.observer,
        run=state.runs,
        verify=run.verify.rows,
    )


def _doubtful(state: State) -> frozenset[Address]:
    """Uploads that an earlier run announced, and of which nobody knows yet whether they arrived."""
    uploads = (one for one in state.intents if one.kind is IntentKind.UPLOAD)
    return frozenset(one.address for one in uploads if one.sent is not Sent.BEGUN)


def _counts(run: Run) -> dict[str, int | None]:
    return {id_: _count(one) for id_, one in run.tools.writer.datatables().items()}


def _count(live: RemoteDatatable) -> int | None:
    return live.row_count if live.rows_shown else None


def _confirm(run: Run, filling: Filling, stored: list[Stored], retiring: set[Address]) -> None:
    awaited = []
    for one in stored:
        if run.verify.rows or one.expected.address.dataset_address in retiring:
            awaited.append(one)
        else:
            take_as_stored(filling, one)
    if not awaited:
        return
    waiting = {one.expected.address: one for one in awaited}

    def arrived(met: Sequence[tuple[Expected, int]]) -> None:
        _accept_no_more(run, met)
        confirm(filling, [(waiting.pop(expected.address), seen) for expected, seen in met])

    began = run.tools.monotonic()
    try:
        missing = wait_for_rows(
            _explained(run, awaited),
            lambda: _counts(run),
            filling.patience,
            run.tools.observer,
            sent_bytes=sum(one.sent_bytes for one in awaited),
            arrived=arrived,
        )
    except TenantError as error:
        unread = Unconfirmed(f"stored, but its rows could not be read: {error.what}", hint="plan again")
        for upload in (upload for one in waiting.values() for upload in one.uploads):
            run.course.failed(upload, unread)
        return
    waited = run.tools.monotonic() - began
    for address, seen in missing.items():
        if seen is None and address.dataset_address not in retiring:
            take_as_stored(filling, waiting[address], NO_COUNT)
        else:
            unconfirmed(filling, waiting[address], seen or 0, waited=waited)


def _explained(run: Run, awaited: list[Stored]) -> tuple[Expected, ...]:
    """What is waited for: where the same name replaces, what the state explains is right as well.

    Somebody's script may have sent the same file meanwhile; or before, and its rows were accepted.
    """
    if run.uploads.same_name is not SameName.REPLACES:
        return tuple(one.expected for one in awaited)
    loaded = _loaded(run)
    return tuple(
        replace(one.expected, explained=tuple(_right(run, one, loaded[one.expected.address])))
        for one in awaited
    )


def _right(run: Run, stored: Stored, loaded: int) -> Iterator[int]:
    yield run.ledger.state.datatables[stored.expected.address].baseline + loaded
    # What was there before shows nothing of a file that is new.
    if loaded != stored.rows_before or any(upload.rows_leaving for upload in stored.uploads):
        yield loaded


def _accept_no_more(run: Run, met: Sequence[tuple[Expected, int]]) -> None:
    """Rows that were accepted as not ours, and went with the upload, were of a file of the same name."""
    records = run.ledger.state.datatables
    odd = [(one.address, seen) for one, seen in met if records[one.address].baseline and seen != one.rows]
    loaded = _loaded(run) if odd else {}
    gone = [Put(at, replace(records[at], baseline=0)) for at, seen in odd if seen == loaded[at]]
    if gone:
        run.ledger.record(gone)


def _loaded(run: Run) -> Counter[Address]:
    """The rows of the uploads on record, by datatable."""
    loaded: Counter[Address] = Counter()
    for address, record in run.ledger.state.uploads.items():
        loaded[address.datatable_address] += record.rows
    return loaded


def _finish(run: Run, changes: list[Delete | Retire | Forget]) -> None:
    """Deletions one after another, only if everything before them worked; FORGET is only written down."""
    deletions = [change for change in changes if not isinstance(change, Forget)]
    claims = claims_of(run.ledger.state) if deletions else {}
    may_begin = run.course.clean and not run.tools.stopped()
    wave = Wave(run, map(delete_intent, filter(_sends, deletions)) if may_begin else ())
    for is_forget, group in groupby(changes, key=lambda change: isinstance(change, Forget)):
        if is_forget:
            _write_down(run, [change for change in group if isinstance(change, Forget)])
            continue
        for change in group:
            if not isinstance(change, Forget):
                _delete(run, change, wave, claims)
    wave.end()


def _sends(change: Delete | Retire) -> bool:
    """Whether something is deleted: the old half of a REPLACE may be kept."""
    return isinstance(change, Delete) or not change.retain


def _delete(run: Run, change: Delete | Retire, wave: Wave, claims: Claims) -> None:
    if not run.course.clean:
        run.course.skip([change])
    elif run.course.may_start(change):
        run.course.begin(change)
        try:
            entries = remove(change, run, wave=wave, claims=claims)
        except PmsyncError as error:
            run.course.failed(change, error)
            return
        run.ledger.record((*entries, *run.spent(change)))
        run.course.done(change)
