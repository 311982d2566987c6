"""Every JSON Schema that pmsync publishes: printed, written, or compared with files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from pmsync.cli import output
from pmsync.cli.commands.schema import NAMES
from pmsync.disk.named import make_folders, read_named
from pmsync.disk.refusals import Untrusted, why
from pmsync.errors import PmsyncError
from pmsync.loading.planfile import plan_json_schema
from pmsync.loading.schemas import json_schemas

_LARGEST: Final = 1024 * 1024


def schemas() -> Mapping[str, str]:
    """Name -> text, in the order of NAMES."""
    made = {**json_schemas(), file_name("plan"): plan_json_schema()}
    return {name: made[file_name(name)] for name in NAMES}


def file_name(name: str) -> str:
    """`manifest.schema.json`."""
    return f"{name}.schema.json"


def show(name: str | None) -> None:
    """Print the schema of this name; None: the names of all."""
    output.emit(schemas()[name] if name else "\n".join(NAMES))


def write(name: str | None, folder: str) -> None:
    """Write it (None: all) as files into a folder, which is made if it is not there."""
    try:
        make_folders(folder)
    except (OSError, Untrusted, ValueError) as error:
        reason = "this is no path" if isinstance(error, ValueError) else why(error)
        raise PmsyncError(f"the folder cannot be made: {reason}", where=folder) from None
    for one, text in _wanted(name).items():
        output.save(os.path.join(folder, file_name(one)), text)


def compare(name: str | None, folder: str) -> None:
    """Raises PmsyncError where a file is not what `write` would write."""
    different = [file_name(one) for one, text in _wanted(name).items() if _read(folder, one) != text]
    if different:
        raise PmsyncError(
            f"not what this pmsync would write: {', '.join(different)}",
            where=folder,
            hint=f"pmsync schema --out {folder}",
        )


def _wanted(name: str | None) -> dict[str, str]:
    return {one: text for one, text in schemas().items() if name in (None, one)}


def _read(folder: str, name: str) -> str | None:
    try:
        return read_named(os.path.join(folder, file_name(name)), _LARGEST).decode()
    except (OSError, Untrusted, ValueError):
        return None
