"""Source files of one datatable: which are sent, which are on record, which wait for the user.

Each rule is one row of the table "Source files" in docs/planning.md, in its order: the first that matches
wins. What the tenant holds is judged by content on record and by the row count, as the API lists no
uploads and gives no hash (vendor's API reference: no endpoint for either).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.outcome import Drop, Put
from pmsync.model.plan import (
    AnyChange,
    BlockCode,
    Leftover,
    Move,
    NoOp,
    Reason,
    ReasonCode,
    RecordState,
    Undecided,
    Upload,
)
from pmsync.model.project import OtherName, SameName
from pmsync.model.source import SourceFile
from pmsync.model.state import Evidence, UploadRecord
from pmsync.planning.settled import settle
from pmsync.planning.table import Table
from pmsync.planning.wording import line_to_write, number, rows

Decided = dict[Address, AnyChange]


RECENT_RUNS = 10
"""For so many applies, rows that a removed source left behind are a warning."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What is to be done with one datatable's sources, and what stays in it undeclared."""

    changes: tuple[AnyChange, ...]
    leftovers: tuple[Leftover, ...] = ()


def source_changes(table: Table) -> Filled:
    """One change for each source file of a live datatable, and one for each upload that must be settled."""
    for file in table.files:
        table.must_not_contradict(file)
    decided: Decided = {}
    _same_content(table, decided)
    table = _moved(table, decided)
    table = settle(table, decided)
    _on_record(table, decided)
    table = _assumed(table, decided)
    for file in table.files:
        if file.address not in decided:
            decided[file.address] = _new_content(table, file, decided)
    return Filled(tuple(decided[address] for address in sorted(decided)), _leftovers(table, decided))


def first_uploads(
    files: tuple[SourceFile, ...], reason: Reason, requires: tuple[Address, ...], *, other_name: OtherName
) -> tuple[AnyChange, ...]:
    """Everything that fills a datatable which is still to be made."""
    seen: dict[str, Address] = {}
    changes: list[AnyChange] = []
    for file in files:
        if file.sha256 in seen:
            changes.append(_sent_once(file, seen[file.sha256]))
            continue
        seen[file.sha256] = file.address
        upload = Upload(
            address=file.address,
            reason=reason,
            requires=requires,
            location=file.location,
            name=file.name,
            file=file,
            rows_before=None,
            confirm_first=other_name is OtherName.UNKNOWN and len(files) > 1,
        )
        changes.append(upload)
    return tuple(changes)


def _sent_once(file: SourceFile, other: Address, live_id: str = "") -> NoOp:
    sentence = f"the same content as {other}; it is sent once"
    reason = Reason(ReasonCode.SAME_CONTENT, sentence)
    return NoOp(address=file.address, reason=reason, live_id=live_id, location=file.location)


def _same_content(table: Table, decided: Decided) -> None:
    """Of several declared files with one content, the one on record (or the first) stands for all."""

    def on_record(file: SourceFile) -> bool:
        record = table.held.get(file.address)
        return record is not None and record.sha256 == file.sha256

    standing: dict[str, SourceFile] = {}
    for file in sorted(table.files, key=lambda file: (not on_record(file), file.address)):
        first = standing.setdefault(file.sha256, file)
        if first is not file:
            decided[file.address] = _sent_once(file, first.address, table.live_id)


def _moved(table: Table, decided: Decided) -> Table:
    """Content on record under a name that is no longer declared: only the record moves.

    If the new name is on record with other content, the two records change places, so that the rows of
    both stay accounted for.
    """
    declared = {file.address for file in table.files}
    held = dict(table.held)
    for file in table.files:
        here = held.get(file.address)
        if file.address in decided or (here is not None and here.sha256 == file.sha256):
            continue
        matching = (one for one in sorted(held) if one not in declared and held[one].sha256 == file.sha256)
        origin = next(matching, None)
        if origin is None:
            continue
        record = replace(held.pop(origin), path=file.path, append=file.append)
        held[file.address] = record
        vacated = Drop(origin) if here is None else Put(origin, here)
        if here is not None:
            held[origin] = here
        decided[file.address] = Move(
            address=file.address,
            reason=Reason(
                ReasonCode.NAME_CHANGED, f"renamed from {origin.key}; ProcessMind keeps '{record.name}'"
            ),
            live_id=table.live_id,
            location=file.location,
            origin=origin,
            entries=(vacated, Put(file.address, record)),
        )
    return table.holding(held)


