"""`pmsync`: the group of all commands, and the frame around each call.

Must stay light: everything here is imported by `pmsync --version`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from pmsync import __version__
from pmsync.cli.choices import Given, global_options
from pmsync.cli.examples import epilog
from pmsync.cli.interrupts import interruptible
from pmsync.cli.lazy import LazyGroup
from pmsync.cli.streams import ensure_utf_8, prepare_streams

_HELP = """Keep a ProcessMind tenant equal to what a Git repository declares.

Never used it? `pmsync demo` shows everything in ten seconds, on an embedded tenant; `pmsync init` writes
a first project. The global options may also stand after the command.
"""


@click.group(
    cls=LazyGroup,
    help=_HELP,
    epilog=epilog(""),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="pmsync", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> int:
    """Without a command: the help."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    return 0


cli.params.extend(global_options(hidden=False))


def run(arguments: Sequence[str] | None = None) -> int:
    """One call of pmsync; its exit code. Nothing is raised."""
    given = Given()
    try:
        code = cli.main(
            list(arguments) if arguments is not None else None,
            prog_name="pmsync",
            standalone_mode=False,
            obj=given,
        )
    except SystemExit as ended:  # completion ends so
        return ended.code if isinstance(ended.code, int) else 0
    except BaseException as error:  # noqa: BLE001 - the one boundary: whatever it is, it is told
        from pmsync.cli import failure, settings  # noqa: PLC0415 - only where something went wrong

        return failure.told(error, settings.options_of(given, os.environ))
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """The program."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # none is wanted, and a search takes a while
    ensure_utf_8()
    prepare_streams()
    interruptible()
    sys.exit(run())
