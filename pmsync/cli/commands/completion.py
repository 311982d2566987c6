"""`pmsync completion SHELL`."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

from pmsync.cli import output

# Bash parts words at colons, so that `delete:o2c` would be three: the line itself is handed on, and what of
# a word is there already is not offered again.
_BASH: Final = (
    (
        'env COMP_WORDS="${COMP_WORDS[*]}"',
        'env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDS="${COMP_WORDS[*]}"',
    ),
    (
        "    return 0\n",
        """    local word="${COMP_LINE:0:COMP_POINT}"
    word="${word##* }"
    if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${word%%"${word##*:}"}"}")
    fi

    return 0
""",
    ),
)


@click.command()
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
    for part, ours in _BASH if script.name == "bash" else ():  # type: ignore[attr-defined]  # click's
        assert part in template, "click's script is another one"
        template = template.replace(part, ours)
    return template % dict(zip(("complete_func", "complete_var", "prog_name"), fields, strict=True))
