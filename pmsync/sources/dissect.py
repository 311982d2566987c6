r"""Takes a piece of delimited text apart: how many records end in it, and what of it is inside of quotes.

Four ways, each exact where it is taken and each a few calls of C functions: no quotes at all; quotes as
most programs write them, found by splitting at each; any quotes, found by a regular expression; and crowds.
Line ends are \n alone, or \r\n. This module must not know where a piece comes from, nor what follows it.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Final, NamedTuple

from pmsync.sources.crowds import crowd_in, empty_cells, is_open
from pmsync.sources.dialect import Dialect

_MARKS: Final = bytes([0]) + b"x" * 255
_BLANK: Final = b" \t\n\r\v\f"
_FIRST: Final = itemgetter(0)
_LAST: Final = itemgetter(-1)
_SAMPLE: Final = 1024
_CROWD: Final = 10
"""Bytes for each quote below which quotes are a crowd."""


class Seen(NamedTuple):
    """What is in a piece that begins with a record.

    `rows`: records with a filled cell that end in it; `ends`: whether any record ends; `lines_after`: line
    ends behind the end of the last one, all of them in quotes; `swallowed`: whether a cell of several lines
    is followed by something other than the end of a cell, as when a quote was never closed.
    """

    rows: int
    ends: bool
    lines_after: int = 0
    swallowed: bool = False


_NOTHING: Final = Seen(0, ends=False)


def seen_in(text: bytes, dialect: Dialect) -> Seen:
    """What is in a piece of text that begins with a record."""
    if b'"' not in text:
        return _unquoted(text, dialect)
    crowd = text.count(b'"', 0, _SAMPLE) * _CROWD > min(_SAMPLE, len(text))
    return (_crowded(text, dialect) if crowd else None) or _quoted(text, dialect)


def opened_in(text: bytes, dialect: Dialect) -> int | None:
    """Where the quote is that is open at the end of a piece of a record, which is no quote itself."""
    if b'"' not in text or not is_open(text, dialect):
        return None
    last = text.rfind(b'"')
    return last_quote(text, dialect) if text[:last].endswith(b'"') else last


def last_quote(text: bytes, dialect: Dialect) -> int:
    """Where the quote is that opens the last quoted cell of a text that begins with a record."""
    return max((cell.start() for cell in dialect.cell.finditer(text)), default=0)


def swallowing_cell(text: bytes, dialect: Dialect) -> tuple[int, int]:
    """Where the cell of several lines opens and closes that something follows; there must be one."""
    return next(
        (cell.start(), cell.end() - 1)
        for cell in dialect.cell.finditer(text)
        if (b"\n" in cell[1] or b"\r" in cell[1]) and dialect.goes_on(text, cell.end())
    )


def stand_in(text: bytes, dialect: Dialect, *, opened: int | None) -> bytes:
    """The shortest text that leaves csv as this piece of a record does, which ends in no quote."""
    filled = _is_filled(text, dialect)
    before = b"x" + dialect.delimiter if filled else b""
    if opened is not None:
        spans = b"\n" in text[opened:] or b"\r" in text[opened:]
        return before + (b'"\n' if spans else b'"')
    if not text or text.endswith(dialect.delimiter):
        return before
    return b"x" if filled else b" "


def _is_filled(text: bytes, dialect: Dialect) -> bool:
    if text.translate(None, dialect.fillers + b'\n"'):
        return True
    parts = dialect.cell.split(text)
    return any(cell.strip() for cell in parts[1::2]) or any(b'"' in part for part in parts[::2])


def _unquoted(text: bytes, dialect: Dialect) -> Seen:
    end = text.rfind(b"\n") + 1
    if not end:
        return _NOTHING
    lines = dialect.lines_without_blanks(text[:end])
    return Seen(dialect.filled_lines(text[:end]) if lines is None else lines, ends=True)


def _crowded(text: bytes, dialect: Dialect) -> Seen | None:
    """With very many quotes; None if that does not say enough."""
    if (bare := empty_cells(text, dialect)) is not None:
        return _unquoted(bare, dialect)
    crowd = crowd_in(text, dialect)
    if crowd is None or crowd.doubtful:
        return None
    blanks = dialect.may_hold_blanks(text)
    if blanks and not crowd.flat:
        return None
    if blanks:
        end = text.rfind(b"\n") + 1
        return Seen(dialect.filled_lines(text[:end], beside=b'"'), ends=bool(end))
    records = text.count(b"\n") - crowd.inner
    return Seen(records, ends=records > 0, lines_after=crowd.after)


def _quoted(text: bytes, dialect: Dialect) -> Seen:
    """By what is outside and inside of quotes in turn."""
    parts = _as_written(text, dialect) if _as_written(text[:_SAMPLE], dialect) else None
    if parts is None:
        parts = dialect.cell.split(text)
        following = set(map(_FIRST, filter(None, parts[2::2])))
        if not following <= dialect.ends and _swallows(parts, dialect):
            return _NOTHING._replace(swallowed=True)
    last = len(parts) - 1
    while last >= 0 and b"\n" not in parts[last]:
        last -= 2
    if last < 0:
        return _NOTHING
    after = b"".join(parts[last + 1 :: 2]).count(b"\n")
    parts[last] = parts[last][: parts[last].rfind(b"\n") + 1]
    return Seen(_filled_of(parts[: last + 1], text, dialect), ends=True, lines_after=after)


def _as_written(text: bytes, dialect: Dialect) -> list[bytes] | None:
    """The parts between quotes, if each quote that opens begins a cell and each that closes ends it."""
    parts = text.split(b'"')
    between = parts[2:-1:2]
    edges = set(parts[0][-1:])
    if len(parts) % 2 == 0:
        parts.append(b"")
    edges.update(parts[-1][:1])
    if not edges <= dialect.ends:
        return None
    return parts if _each_in_cells(between, dialect) else None


def _each_in_cells(between: list[bytes], dialect: Dialect) -> bool:
    """Whether each of the parts between quoted cells begins and ends where a cell does."""
    try:
        return dialect.ends.issuperset(map(_LAST, between)) and dialect.ends.issuperset(map(_FIRST, between))
    except IndexError:  # nothing is between two quotes: one quote, doubled
        return False


def _swallows(parts: list[bytes], dialect: Dialect) -> bool:
    """Whether a cell of several lines goes on after its closing quote; a quote after it is text as well."""
    if b"\n" not in b"".join(parts[1::2]):
        return False
    last = len(parts) - 1
    lines = (at for at, cell in enumerate(parts[:-1]) if b"\n" in cell and at % 2)
    return any(dialect.goes_on(parts[at + 1] + b'"' * (at + 1 < last)) for at in lines)


def _filled_of(parts: list[bytes], text: bytes, dialect: Dialect) -> int:
    """Count records by what is outside of quotes, with a quote in the place of each quoted cell."""
    flat = b'"'.join(parts[::2])
    lines = dialect.lines_without_blanks(flat)
    if lines is not None:
        return lines
    if not dialect.may_hold_blanks(text):
        return flat.count(b"\n")
    if all(map(bytes.strip, parts[1::2])):
        return dialect.filled_lines(flat)
    parts[1::2] = _marked(parts[1::2])
    return dialect.filled_lines(b"".join(parts))


def _marked(cells: list[bytes]) -> list[bytes]:
    """Each cell without its white space and with a mark in the place of all else: empty if it holds nothing.

    In a few calls for all of them: a text may hold a hundred million. NUL can part them, as no text has any.
    """
    joined = b"\0".join(cells)
    if joined.count(b"\0") != len(cells) - 1:
        return [b"x" if cell.strip() else b"" for cell in cells]
    return joined.translate(_MARKS, _BLANK).split(b"\0")
