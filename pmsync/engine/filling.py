"""Uploads: the files of one datatable one after another, each stored, then seen in the row count.

The bucket's word (its ETag) makes an upload `stored`; only the tenant's row count makes it `rows`. Where
nobody said what a second file name does, each upload is seen in the rows before the next is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from pmsync.engine.course import Course
from pmsync.engine.tools import Send
from pmsync.engine.waiting import LIKELY, Expected, Patience, and_few, wait_for_rows
from pmsync.errors import AnswerLost, PmsyncError, RowsAwaited, StalePlan, Unconfirmed
from pmsync.model.address import Address
from pmsync.model.events import BytesSent, Observer
from pmsync.model.outcome import Drop, Entry, Put, Settle
from pmsync.model.plan import Upload
from pmsync.model.state import DatatableRecord, Evidence, Intent, IntentKind, Sent, UploadRecord
from pmsync.tenant.body import Listener, UploadTask

Record = Callable[[tuple[Entry, ...]], None]


class Filling(Struct, frozen=True, kw_only=True):
    """What the uploads of a run work with. `count_of` reads a datatable's live row count, if shown.

    `doubtful`: uploads that an earlier run announced, and that may be there.
    """

    course: Course
    send: Send
    announce: Callable[[Intent], None]
    record: Record
    spent: Callable[[Upload], tuple[Entry, ...]]
    datatables: Mapping[Address, DatatableRecord]
    doubtful: Collection[Address]
    count_of: Callable[[str], int | None]
    patience: Patience
    now: Callable[[], datetime]
    observer: Observer
    run: int
    verify: bool


class Stored(Struct, frozen=True):
    """Uploads that the bucket took, and the row count their datatable should come to."""

    uploads: tuple[Upload, ...]
    expected: Expected
    rows_before: int

    @property
    def sent_bytes(self) -> int:
        return sum(upload.file.size for upload in self.uploads)


NO_COUNT = "stored; ProcessMind shows no row count for it"
"""The note on uploads that nothing more can be known of: an empty datatable may show none either."""


def fill(filling: Filling, uploads: tuple[Upload, ...], rows_now: int | None) -> Stored:
    """Send the files of one datatable in order; a file that fails does not stop the next ones.

    `rows_now`: its row count; where none is shown, what was planned with goes on.
    One whose result is unclear does: a datatable has at most one unconfirmed upload at a time. An error
    of writing the state is raised: nothing new may be sent then.
    """
    datatable = uploads[0].address.datatable_address
    live_id = filling.course.id_of(datatable)
    rows_before = rows = (uploads[0].rows_before or 0) if rows_now is None else rows_now
    sent: list[Upload] = []
    for i, upload in enumerate(uploads):
        if not filling.course.may_start(upload):
            continue
        filling.course.begin(upload)
        problem = _problem_before(upload, rows_before)
        if problem is None:
            problem = _send(filling, upload, live_id, rows)
        if problem is not None:
            filling.course.failed(upload, problem)
        else:
            after = rows + _more(upload)
            alone = Stored((upload,), Expected(datatable, live_id, after, files=_files(upload)), rows)
            rows = alone.expected.rows
            if not (upload.confirm_first and filling.verify):
                sent.append(upload)
            else:
                problem = _seen_alone(filling, alone)
        if isinstance(problem, AnswerLost | Unconfirmed):
            filling.course.skip(uploads[i + 1 :])
            break
    return Stored(tuple(sent), Expected(datatable, live_id, rows, files=_files(*sent)), rows_before)


def _more(upload: Upload) -> int:
    return upload.file.rows - upload.rows_leaving


def _files(*uploads: Upload) -> tuple[tuple[str, int], ...]:
    return tuple((upload.address.key, _more(upload)) for upload in uploads)


def _problem_before(upload: Upload, rows_now: int) -> PmsyncError | None:
    """The rows were counted again just before: a colleague's rows since the plan change what it would do."""
    if upload.rows_before is None or upload.rows_before == rows_now:
        return None
    what = f"ProcessMind shows {rows_now:,} rows now, and showed {upload.rows_before:,} when planned"
    return StalePlan(what, hint="plan again")


def _send(filling: Filling, upload: Upload, live_id: str, rows_before: int) -> PmsyncError | None:
    """Announce one file, put it, record it; the problem, if there was one.

    `rows_before`: what the datatable is to show when everything sent earlier is loaded. It is announced once
    more before its last block, in each attempt: what a kill leaves before that cannot have arrived, unless an
    earlier one may be there already. An upload whose answer was lost stays announced.
    """
    file, doubtful = upload.file, upload.address in filling.doubtful
    intent = Intent(
        kind=IntentKind.UPLOAD,
        address=upload.address,
        display_name=upload.name,
        parent_id=live_id,
        sha256=file.sha256,
        size=file.size,
        rows=file.rows,
        rows_before=rows_before,
        sent=Sent.WHOLE if doubtful else Sent.BEGUN,
    )
    task = UploadTask(
        datatable_id=live_id,
        dataset_id=filling.course.id_of(upload.address.dataset_address),
        name=upload.name,
        size=file.size,
        sha256=file.sha256,
        mtime_ms=file.stamp.mtime_ns // 1_000_000,
    )
    settled = Settle(intent.kind, intent.address)
    listener = Listener(
        on_bytes=lambda count: filling.observer(BytesSent(upload.address, count)),
        before_last=lambda: filling.announce(replace(intent, sent=Sent.WHOLE)),
    )
    filling.announce(intent)
    try:
        filling.send(task, file, listener)
    except AnswerLost as error:
        return error
    except PmsyncError as error:
        if not doubtful:
            filling.record((settled,))
        return error
    filling.record((*_entries(filling, upload), settled, *filling.spent(upload)))
    return None


