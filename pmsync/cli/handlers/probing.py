"""`doctor --probe`: what a tenant does where nobody says, found out on scratch datasets."""

from __future__ import annotations

import os
import uuid
from contextlib import closing

import click

from pmsync.cli import output
from pmsync.cli.asking import must_agree
from pmsync.cli.runtime import Guard, Workplace, at_work, guarded
from pmsync.cli.settings import GlobalOptions
from pmsync.cli.site import Site, site
from pmsync.engine.probe import probe as findings_of
from pmsync.engine.settle import let_settle
from pmsync.engine.sweeping import Ground
from pmsync.exit_codes import ExitCode
from pmsync.loading.pasting import to_paste
from pmsync.model.findings import Findings, Paste
from pmsync.planning.naming import scratch_name
from pmsync.planning.scratch import scratch_left
from pmsync.views.doctor_text import findings_json, findings_text, proposed
from pmsync.views.escape import terminal


def probe(options: GlobalOptions, format_: str, *, auto_approve: bool) -> int:
    """Ask, find out, show the findings; 1 where scratch is left behind, or the signal's exit code."""
    here = site(options, may_default=output.may_ask(), with_manifest=False)
    name = here.loaded.environment.name
    if not auto_approve:
        must_agree(
            f"Make two scratch datasets in {terminal(name)}, and delete them again?",
            unasked="a probe makes and deletes scratch datasets, and there is no terminal to ask on: "
            "nothing was sent",
            hint="--auto-approve",
            declined="declined: nothing was sent",
        )
    with (
        guarded(here, click.get_current_context().command_path) as guard,
        output.progress(options) as observer,
        at_work(here, observer, guard) as work,
    ):
        findings, left = _found(work, guard)
    code = guard.stop.exit_code or (ExitCode.FAILED if left else ExitCode.DONE)
    paste = _paste(here, findings)
    if format_ == "json":
        output.emit(findings_json(name, findings, left, exit_code=code, paste=paste))
    else:
        output.emit(findings_text(name, findings, left, output.look(options), paste=paste))
    return code


def _paste(here: Site, findings: Findings) -> Paste | None:
    """The settings as they belong into this project's pmsync.yaml."""
    project = here.loaded.project
    path = os.path.join(project.root, project.location.file)
    return to_paste(path, here.loaded.environment.name, settings=proposed(findings))


def _found(work: Workplace, guard: Guard) -> tuple[Findings, tuple[str, ...]]:
    """What the probe found, and the addresses of what it could not remove."""
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
        return findings_of(ground), scratch_left(ledger.state)
