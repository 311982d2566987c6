"""A group of commands that says of a name it does not know which was probably meant."""

from __future__ import annotations

import click


class HintingGroup(click.Group):
    """`pmsync state …` and its like."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        if (
            args
            and args[0] not in self.commands
            and not args[0].startswith("-")
            and not ctx.resilient_parsing
        ):
            from pmsync.cli.mistyped import no_command  # noqa: PLC0415 - only for a name that is wrong

            ctx.fail(no_command(args[0], ctx.info_name or "", known=self.commands))
        return super().resolve_command(ctx, args)
