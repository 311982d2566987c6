"""`pmsync explain`: the texts of one code or of all, in the form that was asked for."""

from __future__ import annotations

from pmsync.cli import output
from pmsync.cli.settings import GlobalOptions
from pmsync.diagnostics import CODES
from pmsync.errors import UsageProblem
from pmsync.explanations.catalogue import nearest
from pmsync.views import codes


def explain(options: GlobalOptions, code: str | None, format_: str) -> None:
    """Explain one code; None: list all."""
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
    code = text.strip().upper()
    if code in CODES:
        return code
    near = nearest(code)
    hint = f"did you mean {' or '.join(near)}?" if near else "pmsync explain lists all codes"
    raise UsageProblem(f"there is no code {text!r}", hint=hint)
