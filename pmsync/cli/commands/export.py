"""`pmsync export`: the live tenant as a manifest."""

from __future__ import annotations

import click

from pmsync.cli.settings import GlobalOptions


@click.command()
@click.pass_obj
@click.option("--out", metavar="FILE", default="-", help="Write it to a new file instead of stdout.")
@click.option("--force", is_flag=True, help="With --out: in place of a file that is there.")
def command(options: GlobalOptions, *, out: str, force: bool) -> None:
    """Print the live tenant as a manifest, without sources: a plan right after it only adopts.

    What no manifest can declare is left out, and named in a comment.
    """
    from pmsync.cli.handlers.export import export  # noqa: PLC0415 - only when it runs

    export(options, out, force=force)
