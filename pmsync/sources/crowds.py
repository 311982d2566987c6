r"""Tells what is in quotes where quotes are so many that a call for each would take too long.

By the case of letters: of a text, each quote is made the letter q, what ends a cell a sign, and all else the
letter x. Then `title` raises just the quotes that begin a cell, at the speed of C. That and the line ends are
enough to know which line ends are in quotes: in quotes, each quote closes; outside, a raised one opens and a
small one means nothing. A doubled quote leaves csv as it was, wherever it stands, so it may be dropped.
This module must not know what is in cells.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from pmsync.sources.dialect import Dialect

_LINES: Final = re.compile(rb"Q(\n[^Qq]*+)(?:[Qq]|\Z)")
# Two letters in a text where one is everywhere: a pattern finds them in half the time of `in`.
_TRAILED: Final = re.compile(rb"qx")
_BROKEN: Final = re.compile(rb"Q\n")
_BEGUN: Final = re.compile(rb"Q,")
_THREE: Final = re.compile(rb'"""')
_GOES_ON: Final = re.compile(rb"\n(?<=[QR]\n)\n*+[Rr]")
_SAMPLE: Final = 1024
_STEPS: Final = 64


class Crowd(NamedTuple):
    """What is in a text with many quotes.

    `inner`: line ends in quotes; `after`: those behind the last line end that is not; `single`: whether no
    quote is doubled and none means nothing; `doubtful`: whether a cell of several lines may go on after its
    closing quote; `titled`: the text by the case of letters.
    """

    inner: int
    after: int
    single: bool
    doubtful: bool
    titled: bytes

    @property
    def flat(self) -> bool:
        """Whether there is no quote, line end or delimiter in quotes."""
        return self.single and not self.inner and not _BEGUN.search(self.titled.translate(None, b"xX"))


def crowd_in(text: bytes, dialect: Dialect) -> Crowd | None:
    """What is in a text that begins with a record; None if one cell has too many lines to look at."""
    single = _is_regular(_quotes_of(_titled(text[:_SAMPLE], dialect)))
    titled = _titled(text, dialect) if single else b""
    quotes = _quotes_of(titled)
    single = single and _is_regular(quotes)
    if not single:
        titled = _titled(text.replace(b'""', b""), dialect)
        quotes = _quotes_of(titled)
    regular = single or _is_regular(quotes)
    if regular and not _BROKEN.search(quotes):
        return Crowd(0, 0, single, doubtful=False, titled=titled)
    spans = (quotes if regular else quotes.replace(b"QQ", b"")).replace(b"Qq", b"q")  # no cells of one line
    inner = spans.count(b"Q\nq") if regular else 0  # most cells of several lines have two
    inner += sum(map(len, _LINES.findall(spans.replace(b"Q\nq", b"q") if regular else spans)))
    after = _lines_after(spans) if inner else 0
    if after is None:
        return None
    doubtful = inner > 0 and bool(_TRAILED.search(titled)) if regular else inner > 0 and _may_go_on(titled)
    return Crowd(inner, after, single, doubtful, titled)


def empty_cells(text: bytes, dialect: Dialect) -> bytes | None:
    """The text without its quotes, if all of these are cells of nothing: behind white space they are text."""
    doubled = text.count(b'""', 0, _SAMPLE)
    if 2 * doubled + 1 < text.count(b'"', 0, _SAMPLE) or any(space in text for space in dialect.spaces):
        return None
    bare = text.replace(b'""', b"")
    return bare if b'"' not in bare and not _THREE.search(text) else None


def is_open(text: bytes, dialect: Dialect) -> bool:
    """Whether a quote is open at the end of a text that begins with a record and does not end in a quote."""
    quotes = _quotes_of(_titled(text.replace(b'""', b""), dialect)).translate(None, b"\n")
    return quotes.count(b"Q", quotes.rfind(b"q") + 1) % 2 == 1


def _titled(text: bytes, dialect: Dialect) -> bytes:
    return text.translate(_cased(dialect.delimiter)).title()


@lru_cache
def _cased(delimiter: bytes) -> bytes:
    cased = bytearray(b"x" * 256)
    cased[ord('"')], cased[ord("\n")], cased[ord("\r")], cased[delimiter[0]] = b"q\n,,"
    return bytes(cased)


def _quotes_of(titled: bytes) -> bytes:
    return titled.translate(None, b"xX,")


def _is_regular(quotes: bytes) -> bool:
    """Whether quotes that begin a cell and quotes that do not take turns: then each of them ends it."""
    alone = quotes.translate(None, b"\n")
    return alone == (b"Qq" * (len(alone) // 2 + 1))[: len(alone)]


def _may_go_on(titled: bytes) -> bool:
    followed = titled.replace(b"qx", b"rx").replace(b"Qx", b"Rx")
    return bool(_GOES_ON.search(_quotes_of(followed)))


def _lines_after(quotes: bytes) -> int | None:
    """Line ends behind the last one that is outside of quotes; None if they are too many to look at."""
    at = len(quotes)
    for lines in range(_STEPS):
        at = quotes.rfind(b"\n", 0, at)
        closed = quotes.rfind(b"q", 0, max(at, 0)) + 1
        if at < 0 or quotes.count(b"Q", closed, at) % 2 == 0:
            return lines
    return None
