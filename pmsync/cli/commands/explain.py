"""`pmsync explain`: what a code of an error means, an example that gives it, and what to do."""

from __future__ import annotations

import click

from pmsync.cli.choices import completed_by
from pmsync.cli.settings import GlobalOptions

_FORMATS = ("text", "json", "markdown")


@click.command()
@click.argument("code", required=False, shell_complete=completed_by("codes"))
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", help="Form of the result.")
@click.pass_obj
def command(options: GlobalOptions, code: str | None, format_: str) -> None:
    """Explain a code such as PM012, or list all codes. Needs no project."""
    from pmsync.cli.handlers.explain import explain  # noqa: PLC0415 - only when it runs

    explain(options, code, format_)
