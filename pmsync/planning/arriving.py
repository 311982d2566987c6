"""Content that is not on record: sent, or waiting for the user to say how it relates to the rows there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.plan import AnyChange, Undecided, Upload
from pmsync.model.project import OtherName, SameName
from pmsync.model.reason import BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy, Command
from pmsync.model.source import SourceFile
from pmsync.model.state import Origin, UploadRecord
from pmsync.planning.behaviour import if_it_replaces, same_name_unknown
from pmsync.planning.rotating import rotation
from pmsync.planning.sending import same_name, send
from pmsync.planning.table import Decided, Table, stale
from pmsync.planning.wording import and_list, line_to_write, number, rows, yaml_text


class Arriving(Struct, frozen=True, kw_only=True):
    """The files of a datatable that nothing was decided about, and what they have in common.

    `waits_for`: an upload of which nobody knows yet whether it arrived. `staying`: uploads on record with
    rows that nothing in this plan sends again. `left_behind`: rows of sources that are gone, did not mean to
    add up and were not accepted.
    `looks_lost`: the unexplained rows are those of one or of all of these files.
    """

    table: Table
    files: tuple[SourceFile, ...]
    waits_for: Address | None
    staying: tuple[Address, ...]
    left_behind: Mapping[Address, int]
    looks_lost: bool
    shares: Mapping[Address, int]

    @classmethod
    def among(cls, table: Table, decided: Decided) -> Arriving:
        unclear = {ReasonCode.UNCONFIRMED, ReasonCode.ANSWER_LOST}
        waits_for = (
            one
            for one, change in sorted(decided.items())
            if isinstance(change, Undecided) and change.reason.code in unclear
        )
        files = tuple(file for file in table.files if file.address not in decided)
        left = {one: record for one, record in stale(table, decided).items() if one.key not in table.accepted}
        return cls(
            table=table,
            files=files,
            waits_for=next(waits_for, None),
            staying=_staying(table, decided, files),
            left_behind={one: record.rows for one, record in left.items() if not record.append},
            looks_lost=table.unexplained
            in {sum(file.rows for file in files), *(file.rows for file in files)},
            shares=_shares(table, files),
        )


def _staying(table: Table, decided: Decided, files: tuple[SourceFile, ...]) -> tuple[Address, ...]:
    """What missing rows could be of once this plan has run."""
    if table.unexplained >= 0 or table.other_name is OtherName.REPLACES:
        return ()
    sent = {one for one, change in decided.items() if isinstance(change, Upload)}
    sent |= {one for change in decided.values() if isinstance(change, Upload) for one in change.drops}
    for file in files:
        replaces = table.same_name is SameName.REPLACES or table.reuploaded(file.address)
        if replaces and (found := same_name(table, file)) is not None:
            sent.add(found[0])
    return tuple(one for one in sorted(table.held) if table.held[one].rows and one not in sent)


def _shares(table: Table, files: tuple[SourceFile, ...]) -> dict[Address, int]:
    """The unexplained rows that sending a file once more replaces: its own, as far as they can be there."""
    left = table.unexplained
    shares: dict[Address, int] = {}
    for file in files:
        if table.reuploaded(file.address):
            shares[file.address] = file.rows if file.rows <= left else 0
            left -= shares[file.address]
    return shares


def new_content(arriving: Arriving, file: SourceFile) -> AnyChange:
    """The rules for content that is not on record, in the order of the table."""
    table = arriving.table
    if arriving.waits_for is not None:
        reason = Reason(ReasonCode.WAITS, f"waits until it is clear what became of {arriving.waits_for}")
        return table.undecided(file, reason, (), code=BlockCode.WAITS)
    asked = table.reuploaded(file.address)
    if asked and (sent := _asked_again(arriving, file)) is not None:
        return sent
    if arriving.staying and not asked:
        return _rows_missing(arriving, file)
    if (rotated := rotation(table, file)) is not None:
        return rotated
    if (found := same_name(table, file)) is not None:
        return _changed(table, file, *found)
    return _new_name(arriving, file)


def _asked_again(arriving: Arriving, file: SourceFile) -> AnyChange | None:
    """What `--reupload` asks for; None where nothing of the file can be there yet: then it is new.

    It never goes over rows that are still wanted under another name.
    """
    table = arriving.table
    found = same_name(table, file)
    if found is None and table.unexplained <= 0:
        return None
    if (rotated := rotation(table, file)) is not None:
        return rotated
    table.must_choose_one(file)
    if found is not None:
        return again(table, file, left=table.left_of(found[0]))
    replaces = table.same_name is SameName.REPLACES
    return again(table, file, left=arriving.shares[file.address] if replaces else table.unexplained)


def again(table: Table, file: SourceFile, *, left: int) -> AnyChange:
    """An upload that `--reupload` asks for. `left`: rows of an earlier one that are, or may be, there.

    They are replaced, or doubled: that takes a consent of its own, and where nobody said which of the two
    it is, an answer.
    """
    asked = "re-upload (--reupload)"
    if table.same_name is SameName.REPLACES or table.other_name is OtherName.REPLACES or not left:
        sentence = (
            f"{asked}: {rows(left)} become {number(file.rows)}" if left not in {0, file.rows} else asked
        )
        return send(table, file, Reason(ReasonCode.REUPLOAD_ASKED, sentence), leaving=left)
    if table.same_name is SameName.UNKNOWN:
        return same_name_unknown(table, file)
    sentence = f"{asked}; this tenant appends: {_sum(table, file)}"
    reason = Reason(ReasonCode.REUPLOAD_ASKED, sentence)
    return send(table, file, reason, baseline=table.accepted_with(file), needs=(Consent.ADD_ROWS,))


def _sum(table: Table, file: SourceFile) -> str:
    """What adding a file's rows to those there would come to."""
    total = table.live_rows + file.rows
    return f"the datatable holds {rows(table.live_rows)} and would hold {number(total)}"


