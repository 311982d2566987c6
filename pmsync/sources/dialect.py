r"""What one delimiter means for every question that is asked of bytes.

A line ends with \n alone or with \r\n, except where `cell` looks: there \r alone ends one as well.
This module must not know where bytes come from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_SPACE: Final = b" \t\v\f"


@dataclass(frozen=True, slots=True)
class Dialect:
    """A delimiter, and what follows from it.

    `ends`: bytes after which a cell begins. `fillers`: what a blank record may hold beside quotes and line
    ends.
    `blank`: a line that may be (part of) a blank record, after a line; `blank_first`: the same without one.
    `cell`: a quoted cell, closed or going on to the end, and in it what is between its quotes.
    """

    delimiter: bytes
    ends: frozenset[int]
    fillers: bytes
    blank: re.Pattern[bytes]
    blank_first: re.Pattern[bytes]
    cell: re.Pattern[bytes]

    def may_hold_blanks(self, text: bytes) -> bool:
        """Whether some line holds nothing but white space, delimiters and quotes, as a blank record must."""
        return bool(self.blank_first.match(text) or self.blank.search(text))

    def filled_lines(self, text: bytes) -> int:
        """Lines that hold something other than white space and delimiters; a quote is something."""
        return len(text.translate(None, self.fillers).split())

    def goes_on(self, after: bytes) -> bool:
        """Whether a cell goes on after its closing quote; spaces at its end are nobody's fault."""
        following = after.lstrip(b" " if self.delimiter == b"\t" else b" \t")
        return bool(following) and following[0] not in self.ends


@lru_cache
def dialect_of(delimiter: bytes) -> Dialect:
    """The dialect of a delimiter of one byte."""
    sign = re.escape(delimiter)
    blank = rb'[ \t\v\f\r"' + sign + rb"]*+\n"
    start = rb'"(?<![^\r\n' + sign + rb']")'
    return Dialect(
        delimiter=delimiter,
        ends=frozenset(delimiter + b"\r\n"),
        fillers=_SPACE + b"\r" + delimiter,
        blank=re.compile(rb"\n" + blank),
        blank_first=re.compile(blank),
        cell=re.compile(start + rb'([^"]*+(?:""[^"]*+)*+)(?:"|\Z)'),
    )
