"""Source files of one datatable: which are sent, which are on record, which wait for the user.

Each rule is one row of the table "Source files" in docs/planning.md: the first that matches wins. What the
tenant holds is judged by content on record and by the row count, as the API lists no uploads and gives no
hash (vendor's API reference: no endpoint for either). Content that is not on record is in arriving.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.notes import Leftover
from pmsync.model.outcome import Drop, Put
from pmsync.model.plan import AnyChange, Move, NoOp, RecordState, Upload
from pmsync.model.project import OtherName, SameName
from pmsync.model.reason import BlockCode, Reason, ReasonCode
from pmsync.model.remedy import Act, AnyRemedy, ByHand
from pmsync.model.source import SourceFile
from pmsync.model.state import Evidence, UploadRecord
from pmsync.planning.arriving import Arriving, again, new_content
from pmsync.planning.behaviour import uploads_line
from pmsync.planning.inputs import World
from pmsync.planning.sending import sent_once
from pmsync.planning.settled import settle
from pmsync.planning.table import Decided, Table, stale
from pmsync.planning.wording import number, rows


class Filled(Struct, frozen=True):
    """What is to be done with one datatable's sources, and what stays in it undeclared."""

    changes: tuple[AnyChange, ...]
    leftovers: tuple[Leftover, ...] = ()


def source_changes(table: Table) -> Filled:
    """One change for each source file of a live datatable, and one for each upload that must be settled."""
    for file in table.files if table.world.inputs.options.reupload else ():
        table.must_not_contradict(file)
    decided: Decided = {}
    table = settle(table, decided)
    _same_content(table, decided)
    table = _moved(table, decided)
    for file in table.files:
        if file.address not in decided and table.holds(file):
            decided[file.address] = _recorded(table, file, table.held[file.address])
    table = _assumed(table, decided)
    arriving = Arriving.among(table, decided)
    for file in arriving.files:
        decided[file.address] = new_content(arriving, file)
    changes = tuple(decided[address] for address in sorted(decided))
    return Filled(changes, _leftovers(table, decided))


def in_sync(
    world: World, live_id: str, held: Mapping[Address, UploadRecord], files: tuple[SourceFile, ...]
) -> Filled | None:
    """What most datatables come to: their files are on record and nothing else is; None: ask the rules."""
    if len(files) != len(held) or world.inputs.options.reupload or world.announced_uploads.get(live_id):
        return None
    for file in files:
        record = held.get(file.address)
        if record is None or record.sha256 != file.sha256 or record.is_unseen:
            return None
    changes = [
        NoOp(address=file.address, reason=_ON_RECORD, live_id=live_id, location=file.location)
        for file in files
    ]
    return Filled(tuple(sorted(changes, key=attrgetter("address"))))


_ON_RECORD = Reason(ReasonCode.IN_SYNC, "this content is in the state")


def _same_content(table: Table, decided: Decided) -> None:
    """Of several declared files with one content, the one on record (or the first) stands for all."""

    def last(file: SourceFile) -> tuple[bool, Address]:
        return (not table.holds(file) and file.address not in decided, file.address)

    standing: dict[str, SourceFile] = {}
    for file in sorted(table.files, key=last):
        first = standing.setdefault(file.sha256, file)
        if first is not file and file.address not in decided and not table.holds(file):
            decided[file.address] = sent_once(file, first.address, table.live_id)


def _moved(table: Table, decided: Decided) -> Table:
    """Content on record under a name that is no longer declared: only the record moves.

    If the new name is on record with other content, the two records change places, so that the rows of
    both stay accounted for; what is free by that may move in turn.
    """
    free = deque(sorted(table.held.keys() - table.declared.keys() - set(table.troubled)))
    if not free:
        return table
    held, origins = dict(table.held), dict[Address, Address]()
    waiting: dict[str, deque[SourceFile]] = {}
    for file in table.files:
        if file.address not in decided and not table.holds(file):
            waiting.setdefault(file.sha256, deque()).append(file)
    while free:
        origin = free.popleft()
        if not (files := waiting.get(held[origin].sha256)):
            continue
        file = files.popleft()
        here = held.get(file.address)
        former = held.pop(origin)
        held[file.address] = replace(former, path=file.path, append=file.append)
        origins[file.address] = origin
        if here is not None:
            held[origin] = replace(here, path=former.path)
            free.append(origin)
    for one in origins:
        decided[one] = _move(table, held, table.declared[one], origins)
    return table.holding(held)


def _move(
    table: Table,
    held: Mapping[Address, UploadRecord],
    file: SourceFile,
    origins: Mapping[Address, Address],
) -> Move:
    """One of these moves. Where one made room for another, each says all of them: none is right alone."""
    origin, record = origins[file.address], held[file.address]
    chained = len(set(origins.values())) < len(origins)
    touched = sorted({*origins, *origins.values()}) if chained else [origin, file.address]
    sentence = f"renamed from {origin.key}; ProcessMind keeps '{record.name}'"
    return Move(
        address=file.address,
        reason=Reason(ReasonCode.NAME_CHANGED, sentence),
        live_id=table.live_id,
        location=file.location,
        origin=origin,
        entries=tuple(Put(one, held[one]) if one in held else Drop(one) for one in touched),
    )


