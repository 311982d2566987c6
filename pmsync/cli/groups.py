"""A group of commands that says of a name it does not know which was probably meant.

Must stay light: `pmsync --version` imports it.
"""

from __future__ import annotations

import click


class UnknownCommand(click.UsageError):
    """A name that is none of the group's commands."""


class HintingGroup(click.Group):
    """`pmsync` itself, `pmsync state …` and its like."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises UnknownCommand."""
        known = args[0].startswith("-") or args[0] in self.list_commands(ctx)
        if not known and not ctx.resilient_parsing:
            raise UnknownCommand(args[0], ctx)
        return super().resolve_command(ctx, args)