def _rows_missing(arriving: Arriving, file: SourceFile) -> Undecided:
    table = arriving.table
    expected = table.baseline + table.rows_on_record
    sentence = f"ProcessMind shows {number(table.live_rows)} of the {rows(expected)} loaded earlier"
    reason = Reason(ReasonCode.ROWS_MISSING, sentence)
    accept = table.ways.command("accept what is there now", "state", "accept", table.address)
    if any(table.held[one].is_unseen for one in arriving.staying):
        wait = table.ways.plan_again("wait: ProcessMind may still be loading it")
        return table.undecided(file, reason, (wait, accept))
    if table.same_name is not SameName.REPLACES:  # what is still there would be there twice
        ways = (*_accepted_then(table, file, accept), *table.replace_ways)
        return table.undecided(file, reason, ways, offers=table.replace_offers)
    if not all(one in table.declared for one in arriving.staying):
        return table.undecided(file, reason, (accept,))
    everything = Address(f"{table.address}/*")
    left = sum(table.left_of(one) for one in arriving.staying)
    again = table.resend("load the datatable's sources again", everything, left=left)
    return table.undecided(file, reason, (*again, accept))


def _accepted_then(table: Table, file: SourceFile, accept: Command) -> tuple[AnyRemedy, ...]:
    """The missing rows accepted, and what would then be asked of a file that changed, answered with it."""
    found = same_name(table, file)
    next_ = None if found is None else _changed(table, file, *found)
    if not isinstance(next_, Undecided) or next_.block is None:
        return (accept,)
    return tuple(replace(accept, then=(replace(one, then=()), *one.then)) for one in next_.block.remedies)


def _changed(table: Table, file: SourceFile, address: Address, record: UploadRecord) -> AnyChange:
    match table.same_name:
        case SameName.REPLACES:
            sentence = f"changed: {rows(record.rows)} become {number(file.rows)}"
            return send(table, file, Reason(ReasonCode.CHANGED, sentence), leaving=table.left_of(address))
        case SameName.APPENDS:
            sentence = (
                f"changed, and this tenant appends: {_sum(table, file)}, the old content beside the new"
            )
            reason = Reason(ReasonCode.WOULD_DOUBLE, sentence)
            return table.undecided(file, reason, table.replace_ways, offers=table.replace_offers)
        case SameName.UNKNOWN:
            return same_name_unknown(table, file)
        case _:
            assert_never(table.same_name)


