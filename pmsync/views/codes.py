"""Codes for people and for programs: one with its explanation, all with their titles, and the page of all.

Nothing here comes from a user, so nothing needs to be escaped. It must not know how a code comes about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pmsync.diagnostics import CODES
from pmsync.explanations.catalogue import EXPLANATIONS
from pmsync.explanations.explanation import Explanation
from pmsync.views.escape import to_json
from pmsync.views.lines import BLANK, MARGIN, Line, Look, Piece, Style, line, paragraph, render

CODES_FORMAT: Final = "1.0"

_ROOMS: Final = {
    "PM0": "YAML and manifests",
    "PM1": "pmsync.yaml and variables",
    "PM2": "Sources",
    "PM3": "Approvals and plan files",
    "PM4": "Planning",
}
_HEAD: Final = """\
# Codes

Every problem that pmsync finds in a file has a code, which stays the same when the words change.
`pmsync explain PM221` says what is written here, `pmsync explain` lists the codes. This page is made from the
same texts (`make schema`).

What an example leaves out is the least that can be: a `pmsync.yaml` with one environment, a manifest with one
dataset. Where a file is "escaped", `\\xfc` is one byte.
"""


def code_text(code: str, look: Look) -> str:
    """One code: its title, what it means, an example, and what to do."""
    said = EXPLANATIONS[code]
    return render(
        [
            line(Piece(code, Style.STRONG), f": {CODES[code]}"),
            BLANK,
            *paragraph(said.text, width=look.width),
            BLANK,
            line(Piece("Example", Style.STRONG)),
            *_example(said),
            line(Piece("What to do", Style.STRONG)),
            *paragraph(said.fix, width=look.width, indent=MARGIN),
        ],
        look,
    )


def code_json(code: str) -> str:
    """One code for programs."""
    return to_json({"formatVersion": CODES_FORMAT, **_fields(code)}) + "\n"


def code_markdown(code: str) -> str:
    """One code as a section of the page."""
    said = EXPLANATIONS[code]
    files = [f"`{path}`\n\n```\n{content}```" for path, content in said.files]
    example = "\n\n".join(files or [f"```\n{said.example}```"])
    return f"### {code}: {CODES[code]}\n\n{said.text}\n\n{example}\n\n**What to do.** {said.fix}\n"


def codes_text(look: Look) -> str:
    """All codes with their titles."""
    return render(_listed(), look)


def codes_json() -> str:
    """All codes for programs."""
    return to_json({"formatVersion": CODES_FORMAT, "codes": [_fields(code) for code in CODES]}) + "\n"


def codes_markdown() -> str:
    """The page of all codes."""
    parts = [_HEAD]
    for prefix, title in _ROOMS.items():
        parts.append(f"## {title}\n")
        parts += [code_markdown(code) for code in CODES if code.startswith(prefix)]
    return "\n".join(parts)


def _listed() -> Iterator[Line]:
    for prefix, title in _ROOMS.items():
        yield line(Piece(title, Style.STRONG))
        for code, what in CODES.items():
            if code.startswith(prefix):
                yield line(Piece(code, Style.COMMAND), f"  {what}", indent=MARGIN)
        yield BLANK
    yield line("pmsync explain CODE says more, with an example and what to do.")


def _fields(code: str) -> dict[str, Any]:
    said = EXPLANATIONS[code]
    return {"code": code, "title": CODES[code], "text": said.text, "example": said.example, "fix": said.fix}


def _example(said: Explanation) -> Iterator[Line]:
    """Each file below its path, or what is to be seen in a terminal; with a blank line after each."""
    if not said.files:
        yield from (line(text, indent=MARGIN) for text in said.example.splitlines())
        yield BLANK
    for path, content in said.files:
        yield line(Piece(path, Style.FAINT), indent=MARGIN)
        yield from (line(text, indent=2 * MARGIN) for text in content.splitlines())
        yield BLANK
