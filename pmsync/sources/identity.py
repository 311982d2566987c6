"""Says what a file is before it is read: refuses what is no table, whatever its name, from its first bytes.

This module must not know what is in a table.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from pmsync.sources import kinds
from pmsync.sources.declared import Declared
from pmsync.sources.delimiter import best_of
from pmsync.sources.kinds import Kind
from pmsync.sources.signatures import binary_kind, has_no_text, is_binary, is_workbook
from pmsync.sources.textkinds import told_of

_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)
_WIDE: Final = (
    ("UTF-32", "utf-32-le", re.compile(rb"(?:[^\0][^\0]?\0\0|[^\0]\0\0\0)+", re.DOTALL)),
    ("UTF-32", "utf-32-be", re.compile(rb"(?:\0\0[^\0]?[^\0]|\0\0\0[^\0])+", re.DOTALL)),
)
_LOOKED_AT: Final = 4096
_MOST: Final = 0.7
_FEW: Final = 0.02
"""Parts of a text's every second byte that are NUL: among the high bytes at least, the low ones at most."""

_SAVE: Final = "save it as CSV UTF-8"
_SAVE_PAGE: Final = (
    "if it shows the table, open it in Excel and save it as .xlsx; if not, get the file itself"
)


def refuse_other(first: bytes, declared: Declared, *, whole: bool) -> None:
    """InputError if a file that begins with these bytes is no text, or a text that is no table."""
    wide = _wide_text(first)
    kind = _kind_of(first, wide, whole=whole)
    if kind is kinds.MACROS:
        raise declared.refused("PM230", f"is {kind.what}", kind.hint)
    if kind:
        raise declared.refused("PM220", f"is {kind.what}", kind.hint)
    if wide:
        raise declared.refused(
            "PM211", f"is text in {wide[0]}, and only UTF-8 can be counted and loaded", _SAVE
        )


def refuse_no_workbook(first: bytes, declared: Declared, *, whole: bool) -> None:
    """InputError if a file that is named like a workbook begins with the bytes of something else."""
    if is_workbook(first):
        return
    wide = _wide_text(first)
    kind = _kind_of(first, wide, whole=whole)
    if kind is None:
        kind = kinds.UNKNOWN_BOOK if has_no_text(first[:_LOOKED_AT]) and not wide else kinds.TEXT
    if kind in {kinds.TEXT, kinds.UNKNOWN_BOOK}:
        raise declared.refused("PM220", f"is {kind.what}", kind.hint)
    hint = _SAVE_PAGE if kind is kinds.HTML else kind.hint
    raise declared.refused("PM220", f"is {kind.what}, and no workbook", hint)


def _kind_of(first: bytes, wide: tuple[str, str] | None, *, whole: bool) -> Kind | None:
    if wide is None and (kind := binary_kind(first)):
        return kind
    # What is told from is ASCII; every byte is some character of Latin-1.
    text = first.decode(wide[1] if wide else "latin-1", errors="replace").removeprefix("ï»¿")
    told = told_of(text, whole=whole)
    if told and not (told.bare and best_of(text, whole=whole).even):
        return told.kind
    if not first.strip(b"\0"):
        return kinds.ZEROS
    return kinds.BINARY if wide is None and is_binary(first) else None


def _wide_text(first: bytes) -> tuple[str, str] | None:
    """What text of two or four bytes for each character is called, and Python's name; None if it is none."""
    for bom, name, codec in _BOMS:
        if first.startswith(bom):
            return name, codec
    looked_at = first[: min(_LOOKED_AT, len(first) // 4 * 4 or len(first))]
    if b"\0" not in looked_at:
        return None
    for name, codec, shape in _WIDE:
        if shape.fullmatch(looked_at):
            return name, codec
    low, high = looked_at[::2], looked_at[1::2]
    for few, most, codec in ((low, high, "utf-16-le"), (high, low, "utf-16-be")):
        if _part_of_nul(few) <= _FEW and _part_of_nul(most) >= _MOST and _reads(looked_at, codec):
            return "UTF-16", codec
    return None


def _part_of_nul(data: bytes) -> float:
    return data.count(b"\0") / max(len(data), 1)


def _reads(data: bytes, codec: str) -> bool:
    """Whether it is text in that encoding: a character may be cut at its end, and none is a control."""
    text = codecs.getincrementaldecoder(codec)(errors="replace").decode(data)
    return "\ufffd" not in text and not has_no_text(text.encode("utf-8", errors="replace"))
