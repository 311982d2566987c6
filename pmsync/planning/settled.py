"""Uploads that were announced and never confirmed: what the row count can tell, and what it cannot.

The API lists no uploads, so a row count that moved by exactly the file's rows is the only proof. Without
it the user decides, except where the same name replaces: there, sending again is harmless.
"""

from __future__ import annotations

from dataclasses import replace

from pmsync.model.address import Address
from pmsync.model.outcome import Put
from pmsync.model.plan import (
    AnyChange,
    Block,
    BlockCode,
    Reason,
    ReasonCode,
    RecordState,
    Undecided,
    Upload,
)
from pmsync.model.project import SameName
from pmsync.model.source import SourceFile
from pmsync.model.state import Evidence, Intent, IntentKind, UploadRecord
from pmsync.planning.table import Table
from pmsync.planning.wording import number


def settle(table: Table, decided: dict[Address, AnyChange]) -> Table:
    """Decides the datatable's open upload intents; the table that the other rules then see."""
    declared = {file.address: file for file in table.files}
    held = dict(table.held)
    for intent in table.world.state.intents:
        if intent.kind is not IntentKind.UPLOAD or intent.address.datatable_address != table.address:
            continue
        file = declared.get(intent.address)
        change = _settled(table, intent, file)
        decided[intent.address] = change
        if isinstance(change, RecordState):
            held[intent.address] = _record(table, intent, change.reason.code)
    return table.holding(held)


def _settled(table: Table, intent: Intent, file: SourceFile | None) -> AnyChange:
    if file is not None and table.same_name is SameName.REPLACES:
        return _send_again(table, intent, file)
    arrived = intent.rows > 0 and table.live_rows == intent.rows_before + intent.rows
    if arrived or table.assumed(intent.address):
        code = ReasonCode.SETTLED if arrived else ReasonCode.ASSUMED
        seen = f"sent by an earlier run; its {number(intent.rows)} rows are there"
        reason = Reason(code, seen if arrived else "you say that the tenant holds it")
        return RecordState(
            address=intent.address,
            reason=reason,
            live_id=table.live_id,
            location=file.location if file else None,
            entries=(Put(intent.address, _record(table, intent, code)),),
        )
    if file is not None and table.reuploaded(intent.address):
        return _send_again(table, intent, file)
    return _undecided(table, intent, file)


def _send_again(table: Table, intent: Intent, file: SourceFile) -> Upload:
    """The same name once more: whether or not the first arrived, the rows end up as one upload's."""
    earlier = table.held.get(file.address)
    before = intent.rows_before - (earlier.rows if earlier else 0)
    leaving = max(0, table.live_rows - before) if table.same_name is SameName.REPLACES else 0
    return Upload(
        address=file.address,
        reason=Reason(ReasonCode.ANSWER_LOST, "sent by an earlier run, its answer was lost: sent again"),
        live_id=table.live_id,
        requires=table.requires,
        location=file.location,
        name=table.name_of(file),
        file=file,
        rows_before=table.live_rows,
        rows_leaving=leaving,
        confirm_first=True,
    )


def _undecided(table: Table, intent: Intent, file: SourceFile | None) -> Undecided:
    sentence = (
        f"an earlier run sent it and saw no answer; ProcessMind shows {number(table.live_rows)} rows, "
        f"{number(intent.rows_before)} before it and {number(intent.rows_before + intent.rows)} expected"
    )
    ways = [table.ways.flag("it is there: only record it", "--assume-uploaded", intent.address)]
    if file is not None:
        ways.append(table.ways.flag("send it once more", "--reupload", intent.address))
    return Undecided(
        address=intent.address,
        reason=Reason(ReasonCode.ANSWER_LOST, sentence),
        live_id=table.live_id,
        block=Block(BlockCode.DECISION, sentence, tuple(ways)),
        location=file.location if file else None,
    )


def _record(table: Table, intent: Intent, code: ReasonCode) -> UploadRecord:
    """What the announced upload becomes on record once it counts as done."""
    earlier = table.held.get(intent.address)
    fresh = UploadRecord(
        name=intent.display_name,
        path="",
        sha256=intent.sha256,
        size=intent.size,
        rows=intent.rows,
        evidence=Evidence.ROWS if code is ReasonCode.SETTLED else Evidence.ASSUMED,
        append=False,
        run=table.world.state.runs,
        uploaded_at="",
    )
    if earlier is None:
        return fresh
    return replace(fresh, path=earlier.path, append=earlier.append)
