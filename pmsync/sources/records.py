r"""Counts the records of delimited text as its bytes go by, and finds quotes that swallow rows.

A record counts if one of its cells holds something other than white space. What is a record is what
Python's csv module would say (quotes matter at the start of a cell only, a doubled quote is a quote,
\n, \r and \r\n all end a record), at ten times its speed: pieces of text are taken apart by a few passes
of C functions (dissect), and what is left of a piece after its last whole record begins the next one.
This module must not know files or encodings, except that they extend ASCII.
"""

from __future__ import annotations

import re
from typing import Final

from pmsync.sources.dialect import dialect_of
from pmsync.sources.dissect import last_quote, opened_in, seen_in, stand_in, swallowing_cell
from pmsync.sources.flaws import ConflictSearch, OpenQuote, SwallowedRows

_PIECE: Final = 96 * 1024
"""Bytes counted at a time: they stay in the processor's cache, and their parts in malloc's pools."""

_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
_KEPT_QUOTES: Final = 4
"""Of a run of quotes at the end of a piece, as many say what all of them would, if the parity is kept."""


class RecordCounter:
    """The number of records in blocks of bytes that are fed to it one after another."""

    __slots__ = ("_at", "_conflicts", "_dialect", "_opened", "_rest", "_rows", "_short")

    def __init__(self, delimiter: bytes, *, at: int = 0) -> None:
        """`at`: the bytes of the file before the first that is fed."""
        self._dialect = dialect_of(delimiter)
        self._conflicts = ConflictSearch(self._dialect)
        self._rest = b""
        self._rows = 0
        self._at = at
        self._short = 0
        self._opened = 0

    def feed(self, block: bytes | bytearray) -> None:
        """Count on through the next bytes; a Flaw if they show that this is no table."""
        view = memoryview(block)
        at = 0
        while at < len(block):
            limit = at + _PIECE
            end = block.rfind(b"\n", at, limit) + 1 or limit
            self._take(self._rest + view[at:end])
            at = end

    def finish(self) -> int:
        """The count, an unended last record included; OpenQuote if a quote never closes."""
        if self._rest:
            self._take(self._rest + b"\n")
        if self._rest:
            raise OpenQuote(self._place(last_quote(self._rest, self._dialect)))
        return self._rows

    def _take(self, text: bytes) -> None:
        """Count the whole records of a text that begins with one; the rest stays for the next piece."""
        whole = text[:-1] if text.endswith(b"\r") else text  # a newline may follow it
        returns = b"\r" in whole and _LONE_RETURN.search(whole)
        plain = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if returns else whole
        if b"\n" not in plain:
            self._keep(text)
            return
        seen = seen_in(plain, self._dialect)
        if seen.swallowed:
            raise self._swallowed(text)
        self._rows += seen.rows
        if self._conflicts.sign in text:
            self._conflicts.look(text, self._at)
        end = _end_of_line(whole, seen.lines_after, returns=bool(returns)) if seen.ends else 0
        if end:
            self._short = 0
        self._at += end
        self._keep(text[end:])

    def _keep(self, rest: bytes) -> None:
        self._rest = rest
        if len(rest) > _PIECE // 2:
            self._shorten()

    def _swallowed(self, text: bytes) -> SwallowedRows:
        opened, closed = swallowing_cell(text, self._dialect)
        return SwallowedRows(self._place(opened), self._place(closed))

    def _place(self, index: int) -> int:
        """Where in the file the byte is that is at this place of the text at hand."""
        return self._opened if index < self._short else self._at + index

    def _shorten(self) -> None:
        """Put the shortest text that leaves csv in the same state in place of a long piece of a record."""
        body = self._rest.removesuffix(b"\r") if self._rest.endswith(b"\r") else self._rest.rstrip(b'"')
        tail = self._rest[len(body) :]
        if len(tail) > _KEPT_QUOTES:
            tail = tail[: _KEPT_QUOTES - (len(tail) - _KEPT_QUOTES) % 2]
        quote = opened_in(body, self._dialect)
        short = stand_in(body, self._dialect, opened=quote)
        self._opened = self._place(len(body) if quote is None else quote)
        self._at += len(self._rest) - len(short + tail)
        self._short = len(short) + (quote is None)
        self._rest = short + tail


def _end_of_line(text: bytes, after: int, *, returns: bool) -> int:
    """Where the line ends that has `after` whole lines behind it."""
    if returns and after:
        lines = text.splitlines(keepends=True)
        behind = after + (not lines[-1].endswith((b"\n", b"\r")))
        return len(text) - sum(map(len, lines[len(lines) - behind :])) if behind else len(text)
    end = len(text)
    for _ in range(after + 1):
        end = max(text.rfind(b"\n", 0, end), text.rfind(b"\r", 0, end) if returns else -1)
    return end + 1
