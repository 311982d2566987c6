"""`pmsync doctor`: what stands in the way of a run; with --probe, what the tenant does where nobody says."""

from __future__ import annotations

import os
import uuid
from contextlib import closing
from typing import TYPE_CHECKING

import click

from pmsync.cli import output
from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import Refused, UsageProblem
from pmsync.exit_codes import ExitCode, ranked

if TYPE_CHECKING:
    from pmsync.cli.runtime import Guard, Workplace
    from pmsync.cli.site import Site
    from pmsync.model.findings import Findings, Paste


@click.command()
@click.pass_obj
@format_option
@click.option("--probe", is_flag=True, help="Find out what this tenant does, on scratch datasets.")
@click.option("--auto-approve", is_flag=True, help="With --probe: ask nothing.")
def command(options: GlobalOptions, *, format_: str, probe: bool, auto_approve: bool) -> int:
    """Check config, key, connection, clock, state and schemas; sends GETs only.

    With --probe it makes scratch datasets, uploads a few rows, looks what becomes of them, and deletes them.
    """
    if probe:
        return _probe(options, format_, auto_approve=auto_approve)
    if auto_approve:
        raise UsageProblem("without --probe nothing is made, so nothing is asked", hint="add --probe")
    from pmsync.cli.checkup import checkup  # noqa: PLC0415
    from pmsync.views.doctor_text import checks_json, checks_text  # noqa: PLC0415

    checks = checkup(options)
    code = ranked(check.exit_code for check in checks)
    as_json = format_ == "json"
    output.emit(checks_json(checks, exit_code=code) if as_json else checks_text(checks, output.look(options)))
    return code


def _probe(options: GlobalOptions, format_: str, *, auto_approve: bool) -> int:
    from pmsync.cli.runtime import at_work, guarded  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.views.doctor_text import findings_json, findings_text  # noqa: PLC0415

    here = site(options, may_default=output.may_ask(), with_manifest=False)
    if not auto_approve:
        _must_agree(here)
    with (
        guarded(here, click.get_current_context().command_path) as guard,
        output.progress(options) as observer,
        at_work(here, observer, guard) as work,
    ):
        findings, left = _found(work, guard)
    code = guard.stop.exit_code or (ExitCode.FAILED if left else ExitCode.DONE)
    name = here.loaded.environment.name
    paste = _paste(here, findings)
    if format_ == "json":
        output.emit(findings_json(name, findings, left, exit_code=code, paste=paste))
    else:
        output.emit(findings_text(name, findings, left, output.look(options), paste=paste))
    return code


def _paste(here: Site, findings: Findings) -> Paste | None:
    """The settings as they belong into this project's pmsync.yaml."""
    from pmsync.loading.pasting import to_paste  # noqa: PLC0415
    from pmsync.views.doctor_text import proposed  # noqa: PLC0415

    project = here.loaded.project
    path = os.path.join(project.root, project.location.file)
    return to_paste(path, here.loaded.environment.name, settings=proposed(findings))


def _must_agree(here: Site) -> None:
    """Raises Refused where nobody says yes."""
    from pmsync.views.escape import terminal  # noqa: PLC0415

    if not output.may_ask():
        what = (
            "a probe makes and deletes scratch datasets, and there is no terminal to ask on: nothing was sent"
        )
        raise Refused(what, hint="--auto-approve")
    name = terminal(here.loaded.environment.name)
    if output.ask(f"Make two scratch datasets in {name}, and delete them again? [y/N] ").lower() not in {
        "y",
        "yes",
    }:
        raise Refused("declined: nothing was sent")


def _found(work: Workplace, guard: Guard) -> tuple[Findings, tuple[str, ...]]:
    """What the probe found, and the addresses of what it could not remove."""
    from pmsync.engine.probe import probe  # noqa: PLC0415
    from pmsync.engine.settle import let_settle  # noqa: PLC0415
    from pmsync.engine.sweeping import Ground  # noqa: PLC0415
    from pmsync.planning.naming import scratch_name  # noqa: PLC0415
    from pmsync.planning.scratch import scratch_left  # noqa: PLC0415

    state = work.store.read()
    tools = work.tools(fail_fast=False, safe_only=False)
    let_settle(state, tools.request_patience, tools.now())
    guard.stop.running = True
    with closing(work.store.begin(state or work.fresh_state())) as ledger:
        ground = Ground(
            environment=work.loaded.environment,
            binding=work.binding,
            emulated=work.site.emulated,
            tools=tools,
            ledger=ledger,
            put=work.put,
            name=scratch_name(uuid.uuid4().hex[:8]),
        )
        return probe(ground), scratch_left(ledger.state)
