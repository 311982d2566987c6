"""What libyaml says of a file that it cannot read: the place an editor shows, and what usually mends it."""

from __future__ import annotations

from typing import Final

import yaml

from pmsync.diagnostics import Diagnostic, Location
from pmsync.loading.tree import LINE_BREAK, Document, Mark, place_after

_HINTS: Final = (
    ("mapping values are not allowed", "put a text that holds ': ' in quotes"),
    ("cannot start any token", "put the text in quotes"),
    ("alphabetic or numeric character", "put a text that begins with '*' or '&' in quotes"),
    ("expected comment or line break", "put a text that begins with '>' or '|' in quotes"),
    ("could not find expected ':'", "is a ':' missing, or the line indented too far?"),
    ("did not find expected key", "is the line indented like those above it?"),
    ("unexpected end of stream", "is a closing quote missing?"),
    ("did not find expected ',' or", "is a closing bracket or a comma missing?"),
)


def not_yaml(fault: yaml.YAMLError, document: Document) -> Diagnostic:
    """The words of libyaml, and what usually mends it."""
    words = str(getattr(fault, "problem", None) or "it cannot be read")
    context = str(getattr(fault, "context", None) or "")
    place, mark = Location(document.file), _where(fault, document.text)
    if mark and document.text[mark.index :].strip():
        place = document.place(mark)
    elif mark:  # what is missing is missing at the end
        place = Location(document.file, *place_after(document.text.rstrip()))
    hint = _mend(words, document.text, mark) if mark else None
    return Diagnostic(place, "PM005", f"this is not YAML: {words}{f' ({context})' if context else ''}", hint)


def _where(fault: yaml.YAMLError, text: str) -> Mark | None:
    """Where the fault is; of what has no end, where it begins."""
    problem, context = getattr(fault, "problem_mark", None), getattr(fault, "context_mark", None)
    endless = context and (problem is None or not text[problem.index :].strip())
    return context if endless else problem


def _mend(words: str, text: str, mark: Mark) -> str | None:
    before, after = text[: mark.index], text[mark.index :]
    line = LINE_BREAK.split(before)[-1] + LINE_BREAK.split(after, maxsplit=1)[0]
    if after.startswith("\t"):
        return "indent with spaces, not with tabs"
    if "${" in line and "expected ','" in words:
        return "inside { } and [ ], a text with ${…} goes in quotes"
    return next((hint for part, hint in _HINTS if part in words), None)
