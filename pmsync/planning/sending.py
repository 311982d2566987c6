"""One file on its way to a datatable: what it takes away, what it must be agreed to for, what follows it."""

from __future__ import annotations

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.plan import AnyChange, NoOp, Upload
from pmsync.model.project import OtherName
from pmsync.model.reason import Reason, ReasonCode
from pmsync.model.source import SourceFile
from pmsync.model.state import UploadRecord
from pmsync.planning.table import Table
from pmsync.planning.wording import number, rows

FEWEST_ROWS = 100
"""A drop of fewer rows than this needs no consent, whatever share of all it is."""


def first_uploads(
    files: tuple[SourceFile, ...], reason: Reason, requires: tuple[Address, ...], *, other_name: OtherName
) -> tuple[AnyChange, ...]:
    """Everything that fills a datatable which is still to be made."""
    seen: dict[str, Address] = {}
    changes: list[AnyChange] = []
    for file in files:
        if file.sha256 in seen:
            changes.append(sent_once(file, seen[file.sha256]))
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


def sent_once(file: SourceFile, other: Address, live_id: str = "") -> NoOp:
    """Another declared source of the datatable stands for this one too."""
    sentence = f"the same content as {other}; it is sent once"
    reason = Reason(ReasonCode.SAME_CONTENT, sentence)
    return NoOp(address=file.address, reason=reason, live_id=live_id, location=file.location)


def send(
    table: Table,
    file: SourceFile,
    reason: Reason,
    *,
    leaving: int = 0,
    baseline: int | None = None,
    needs: tuple[Consent, ...] = (),
) -> Upload:
    """The upload to a live datatable, which takes `leaving` rows of its own name away.

    Where other names replace, it takes everything away, and rows that nobody accounts for are a loss.
    """
    name = table.name_of(file)
    others = tuple(sorted(one for one in table.held if one != file.address))
    drops = tuple(one for one in others if table.held[one].name == name)
    if table.other_name is OtherName.REPLACES:
        drops, leaving, baseline = others, table.live_rows, 0
        needs = (Consent.LOSS,) if table.live_rows > table.rows_on_record + max(0, table.resent) else ()
    lost = _lost(table, file, reason, leaving)
    if lost is not None:
        needs = (Consent.LOSS, *(one for one in needs if one is not Consent.LOSS))
        reason = lost
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


def same_name(table: Table, file: SourceFile) -> tuple[Address, UploadRecord] | None:
    """The upload on record that has this source's name in the tenant."""
    for address in table.held_named.get(table.name_of(file), ()):
        return address, table.held[address]
    return None


def _lost(table: Table, file: SourceFile, reason: Reason, leaving: int) -> Reason | None:
    """The reason of an upload that takes so much away that `loss` is needed; None: it does not.

    A few rows come and go every day; half of them, and at least a hundred, hardly do.
    """
    if file.rows == 0:
        if not _would_empty(table, file):
            return None
        return Reason(ReasonCode.NO_ROWS, "the new content has no data rows, and the state holds rows")
    gone = leaving - file.rows
    if gone < FEWEST_ROWS or gone <= table.max_row_drop * leaving:
        return None
    counts = f"{rows(leaving)} become {number(file.rows)}"
    said = reason.sentence if counts in reason.sentence else f"{reason.sentence}; {counts}"
    share = f"{100 * gone / leaving:.1f}% fewer, and maxRowDrop is {100 * table.max_row_drop:g}%"
    return Reason(reason.code, f"{said}: {share}")


def _would_empty(table: Table, file: SourceFile) -> bool:
    """Whether content without rows takes the place of rows on record."""
    if table.other_name is not OtherName.ADDS:
        return table.rows_on_record > 0
    found = same_name(table, file)
    return found is not None and found[1].rows > 0
