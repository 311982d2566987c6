"""The bytes of a YAML file as text that every reader sees alike, or what is wrong with them.

What libyaml says of a text that it cannot read becomes the place an editor shows, and what usually mends it.
"""

from __future__ import annotations

import re
from typing import Final

import yaml

from pmsync.diagnostics import Diagnostic, Location
from pmsync.loading.problems import shown
from pmsync.loading.tree import LINE_BREAK, Document, Mark, place_after

# What libyaml would take as a line break and editors do not is refused with the control characters:
# two tools must not disagree on where a line ends.
_CONTROL: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# libyaml looks through all of them for each of them: half a million take an hour, in which nothing stops it.
_TAG_DIRECTIVE: Final = re.compile(r"^%TAG\b", re.MULTILINE)
# As Git writes them: at the start of a line, where no YAML of ours has anything of that kind.
_CONFLICT: Final = re.compile(r"^(?:<{7}|>{7}|\|{7})(?= |$)", re.MULTILINE)
_SAVE: Final = "save the file as UTF-8"
_WIDE: Final = (
    ((b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\1\0\0\0", b"\0\0\0\1"), "UTF-32"),
    ((b"\xff\xfe", b"\xfe\xff", b"\1\0\1\0", b"\0\1\0\1"), "UTF-16"),
)
"""Byte order marks, and which of the first four bytes are no zeros, of texts that begin with ASCII."""

_HARMLESS: Final = bytes((*b"\t\n\r", *range(32, 127)))


class Fault(Exception):
    """A fault after which a file cannot be read on. `at` is line and column, from 1."""

    def __init__(
        self, code: str, message: str, hint: str | None = None, *, at: tuple[int, int] = (0, 0)
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.at = at


def text_of(data: bytes) -> str:
    """The bytes as text, if it is text that every reader sees alike."""
    try:
        text = data.decode()
    except UnicodeDecodeError as fault:
        place = place_after(data[: fault.start].decode())
        raise Fault("PM003", f"this is {_wide(data) or 'not UTF-8'}", _SAVE, at=place) from fault
    if wide := _wide(data):
        raise Fault("PM003", f"this is {wide}", _SAVE, at=(1, 1))
    conflict = _CONFLICT.search(text)
    if conflict:
        hint = "resolve the conflict: keep one of the two versions, and remove the marker lines"
        raise Fault("PM005", "a merge conflict marker", hint, at=place_after(text[: conflict.start()]))
    directive = _TAG_DIRECTIVE.search(text)
    if directive:
        place = place_after(text[: directive.start()])
        raise Fault("PM007", "a tag directive", "remove it: tags are not supported", at=place)
    if data.isascii() and not data.translate(None, _HARMLESS):  # nearly always, and quick to see
        return text
    found = _CONTROL.search(text)
    if found:
        place = place_after(text[: found.start()])
        raise Fault("PM004", f"a control character: {shown(found[0])}", "remove it", at=place)
    return text


def _wide(data: bytes) -> str:
    """Which encoding of wide characters this is, by its mark or by the zeros beside its first letter."""
    for marks, name in _WIDE:
        if data.startswith(marks) or _zeros(data[:4]) in marks:
            return f"{name}, not UTF-8"
    return ""


def _zeros(start: bytes) -> bytes:
    return bytes(bool(byte) for byte in start)


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
