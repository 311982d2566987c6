"""`pmsync show PLAN`: read a saved plan, and show it."""

from __future__ import annotations

from pmsync.cli import output
from pmsync.cli.settings import GlobalOptions
from pmsync.loading.planfile import read_plan_file
from pmsync.views.document import to_json
from pmsync.views.plan_text import plan_text, warnings


def show(options: GlobalOptions, plan: str, format_: str) -> None:
    """Show the plan in this file; its warnings go to stderr."""
    document = read_plan_file(plan)
    for line in warnings(document):
        output.warn(options, line)
    text = None if format_ == "text" else to_json(document)
    output.emit(text or plan_text(document, output.look(options), saved_as=plan))
