"""`pmsync import`: manage a live thing under a declared address."""

from __future__ import annotations

from contextlib import closing

import click

from pmsync.cli import output
from pmsync.cli.choices import completed_by
from pmsync.cli.settings import GlobalOptions
from pmsync.model.address import Address


@click.command()
@click.pass_obj
@click.argument("address", shell_complete=completed_by("declared"))
@click.argument("live_id", metavar="ID")
@click.option("--new-state", is_flag=True, help="This environment never had a state.")
def command(options: GlobalOptions, *, address: str, live_id: str, new_state: bool) -> None:
    """Manage the live thing with this ID under ADDRESS, as adopted. Changes the state alone."""
    from pmsync.cli.looking import world_of  # noqa: PLC0415
    from pmsync.cli.runtime import at_work, guarded  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.engine.approved import must_be_known  # noqa: PLC0415
    from pmsync.planning.importing import take  # noqa: PLC0415
    from pmsync.views.escape import terminal  # noqa: PLC0415

    here = site(options, may_default=output.may_ask())
    with (
        guarded(here, "pmsync import"),
        output.progress(options) as observer,
        at_work(here, observer) as work,
    ):
        state = work.store.read()
        must_be_known(state, emulated=here.emulated, new_state=new_state, approved=None)
        entries = take(world_of(work, here.loaded.manifest, state), Address(address), live_id)
        with closing(work.store.begin(state or work.fresh_state())) as ledger:
            ledger.record(entries)
    output.emit(f"{terminal(address)} is {terminal(live_id)} now; pmsync plan shows what is left to do\n")
