"""`pmsync init`: a first project that plans at once, on the embedded tenant."""

from __future__ import annotations

import click


@click.command()
@click.argument("folder", required=False, default=".")
def command(folder: str) -> None:
    """Write pmsync.yaml, manifests, sample data and JSON Schemas into FOLDER (here, if not given)."""
    from pmsync.cli.handlers.init import init  # noqa: PLC0415 - only when it runs

    init(folder)
