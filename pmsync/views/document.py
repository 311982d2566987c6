"""Plan -> PlanDocument -> JSON: what the outside gets to see of a plan.

Names and sentences stay as they are: whoever shows them escapes them. This module must not know
colours or widths.
"""

from __future__ import annotations

from typing import Any, assert_never

from msgspec import Struct, to_builtins

from pmsync import __version__
from pmsync.diagnostics import Diagnostic
from pmsync.model.address import Address
from pmsync.model.document import (
    PLAN_FORMAT,
    BlockLine,
    ChangeLine,
    DuplicateLine,
    LeftoverLine,
    LossLine,
    NoteLine,
    OptionLines,
    PlanDocument,
    ProblemLine,
    StakeLine,
    WayOutLine,
)
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import (
    Adopt,
    AnyChange,
    CreateDataset,
    CreateDatatable,
    CreateFolder,
    Delete,
    Forget,
    Move,
    NoOp,
    Plan,
    RecordState,
    Replace,
    Retire,
    Undecided,
    Upload,
    action_of,
)
from pmsync.model.reason import AtStake, Block
from pmsync.views.escape import to_json as json_text
from pmsync.views.remedies import CommandLines


def document(plan: Plan) -> PlanDocument:
    """The public shape of a plan: everything but what is in sync."""
    commands = CommandLines.of(plan)
    return PlanDocument(
        format_version=PLAN_FORMAT,
        pmsync_version=__version__,
        environment=plan.environment,
        tenant_id=plan.binding.tenant_id,
        host=plan.binding.host,
        emulated=plan.emulated,
        protected=plan.protected,
        lineage=plan.lineage,
        options=_options(plan.options),
        digest=plan.digest,
        structure_digest=plan.structure_digest,
        changes=tuple(change_line(change, commands) for change in plan.steps),
        drift=tuple(change_line(change, commands) for change in plan.drifted),
        notes=tuple(
            NoteLine(address=note.address, sentence=note.sentence, code=note.code)
            for note in (*plan.notes, *plan.unfit)
        ),
        leftovers=tuple(
            LeftoverLine(address=left.address, rows=left.rows, recent=left.recent) for left in plan.leftovers
        ),
        duplicates=tuple(
            DuplicateLine(address=one.address, live_id=one.live_id, others=one.others, certain=one.certain)
            for one in plan.duplicates
        ),
        unmanaged=plan.unmanaged,
        unchanged=len(plan.changes) - len(plan.steps),
        first_run=plan.first_run,
    )


def to_json(whole: PlanDocument) -> str:
    """The document as JSON with camelCase keys; optional fields that say nothing are left out."""
    return json_text(plain(whole)) + "\n"


def change_line(change: AnyChange, commands: CommandLines) -> ChangeLine:
    """The public shape of one change, with its remedies as they are typed."""
    return ChangeLine(
        action=action_of(change).value,
        address=str(change.address),
        reason=change.reason.code.value,
        sentence=change.reason.sentence,
        live_id=change.live_id,
        needs=tuple(consent.value for consent in change.needs),
        block=None if change.block is None else _block(change.block, change, commands),
        requires=tuple(str(address) for address in change.requires),
        location="" if change.location is None else str(change.location),
        **_own(change),
    )


def plain(part: Struct) -> dict[str, Any]:
    """A part of the document as dicts and lists with camelCase keys, ready for JSON."""
    made: dict[str, Any] = to_builtins(part, enc_hook=_text)
    return made


def _text(address: object) -> str:
    """The only class in a document that the library does not know."""
    assert isinstance(address, Address), type(address)
    return str(address)


def _own(change: AnyChange) -> dict[str, Any]:  # noqa: PLR0911 - one return for each kind of change
    """What only changes of this kind have."""
    match change:
        case CreateFolder():
            parent = "" if change.parent is None else change.parent.key
            return {"name": change.display_name, "folder": parent}
        case CreateDataset():
            return {"name": change.display_name, "folder": Address.folder(change.folder).key}
        case CreateDatatable():
            return {"name": change.display_name}
        case Adopt():
            return {"name": change.display_name, "facts": change.facts}
        case Move():
            return {"origin": str(change.origin)}
        case Upload():
            return _upload(change)
        case Replace():
            folder = Address.folder(change.folder).key
            return {"name": change.display_name, "folder": folder, "stake": _stake(change.stake)}
        case Delete() | Retire():
            return {"name": change.display_name, "stake": _stake(change.stake)}
        case NoOp():
            return {"drift": change.drift}
        case Undecided():
            return {"problems": tuple(map(_problem, change.problems))}
        case RecordState() | Forget():
            return {}
        case _:
            assert_never(change)


def _upload(change: Upload) -> dict[str, Any]:
    before = change.rows_before
    # A datatable that is still to be made is filled by several files: no one of them knows the sum.
    after = None if before is None else before - change.rows_leaving + change.file.rows
    return {
        "name": change.name,
        "content": change.file.sha256,
        "path": change.file.path,
        "size": change.file.size,
        "rows": change.file.rows,
        "rows_before": before,
        "rows_after": after,
    }


def _problem(problem: Diagnostic) -> ProblemLine:
    return ProblemLine(
        file=problem.location.file,
        line=problem.location.line,
        column=problem.location.column,
        code=problem.code,
        message=problem.message,
        suggestion=problem.suggestion or "",
        declared=str(problem.declared or ""),
    )


def _block(block: Block, change: AnyChange, commands: CommandLines) -> BlockLine:
    remedies = tuple(commands.line(one, change) for one in block.remedies)
    ways = tuple(WayOutLine(meaning=one.meaning, command=one.text) for one in remedies)
    return BlockLine(code=block.code.value, sentence=block.sentence, ways_out=ways, remedies=remedies)


def _stake(stake: AtStake) -> StakeLine:
    lost = tuple(LossLine(what=str(loss.what), rows=loss.rows, why=loss.why) for loss in stake.lost)
    return StakeLine(datatables=stake.datatables, rows=stake.rows, last_upload=stake.last_upload, lost=lost)


def _options(options: PlanningOptions) -> OptionLines:
    return OptionLines(
        variables=options.variables,
        allow=tuple(str(allow) for allow in options.allow),
        assume_uploaded=options.assume_uploaded,
        reupload=options.reupload,
        select=options.select,
        exclude=options.exclude,
        no_data=options.no_data,
        refresh_only=options.refresh_only,
        new_state=options.new_state,
        destroy=options.destroy,
    )
