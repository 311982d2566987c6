"""Says what is wrong with a text, where in lines and columns, and what to do.

Lines and columns count characters from 1, as editors do. They are not counted while a text is read, but only
for the one place that is told of. This module must not know how a flaw is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, assert_never

from pmsync.errors import InputError
from pmsync.sources.declared import Declared
from pmsync.sources.encoding import NAMES, UNDEFINED
from pmsync.sources.flaws import BadByte, Conflict, Flaw, Nul, OpenQuote, SwallowedRows
from pmsync.sources.kinds import CONFLICT
from pmsync.sources.opening import OpenedSource

_BLOCK: Final = 1024 * 1024
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
_DOUBLE: Final = "close it, or double it where it belongs to the text"
_SAVE: Final = "save it as CSV UTF-8"

_LETTERS: Final = "\u0160\u0152\u017d\u0161\u0153\u017e\u0178\u0192\xaa\xba\xc0-\xd6\xd8-\xf6\xf8-\xff"
_SIGNS: Final = (
    "\u20ac\u201a\u201e\u2026\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u2122\u2039\u203a\u2030"
    "\xa0\xa1\xa2\xa3\xa5\xa7\xa9\xab\xae\xb0\xb1\xb2\xb3\xb4\xb5\xb7\xb9\xbb\xbc\xbd\xbe\xbf\xd7"
)
_WESTERN: Final = re.compile(rf"[{_LETTERS}{_SIGNS}]")
"""What Western European texts hold beside ASCII."""

_IN_A_WORD: Final = re.compile(rf"(?<=[A-Za-z{_LETTERS}])(?!\u2019)[{_SIGNS}](?=[A-Za-z{_LETTERS}])")
"""No sign but the apostrophe stands within a word."""

_STRANGE: Final = 0.1
"""Part of those characters that may look like something else."""

_RUN: Final = re.compile(r"[^\x00-\x7f]{3,}")
"""Such characters stand alone or in pairs among ASCII letters; other alphabets, misread, come in runs."""


def complaint(flaw: Flaw, declared: Declared, opened: OpenedSource) -> InputError:
    """The error for a flaw in a file, which is read again up to there."""
    line, column = _place_in(opened, flaw.place, declared)
    code, what, hint = _words(flaw, declared)
    if isinstance(flaw, SwallowedRows):
        last, at = _place_in(opened, flaw.closed, declared)
        what = f"{what} down to line {last}, column {at}"
    return declared.refused(code, what, hint, line=line, column=column)


def _place_in(opened: OpenedSource, place: int, declared: Declared) -> tuple[int, int]:
    opened.rewind()
    return place_of(place, opened.read, encoding=declared.encoding)


def place_of(place: int, read: Callable[[int], bytes], *, encoding: str) -> tuple[int, int]:
    """The line and column of the byte at this place of a file."""
    line, column, last = 1, 1, b""
    while place > 0 and (block := read(min(place, _BLOCK))):
        place -= len(block)
        ends = block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
        start = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
        line += ends - (last == b"\r" and block.startswith(b"\n"))
        column = (1 if start else column) + _characters(block[start:], encoding)
        last = block[-1:]
    return line, column


def _characters(text: bytes, encoding: str) -> int:
    """Characters that begin in a text; a byte order mark is none."""
    if encoding != "utf-8":
        return len(text)
    return len(text.translate(None, _CONTINUATION)) - text.count(b"\xef\xbb\xbf")


def _words(flaw: Flaw, declared: Declared) -> tuple[str, str, str]:
    match flaw:
        case Nul():
            return (
                "PM222",
                "has a NUL byte, which no text has",
                f"if it is damaged, get it anew; else {_SAVE}",
            )
        case OpenQuote():
            return "PM221", "has a quote that is never closed", _DOUBLE
        case SwallowedRows():
            what = "has a quote that is not closed where its cell ends: it takes in what follows"
            return "PM221", what, _DOUBLE
        case Conflict():
            return "PM220", f"is {CONFLICT.what}", CONFLICT.hint
        case BadByte():
            return ("PM211", *_of_encoding(flaw, declared))
        case _:
            assert_never(flaw)


def _of_encoding(flaw: BadByte, declared: Declared) -> tuple[str, str]:
    name = NAMES.get(declared.encoding, declared.encoding)
    byte = f"0x{flaw.byte:02X}"
    if declared.encoding != "utf-8":
        return f"is not text in {name}: {byte} means nothing there", f"correct encoding:, or {_SAVE}"
    what = f"is not text in UTF-8: {byte} cannot be here"
    if _is_western(flaw.around):
        return what, f"set encoding: windows-1252 on the source, or {_SAVE}"
    return what, _SAVE


def _is_western(text: bytes) -> bool:
    """Whether bytes read well as windows-1252; other encodings cannot be told from one another."""
    if UNDEFINED.search(text):
        return False
    decoded = text.decode("cp1252")
    special = len(text) - len(text.translate(None, bytes(range(0x80, 0x100))))
    strange = special - len(_WESTERN.findall(decoded)) + len(_IN_A_WORD.findall(decoded))
    return max(strange, sum(map(len, _RUN.findall(decoded)))) <= _STRANGE * special
