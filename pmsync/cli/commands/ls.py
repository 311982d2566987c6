"""`pmsync ls`: the live tenant, and what each thing in it is to this project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pmsync.cli import output
from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import InputError

if TYPE_CHECKING:
    from pmsync.cli.site import Site


@click.command()
@click.pass_obj
@format_option
def command(options: GlobalOptions, *, format_: str) -> None:
    """List the live tenant: managed, unmanaged, drift, leftovers. Sends GETs only.

    Needs pmsync.yaml alone: without manifests, what the state holds is managed, and nothing a leftover.
    """
    from pmsync.cli.looking import world_of  # noqa: PLC0415
    from pmsync.cli.runtime import at_work  # noqa: PLC0415
    from pmsync.planning.listing import live_things  # noqa: PLC0415
    from pmsync.views.listings import live_json, live_text  # noqa: PLC0415
    from pmsync.views.plan_words import place  # noqa: PLC0415

    here, with_manifests = _here(options)
    with output.progress(options) as observer, at_work(here, observer) as work:
        world = world_of(work, here.loaded.manifest, work.store.read())
        things = live_things(world, with_manifests=with_manifests)
    environment = here.loaded.environment
    if format_ == "json":
        output.emit(live_json(environment.name, work.binding.tenant_id, things))
        return
    shown = "" if here.emulated else work.binding.tenant_id
    where = place(environment.name, shown, host=work.binding.host, protected=environment.protect)
    output.emit(live_text(where, things, output.look(options)))


def _here(options: GlobalOptions) -> tuple[Site, bool]:
    """The environment, and whether its manifests are there: what is wrong with them stops nothing here."""
    from pmsync.cli.site import site  # noqa: PLC0415

    try:
        return site(options, may_default=True), True
    except InputError as error:
        without = site(options, may_default=True, with_manifest=False)
        what = f"{error.count:,} problem{'' if error.count == 1 else 's'} in the manifests (pmsync validate)"
        output.warn(options, f"note: {what}: what is no longer declared is not shown as such")
        return without, False