def _on_record(table: Table, decided: Decided) -> None:
    """Files whose content is on record under their name."""
    for file in table.files:
        record = table.held.get(file.address)
        if file.address in decided or record is None or record.sha256 != file.sha256:
            continue
        decided[file.address] = _recorded(table, file, record)


def _recorded(table: Table, file: SourceFile, record: UploadRecord) -> AnyChange:
    if table.reuploaded(file.address):
        return _again(table, file, record)
    waits = record.evidence is Evidence.STORED and record.rows_tell
    if not waits or not table.world.inputs.environment.verify.rows:
        reason = Reason(ReasonCode.IN_SYNC, "this content is on record")
        return NoOp(address=file.address, reason=reason, live_id=table.live_id, location=file.location)
    if table.unexplained == 0:
        reason = Reason(ReasonCode.ROWS_SEEN, "its rows have arrived")
        return _state_only(table, file, reason, replace(record, evidence=Evidence.ROWS))
    if table.assumed(file.address):
        reason = Reason(ReasonCode.ASSUMED, "you say that the tenant holds it")
        return _state_only(table, file, reason, replace(record, evidence=Evidence.ASSUMED))
    expected = table.baseline + table.rows_on_record
    sentence = f"stored, but ProcessMind shows {number(table.live_rows)} of {rows(expected)}"
    ways = (
        table.ways.plan_again("wait: ProcessMind may still be loading it"),
        table.ways.flag("send it once more", "--reupload", file.address),
        table.ways.flag("take it as done", "--assume-uploaded", file.address),
    )
    return table.undecided(file, Reason(ReasonCode.UNCONFIRMED, sentence), ways)


def _again(table: Table, file: SourceFile, record: UploadRecord) -> Upload:
    """An upload that the user asked to repeat; what is left of the earlier one is replaced or stays."""
    there = max(0, record.rows + min(0, table.unexplained))
    leaving = there if table.same_name is SameName.REPLACES else 0
    reason = Reason(ReasonCode.REUPLOAD_ASKED, "sent once more, as you asked")
    return _upload(table, file, reason, leaving=leaving)


def _state_only(table: Table, file: SourceFile, reason: Reason, record: UploadRecord) -> RecordState:
    return RecordState(
        address=file.address,
        reason=reason,
        live_id=table.live_id,
        requires=table.requires,
        location=file.location,
        entries=(Put(file.address, record),),
    )


def _assumed(table: Table, decided: Decided) -> Table:
    """New content that the user says is there already: recorded, and counted for the others."""
    held = dict(table.held)
    for file in table.files:
        if file.address in decided or not table.assumed(file.address):
            continue
        record = table.record_of(file, Evidence.ASSUMED)
        reason = Reason(ReasonCode.ASSUMED, "you say that the tenant holds it")
        decided[file.address] = _state_only(table, file, reason, record)
        held[file.address] = record
    return table.holding(held)


def _new_content(table: Table, file: SourceFile, decided: Decided) -> AnyChange:
    """The rules for content that is not on record, in the order of the table."""
    waiting = {ReasonCode.UNCONFIRMED, ReasonCode.ANSWER_LOST}
    first = next((one for one, change in sorted(decided.items()) if change.reason.code in waiting), None)
    if first is not None and isinstance(decided[first], Undecided):
        reason = Reason(ReasonCode.WAITS, f"waits until it is clear what became of {first}")
        return table.undecided(file, reason, (), code=BlockCode.WAITS)
    repaired = any(change.reason.code is ReasonCode.REUPLOAD_ASKED for change in decided.values())
    if table.unexplained < 0 and not repaired and not table.reuploaded(file.address):
        return _rows_missing(table, file)
    if (rotated := _rotation(table, file)) is not None:
        return rotated
    record = _same_name(table, file)
    if record is not None:
        return _changed(table, file, record)
    return _new_name(table, file)


