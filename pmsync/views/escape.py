r"""One function per sink that makes foreign text harmless there: terminal, plain line, JSON, YAML.

Names come from a tenant in which other people type, and from pull requests. A name must not move the
cursor, hide or reorder text, forge a line of its own, or give orders to a CI runner that reads the log.
What is changed becomes visible (`\x1b`, `\u202e`), so that two names that differ look different. JSON and
YAML are exact: a program must get the very code points, and both have escapes that it undoes.
This module must not know what the texts are.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Final

LONGEST_LINE: Final = 2000
"""Characters of one log line: a name of 64 KiB must not bury what comes after it."""

# Printable by Unicode's tables and yet nothing to be seen: fillers, the blank of Braille, selectors.
_UNSEEN: Final = (
    "\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}\N{HANGUL FILLER}\N{HALFWIDTH HANGUL FILLER}"
    "\N{BRAILLE PATTERN BLANK}\N{COMBINING GRAPHEME JOINER}\N{KHMER VOWEL INHERENT AQ}"
    "\N{KHMER VOWEL INHERENT AA}\N{MONGOLIAN FREE VARIATION SELECTOR ONE}"
    "\N{MONGOLIAN FREE VARIATION SELECTOR TWO}\N{MONGOLIAN FREE VARIATION SELECTOR THREE}"
)
_WIDE_SPACE: Final = "\N{IDEOGRAPHIC SPACE}"  # the ordinary space of Chinese and Japanese: visible as it is
_SELECTORS: Final = re.compile(r"[\U000E0100-\U000E01EF\uFE00-\uFE0E]")
_FORMS: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}

# What CI runners take as orders: `##[`, `##vso[`, `##teamcity[` anywhere in a line, `::` where it begins.
_BRACKET: Final = re.compile(r"(##[\w.-]{0,99})\[")
_COLON: Final = re.compile(r"(?:(?<=\s)|^):(?=:)")
_MOST_MARKS: Final = 4
"""Combining marks that a script stacks on one letter; more would paint over the lines above and below."""


def terminal(text: str) -> str:
    """A text that may stand inside a line on a terminal, or in output that a CI runner shows.

    The result is one line of printable characters, whatever the text is.
    """
    if not text.isascii() or not text.isprintable():
        text = _unstacked(_visible(text))
    if "##" in text:
        text = _BRACKET.sub(r"\1\\x5b", text)
    if "::" in text:
        text = _COLON.sub(r"\\x3a", text)
    return text


def line(text: str) -> str:
    """A whole line of a log: harmless like `terminal`, and of bounded length (`…` at its end if cut)."""
    safe = terminal(text[: LONGEST_LINE + 1])
    return safe if len(safe) <= LONGEST_LINE else safe[: LONGEST_LINE - 1] + "…"


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """JSON in ASCII: every code point exactly, lone surrogates too, and none can act on a terminal or CI.

    `#` stands in texts only, and never in an escape, so that its own escape can always stand for it.
    """
    separators = None if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent, separators=separators)
    return text.replace("##", r"\u0023\u0023")


def yaml_quoted(text: str) -> str | None:
    """The text as a double-quoted scalar that reads back the same; None: it is harmless as it is.

    A lone surrogate has no place in YAML; whoever writes a name with one must leave it out.
    """
    if terminal(text) == text:
        return None
    escaped = terminal(text.replace("\\", r"\\").replace('"', r"\""))
    return f'"{escaped}"'


def _unstacked(text: str) -> str:
    """The text with the marks as escapes that are too many on one letter, or on none."""
    if text.isascii():
        return text
    shown, marks = [], _MOST_MARKS
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        shown.append(_code(char) if marks > _MOST_MARKS else char)
    return "".join(shown)


def _visible(text: str) -> str:
    if text.isprintable() and not any(char in text for char in _UNSEEN) and not _SELECTORS.search(text):
        return text
    return "".join(char if _harmless(char) else _code(char) for char in text)


def _harmless(char: str) -> bool:
    if char == _WIDE_SPACE:
        return True
    return char.isprintable() and char not in _UNSEEN and not _SELECTORS.match(char)


def _code(char: str) -> str:
    r"""`\n`, `\x1b`, `\u202e`, `\U000e0001`: as a programmer would write it."""
    if char in _FORMS:
        return _FORMS[char]
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
