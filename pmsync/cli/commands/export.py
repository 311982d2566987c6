"""`pmsync export`: the live tenant as a manifest."""

from __future__ import annotations

import click

from pmsync.cli import output
from pmsync.cli.settings import GlobalOptions
from pmsync.model.manifest import Manifest


@click.command()
@click.pass_obj
@click.option("--out", metavar="FILE", default="-", help="Write it to a file instead of stdout.")
def command(options: GlobalOptions, *, out: str) -> None:
    """Print the live tenant as a manifest, without sources: a plan right after it only adopts."""
    from pmsync.cli.looking import world_of  # noqa: PLC0415
    from pmsync.cli.runtime import at_work  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.loading.writing import manifest_text  # noqa: PLC0415
    from pmsync.planning.exporting import exported  # noqa: PLC0415
    from pmsync.views.escape import terminal, yaml_quoted  # noqa: PLC0415

    here = site(options, may_default=output.may_ask(), with_manifest=False)
    with output.progress(options) as observer, at_work(here, observer) as work:
        found = exported(world_of(work, Manifest(datasets={}), work.store.read()))
    for sentence in found.left_out:
        output.warn(options, f"warning: left out {terminal(sentence)}")
    output.save(out, manifest_text(found.manifest, quoted=yaml_quoted))
