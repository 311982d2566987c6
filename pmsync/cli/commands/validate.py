"""`pmsync validate`: everything that can be wrong with a repository, in one run, without a key."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from pmsync.cli import output
from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions

if TYPE_CHECKING:
    from pmsync.errors import InputError


@click.command()
@click.option("--no-data", is_flag=True, help="Do not look at the sources.")
@format_option
@click.pass_obj
def command(options: GlobalOptions, no_data: bool, format_: str) -> None:  # noqa: FBT001 - click passes flags by name
    """Check pmsync.yaml, manifests, approvals and sources for one environment. Sends nothing."""
    from pmsync.cli.site import site  # noqa: PLC0415 - only when it runs
    from pmsync.errors import MOST_TOLD, InputError  # noqa: PLC0415
    from pmsync.model.source import Sources  # noqa: PLC0415
    from pmsync.sources import look  # noqa: PLC0415
    from pmsync.views.errors_text import diagnostic_line  # noqa: PLC0415
    from pmsync.views.escape import terminal, to_json  # noqa: PLC0415
    from pmsync.views.quantities import count, size  # noqa: PLC0415

    try:
        here = site(options, may_default=True)
    except InputError as error:
        raise (error if no_data else _with_sources(options, error)) from None
    manifest = here.loaded.manifest
    root, roots = here.loaded.project.root, options.source_roots
    sources = Sources()
    if not no_data:
        cache = here.cache_path
        sources = look(manifest, root=root, source_roots=roots, cache_path=cache, now_ns=time.time_ns)
    for _, warning in sources.warnings[:MOST_TOLD]:
        output.warn(options, diagnostic_line(warning))
    if len(sources.warnings) > MOST_TOLD:
        output.warn(options, f"and {len(sources.warnings) - MOST_TOLD:,} more warnings")
    if sources.problems:
        raise InputError(sources.diagnostics)
    files = [file for found in sources.files.values() for file in found]
    counts = {
        "datasets": len(manifest.datasets),
        "datatables": sum(len(one.datatables) for one in manifest.datasets.values()),
        "sources": len(files),
        "rows": sum(file.rows for file in files),
        "bytes": sum(file.size for file in files),
    }
    name = here.loaded.environment.name
    if format_ == "json":
        output.emit(to_json({"formatVersion": "1.0", "valid": True, "environment": name, **counts}))
        return
    things = [count(counts["datasets"], "dataset"), count(counts["datatables"], "datatable")]
    if not no_data:
        extent = f"{size(counts['bytes'])}, {count(counts['rows'], 'row')}"
        things.append(f"{count(len(files), 'source')} ({extent})")
    output.emit(f"environment {terminal(name)} is valid: {', '.join(things)}")


def _with_sources(options: GlobalOptions, error: InputError) -> InputError:
    """The problems of pmsync.yaml and manifests, and those of the sources that are soundly declared."""
    from pmsync.errors import InputError  # noqa: PLC0415 - only where something is wrong
    from pmsync.loading.project import find_config  # noqa: PLC0415
    from pmsync.loading.repository import Wish, load_what_is_sound  # noqa: PLC0415
    from pmsync.sources import look  # noqa: PLC0415

    wish = Wish(environment=options.env, variables=dict(options.variables), environ=os.environ)
    try:
        found = load_what_is_sound(options.config or find_config("."), wish)
        if found is None:
            return error
        root, manifest = found
        sources = look(manifest, root=root, source_roots=options.source_roots, now_ns=time.time_ns)
        beside = InputError(sources.diagnostics)
    except InputError as problem:
        beside = problem
    told = dict.fromkeys((*error.diagnostics, *beside.diagnostics))
    return InputError(tuple(told), count=error.untold + beside.untold + len(told))
