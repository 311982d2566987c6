"""`pmsync show PLAN`: a saved plan, as it was shown when it was made."""

from __future__ import annotations

import click

from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions


@click.command()
@click.argument("plan", type=click.Path())
@format_option
@click.pass_obj
def command(options: GlobalOptions, plan: str, format_: str) -> None:
    """Show a saved plan. Sends nothing, and needs neither the repository nor the key."""
    from pmsync.cli.handlers.show import show  # noqa: PLC0415 - only when it runs

    show(options, plan, format_)
