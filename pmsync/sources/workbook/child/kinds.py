"""Which kind of workbook some bytes are: by what they hold, never by a name.

This module must not know what is in a sheet.
"""

from __future__ import annotations

from typing import Final

from .compound import MAGIC, Compound
from .package import opened
from .parts import book_of, plain
from .refused import Refused

_PACKAGE: Final = b"PK\x03\x04"
_OLD: Final = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
"""Sheets of Excel 2, 3 and 4, which were no compound files yet."""

_MACROS: Final = ("vbaproject.bin", "/macrosheets/")
_STREAMS: Final = ("Workbook", "Book", "WORKBOOK", "BOOK")
_OTHERS: Final = ("WordDocument", "PowerPoint Document")
"""A document of these may hold a workbook, and is none."""


def kind_of(data: bytes) -> str:
    """`xlsx`, `xlsb` or `xls`; Refused for everything else, encrypted workbooks and macros."""
    if data.startswith(_PACKAGE):
        return _kind_of_package(data)
    if data.startswith(MAGIC):
        return _kind_of_compound(Compound(data))
    raise Refused("old" if data.startswith(_OLD) else "unreadable")


def workbook_stream(compound: Compound) -> str | None:
    """The name of the stream that holds a workbook; None if there is none."""
    return next((name for name in _STREAMS if name in compound), None)


def _kind_of_package(data: bytes) -> str:
    with opened(data) as archive:
        names = [plain(name) for name in archive.namelist()]
        if "mimetype" in names:
            raise Refused("opendocument")
        if any(name.endswith(_MACROS[0]) or _MACROS[1] in f"/{name}" for name in names):
            raise Refused("macros")
        return book_of(archive).kind


def _kind_of_compound(compound: Compound) -> str:
    if "EncryptedPackage" in compound:
        raise Refused("password")
    if workbook_stream(compound) is None or any(name in compound for name in _OTHERS):
        raise Refused("compound")
    return "xls"
