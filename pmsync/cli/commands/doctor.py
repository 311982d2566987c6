"""`pmsync doctor`: what stands in the way of a run; with --probe, what the tenant does where nobody says."""

from __future__ import annotations

import click

from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import UsageProblem


@click.command()
@click.pass_obj
@format_option
@click.option("--probe", is_flag=True, help="Find out what this tenant does, on scratch datasets.")
@click.option("--auto-approve", is_flag=True, help="With --probe: ask nothing.")
def command(options: GlobalOptions, *, format_: str, probe: bool, auto_approve: bool) -> int:
    """Check config, key, connection, clock, state and schemas; sends GETs only.

    With --probe it makes scratch datasets, uploads a few rows, looks what becomes of them, and deletes them.
    """
    if auto_approve and not probe:
        raise UsageProblem("without --probe nothing is made, so nothing is asked", hint="add --probe")
    from pmsync.cli.handlers import doctor, probing  # noqa: PLC0415 - only when it runs

    if probe:
        return probing.probe(options, format_, auto_approve=auto_approve)
    return doctor.doctor(options, format_)
