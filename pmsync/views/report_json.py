"""What an apply came to, as JSON: a public shape with a version of its own.

Complete whatever the exit code: every change with its fate and the id the tenant gave it.
"""

from __future__ import annotations

from typing import Any, Final

from pmsync import __version__
from pmsync.model.plan import Plan
from pmsync.model.report import Fate, Report, Result
from pmsync.views.document import change_line, plain
from pmsync.views.escape import to_json
from pmsync.views.remedies import CommandLines

REPORT_FORMAT: Final = "1.0"


def report_json(report: Report, *, plan: Plan, exit_code: int) -> str:
    """The report as JSON; `plan` is the one that ran."""
    commands = CommandLines.of(plan)
    return (
        to_json(
            {
                "formatVersion": REPORT_FORMAT,
                "pmsyncVersion": __version__,
                "environment": plan.environment,
                "digest": plan.digest,
                "exitCode": exit_code,
                "convergence": report.convergence.value,
                "remaining": list(report.remaining),
                "counts": {fate.value: len(report.of(fate)) for fate in Fate},
                "results": [_result(result, commands) for result in report.results],
            }
        )
        + "\n"
    )


def _result(result: Result, commands: CommandLines) -> dict[str, Any]:
    change = plain(change_line(result.change, commands))
    return {
        "fate": result.fate.value,
        "liveId": result.live_id or change.get("liveId", ""),
        "problem": result.problem,
        "hint": result.hint,
        "note": result.note,
        "exitCode": result.exit_code,
        "change": change,
    }
