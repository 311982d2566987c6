"""`pmsync apply`: make the tenant what the manifests declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pmsync.cli import output
from pmsync.cli.commands.plan import Reports, show_plan
from pmsync.cli.options import output_options, planning_options
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import UsageProblem

if TYPE_CHECKING:
    from pmsync.cli.flow import Approved, Wish
    from pmsync.model.options import PlanningOptions
    from pmsync.model.report import Report


@click.command()
@click.pass_obj
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@planning_options(destroy=False)
@output_options
@click.option("--dry-run", is_flag=True, help="The same as plan.")
@click.option("--expect", metavar="DIGEST", help="Run only the plan of this digest (or structure digest).")
@click.option("--auto-approve", is_flag=True, help="Ask nothing; covers only what needs no consent.")
@click.option("--safe-only", is_flag=True, help="Run what is ready, leave the rest pending, exit 0.")
@click.option("--older", is_flag=True, help="Apply this commit although a newer one was applied.")
@click.option("--fail-fast", is_flag=True, help="Start nothing new after the first failure.")
def command(  # noqa: PLR0913 - one parameter for each option
    options: GlobalOptions,
    *,
    file: str | None,
    planning: PlanningOptions,
    format_: str,
    reports: Reports,
    expect: str | None,
    dry_run: bool,
    **flags: bool,
) -> int:
    """Plan, ask, and run. FILE is a plan saved with plan --out: it bounds what may run."""
    from pmsync.cli.flow import Wish  # noqa: PLC0415

    if dry_run:
        return show_plan(options, planning, format_, reports)
    wish = Wish(**flags, show=format_ == "text")
    approved, planning = _approved(file, expect, planning)
    return run(options, planning, wish, approved, format_=format_, reports=reports)


def _approved(
    file: str | None, expect: str | None, planning: PlanningOptions
) -> tuple[Approved | None, PlanningOptions]:
    from pmsync.cli.flow import Approved  # noqa: PLC0415
    from pmsync.model.options import PlanningOptions  # noqa: PLC0415

    if file is None:
        return (Approved(digest=expect) if expect else None), planning
    if expect:
        raise UsageProblem("a saved plan and --expect are two bounds", hint="give one of them")
    if planning != PlanningOptions(variables=planning.variables):
        what = "a saved plan has its planning options in it; none may be given beside it"
        raise UsageProblem(what, hint=f"pmsync show {file} lists them")
    from pmsync.loading.planfile import options_of, read_plan_file  # noqa: PLC0415

    saved = read_plan_file(file)
    return Approved(digest=saved.digest, document=saved), options_of(saved)


def run(
    options: GlobalOptions,
    planning: PlanningOptions,
    wish: Wish,
    approved: Approved | None,
    *,
    format_: str,
    reports: Reports,
) -> int:
    """Run an apply and show its report, whatever comes of it; the report's exit code."""
    from pmsync.cli.flow import applied  # noqa: PLC0415
    from pmsync.cli.runtime import at_work, guarded  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.engine.apply import exit_code  # noqa: PLC0415
    from pmsync.views.report_json import report_json  # noqa: PLC0415

    here = site(options, may_default=output.may_ask(), variables=planning.variables)
    command = click.get_current_context().command_path
    with (
        guarded(here, command) as guard,
        output.progress(options) as observer,
        at_work(here, observer, guard) as work,
    ):
        report, plan = applied(work, planning, wish, approved)
    code = guard.stop.exit_code or exit_code(report)
    name = here.loaded.environment.name
    for form, path in (*reports, (format_, "-")):
        as_json = form == "json"
        output.save(
            path,
            report_json(report, plan=plan, exit_code=code)
            if as_json
            else _text(report, options, name, to_file=path != "-"),
        )
    return code


def _text(report: Report, options: GlobalOptions, environment: str, *, to_file: bool) -> str:
    from pmsync.views.report_text import report_text  # noqa: PLC0415

    if to_file:
        return report_text(report, output.look_of_file(options), environment=environment)
    told = output.told_as_it_goes(options)
    return report_text(report, output.look(options), environment=environment, told=told)
