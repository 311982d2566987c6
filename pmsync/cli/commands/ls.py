"""`pmsync ls`: the live tenant, and what each thing in it is to this project."""

from __future__ import annotations

import click

from pmsync.cli import output
from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions


@click.command()
@click.pass_obj
@format_option
def command(options: GlobalOptions, *, format_: str) -> None:
    """List the live tenant: managed, unmanaged, drift, leftovers. Sends GETs only."""
    from pmsync.cli.looking import world_of  # noqa: PLC0415
    from pmsync.cli.runtime import at_work  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.planning.listing import live_things  # noqa: PLC0415
    from pmsync.views.listings import live_json, live_text  # noqa: PLC0415
    from pmsync.views.plan_words import place  # noqa: PLC0415

    here = site(options, may_default=output.may_ask())
    with output.progress(options) as observer, at_work(here, observer) as work:
        things = live_things(world_of(work, here.loaded.manifest, work.store.read()))
    environment = here.loaded.environment
    if format_ == "json":
        output.emit(live_json(environment.name, work.binding.tenant_id, things))
        return
    shown = "" if here.emulated else work.binding.tenant_id
    where = place(environment.name, shown, host=work.binding.host, protected=environment.protect)
    output.emit(live_text(where, things, output.look(options)))
