"""Reads the first line of delimited text: which delimiter, which columns.

This module must not know where the bytes come from.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pmsync.sources.declared import Declared
from pmsync.sources.records import RecordWalk

MAX_HEADER: Final = 256 * 1024
"""Bytes that a first line may take; sixteen thousand columns fit."""

_DELIMITERS: Final = (",", ";", "\t", "|")
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DATUM: Final = re.compile(
    r"[-+]?(?=[.,]*+\d)[\d.,]++(?:[eE][-+]?\d++)?%?|\d{4}-\d\d-\d\d(?:[T ][\d:.,+Zz-]*+)?"
)
"""A number or an ISO date: what a row of data may hold in each cell, and a header does not."""

_HEADER_HINT: Final = "its first line must name the columns"


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a text: its delimiter and cells; `skip` bytes of byte order mark precede it."""

    delimiter: str
    columns: tuple[str, ...]
    skip: int


def read_header(first: bytes, declared: Declared, *, whole: bool) -> Header:
    """The header of a text that begins with `first` (`whole`: that is all of it); InputError if it has none.

    The delimiter is the one of `,` `;` tab `|` that makes the most cells of the first line.
    """
    if first.startswith(_UTF16):
        hint = "save it as CSV in UTF-8"
        raise declared.refused("PM211", "is text in UTF-16, and only UTF-8 can be counted and loaded", hint)
    skip = len(codecs.BOM_UTF8) if first.startswith(codecs.BOM_UTF8) else 0
    head = first[skip : skip + MAX_HEADER]
    ends_here = whole and len(head) == len(first) - skip
    candidates = [delimiter for delimiter in _DELIMITERS if delimiter.encode() in head] or [","]
    rows = [(delimiter, _first_record(head, delimiter, ends_here=ends_here)) for delimiter in candidates]
    delimiter, cells = max(rows, key=lambda row: len(row[1] or ()))
    if cells is None:
        what = (
            "has a quote in its first line that is never closed"
            if ends_here
            else "has no end to its first line"
        )
        raise declared.refused("PM210", what, _HEADER_HINT)
    if any("\0" in cell for cell in cells):
        raise declared.refused("PM211", "is not text", "CSV in UTF-8 and Excel workbooks can be loaded")
    return Header(delimiter, columns_of(cells, declared), skip)


def columns_of(cells: Sequence[str], declared: Declared) -> tuple[str, ...]:
    """The names in a first row, without empty cells at its end; InputError if it is no header."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise declared.refused("PM210", "has no column names in its first line", _HEADER_HINT)
    if all(_DATUM.fullmatch(name) for name in names if name):
        raise declared.refused(
            "PM210", "has no header: its first line holds numbers or dates only", _HEADER_HINT
        )
    return tuple(names)


def _first_record(head: bytes, delimiter: str, *, ends_here: bool) -> list[str] | None:
    """The cells of the first line; None if it does not end in what is there, or its quotes do not."""
    walk = RecordWalk(delimiter.encode())
    end = walk.record(head, 0)
    complete = end and head[end - 1 : end] in {b"\n", b"\r"} and not walk.unfinished
    if not complete and (walk.in_quotes or not ends_here):
        return None
    text = _decoded(head[:end])
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:  # a cell of more than 128 KiB
        return None


def _decoded(line: bytes) -> str:
    """UTF-8, or else Western European as Excel writes it where nobody chose otherwise."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
