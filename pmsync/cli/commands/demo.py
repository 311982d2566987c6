"""`pmsync demo`: the main job on an embedded tenant, step by step, with the real commands."""

from __future__ import annotations

import click

from pmsync.cli.settings import GlobalOptions


@click.command()
@click.option("--keep", is_flag=True, help="Leave the folder there afterwards.")
@click.pass_obj
def command(options: GlobalOptions, *, keep: bool) -> None:
    """Create, upload, converge, change, and be stopped before anything is lost; in ten seconds."""
    from pmsync.cli.handlers.demo import demo  # noqa: PLC0415 - only when it runs

    demo(options, keep=keep)
