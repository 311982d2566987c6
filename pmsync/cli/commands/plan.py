"""`pmsync plan`: what an apply would do, without doing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pmsync.cli.options import output_options, planning_options
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import InputError

if TYPE_CHECKING:
    from pmsync.model.options import PlanningOptions

Reports = tuple[tuple[str, str], ...]


@click.command()
@click.pass_obj
@planning_options(destroy=True)
@output_options
@click.option("--out", metavar="FILE", help="Save the plan, to be applied with: pmsync apply FILE.")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit 2 if there are changes (with --refresh-only: drift), 3 if some are blocked.",
)
def command(
    options: GlobalOptions,
    *,
    planning: PlanningOptions,
    format_: str,
    reports: Reports,
    out: str | None,
    detailed_exitcode: bool,
) -> int:
    """Show what apply would do, and why. Sends GETs only."""
    return show_plan(options, planning, format_, reports, out=out, detailed=detailed_exitcode)


def show_plan(
    options: GlobalOptions,
    planning: PlanningOptions,
    format_: str,
    reports: Reports,
    *,
    out: str | None = None,
    detailed: bool = False,
) -> int:
    """Plan and show; the exit code is 7 where source files have problems, else 0 unless `detailed` asks."""
    from pmsync.cli import output  # noqa: PLC0415
    from pmsync.cli.failure import told  # noqa: PLC0415
    from pmsync.cli.flow import (  # noqa: PLC0415
        plan_exit_code,
        proposal,
        say_if_locked,
        say_if_no_state,
        say_if_older,
    )
    from pmsync.cli.runtime import at_work  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.engine.readiness import problems_in  # noqa: PLC0415
    from pmsync.views.document import to_json  # noqa: PLC0415
    from pmsync.views.plan_text import plan_text  # noqa: PLC0415

    here = site(options, may_default=output.may_ask())
    with output.progress(options) as observer, at_work(here, observer) as work:
        found = proposal(work, planning)
    say_if_no_state(work, found)
    as_json = to_json(found.document)
    if out:
        output.save(out, as_json)
    for form, path in (*reports, (format_, "-")):
        look = output.look(options) if path == "-" else output.look_of_file(options)
        text = as_json if form == "json" else plan_text(found.document, look, saved_as=out or "")
        output.save(path, text)
    say_if_older(work, found)
    say_if_locked(work)
    if problems := problems_in(found.plan):
        return told(InputError(problems), options)  # the plan is the result, on stdout and in reports
    return plan_exit_code(found.plan, detailed=detailed)
