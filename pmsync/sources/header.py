"""Reads the first line of delimited text: which delimiter, which columns, or why it is no header.

Its cells are taken apart with the place of each, for complaints. This module must not know where the bytes
come from.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from pmsync.sources.columns import MAX_NAME, are_data, columns_of, findings_of
from pmsync.sources.declared import Declared, Finding
from pmsync.sources.delimiter import BLANK, Split, best_of, foreign_to, split_by
from pmsync.sources.encoding import NAMES, reads_as_utf8


class Cell(Struct, frozen=True):
    """A cell's value, the line and column it begins at, and what its quotes are like.

    `spans`: whether it holds a line end; `closed`: false if a quote opens it and none closes it.
    """

    value: str
    line: int
    column: int
    spans: bool = False
    closed: bool = True


class FirstRecord(Struct, frozen=True):
    """The first record of a text; `ended`: whether a line end was seen behind it."""

    cells: tuple[Cell, ...]
    ended: bool

    @property
    def values(self) -> list[str]:
        return [cell.value for cell in self.cells]


def first_record(text: str, delimiter: str) -> FirstRecord:
    """The first record of a text as csv would read it."""
    cells = []
    at, line, line_start = 0, 1, 0
    while True:
        found = _cell(delimiter).match(text, at)
        assert found is not None  # an empty cell is one
        quoted, plain, end = found["quoted"], found["plain"], found["end"]
        inside = quoted or ""
        breaks = list(_LINE_END.finditer(inside))
        cells.append(
            Cell(
                value=inside.replace('""', '"') + plain,
                line=line,
                column=at - line_start + 1,
                spans=bool(breaks),
                closed=quoted is None or found["close"] == '"',
            )
        )
        if breaks:
            line += len(breaks)
            line_start = found.start("quoted") + breaks[-1].end()
        if end != delimiter:
            return FirstRecord(tuple(cells), ended=bool(end))
        at = found.end()


_LINE_END = re.compile(r"\r\n|\r|\n")


@lru_cache
def _cell(delimiter: str) -> re.Pattern[str]:
    sign = re.escape(delimiter)
    plain = rf"(?P<plain>[^{sign}\r\n]*+)"
    quoted = r'(?:"(?P<quoted>(?:[^"]++|"")*+)(?P<close>"?))?+'
    return re.compile(rf"{quoted}{plain}(?P<end>{sign}|\r\n|\r|\n|\Z)")


MAX_HEADER: Final = 256 * 1024
"""Bytes that a first line may take; sixteen thousand columns fit."""

_TABBED: Final = (".tsv", ".tab")
_SEP: Final = re.compile(r'"?sep=(?:.|\\t)?"?\s*', re.IGNORECASE)
_COMMENT: Final = ("#", "//", "--")
_FIRST_LINE: Final = "its first line must name the columns"
_OPEN: Final = "close it, or double it where it belongs to the text"


class Header(Struct, frozen=True):
    """The first line of a text: its delimiter and cells; `skip` bytes of byte order mark precede it."""

    delimiter: str
    columns: tuple[str, ...]
    skip: int
    findings: tuple[Finding, ...] = ()


def read_header(first: bytes, declared: Declared, *, whole: bool) -> Header:
    """The header of a text that begins with `first` (`whole`: that is all); InputError if it has none."""
    skip = len(codecs.BOM_UTF8) if first.startswith(codecs.BOM_UTF8) else 0
    if skip and declared.encoding != "utf-8":
        what = "begins with the mark of UTF-8, and the source says another encoding"
        raise declared.refused("PM211", what, "remove encoding: from the source")
    head = first[skip : skip + MAX_HEADER]
    ends_here = whole and len(head) == len(first) - skip
    text = head.decode(declared.encoding, errors="replace")
    tabbed = declared.path.lower().endswith(_TABBED)
    split = split_by(text, "\t", whole=ends_here) if tabbed else best_of(text, whole=ends_here)
    _refuse_no_names(text, declared)
    record = first_record(text, split.delimiter)
    _refuse_long(record, declared, ends_here=ends_here)
    _refuse_foreign(split, text, declared, whole=ends_here)
    _refuse_title(split, declared)
    columns = columns_of(record.values, declared)
    found = findings_of(columns, split.rows[1:], cells=len(record.cells))
    if declared.encoding != "utf-8" and reads_as_utf8(head):
        what = (
            f"reads as UTF-8, and the source says encoding: {NAMES.get(declared.encoding, declared.encoding)}"
        )
        found.append(Finding("PM211", what, "remove encoding: from the source if letters look wrong", 1, 1))
    if len(columns) == 1:
        found.append(_lonely(tabbed=tabbed))
    return Header(split.delimiter, columns, skip, tuple(found))


def _refuse_no_names(text: str, declared: Declared) -> None:
    """A blank first line, or a hint for Excel."""
    line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if not text.strip(BLANK):
        raise declared.refused("PM210", "has no column names: it holds blank lines only", _FIRST_LINE)
    if not line.strip(BLANK):
        raise declared.refused(
            "PM224", "begins with a blank line", f"remove it: {_FIRST_LINE}", line=1, column=1
        )
    if _SEP.fullmatch(line):
        what = "begins with a hint for Excel (sep=), and not with the column names"
        raise declared.refused("PM224", what, "remove the first line", line=1, column=1)


def _refuse_foreign(split: Split, text: str, declared: Declared, *, whole: bool) -> None:
    delimiter = foreign_to(split, text, whole=whole)
    if delimiter:
        what = f"is split by {delimiter!r}, which ProcessMind does not know as a delimiter"
        raise declared.refused("PM226", what, "write it with comma, semicolon or tab", line=1, column=1)


def _refuse_title(split: Split, declared: Declared) -> None:
    """Lines of one cell above lines that all have as many; or a comment that splits unlike all below."""
    if not split.rows:
        return
    first, below = split.rows[0], {len(row) for row in split.rows[1:]}
    comment = first[0].strip(BLANK).startswith(_COMMENT)
    if split.above:
        names = split.table[0] if split.table else ()
        even = len(split.table) > 1 and {len(row) for row in split.table} == {split.width}
        title = even and not (split.prose or are_data(names))
    else:
        title = comment and len(below) == 1 and not below & {1, len(first)}
    if title:
        what = f"has one cell in its first line and {split.width} in lines below"
        hint = "remove what is above the column names, or put cells that hold the delimiter in quotes"
        if comment:
            what, hint = "begins with a comment", f"remove it: {_FIRST_LINE}"
        raise declared.refused("PM224", what, hint, line=1, column=1)


def _refuse_long(record: FirstRecord, declared: Declared, *, ends_here: bool) -> None:
    """A name that is too long or never ends, or a first line that does not."""
    for cell in record.cells:
        if not cell.closed and ends_here:
            what = "has a quote that is never closed"
            raise declared.refused("PM221", what, _OPEN, line=cell.line, column=cell.column)
        if len(cell.value) <= MAX_NAME:
            continue
        if cell.spans:
            what = f"has a quote that is not closed within the {MAX_NAME:,} characters of a column name"
            raise declared.refused("PM221", what, _OPEN, line=cell.line, column=cell.column)
        what = f"has a column name of more than {MAX_NAME:,} characters"
        raise declared.refused("PM223", what, _FIRST_LINE, line=cell.line, column=cell.column)
    if not record.ended and not ends_here:
        what = f"has a first line of more than {MAX_HEADER:,} bytes"
        raise declared.refused("PM223", what, _FIRST_LINE, line=1, column=1)


def _lonely(*, tabbed: bool) -> Finding:
    looked = "no tab (its name says tab)" if tabbed else "no comma, semicolon or tab"
    return Finding(
        "PM227", f"has one column only: {looked} splits its first line", "fine if it is meant", 1, 1
    )