def _rows_missing(table: Table, file: SourceFile) -> Undecided:
    expected = table.baseline + table.rows_on_record
    sentence = f"ProcessMind shows {number(table.live_rows)} of the {rows(expected)} loaded earlier"
    everything = Address(f"{table.address}/*")
    ways = (
        table.ways.flag("load the datatable's sources again", "--reupload", everything),
        table.ways.command("accept what is there now", "state", "accept", table.address),
    )
    return table.undecided(file, Reason(ReasonCode.ROWS_MISSING, sentence), ways)


def _rotation(table: Table, file: SourceFile) -> Undecided | None:
    """Contents that changed places among declared names: an upload would replace what is still wanted."""
    declared = {other.sha256: other.address for other in table.files if other is not file}
    name = table.name_of(file)
    ways = (line_to_write("give one of the two a name of its own", f"name: new-{file.name}"),)
    for other in table.files:
        if file.address not in table.held and other.address in table.held and table.name_of(other) == name:
            sentence = f"ProcessMind's '{name}' is what {other.address.key} is called there"
            return table.undecided(file, Reason(ReasonCode.ROTATION, sentence), ways)
    for address, record in sorted(table.held.items()):
        replaced = record.name == name and record.sha256 in declared
        if replaced or (record.sha256 == file.sha256 and address != file.address):
            sentence = f"ProcessMind holds this content as '{record.name}', which is declared otherwise"
            if replaced:
                new_home = declared[record.sha256].key
                sentence = f"ProcessMind's '{record.name}' holds content that is now declared as {new_home}"
            return table.undecided(file, Reason(ReasonCode.ROTATION, sentence), ways)
    return None


def _same_name(table: Table, file: SourceFile) -> UploadRecord | None:
    """The upload on record that has this source's name in the tenant."""
    name = table.name_of(file)
    return next((record for _, record in sorted(table.held.items()) if record.name == name), None)


def _changed(table: Table, file: SourceFile, record: UploadRecord) -> AnyChange:
    match table.same_name:
        case SameName.REPLACES:
            sentence = f"changed: {rows(record.rows)} become {number(file.rows)}"
            return _upload(table, file, Reason(ReasonCode.CHANGED, sentence), leaving=record.rows)
        case SameName.APPENDS:
            total = table.live_rows + file.rows
            sentence = (
                f"changed, and this tenant appends: {number(table.live_rows)} + {number(file.rows)} "
                f"= {rows(total)}, so the old content would stay beside the new"
            )
            reason = Reason(ReasonCode.WOULD_DOUBLE, sentence)
            return table.undecided(file, reason, (table.replace_way,), offers=(table.replace_offer,))
        case SameName.UNKNOWN:
            sentence = "changed, and nobody said what a second upload of one name does to the first"
            ways = (
                line_to_write("in pmsync.yaml, if it replaces the rows", "uploads: {sameName: replaces}"),
                line_to_write("in pmsync.yaml, if it adds to them", "uploads: {sameName: appends}"),
            )
            return table.undecided(file, Reason(ReasonCode.SAME_NAME_UNKNOWN, sentence), ways)


def _new_name(table: Table, file: SourceFile) -> AnyChange:
    if table.other_name is OtherName.REPLACES:
        sentence = f"new; it replaces the {rows(table.live_rows)} of other names"
        return _upload(table, file, Reason(ReasonCode.NEW, sentence))
    if table.unexplained > 0:
        return _beside_foreign_rows(table, file)
    declared = {other.address for other in table.files}
    leftover = {
        one: record.rows
        for one, record in table.held.items()
        if one not in declared and not record.append and record.rows
    }
    if leftover:
        count = sum(leftover.values())
        sentence = (
            f"the rows of {min(leftover).key} are still there: "
            f"{number(count)} + {number(file.rows)} = {number(count + file.rows)}"
        )
        return _added(table, file, Reason(ReasonCode.LEFTOVER_ROWS, sentence))
    return _upload(table, file, Reason(ReasonCode.NEW, f"new: {rows(file.rows)}"))


