"""`pmsync schema`: the JSON Schemas of pmsync's files, for editors and checkers."""

from __future__ import annotations

import os

import click

from pmsync.cli import output
from pmsync.cli.schemas import NAMES, file_name, schemas
from pmsync.errors import PmsyncError, UsageProblem


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
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise PmsyncError(
            f"the folder cannot be made: {(error.strerror or '').lower()}", where=folder
        ) from None
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
        with open(os.path.join(folder, file_name(name)), encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return None
