"""`pmsync destroy`: take away everything that pmsync made in an environment."""

from __future__ import annotations

import click

from pmsync.cli import output
from pmsync.cli.choices import completed_by
from pmsync.cli.commands.apply import run
from pmsync.cli.commands.plan import Reports
from pmsync.cli.options import allowances, output_options
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import Refused
from pmsync.model.consent import Allow, Consent
from pmsync.model.options import PlanningOptions


@click.command()
@click.pass_obj
@allowances
@output_options
@click.option(
    "--confirm",
    metavar="ENV",
    help="The environment's name: stands for every delete, not for loss.",
    shell_complete=completed_by("environments"),
)
def command(
    options: GlobalOptions, *, allow: tuple[Allow, ...], format_: str, reports: Reports, confirm: str | None
) -> int:
    """Delete what pmsync created, forget what it adopted. Works from the state alone."""
    from pmsync.cli.asking import confirm_destroy  # noqa: PLC0415
    from pmsync.cli.flow import Wish  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415

    here = site(options, may_default=output.may_ask(), with_manifest=False)
    environment = here.loaded.environment.name
    if confirm is None and output.may_ask():
        confirm_destroy(environment)
    elif confirm != environment:
        what = f"destroying environment {environment} needs its name"
        raise Refused(what, hint=f"--confirm {environment}; pmsync plan --destroy shows what would go")
    every = Allow(consent=Consent.DELETE, glob="*")
    planning = PlanningOptions(variables=options.variables, allow=(every, *allow), destroy=True)
    wish = Wish(auto_approve=True, show=format_ == "text")
    return run(options, planning, wish, None, format_=format_, reports=reports)
