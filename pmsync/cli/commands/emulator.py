"""`pmsync emulator …`: the stand-in tenant for any client of the API, and a new start for an embedded one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pmsync.cli import output
from pmsync.cli.groups import HintingGroup
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import PmsyncError, Refused, UsageProblem

if TYPE_CHECKING:
    from pmsync.emulator.server import RunningEmulator

_MEMORY = ":memory:"


@click.group(cls=HintingGroup)
def command() -> None:
    """Run a stand-in tenant, or begin anew with an embedded one."""


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


@command.command()
@click.pass_obj
@click.option("--auto-approve", is_flag=True, help="Ask nothing.")
def reset(options: GlobalOptions, *, auto_approve: bool) -> None:
    """Remove the embedded tenant of an environment and its state together, to begin anew."""
    from pmsync.cli.runtime import guarded  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.disk.private import remove_private_folder  # noqa: PLC0415
    from pmsync.views.escape import terminal  # noqa: PLC0415

    here = site(options, may_default=output.may_ask(), with_manifest=False)
    name = terminal(here.loaded.environment.name)
    if not here.emulated:
        what = f"environment {name} is no embedded tenant, and only such a one can be reset"
        raise Refused(what, hint=f"pmsync destroy -e {name} deletes what pmsync made there")
    if not os.path.isdir(here.embedded_folder):
        output.emit(f"{name}: there is no embedded tenant yet")
        return
    if not auto_approve:
        _must_agree(name)
    with guarded(here, click.get_current_context().command_path):
        try:
            remove_private_folder(here.embedded_folder)
        except OSError as error:
            what = f"not all of it could be removed: {(error.strerror or 'unknown reason').lower()}"
            raise PmsyncError(what, where=here.embedded_folder, hint="run the same command again") from None
    output.emit(f"{name}: the embedded tenant and its state are removed; pmsync plan begins with a new one")


def _must_agree(name: str) -> None:
    """Raises Refused where nobody says yes."""
    if not output.may_ask():
        what = "nothing was removed: the tenant's data would go, and there is no terminal to ask on"
        raise Refused(what, hint=f"pmsync emulator reset -e {name} --auto-approve")
    question = f"Remove the embedded tenant of {name}, its data and its state? [y/N] "
    if output.ask(question).lower() not in {"y", "yes"}:
        raise Refused("declined: nothing was removed")


def _told(running: RunningEmulator) -> str:
    return (
        f"emulator, nothing real is touched\n"
        f"API:    {running.api_url}\n"
        f"bucket: {running.bucket_url}\n\n"
        f"Try:\n  curl -H 'x-api-key: pmsync-local' {running.api_url}/tenant/any/datasets\n\n"
        "Stop it with Ctrl-C.\n"
    )
