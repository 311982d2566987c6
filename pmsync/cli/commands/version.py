"""`pmsync version`."""

from __future__ import annotations

import click

from pmsync import __version__
from pmsync.cli import output
from pmsync.cli.options import format_option


@click.command()
@format_option
def command(format_: str) -> None:
    """Print the version."""
    output.emit(f'{{"version": "{__version__}"}}' if format_ == "json" else f"pmsync {__version__}")
