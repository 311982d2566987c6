"""The list of commands, each with its short help, and a group that imports one only when it is called.

The short helps stand here, and not only in the commands, so that `--help` and completion import none.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Final

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string

from pmsync.cli.choices import with_global_options
from pmsync.cli.pages import PageContext

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


class LazyGroup(click.Group):
    """The commands of pmsync by name. Module `pmsync.cli.commands.NAME_` or `NAME` holds `command`."""

    context_class = PageContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        from pmsync.cli.examples import with_examples  # noqa: PLC0415 - only around
        from pmsync.cli.frame import framed  # noqa: PLC0415 - a command

        name = "import_" if cmd_name == "import" else cmd_name
        module = import_module(f"pmsync.cli.commands.{name}")
        command: click.Command = module.command
        return framed(with_examples(with_global_options(command, hidden=True), cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from pmsync.cli.mistyped import no_command  # noqa: PLC0415 - only for a name that is wrong

            ctx.fail(no_command(args[0], "", known=COMMANDS))
        return super().resolve_command(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from pmsync.cli.examples import with_examples  # noqa: PLC0415 - only for --help

        click.Command.format_epilog(with_examples(self, ""), ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands and, after a dash, the global options."""
        found = [
            CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]
