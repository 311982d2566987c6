"""`pmsync schema`: the JSON Schemas of pmsync's files, for editors and checkers."""

from __future__ import annotations

from typing import Final

import click

from pmsync.errors import UsageProblem

NAMES: Final = ("manifest", "project", "approvals", "plan")


@click.command()
@click.argument("name", required=False, type=click.Choice(NAMES))
@click.option("--out", metavar="DIR", help="Write them into this folder (all, or the named one).")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the files in --out differ.")
def command(name: str | None, out: str | None, *, check: bool) -> None:
    """Print a JSON Schema, list their names, or write them to a folder."""
    if check and out is None:
        raise UsageProblem("--check compares files with what would be written", hint="add --out DIR")
    from pmsync.cli.handlers import schema  # noqa: PLC0415 - only when it runs

    if out is None:
        schema.show(name)
    elif check:
        schema.compare(name, out)
    else:
        schema.write(name, out)
