"""`pmsync show PLAN`: a saved plan, as it was shown when it was made."""

from __future__ import annotations

import click

from pmsync.cli import output
from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions


@click.command()
@click.argument("plan", type=click.Path())
@format_option
@click.pass_obj
def command(options: GlobalOptions, plan: str, format_: str) -> None:
    """Show a saved plan. Sends nothing, and needs neither the repository nor the key."""
    from pmsync.loading.planfile import read_plan_file  # noqa: PLC0415 - pydantic
    from pmsync.views.document import to_json  # noqa: PLC0415
    from pmsync.views.plan_text import plan_text, warnings  # noqa: PLC0415

    document = read_plan_file(plan)
    for line in warnings(document):
        output.warn(options, line)
    text = None if format_ == "text" else to_json(document)
    output.emit(text or plan_text(document, output.look(options), saved_as=plan))
