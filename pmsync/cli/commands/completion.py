"""`pmsync completion SHELL`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from pmsync.cli import output


@click.command(
    epilog='For example: eval "$(pmsync completion bash)" in ~/.bashrc, or '
    "pmsync completion fish > ~/.config/fish/completions/pmsync.fish"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    found = get_completion_class(shell)
    assert found is not None, "click knows all shells that are offered"
    script = found(ctx.find_root().command, {}, "pmsync", "_PMSYNC_COMPLETE")
    output.emit(_source(script))


def _source(script: object) -> str:
    """The script alone: bash's would first start a bash to learn its version, and it may not be there."""
    fields = script.func_name, script.complete_var, script.prog_name  # type: ignore[attr-defined]  # click's
    template: str = script.source_template  # type: ignore[attr-defined]  # click's
    return template % dict(zip(("complete_func", "complete_var", "prog_name"), fields, strict=True))