def _entries(filling: Filling, upload: Upload) -> tuple[Entry, ...]:
    """What to record once the bucket has the file."""
    entries: list[Entry] = [Drop(one) for one in upload.drops]
    if upload.baseline is not None:
        datatable = upload.address.datatable_address
        accepted = replace(filling.datatables[datatable], baseline=upload.baseline)
        entries.append(Put(datatable, accepted))
    return (*entries, Put(upload.address, uploaded(filling, upload, Evidence.STORED)))


def uploaded(filling: Filling, upload: Upload, evidence: Evidence) -> UploadRecord:
    """What is on record of an upload."""
    return UploadRecord(
        name=upload.name,
        path=upload.file.path,
        sha256=upload.file.sha256,
        size=upload.file.size,
        rows=upload.file.rows,
        evidence=evidence,
        append=upload.file.append,
        run=filling.run,
        uploaded_at=filling.now().isoformat(timespec="seconds"),
        rows_tell=upload.file.rows != upload.rows_leaving,
    )


def _seen_alone(filling: Filling, alone: Stored) -> PmsyncError | None:
    """Wait for one upload's rows before the datatable's next one is sent; the problem, if there was one."""
    problem = _unseen(filling, alone)
    if problem is not None:
        filling.course.failed(alone.uploads[0], problem)
    return problem


def _unseen(filling: Filling, alone: Stored) -> PmsyncError | None:
    """Wait for the upload's rows; what they say instead, if so."""
    expected = alone.expected

    def counts() -> Mapping[str, int | None]:
        return {expected.live_id: filling.count_of(expected.live_id)}

    try:
        missing = wait_for_rows(
            (expected,), counts, filling.patience, filling.observer, sent_bytes=alone.sent_bytes
        )
    except PmsyncError as error:
        return Unconfirmed(f"stored, but its rows could not be read: {error.what}", hint="plan again")
    if not missing:
        confirm(filling, [(alone, expected.rows)])
        return None
    seen = missing[expected.address]
    if seen is None:
        take_as_stored(filling, alone, NO_COUNT)
        return None
    what = f"ProcessMind shows {seen:,} rows where {expected.rows:,} were expected"
    if seen == alone.uploads[0].file.rows and alone.rows_before:
        what += "; it holds just this file's: perhaps an upload of another name replaces the rows here"
    return Unconfirmed(what, hint="set uploads.otherName in pmsync.yaml to what is so, then plan again")


def confirm(filling: Filling, met: Sequence[tuple[Stored, int]]) -> None:
    """These were seen in the rows. Where the count is what it was, it tells nothing: `stored`."""
    entries = []
    for stored, seen in met:
        told = seen != stored.rows_before
        for upload in stored.uploads:
            record = uploaded(filling, upload, Evidence.ROWS if told else Evidence.STORED)
            entries.append(Put(upload.address, replace(record, rows_tell=told)))
    filling.record(tuple(entries))
    for stored, _ in met:
        for upload in stored.uploads:
            filling.course.done(upload, stored.expected.live_id)


def take_as_stored(filling: Filling, stored: Stored, note: str = "") -> None:
    """Rows are not verified here, or cannot be: the bucket's word is enough, and was recorded as such."""
    for upload in stored.uploads:
        filling.course.done(upload, stored.expected.live_id, note=note)


def unconfirmed(filling: Filling, stored: Stored, seen: int, *, waited: float) -> None:
    """The deadline passed and the rows are not what they should be: sent, not confirmed.

    `waited`: for so many seconds.
    """
    expected = stored.expected
    stuck = expected.stuck(seen)
    what = f"stored, and {waited:,.0f} s later {expected.address} shows {seen:,} of {expected.rows:,} rows"
    for upload in stored.uploads:
        if expected.is_exceeded(seen):
            hint = "somebody else may be loading into it: plan again, and see what is there"
            filling.course.failed(upload, Unconfirmed(what, hint=hint))
            continue
        hint = f"{LIKELY}: look there, and plan again later"
        if upload.address.key not in stuck:
            hint = f"the rows of {and_few(stuck)} may be the missing ones: plan again later"
        filling.course.failed(upload, RowsAwaited(what, hint=hint))
