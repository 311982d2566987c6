"""`pmsync export`: read the tenant, and write what is in it as a manifest."""

from __future__ import annotations

from pmsync.cli import output
from pmsync.cli.looking import world_of
from pmsync.cli.runtime import at_work
from pmsync.cli.settings import GlobalOptions
from pmsync.cli.site import site
from pmsync.disk.named import is_taken
from pmsync.errors import UsageProblem
from pmsync.loading.names import fault_of_display_name, fault_of_folder
from pmsync.loading.writing import manifest_text
from pmsync.model.manifest import Manifest
from pmsync.planning.exporting import Rules, exported
from pmsync.views.escape import line, yaml_quoted


def export(options: GlobalOptions, out: str, *, force: bool) -> None:
    """Write it to `out`; what is left out is told as a warning too."""
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
    if out != "-" and is_taken(out.removeprefix("+")):
        raise UsageProblem(
            "the file is there already, and export overwrites nothing", where=out, hint="--force"
        )
