"""`pmsync validate`: everything that can be wrong with a repository, in one run, without a key."""

from __future__ import annotations

import click

from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions


@click.command()
@click.option("--no-data", is_flag=True, help="Do not look at the sources.")
@format_option
@click.pass_obj
def command(options: GlobalOptions, *, no_data: bool, format_: str) -> None:
    """Check pmsync.yaml, manifests, approvals and sources for one environment. Sends nothing."""
    from pmsync.cli.handlers.validate import validate  # noqa: PLC0415 - only when it runs

    validate(options, format_, no_data=no_data)
