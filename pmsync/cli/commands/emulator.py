"""`pmsync emulator start`: the stand-in tenant for any client of the API."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pmsync.cli import output
from pmsync.errors import UsageProblem

if TYPE_CHECKING:
    from pmsync.emulator.server import RunningEmulator

_MEMORY = ":memory:"


@click.group()
def command() -> None:
    """Run a stand-in tenant."""


@command.command()
@click.option("--port", type=int, default=0, help="Port of the API.  [default: a free one]")
@click.option("--data", default=_MEMORY, metavar="DIR", help="Keep everything here.  [default: :memory:]")
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
    from pmsync.emulator.errors import EmulatorError  # noqa: PLC0415 - starlette and uvicorn
    from pmsync.emulator.server import serve_until_stopped  # noqa: PLC0415 - only for this
    from pmsync.emulator.settings import Settings  # noqa: PLC0415 - command

    data, seed = options.pop("data"), options.pop("seed")
    try:
        settings = Settings(
            data=None if data == _MEMORY else Path(data),
            seed=Path(seed) if seed else None,
            extra_key=os.environ.get("PMSYNC_API_KEY"),
            **options,
        )
        serve_until_stopped(settings, lambda running: output.emit(_told(running)))
    except EmulatorError as error:
        raise UsageProblem(str(error)) from error


def _told(running: RunningEmulator) -> str:
    return (
        f"emulator, nothing real is touched\n"
        f"API:    {running.api_url}\n"
        f"bucket: {running.bucket_url}\n\n"
        f"Try:\n  curl -H 'x-api-key: pmsync-local' {running.api_url}/tenant/any/datasets\n\n"
        "Stop it with Ctrl-C.\n"
    )
