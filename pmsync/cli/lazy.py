"""The list of commands, each with its short help, and a group that imports one only when it is called.

The short helps stand here, and not only in the commands, so that `--help` and completion import none. A
command's module says how it is called; what it does is imported when it runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from typing import Any, Final

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string

from pmsync.cli.choices import global_options
from pmsync.cli.examples import epilog
from pmsync.cli.groups import HintingGroup

COMMANDS: Final[dict[str, str]] = {
    "init": "Write a first project that plans at once.",
    "validate": "Check manifests, pmsync.yaml and sources; nothing is sent.",
    "plan": "Show what apply would do, and why.",
    "apply": "Make the tenant equal to the manifests.",
    "destroy": "Delete what pmsync created; forget what it adopted.",
    "show": "Show a saved plan.",
    "ls": "List the live tenant: managed, unmanaged, drift, leftovers.",
    "export": "Print the live tenant as manifests.",
    "import": "Manage a live thing under a declared address.",
    "state": "Look at the state, and change it by hand.",
    "doctor": "Check connection, key, clock and state; --probe finds out what the tenant does.",
    "emulator": "Run a stand-in tenant.",
    "explain": "Say what a code of an error means, and what to do.",
    "schema": "Print or write the JSON Schemas of the files.",
    "demo": "Run the main job on an embedded tenant, in a temporary folder.",
    "completion": "Print the completion script of a shell.",
    "version": "Print the version.",
}

_NARROW: Final = 52


@add_completion_class
class BashCompletion(BashComplete):
    """Bash's completion by the line itself, where the script hands it on: its words are parted at colons."""

    def get_completion_args(self) -> tuple[list[str], str]:
        typed = os.environ.get("COMP_LINE")
        if not typed:
            return super().get_completion_args()
        words = split_arg_string(typed)
        if not words or typed[-1].isspace():
            return words[1:], ""
        return words[1:-1], words[-1]


class _Formatter(click.HelpFormatter):
    """As wide as the terminal; on a narrow one what a word means stands below it.

    Click fills at least fifty columns, and leaves the words at the right few.
    """

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        import shutil  # noqa: PLC0415 - only for a page of help

        columns = shutil.get_terminal_size().columns
        super().__init__(indent_increment, columns if columns < _NARROW else width, max_width)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(rows, 6 if self.width < _NARROW else col_max, col_spacing)


class PageContext(click.Context):
    """A context whose help pages fit the terminal."""

    formatter_class = _Formatter


class LazyGroup(HintingGroup):
    """The commands of pmsync by name. Module `pmsync.cli.commands.NAME_` or `NAME` holds `command`."""

    context_class = PageContext

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = "import_" if cmd_name == "import" else cmd_name
        command: click.Command = import_module(f"pmsync.cli.commands.{name}").command
        return prepared(command, cmd_name)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands and, after a dash, the global options."""
        found = [
            CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def prepared(command: click.Command, name: str) -> click.Command:
    """The command (and all below it) as one of pmsync: its global options, examples, pages and frame."""
    if command.context_class is PageContext:
        return command
    command.context_class = PageContext
    command.params.extend(global_options(hidden=True))
    command.epilog = epilog(name)
    if isinstance(command, click.Group):
        for key, below in command.commands.items():
            prepared(below, f"{name} {key}")
    elif command.callback is not None:
        command.callback = _framed(command.callback)
    return command


def _framed(inner: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(inner)
    def call(*args: Any, **values: Any) -> Any:
        from pmsync.cli.frame import frame  # noqa: PLC0415 - only where a command runs

        with frame(values):
            return inner(*args, **values)

    return call
