"""`pmsync schema`: the JSON Schemas of pmsync's files, for editors and checkers."""

from __future__ import annotations

import os
from typing import Final

import click

from pmsync.cli import output
from pmsync.cli.schemas import NAMES, file_name, schemas
from pmsync.disk.named import make_folders, read_named
from pmsync.disk.refusals import Untrusted, why
from pmsync.errors import PmsyncError, UsageProblem

_LARGEST: Final = 1024 * 1024


@click.command()
@click.argument("name", required=False, type=click.Choice(NAMES))
@click.option("--out", metavar="DIR", help="Write them into this folder (all, or the named one).")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the files in --out differ.")
def command(name: str | None, out: str | None, check: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Print a JSON Schema, list their names, or write them to a folder."""
    if check and out is None:
        raise UsageProblem("--check compares files with what would be written", hint="add --out DIR")
    if out is None:
        output.emit(schemas()[name] if name else "\n".join(NAMES))
        return
    wanted = {one: text for one, text in schemas().items() if name in (None, one)}
    if check:
        _compare(wanted, out)
        return
    write_schemas(out, wanted)


def write_schemas(folder: str, wanted: dict[str, str]) -> None:
    """Write schemas as files into a folder, which is made if it is not there."""
    try:
        make_folders(folder)
    except (OSError, Untrusted, ValueError) as error:
        reason = "this is no path" if isinstance(error, ValueError) else why(error)
        raise PmsyncError(f"the folder cannot be made: {reason}", where=folder) from None
    for name, text in wanted.items():
        output.save(os.path.join(folder, file_name(name)), text)


def _compare(wanted: dict[str, str], folder: str) -> None:
    different = [file_name(name) for name, text in wanted.items() if _read(folder, name) != text]
    if different:
        raise PmsyncError(
            f"not what this pmsync would write: {', '.join(different)}",
            where=folder,
            hint=f"pmsync schema --out {folder}",
        )


def _read(folder: str, name: str) -> str | None:
    try:
        return read_named(os.path.join(folder, file_name(name)), _LARGEST).decode()
    except (OSError, Untrusted, ValueError):
        return None
