"""`pmsync init`: a first project that plans at once, on the embedded tenant. Overwrites nothing."""

from __future__ import annotations

import os
import shlex
from typing import Final

from pmsync.cli import output
from pmsync.cli.handlers.schema import file_name, schemas
from pmsync.disk.named import create_named
from pmsync.disk.packaged import packaged_files
from pmsync.disk.refusals import Untrusted, why
from pmsync.errors import PmsyncError, Refused
from pmsync.views.escape import terminal

_NEXT: Final = """
Next:
  pmsync plan     shows what would be made, on the embedded tenant
  pmsync apply    makes it
"""


def init(folder: str) -> None:
    """Write pmsync.yaml, manifests, sample data and JSON Schemas; say of each whether it was there."""
    if os.path.lexists(os.path.join(folder, "pmsync.yaml")):
        raise Refused(
            "there is a pmsync.yaml already, and init overwrites nothing",
            where=folder,
            hint="name another folder: pmsync init FOLDER",
        )
    wanted = dict(packaged_files("pmsync.cli.sample", (".yaml", ".csv")))
    for name in ("project", "manifest"):
        wanted[f"schema/{file_name(name)}"] = schemas()[name].encode()
    for path, content in wanted.items():
        kept = not _written(os.path.join(folder, path), content)
        output.emit(f"{'kept   ' if kept else 'written'}  {terminal(path)}")
    output.emit(_next(folder))


def _next(folder: str) -> str:
    """What to do now, from where the caller is."""
    if os.path.realpath(folder) == os.path.realpath("."):
        return _NEXT
    return _NEXT.replace("Next:\n", f"Next:\n  cd {terminal(shlex.quote(folder))}\n")


def _written(path: str, content: bytes) -> bool:
    """Write a new file; False (and nothing is touched) where there is one."""
    try:
        return create_named(path, content)
    except (OSError, Untrusted, ValueError) as error:
        reason = "this is no path" if isinstance(error, ValueError) else why(error)
        raise PmsyncError(f"it cannot be written: {reason}", where=path) from None
