"""`pmsync emulator reset`: a new start for the embedded tenant of an environment."""

from __future__ import annotations

import os

import click

from pmsync.cli import output
from pmsync.cli.asking import must_agree
from pmsync.cli.runtime import guarded
from pmsync.cli.settings import GlobalOptions
from pmsync.cli.site import site
from pmsync.disk.private import remove_private_folder
from pmsync.errors import PmsyncError, Refused
from pmsync.views.escape import terminal


def reset(options: GlobalOptions, *, auto_approve: bool) -> None:
    """Remove tenant and state together. Raises Refused where it is none, or nobody says yes."""
    here = site(options, may_default=output.may_ask(), with_manifest=False)
    name = terminal(here.loaded.environment.name)
    if not here.emulated:
        what = f"environment {name} is no embedded tenant, and only such a one can be reset"
        raise Refused(what, hint=f"pmsync destroy -e {name} deletes what pmsync made there")
    if not os.path.isdir(here.embedded_folder):
        output.emit(f"{name}: there is no embedded tenant yet")
        return
    if not auto_approve:
        must_agree(
            f"Remove the embedded tenant of {name}, its data and its state?",
            unasked="nothing was removed: the tenant's data would go, and there is no terminal to ask on",
            hint=f"pmsync emulator reset -e {name} --auto-approve",
            declined="declined: nothing was removed",
        )
    with guarded(here, click.get_current_context().command_path):
        try:
            remove_private_folder(here.embedded_folder)
        except OSError as error:
            what = f"not all of it could be removed: {(error.strerror or 'unknown reason').lower()}"
            raise PmsyncError(what, where=here.embedded_folder, hint="run the same command again") from None
    output.emit(f"{name}: the embedded tenant and its state are removed; pmsync plan begins with a new one")
