"""`pmsync validate`: load everything, look at the sources, and count it or say what is wrong."""

from __future__ import annotations

import os
import time

from pmsync.cli import output
from pmsync.cli.settings import GlobalOptions
from pmsync.cli.site import site
from pmsync.errors import MOST_TOLD, InputError
from pmsync.loading.project import find_config
from pmsync.loading.repository import Wish, load_what_is_sound
from pmsync.model.source import Sources
from pmsync.sources import look
from pmsync.views.errors_text import diagnostic_line
from pmsync.views.escape import terminal, to_json
from pmsync.views.quantities import count, size


def validate(options: GlobalOptions, format_: str, *, no_data: bool) -> None:
    """Say how much is declared. Raises InputError with every problem of every file."""
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
