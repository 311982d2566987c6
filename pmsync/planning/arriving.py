"""Content that is not on record: sent, or waiting for the user to say how it relates to the rows there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.plan import AnyChange, Undecided
from pmsync.model.project import OtherName, SameName
from pmsync.model.reason import BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy, Edit
from pmsync.model.source import SourceFile
from pmsync.model.state import UploadRecord
from pmsync.planning.sending import same_name, send
from pmsync.planning.table import Decided, Table, stale
from pmsync.planning.wording import line_to_write, number, rows, yaml_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """The files of a datatable that nothing was decided about, and what they have in common.

    `waits_for`: an upload of which nobody knows yet whether it arrived. `repaired`: something is sent again
    because rows are missing. `left_behind`: rows of sources that are gone and did not mean to add up.
    `looks_lost`: the unexplained rows are those of one or of all of these files.
    """

    table: Table
    files: tuple[SourceFile, ...]
    waits_for: Address | None
    repaired: bool
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
        left = stale(table, decided).items()
        return cls(
            table=table,
            files=files,
            waits_for=next(waits_for, None),
            repaired=any(one.reason.code is ReasonCode.REUPLOAD_ASKED for one in decided.values()),
            left_behind={address: record.rows for address, record in left if not record.append},
            looks_lost=table.unexplained
            in {sum(file.rows for file in files), *(file.rows for file in files)},
            shares=_shares(table, files),
        )


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
    if table.unexplained < 0 and not arriving.repaired and not table.reuploaded(file.address):
        return _rows_missing(table, file)
    if (rotated := rotation(table, file)) is not None:
        return rotated
    if (found := same_name(table, file)) is not None:
        return _changed(table, file, *found)
    return _new_name(arriving, file)


def _rows_missing(table: Table, file: SourceFile) -> Undecided:
    expected = table.baseline + table.rows_on_record
    sentence = f"ProcessMind shows {number(table.live_rows)} of the {rows(expected)} loaded earlier"
    everything = Address(f"{table.address}/*")
    ways = (
        table.ways.reupload("load the datatable's sources again", everything),
        table.ways.command("accept what is there now", "state", "accept", table.address),
    )
    return table.undecided(file, Reason(ReasonCode.ROWS_MISSING, sentence), ways)


def rotation(table: Table, file: SourceFile) -> Undecided | None:
    """Contents that changed places among declared names: an upload would replace what is still wanted."""
    sentence = _rotated(table, file, table.name_of(file))
    if sentence is None:
        return None
    line = f"name: {yaml_text(f'new-{file.name}')}"
    ways = (line_to_write("give one of the two a name of its own", line, file.location),)
    return table.undecided(file, Reason(ReasonCode.ROTATION, sentence), ways)


def _rotated(table: Table, file: SourceFile, name: str) -> str | None:
    for one in table.held_named.get(name, ()):
        if one in table.declared and file.address not in table.held:
            return f"ProcessMind's '{name}' is what {one.key} is called there"
        homes = table.declared_with.get(table.held[one].sha256, ())
        if homes:
            return f"ProcessMind's '{name}' holds content that is now declared as {homes[0].key}"
    for one in table.held_with.get(file.sha256, ()):
        return f"ProcessMind holds this content as '{table.held[one].name}', which is declared otherwise"
    return None


def _changed(table: Table, file: SourceFile, address: Address, record: UploadRecord) -> AnyChange:
    match table.same_name:
        case SameName.REPLACES:
            sentence = f"changed: {rows(record.rows)} become {number(file.rows)}"
            return send(table, file, Reason(ReasonCode.CHANGED, sentence), leaving=table.left_of(address))
        case SameName.APPENDS:
            total = table.live_rows + file.rows
            sentence = (
                f"changed, and this tenant appends: {number(table.live_rows)} + {number(file.rows)} "
                f"= {rows(total)}, so the old content would stay beside the new"
            )
            reason = Reason(ReasonCode.WOULD_DOUBLE, sentence)
            return table.undecided(file, reason, table.replace_ways, offers=table.replace_offers)
        case SameName.UNKNOWN:
            return same_name_unknown(table, file)
        case _:
            assert_never(table.same_name)


def same_name_unknown(table: Table, file: SourceFile) -> Undecided:
    """A second upload of a name, where nobody said what it does to the rows of the first."""
    sentence = "uploads.sameName is not set: a second upload of a name may replace the rows or add to them"
    ways = (
        _behaviour(table, "if it replaces the rows", SameName.REPLACES),
        _behaviour(table, "if it adds to them", SameName.APPENDS),
    )
    return table.undecided(file, Reason(ReasonCode.SAME_NAME_UNKNOWN, sentence), ways)


def _behaviour(table: Table, meaning: str, same_name: SameName) -> Edit:
    """The whole `uploads:` line, with what it says already."""
    environment = table.world.inputs.environment
    said = "" if table.other_name is OtherName.UNKNOWN else f", otherName: {table.other_name}"
    line = f"uploads: {{sameName: {same_name}{said}}}"
    return line_to_write(f"{meaning}, write below {environment.name}", line, environment.location)


def _new_name(arriving: Arriving, file: SourceFile) -> AnyChange:
    table = arriving.table
    if table.other_name is OtherName.REPLACES:
        sentence = f"new; it replaces the {rows(table.live_rows)} of other names"
        return send(table, file, Reason(ReasonCode.NEW, sentence))
    if table.unexplained > 0:
        return _beside_foreign_rows(arriving, file)
    if arriving.left_behind:
        count = sum(arriving.left_behind.values())
        sentence = (
            f"the rows of {min(arriving.left_behind).key} are still there: "
            f"{number(count)} + {number(file.rows)} = {rows(count + file.rows)}"
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
    replaces = table.same_name is SameName.REPLACES
    sum_of = (
        f"the datatable holds {rows(table.unexplained)} that pmsync did not load; "
        f"with these {number(file.rows)} it would hold {number(table.live_rows + file.rows)}"
    )
    if table.reuploaded(file.address) and (lost or replaces):
        table.must_choose_one(file)
        reason = Reason(ReasonCode.REUPLOAD_ASKED, "re-upload (--reupload)")
        return send(table, file, reason, leaving=arriving.shares[file.address] if replaces else 0)
    if not lost:
        return _added(table, file, Reason(ReasonCode.FOREIGN_ROWS, sum_of))
    sentence = (
        f"{rows(table.unexplained)} are there that the state does not explain, just as many as "
        f"the new sources hold: they may be earlier uploads of the same files"
    )
    record = table.ways.assume_uploaded("it is there: only record it", file.address)
    if replaces:  # what is sent again takes the place of what is there, and brings whatever was edited since
        again = table.ways.reupload("send it once more: it replaces its rows", file.address)
        return table.undecided(file, Reason(ReasonCode.LOST_STATE, sentence), (again, record))
    total = rows(table.live_rows + file.rows)
    again = table.ways.reupload(f"send it once more: {total} then, unless it replaces", file.address)
    return table.undecided(file, Reason(ReasonCode.LOST_STATE, sentence), (record, again))


def _same_name_again(arriving: Arriving, file: SourceFile) -> tuple[AnyRemedy, ...]:
    """The line that makes a renamed file replace what it was: the way that neither doubles nor loses rows."""
    table = arriving.table
    if table.same_name is not SameName.REPLACES or len(arriving.left_behind) != 1 or file.append:
        return ()
    (old,) = arriving.left_behind
    meaning = f"it is {old.key} under another name: keep the name that ProcessMind knows, so its rows go"
    return (line_to_write(meaning, f"name: {yaml_text(table.held[old].name)}", file.location),)


def _added(table: Table, file: SourceFile, reason: Reason, first: tuple[AnyRemedy, ...] = ()) -> AnyChange:
    """Rows beside rows that are not declared: for the user to choose."""
    table.must_choose_one(file)
    if table.gives(Consent.ADD_ROWS, file):
        accepted = table.baseline + table.unexplained
        return send(table, file, reason, baseline=accepted, needs=(Consent.ADD_ROWS,))
    add = table.ways.allow("add its rows to those", [Consent.ADD_ROWS], file.address)
    ways = [*first, add, *table.replace_ways]
    if reason.code is ReasonCode.FOREIGN_ROWS:
        ways.insert(0, table.ways.assume_uploaded("it is there: only record it", file.address))
        if table.same_name is SameName.REPLACES:
            ways.append(table.ways.reupload("send it once more", file.address))
    offers = (table.offer(Consent.ADD_ROWS, file), *table.replace_offers)
    return table.undecided(file, reason, tuple(ways), offers=offers)