def _beside_foreign_rows(table: Table, file: SourceFile) -> AnyChange:
    if table.reuploaded(file.address):
        there = table.same_name is SameName.REPLACES and file.rows <= table.unexplained
        reason = Reason(ReasonCode.REUPLOAD_ASKED, "sent once more, as you asked")
        return _upload(table, file, reason, leaving=file.rows if there else 0)
    if _looks_lost(table, file) and not table.gives(Consent.ADD_ROWS, file):
        sentence = (
            f"{rows(table.unexplained)} are there that no record explains, just as many as "
            "the new sources hold: the state was probably lost"
        )
        ways = (
            table.ways.flag("it is there: only record it", "--assume-uploaded", file.address),
            table.ways.flag("send it once more", "--reupload", file.address),
        )
        return table.undecided(file, Reason(ReasonCode.LOST_STATE, sentence), ways)
    total = table.live_rows + file.rows
    sentence = f"{number(table.live_rows)} there + {number(file.rows)} = {rows(total)}"
    return _added(table, file, Reason(ReasonCode.FOREIGN_ROWS, sentence))


def _looks_lost(table: Table, file: SourceFile) -> bool:
    """Whether the unexplained rows are those of one or of all new sources, with the same columns."""
    new = [other for other in table.files if other.address not in table.held]
    sums = {other.rows for other in new} | {sum(other.rows for other in new)}
    columns_fit = table.live_columns is None or set(table.live_columns) == set(file.columns)
    return table.unexplained in sums and columns_fit


def _added(table: Table, file: SourceFile, reason: Reason) -> AnyChange:
    """Rows beside rows that are not declared: for the user to choose."""
    if table.gives(Consent.ADD_ROWS, file):
        accepted = table.live_rows - table.rows_on_record
        upload = _upload(table, file, reason)
        return replace(upload, needs=(*upload.needs, Consent.ADD_ROWS), baseline=accepted)
    ways = [
        table.ways.flag("it is there: only record it", "--assume-uploaded", file.address),
        table.ways.allow("add its rows to those", [Consent.ADD_ROWS], file.address),
        table.replace_way,
    ]
    if reason.code is ReasonCode.LEFTOVER_ROWS:
        del ways[0]
    elif table.same_name is SameName.REPLACES:
        ways.append(table.ways.flag("send it once more", "--reupload", file.address))
    offers = (table.offer(Consent.ADD_ROWS, file), table.replace_offer)
    return table.undecided(file, reason, tuple(ways), offers=offers)


def _upload(table: Table, file: SourceFile, reason: Reason, *, leaving: int = 0) -> Upload:
    """The upload, with what it takes away: one name's rows, or everything where other names replace."""
    name = table.name_of(file)
    needs: tuple[Consent, ...] = ()
    baseline = None
    others = sorted(one for one in table.held if one != file.address)
    if table.other_name is OtherName.REPLACES:
        drops = tuple(others)
        needs = (Consent.LOSS,) if table.live_rows > table.rows_on_record else ()
        leaving, baseline = table.live_rows, 0
    else:
        drops = tuple(one for one in others if table.held[one].name == name)
    if file.rows == 0 and _would_empty(table, file):
        needs = (Consent.LOSS,)
        reason = Reason(ReasonCode.NO_ROWS, "the new content has no data rows, and rows are on record")
    return Upload(
        address=file.address,
        reason=reason,
        live_id=table.live_id,
        needs=needs,
        requires=table.requires,
        location=file.location,
        name=name,
        file=file,
        rows_before=table.live_rows,
        rows_leaving=leaving,
        drops=drops,
        baseline=baseline,
        confirm_first=table.other_name is OtherName.UNKNOWN and len(table.files) > 1,
    )


def _would_empty(table: Table, file: SourceFile) -> bool:
    """Whether content without rows takes the place of rows on record."""
    if table.other_name is not OtherName.ADDS:
        return table.rows_on_record > 0
    record = _same_name(table, file)
    return record is not None and record.rows > 0


def _leftovers(table: Table, decided: Decided) -> tuple[Leftover, ...]:
    """Uploads whose rows stay in the datatable although no declared source has their content."""
    declared = {file.address: file for file in table.files}
    replaced = {one for change in decided.values() if isinstance(change, Upload) for one in change.drops}
    left: list[Leftover] = []
    for address, record in sorted(table.held.items()):
        change = decided.get(address)
        stands_for_another = isinstance(change, NoOp) and change.reason.code is ReasonCode.SAME_CONTENT
        other_content = stands_for_another and declared[address].sha256 != record.sha256
        if (address not in declared or other_content) and address not in replaced and record.rows:
            recent = table.world.state.runs - record.run < RECENT_RUNS
            left.append(Leftover(address, record.rows, recent))
    return tuple(left)
