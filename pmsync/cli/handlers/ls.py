"""`pmsync ls`: read the tenant, and list what is in it beside manifests and state."""

from __future__ import annotations

from pmsync.cli import output
from pmsync.cli.looking import world_of
from pmsync.cli.runtime import at_work
from pmsync.cli.settings import GlobalOptions
from pmsync.cli.site import Site, site
from pmsync.errors import InputError
from pmsync.planning.listing import live_things
from pmsync.views.listings import live_json, live_text
from pmsync.views.plan_words import place


def ls(options: GlobalOptions, format_: str) -> None:
    """List everything that is live."""
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
    try:
        return site(options, may_default=True), True
    except InputError as error:
        without = site(options, may_default=True, with_manifest=False)
        what = f"{error.count:,} problem{'' if error.count == 1 else 's'} in the manifests (pmsync validate)"
        output.warn(options, f"note: {what}: what is no longer declared is not shown as such")
        return without, False
