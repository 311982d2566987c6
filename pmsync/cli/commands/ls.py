"""`pmsync ls`: the live tenant, and what each thing in it is to this project."""

from __future__ import annotations

import click

from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions


@click.command()
@click.pass_obj
@format_option
def command(options: GlobalOptions, *, format_: str) -> None:
    """List the live tenant: managed, unmanaged, drift, leftovers. Sends GETs only.

    Needs pmsync.yaml alone: without manifests, what the state holds is managed, and nothing a leftover.
    """
    from pmsync.cli.handlers.ls import ls  # noqa: PLC0415 - only when it runs

    ls(options, format_)
