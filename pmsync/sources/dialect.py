r"""What one delimiter means for every question that is asked of bytes.

A line ends with \n alone or with \r\n, except where `cell` looks: there \r alone ends one as well.
This module must not know where bytes come from.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

_SPACE: Final = b" \t\v\f"
_SAMPLE: Final = 1024


class Dialect(Struct, frozen=True):
    """A delimiter, and what follows from it.

    `ends`: bytes after which a cell begins. `spaces`: white space within a line, without the delimiter.
    `fillers`: what a blank record may hold beside quotes and line ends; `highest`: the highest byte that one
    can begin with. `blank`: a line that may be part of a blank record, after a line; `blank_first`: the same
    without one. `cell`: a quoted cell, closed or going on to the end, and what is between its quotes.
    `text`: spaces and what does not end a cell.
    """

    delimiter: bytes
    ends: frozenset[int]
    spaces: tuple[bytes, ...]
    fillers: bytes
    highest: bytes
    blank: re.Pattern[bytes]
    blank_first: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    text: re.Pattern[bytes]

    def may_hold_blanks(self, text: bytes) -> bool:
        """Whether some line holds nothing but white space, delimiters and quotes, as a blank record must."""
        return bool(self.blank_first.match(text) or self.blank.search(text))

    def lines_without_blanks(self, text: bytes) -> int | None:
        """The lines of a text that ends with one, if no record in it can be blank; None if one may be.

        The smallest line answers for most texts: letters and digits sort behind all that a blank line can
        begin with.
        """
        if min(text[:_SAMPLE].splitlines())[:1] > self.highest:
            lines = io.BytesIO(text).readlines()
            if min(lines)[:1] > self.highest:
                return len(lines)
        return None if self.may_hold_blanks(text) else text.count(b"\n")

    def filled_lines(self, text: bytes, *, beside: bytes = b"") -> int:
        """Lines that hold something other than white space, delimiters and these bytes."""
        return len(text.translate(None, self.fillers + beside).split())

    def goes_on(self, text: bytes, at: int = 0) -> bool:
        """Whether a cell goes on where its closing quote ends; spaces at its end are nobody's fault."""
        return self.text.match(text, at) is not None


@lru_cache
def dialect_of(delimiter: bytes) -> Dialect:
    """The dialect of a delimiter of one byte."""
    sign = re.escape(delimiter)
    blank = rb'[ \t\v\f\r"' + sign + rb"]*+\n"
    start = rb'"(?<![^\r\n' + sign + rb']")'
    return Dialect(
        delimiter=delimiter,
        ends=frozenset(delimiter + b"\r\n"),
        spaces=tuple(bytes([byte]) for byte in _SPACE if byte != delimiter[0]),
        fillers=_SPACE + b"\r" + delimiter,
        highest=max(b'"', delimiter),
        blank=re.compile(rb"\n" + blank),
        blank_first=re.compile(blank),
        text=re.compile((rb"[ ]*+" if delimiter == b"\t" else rb"[ \t]*+") + rb"[^\r\n" + sign + rb"]"),
        cell=re.compile(start + rb'([^"]*+(?:""[^"]*+)*+)(?:"|\Z)'),
    )
