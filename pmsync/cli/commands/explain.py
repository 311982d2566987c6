"""`pmsync explain`: what a code of an error means, an example that gives it, and what to do."""

from __future__ import annotations

import click

from pmsync.cli import output
from pmsync.cli.choices import completed_by
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import UsageProblem

_FORMATS = ("text", "json", "markdown")


@click.command()
@click.argument("code", required=False, shell_complete=completed_by("codes"))
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", help="Form of the result.")
@click.pass_obj
def command(options: GlobalOptions, code: str | None, format_: str) -> None:
    """Explain a code such as PM012, or list all codes. Needs no project."""
    from pmsync.views import codes  # noqa: PLC0415 - the texts are for this command alone

    look = output.look(options)
    known = None if code is None else _known(code)
    match format_:
        case "json":
            output.emit(codes.code_json(known) if known else codes.codes_json())
        case "markdown":
            output.emit(codes.code_markdown(known) if known else codes.codes_markdown())
        case _:
            output.emit(codes.code_text(known, look) if known else codes.codes_text(look))


def _known(text: str) -> str:
    """The code, however it is spelt; UsageProblem with the nearest ones if there is none such."""
    from pmsync.diagnostics import CODES  # noqa: PLC0415
    from pmsync.explanations.catalogue import nearest  # noqa: PLC0415

    code = text.strip().upper()
    if code in CODES:
        return code
    near = nearest(code)
    hint = f"did you mean {' or '.join(near)}?" if near else "pmsync explain lists all codes"
    raise UsageProblem(f"there is no code {text!r}", hint=hint)