def _new_name(arriving: Arriving, file: SourceFile) -> AnyChange:
    table = arriving.table
    if table.other_name is OtherName.REPLACES:
        sentence = f"new; it replaces the {rows(table.live_rows)} of other names"
        return send(table, file, Reason(ReasonCode.NEW, sentence))
    if table.unexplained > 0:
        return _beside_foreign_rows(arriving, file)
    if arriving.left_behind:
        sentence = (
            f"the datatable still holds the {rows(sum(arriving.left_behind.values()))} of "
            f"{and_list(one.key for one in arriving.left_behind)}, no longer declared; with these "
            f"{number(file.rows)} it would hold {number(table.live_rows + file.rows)}"
        )
        return _added(
            table, file, Reason(ReasonCode.LEFTOVER_ROWS, sentence), _same_name_again(arriving, file)
        )
    return send(table, file, Reason(ReasonCode.NEW, f"new: {rows(file.rows)}"))


def _beside_foreign_rows(arriving: Arriving, file: SourceFile) -> AnyChange:
    """Rows that no record explains: those of these very files after a lost state, or somebody else's."""
    table = arriving.table
    columns_fit = table.live_columns is None or set(table.live_columns) == set(file.columns)
    lost = arriving.looks_lost and columns_fit
    unexplained = f"the datatable holds {rows(table.unexplained)} that pmsync did not load"
    if not lost:
        total = number(table.live_rows + file.rows)
        sentence = f"{unexplained}; with these {number(file.rows)} it would hold {total}"
        return _added(table, file, Reason(ReasonCode.FOREIGN_ROWS, sentence))
    sentence = (
        f"{unexplained}, as many as its new sources hold: they may be earlier uploads of the same files"
    )
    if table.world.inputs.state is None:
        sentence += ", and the state was lost"
    reason, record = Reason(ReasonCode.LOST_STATE, sentence), _recorded_ways(table, file)
    if table.same_name is SameName.REPLACES:  # whatever was edited since comes with what is sent again
        replaced = table.ways.reupload("send it once more: it replaces its rows", file.address)
        return table.undecided(file, reason, (replaced, *record))
    resend = table.resend("send it once more", file.address, left=table.unexplained)
    return table.undecided(file, reason, (*record, *resend))


def _recorded_ways(table: Table, file: SourceFile) -> tuple[AnyRemedy, ...]:
    """To take it as uploaded, where its rows can be among those that are there."""
    if file.rows > table.unexplained:
        return ()
    return (table.ways.assume_uploaded("it is there: only record it", file.address),)


def _same_name_again(arriving: Arriving, file: SourceFile) -> tuple[AnyRemedy, ...]:
    """The line that makes a renamed file replace what it was: the way that neither doubles nor loses rows."""
    table = arriving.table
    if table.same_name is not SameName.REPLACES or len(arriving.left_behind) != 1 or file.append:
        return ()
    (old,) = arriving.left_behind
    name = table.held[old].name
    if any(one.name == name for one in table.files):
        return ()
    meaning = f"it is {old.key} under another name: keep the name that ProcessMind knows, so its rows go"
    return (line_to_write(meaning, f"name: {yaml_text(name)}", file.location),)


def _added(table: Table, file: SourceFile, reason: Reason, first: tuple[AnyRemedy, ...] = ()) -> AnyChange:
    """Rows beside rows that are not declared: for the user to choose."""
    table.must_choose_one(file)
    if table.gives(Consent.ADD_ROWS, file):
        return send(table, file, reason, baseline=table.accepted_with(file), needs=(Consent.ADD_ROWS,))
    add = table.ways.allow("add its rows to those", [Consent.ADD_ROWS], file.address)
    ways = [*first, add, *table.replace_ways]
    if reason.code is ReasonCode.FOREIGN_ROWS:
        ways[:0] = _recorded_ways(table, file)
    if reason.code is ReasonCode.FOREIGN_ROWS and table.same_name is SameName.REPLACES:
        place = 0 if _filled_before(table) else len(ways)
        meaning = "send it once more: it replaces the rows of an earlier upload of its name"
        ways.insert(place, table.ways.reupload(meaning, file.address))
    if reason.code is ReasonCode.FOREIGN_ROWS and table.same_name is SameName.UNKNOWN:
        sent = table.ways.reupload("then send it", file.address)
        ways.append(replace(if_it_replaces(table), then=(sent,)))
    offers = (table.offer(Consent.ADD_ROWS, file), *table.replace_offers)
    return table.undecided(file, reason, tuple(ways), offers=offers)


def _filled_before(table: Table) -> bool:
    """Whether it was filled before pmsync knew of it: perhaps by an earlier version of this very file."""
    record = table.world.state.datatables.get(table.address)
    return not table.held and (record is None or record.origin is Origin.ADOPTED)
