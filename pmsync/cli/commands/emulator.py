"""`pmsync emulator …`: the stand-in tenant for any client of the API, and a new start for an embedded one."""

from __future__ import annotations

from typing import Any

import click

from pmsync.cli.groups import HintingGroup
from pmsync.cli.settings import GlobalOptions


@click.group(cls=HintingGroup)
def command() -> None:
    """Run a stand-in tenant, or begin anew with an embedded one."""


@command.command()
@click.option("--port", type=int, default=0, help="Port of the API.  [default: a free one]")
@click.option("--data", default=":memory:", metavar="DIR", help="Keep everything here.  [default: :memory:]")
@click.option("--seed", metavar="FILE", help="JSON file of what tenants hold from the start.")
@click.option("--same-name", type=click.Choice(["replaces", "appends"]), default="replaces", help="Uploads.")
@click.option("--other-name", type=click.Choice(["adds", "replaces"]), default="adds", help="Uploads.")
@click.option("--ingestion-lag", type=float, default=0.0, metavar="S", help="Seconds before rows show.")
@click.option("--show-tree/--hide-tree", default=False, help="Whether listings show folders.")
@click.option("--unique-names", is_flag=True, help="Refuse a second thing of one name.")
def start(**options: Any) -> None:
    """Answer on 127.0.0.1 until stopped (Ctrl-C).

    Any tenant id is taken; the API key is pmsync-local and, if set, the one in PMSYNC_API_KEY.
    """
    from pmsync.cli.handlers.emulator import start as started  # noqa: PLC0415 - starlette and uvicorn

    started(**options)


@command.command()
@click.pass_obj
@click.option("--auto-approve", is_flag=True, help="Ask nothing.")
def reset(options: GlobalOptions, *, auto_approve: bool) -> None:
    """Remove the embedded tenant of an environment and its state together, to begin anew."""
    from pmsync.cli.handlers.resetting import reset as begin_anew  # noqa: PLC0415 - only when it runs

    begin_anew(options, auto_approve=auto_approve)