def _recorded(table: Table, file: SourceFile, record: UploadRecord) -> AnyChange:
    """A file whose content is on record under its name."""
    if table.reuploaded(file.address):
        return again(table, file, left=table.left_of(file.address))
    cannot_show = not table.counted and not table.assumed(file.address)
    if not record.is_unseen or not table.verifies or cannot_show:
        return NoOp(address=file.address, reason=_ON_RECORD, live_id=table.live_id, location=file.location)
    if table.counted and table.unexplained == 0:
        reason = Reason(ReasonCode.ROWS_SEEN, "ProcessMind now shows the rows")
        return _state_only(table, file, reason, replace(record, evidence=Evidence.ROWS))
    expected = table.baseline + table.rows_on_record
    if table.assumed(file.address):
        shown = (
            f"ProcessMind shows {number(table.live_rows)} of {rows(expected)}"
            if table.counted
            else _UNCOUNTED
        )
        reason = Reason(ReasonCode.ASSUMED, f"{_TAKEN}: {shown}")
        return _state_only(table, file, reason, replace(record, evidence=Evidence.ASSUMED))
    sentence = f"stored, but ProcessMind shows {number(table.live_rows)} of {rows(expected)}"
    done = table.ways.assume_uploaded("take it as done", file.address)
    again_ = table.resend("send it once more", file.address, left=table.left_of(file.address))
    wait = table.ways.plan_again("wait: ProcessMind may still be loading it")
    ways: tuple[AnyRemedy, ...] = (done,)
    if _alone(table, record):
        ways = (wait, _one_source(table))
    elif table.unexplained <= 0:
        ways = (wait, *again_, done)
    elif table.same_name is SameName.REPLACES:  # more rows than no wait can mend
        ways = (*again_, done)
    reason = Reason(ReasonCode.UNCONFIRMED, sentence)
    return table.undecided(file, reason, ways, code=BlockCode.UNCONFIRMED)


def _alone(table: Table, record: UploadRecord) -> bool:
    """Whether the rows are just this upload's, where nobody said what it does to those of others."""
    others = table.rows_on_record > record.rows
    return table.other_name is OtherName.UNKNOWN and others and table.live_rows == record.rows


def _one_source(table: Table) -> AnyRemedy:
    """What is left to do on a tenant that keeps the last file alone: say so, and declare no more than one."""
    environment = table.world.inputs.environment
    behaviour = replace(environment.uploads, other_name=OtherName.REPLACES)
    learnt = uploads_line(environment, behaviour, "or, as an upload replaces those of other names")
    declare = ByHand(meaning="declare one source for each datatable", act=Act.DECLARE, address=table.address)
    return replace(learnt, then=(declare,))


_TAKEN = "taken as uploaded, as you say"
_UNCOUNTED = "the row count cannot show it"


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
    """New content that the user says is there already: recorded, and counted for the others.

    In address order, as far as the rows go: what is not there can be nobody's word, and would never be
    sent again.
    """
    if not table.world.inputs.options.assume_uploaded:
        return table
    beyond = False
    for file in table.files:
        if file.address in decided or not _may_be_taken(table, file):
            continue
        table.must_choose_one(file)
        record = table.record_of(file, Evidence.ASSUMED)
        after = table.holding({**table.held, file.address: record})
        beyond |= after.unexplained < min(0, table.unexplained)
        if beyond and file.rows:
            decided[file.address] = _not_there(table, after, file)
            continue
        shown = _shown(table, file)
        reason = Reason(ReasonCode.ASSUMED, f"{_TAKEN}: {shown}")
        decided[file.address] = _state_only(table, file, reason, record)
        table = after
    return table


def _may_be_taken(table: Table, file: SourceFile) -> bool:
    """Whether the user's word is asked for: nobody saw, or said, that content of this source is there."""
    held = table.held.get(file.address)
    return table.assumed(file.address) and (held is None or held.evidence is Evidence.STORED)


def _shown(table: Table, file: SourceFile) -> str:
    if not table.counted or not file.rows:
        return _UNCOUNTED
    return f"its {rows(file.rows)} are among {number(table.unexplained)} that pmsync did not load"


def _not_there(table: Table, after: Table, file: SourceFile) -> AnyChange:
    """A file that is said to be there, and whose rows are not."""
    expected = after.live_rows - after.unexplained
    sentence = (
        f"--assume-uploaded says that ProcessMind holds it, but it shows {number(table.live_rows)} of "
        f"{rows(expected)}"
    )
    ways = (
        *table.resend("send it", file.address, left=table.unexplained),
        table.ways.command("accept the rows that are there as they are", "state", "accept", table.address),
    )
    return table.undecided(file, Reason(ReasonCode.ASSUMED, sentence), ways)


def _leftovers(table: Table, decided: Decided) -> tuple[Leftover, ...]:
    """Uploads whose rows stay in the datatable although no declared source has their content."""
    replaced = {one for change in decided.values() if isinstance(change, Upload) for one in change.drops}
    return tuple(
        Leftover(address, record.rows, recent=address.key in table.removed or address in table.declared)
        for address, record in stale(table, decided).items()
        if address not in replaced
    )
