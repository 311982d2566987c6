"""Errors for people and for programs: what happened, where, and what to do; never a traceback.

A problem in a file is one line that editors and CI can jump to: `manifests/o2c.yaml:14:7: error[PM012]: …`.
"""

from __future__ import annotations

from typing import Any, Final

from pmsync.diagnostics import Diagnostic
from pmsync.errors import MOST_TOLD, InputError, PmsyncError
from pmsync.model.plan import Plan
from pmsync.views.document import change_line, plain
from pmsync.views.escape import terminal, to_json
from pmsync.views.lines import MARGIN, paragraph
from pmsync.views.remedies import CommandLines

ERROR_FORMAT: Final = "1.0"

_COMMAND: Final = "  → pmsync "


def error_text(error: PmsyncError, *, width: int = 0) -> str:
    """The error as lines of plain text, each complete, so that they can be searched for.

    `width`: of the terminal that they are shown on: there they are wrapped at their spaces.
    """
    lines = _lines(error)
    return "".join(f"{one}\n" for text in lines for one in wrapped(text, width))


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many cells, as far as its words are no longer; 0: in one.

    Commands stay whole.
    """
    if not width or text.startswith(_COMMAND):
        return [text]
    start = len(text) - len(text.lstrip())
    lines = paragraph(text.lstrip(), width=width, indent=start, hang=MARGIN)
    return [" " * one.indent + "".join(piece.text for piece in one.pieces) for one in lines]


def error_json(error: PmsyncError) -> str:
    """The error as JSON, exact."""
    return to_json(error_fields(error)) + "\n"


def error_line(error: PmsyncError) -> str:
    """The error as one line of JSON, for logs that programs read."""
    return to_json({"event": "error", **error_fields(error)}, indent=None) + "\n"


def error_fields(error: PmsyncError) -> dict[str, Any]:
    """What a program needs to know of an error."""
    fields: dict[str, Any] = {
        "formatVersion": ERROR_FORMAT,
        "error": {
            "kind": type(error).__name__,
            "message": error.what,
            "where": error.where or "",
            "hint": error.hint or "",
            "exitCode": error.exit_code,
        },
    }
    if error.details:
        fields["error"]["details"] = list(error.details)
    if isinstance(error.plan, Plan):
        fields["blocked"] = _blocked(error.plan)
    if isinstance(error, InputError):
        fields["diagnostics"] = [_fields(one) for one in error.diagnostics]
        fields["moreDiagnostics"] = error.untold
    return fields


def _blocked(plan: Plan) -> list[dict[str, Any]]:
    """What stands in the way of each blocked change, as in the plan's own JSON."""
    commands = CommandLines.of(plan)
    lines = (change_line(change, commands) for change in plan.blocked)
    return [{"address": one.address, **plain(one.block)} for one in lines if one.block is not None]


def diagnostic_line(diagnostic: Diagnostic) -> str:
    """One problem: `manifests/o2c.yaml:14:7: error[PM012]: unknown key 'tpye' (…)`."""
    return terminal(str(diagnostic))


def _lines(error: PmsyncError) -> list[str]:
    if isinstance(error, InputError):
        more = [f"and {error.untold:,} more"] if error.untold else []
        told = [f"  → pmsync explain {one.code} says more" for one in error.diagnostics[:1]]
        return [*map(diagnostic_line, error.diagnostics), *more, f"error: {error.what}", *told]
    place = f"{terminal(error.where)}: " if error.where else ""
    lines = [f"error: {place}{terminal(error.what)}"]
    lines += [f"  {terminal(one)}" for one in error.details[:MOST_TOLD]]
    if len(error.details) > MOST_TOLD:
        lines.append(f"  and {len(error.details) - MOST_TOLD:,} more")
    if error.hint:
        lines.append(f"  → {terminal(error.hint)}")
    return lines


def _fields(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "file": diagnostic.location.file,
        "line": diagnostic.location.line,
        "column": diagnostic.location.column,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "suggestion": diagnostic.suggestion or "",
    }
