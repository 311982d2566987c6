"""Uploads that were announced and never confirmed: what the row count can tell, and what it cannot.

The API lists no uploads, so a row count that moved by exactly the file's rows is the only proof. Without
it the user decides, except where the same name replaces: there, sending again is harmless.
"""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.model.outcome import Put, Settle
from pmsync.model.plan import RecordState, Undecided
from pmsync.model.project import SameName
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy
from pmsync.model.source import SourceFile
from pmsync.model.state import Evidence, Intent, Sent, UploadRecord
from pmsync.planning.announced import never_arrived, shows_until
from pmsync.planning.arriving import again
from pmsync.planning.rotating import rotation
from pmsync.planning.sending import send
from pmsync.planning.table import Decided, Table
from pmsync.planning.wording import number, rows


def settle(table: Table, decided: Decided) -> Table:
    """Decides the datatable's open upload intents; the table that the other rules then see."""
    for intent in table.world.announced_uploads.get(table.live_id, ()):
        if intent.sent is Sent.BEGUN:
            continue  # it cannot have arrived: as if it had never been announced
        file = table.declared.get(intent.address)
        if file is not None and table.reuploaded(intent.address):
            table = _sent_again(table, intent, file, decided)
        elif table.assumed(intent.address):
            code = ReasonCode.SETTLED if _arrived(table, intent) else ReasonCode.ASSUMED
            table = _counts(table, intent, code, decided)
        elif file is not None and table.same_name is SameName.REPLACES:
            table = _sent_again(table, intent, file, decided)
        elif _arrived(table, intent):
            table = _counts(table, intent, ReasonCode.SETTLED, decided)
        elif not never_arrived(table.world, intent):
            decided[intent.address] = _undecided(table, intent, file)
    return table


def _arrived(table: Table, intent: Intent) -> bool:
    """Whether the row count moved by exactly its rows."""
    return table.counted and intent.rows > 0 and table.live_rows == intent.rows_before + intent.rows


def _may_be_there(table: Table, intent: Intent) -> int:
    """Its rows, where nothing speaks against their being there."""
    return 0 if table.counted and table.unexplained < intent.rows else intent.rows


def _sent_again(table: Table, intent: Intent, file: SourceFile, decided: Decided) -> Table:
    """The same name once more: where it replaces, the rows end up as one upload's, arrived or not.

    Rows that the first one may have brought are no foreign rows to the datatable's other sources. Content
    that changed places with another source's since must not be there twice.
    """
    if (rotated := rotation(table, file)) is not None:
        reason = Reason(ReasonCode.ANSWER_LOST, rotated.reason.sentence)
        way = _taken_before_it_rotates(table, intent)
        decided[file.address] = table.undecided(file, reason, (way,))
        return table
    held = table.held.get(file.address)
    earlier = held.rows if held else 0
    brought = _brought(table, intent, earlier)
    after = replace(table, resent=table.resent + brought)
    if table.same_name is not SameName.REPLACES and (left := _may_be_there(table, intent)):
        decided[file.address] = again(table, file, left=left)
        return after
    leaving = earlier + brought if table.same_name is SameName.REPLACES else 0
    reason = Reason(ReasonCode.ANSWER_LOST, "sent by an earlier run, its answer was lost: sent again")
    decided[file.address] = send(after, file, reason, leaving=leaving)
    return after


def _taken_before_it_rotates(table: Table, intent: Intent) -> AnyRemedy:
    """Taken as uploaded, it is replaced like anything else; what still changes places then gets a name."""
    taken = {**table.held, intent.address: _record(table, intent, ReasonCode.ASSUMED)}
    after = table.holding(taken)
    still = (found for one in table.files if (found := rotation(after, one)) is not None)
    named = next((one.block.remedies for one in still if one.block is not None), ())
    take = table.ways.assume_uploaded(
        "take it as uploaded, whether it is there or not: what replaces it comes next", intent.address
    )
    return replace(take, then=named)


def _brought(table: Table, intent: Intent, earlier: int) -> int:
    """The rows by which the lost upload changed the datatable; negative where it replaced more by less.

    If it was sent more than once, the rows before the last time may have been its own: what the other
    records leave unexplained tells, as long as it is either the old content or the new.
    """
    if table.unexplained in {0, intent.rows - earlier}:
        return table.unexplained
    return max(-earlier, table.live_rows - intent.rows_before)


def _counts(table: Table, intent: Intent, code: ReasonCode, decided: Decided) -> Table:
    """The announced upload counts as done, from now on."""
    seen = f"sent by an earlier run; its {number(intent.rows)} rows are there"
    if code is ReasonCode.ASSUMED:
        expected = intent.rows_before + intent.rows
        seen = (
            f"taken as uploaded, as you say: ProcessMind shows {number(table.live_rows)} of {rows(expected)}"
        )
    file = table.declared.get(intent.address)
    record = _record(table, intent, code)
    decided[intent.address] = RecordState(
        address=intent.address,
        reason=Reason(code, seen),
        live_id=table.live_id,
        requires=table.requires,
        location=file.location if file else None,
        entries=(Put(intent.address, record), Settle(intent.kind, intent.address)),
    )
    return table.holding({**table.held, intent.address: record})


def _undecided(table: Table, intent: Intent, file: SourceFile | None) -> Undecided:
    shown = f"{number(table.live_rows)} rows" if table.counted else "no row count"
    sentence = (
        f"an earlier run sent it and saw no answer; ProcessMind shows {shown}, "
        f"{number(intent.rows_before)} before it and {number(intent.rows_before + intent.rows)} expected"
    )
    ways: list[AnyRemedy] = [
        table.ways.plan_again(_wait(table, intent)),
        table.ways.assume_uploaded("it is there: only record it", intent.address),
    ]
    if file is not None:
        left = _may_be_there(table, intent)
        ways += table.resend("send it once more", intent.address, left=left)
    return Undecided(
        address=intent.address,
        reason=Reason(ReasonCode.ANSWER_LOST, sentence),
        live_id=table.live_id,
        block=Block(BlockCode.UNCONFIRMED, sentence, tuple(ways)),
        location=file.location if file else None,
    )


def _wait(table: Table, intent: Intent) -> str:
    until = shows_until(table.world.inputs.environment.uploads, intent)
    if until is None:
        return "wait: ProcessMind may still be loading it"
    return f"wait until {until:%Y-%m-%d %H:%M:%S %Z}: by then its rows show (uploads.ingestsWithin)"


def _record(table: Table, intent: Intent, code: ReasonCode) -> UploadRecord:
    """What the announced upload becomes on record once it counts as done."""
    declared = table.declared.get(intent.address)
    earlier = table.held.get(intent.address)
    return UploadRecord(
        name=intent.display_name,
        path=declared.path if declared else earlier.path if earlier else "",
        sha256=intent.sha256,
        size=intent.size,
        rows=intent.rows,
        evidence=Evidence.ROWS if code is ReasonCode.SETTLED else Evidence.ASSUMED,
        append=declared.append if declared else earlier.append if earlier else False,
        run=table.world.state.runs,
        uploaded_at="",
    )
