"""`pmsync export`: the live tenant as a manifest."""

from __future__ import annotations

import click

from pmsync.cli import output
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import UsageProblem
from pmsync.model.manifest import Manifest


@click.command()
@click.pass_obj
@click.option("--out", metavar="FILE", default="-", help="Write it to a new file instead of stdout.")
@click.option("--force", is_flag=True, help="With --out: in place of a file that is there.")
def command(options: GlobalOptions, *, out: str, force: bool) -> None:
    """Print the live tenant as a manifest, without sources: a plan right after it only adopts.

    What no manifest can declare is left out, and named in a comment.
    """
    from pmsync.cli.looking import world_of  # noqa: PLC0415
    from pmsync.cli.runtime import at_work  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.loading.names import fault_of_display_name, fault_of_folder  # noqa: PLC0415
    from pmsync.loading.writing import manifest_text  # noqa: PLC0415
    from pmsync.planning.exporting import Rules, exported  # noqa: PLC0415
    from pmsync.views.escape import line, yaml_quoted  # noqa: PLC0415

    if not force:
        _must_be_new(out)
    here = site(options, may_default=True, with_manifest=False)
    rules = Rules(display_name=fault_of_display_name, folder=fault_of_folder)
    with output.progress(options) as observer, at_work(here, observer) as work:
        found = exported(world_of(work, Manifest(datasets={}), work.store.read()), rules)
    left_out = [line(f"left out: {sentence}") for sentence in found.left_out]
    for sentence in left_out:
        output.warn(options, f"warning: {sentence}")
    output.save(out, manifest_text(found.manifest, quoted=yaml_quoted, comments=left_out))


def _must_be_new(out: str) -> None:
    """Raises UsageProblem where a file is in the way. What is none (a pipe, /dev/stdout) is written to."""
    from pmsync.disk.named import is_taken  # noqa: PLC0415 - only where a file is asked for

    if out != "-" and is_taken(out.removeprefix("+")):
        raise UsageProblem(
            "the file is there already, and export overwrites nothing", where=out, hint="--force"
        )
