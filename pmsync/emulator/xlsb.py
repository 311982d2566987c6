"""Rows of an .xlsb file, by pyxlsb's reader of records. Must not know what is done with them.

pyxlsb's own worksheets are not used: they believe the size that a sheet states, and drop the cells' formats.
"""

import posixpath
import zipfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from pyxlsb import biff12
from pyxlsb.reader import BIFF12Reader
from pyxlsb.stringtable import StringTable

from pmsync.emulator.cells import Row, UnreadableError
from pmsync.emulator.serials import is_date_format, moment

_BOOK: Final = "xl/workbook.bin"
_RELATIONS: Final = "xl/_rels/workbook.bin.rels"
_STRINGS: Final = "xl/sharedStrings.bin"
_STYLES: Final = "xl/styles.bin"

# Records that pyxlsb has no name for: texts that stand in their cell, and number formats.
_CELL_TEXT: Final = 0x0006
_CELL_RICH_TEXT: Final = 0x003E
_FORMAT: Final = 0x002C

_CELLS: Final = frozenset((*range(biff12.BLANK, biff12.FORMULA_BOOLERR + 1), _CELL_RICH_TEXT))
_NUMBERS: Final = (biff12.NUM, biff12.FLOAT, biff12.FORMULA_FLOAT)
_ERRORS: Final = (biff12.BOOLERR, biff12.FORMULA_BOOLERR)
_ERROR_TEXTS: Final = {
    "0x0": "#NULL!",
    "0x7": "#DIV/0!",
    "0xf": "#VALUE!",
    "0x17": "#REF!",
    "0x1d": "#NAME?",
    "0x24": "#NUM!",
    "0x2a": "#N/A",
}

_MOST_COLUMNS: Final = 1 << 14
_STYLE_BITS: Final = 0xFFFFFF


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as its record has it; the fields are named as pyxlsb names them."""

    c: int
    v: Any
    style: int


class _TextHandler:
    """Reads a text that stands in its cell."""

    def __init__(self, *, skipped: int) -> None:
        self._skipped = skipped

    def read(self, reader: Any, _record: int, _length: int) -> _Cell:
        column, style = reader.read_int(), reader.read_int()
        reader.skip(self._skipped)
        return _Cell(column, reader.read_string(), style)


class _PropertiesHandler:
    """Reads whether the days of the workbook count from 1904."""

    def read(self, reader: Any, _record: int, _length: int) -> bool:
        return bool((reader.read_int() or 0) & 1)


class _FormatHandler:
    """Reads a number format: its number and its code."""

    def read(self, reader: Any, _record: int, _length: int) -> tuple[int, str]:
        return reader.read_short(), reader.read_string()


class _StyleHandler:
    """Reads of a cell style the number of its number format."""

    def read(self, reader: Any, _record: int, _length: int) -> int:
        reader.skip(2)
        return int(reader.read_short())


class _SectionHandler:
    """Tells that a list begins or ends."""

    def read(self, _reader: Any, _record: int, _length: int) -> bool:
        return True


_HANDLERS: Final[dict[int, Any]] = {
    **BIFF12Reader.handlers,
    _CELL_TEXT: _TextHandler(skipped=0),
    _CELL_RICH_TEXT: _TextHandler(skipped=1),
    _FORMAT: _FormatHandler(),
    biff12.WORKBOOKPR: _PropertiesHandler(),
    biff12.XF: _StyleHandler(),
    biff12.CELLXFS: _SectionHandler(),
    biff12.CELLXFS_END: _SectionHandler(),
}


@dataclass(frozen=True, slots=True)
class _Book:
    """What the cells of the first sheet need: their part, texts, the styles that are dates, the first day."""

    sheet: str
    strings: Any
    date_styles: frozenset[int]
    since_1904: bool


def rows(path: Path) -> Generator[Row, None, None]:
    """The rows of the first sheet that have cells; raises what pyxlsb and zipfile raise."""
    with zipfile.ZipFile(path) as archive:
        book = _opened(archive)
        row: dict[int, object] = {}
        for kind, item in _records(archive, book.sheet):
            if kind == biff12.ROW and row:
                yield row
                row = {}
            elif kind in _CELLS:
                if item.c >= _MOST_COLUMNS:
                    raise UnreadableError("too many columns")
                row[item.c] = _value(book, kind, item)
            elif kind == biff12.SHEETDATA_END:
                break
        if row:
            yield row


def _records(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, Any]]:
    with archive.open(part) as file:
        reader = BIFF12Reader(fp=file)
        reader.handlers = _HANDLERS
        yield from reader


def _opened(archive: zipfile.ZipFile) -> _Book:
    targets = _worksheets(archive)
    sheet = None
    since_1904 = False
    for kind, item in _records(archive, _BOOK):
        if kind == biff12.WORKBOOKPR:
            since_1904 = item
        elif kind == biff12.SHEET and sheet is None:
            sheet = targets.get(item.rId)
    if sheet is None:
        raise UnreadableError("a workbook without a sheet")
    parts = frozenset(archive.namelist())
    strings = _strings(archive) if _STRINGS in parts else ()
    date_styles = _date_styles(archive) if _STYLES in parts else frozenset()
    return _Book(sheet, strings, date_styles, since_1904)


def _worksheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """By the id of their relation, the parts that are worksheets, not charts or dialogs."""
    with archive.open(_RELATIONS) as file:
        # expat itself bounds what entities grow to, and a part is no larger than it claims.
        relations = ET.parse(file).getroot()  # noqa: S314
    return {
        relation.attrib["Id"]: posixpath.normpath(posixpath.join("/xl", relation.attrib["Target"]))[1:]
        for relation in relations
        if relation.attrib["Type"].endswith("/worksheet")
    }


def _strings(archive: zipfile.ZipFile) -> Any:
    with archive.open(_STRINGS) as file:
        return StringTable(fp=file)


def _date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    codes: dict[int, str] = {}
    formats: list[int] = []
    is_cell_style = False
    for kind, item in _records(archive, _STYLES):
        if kind == _FORMAT:
            codes[item[0]] = item[1]
        elif kind in (biff12.CELLXFS, biff12.CELLXFS_END):
            is_cell_style = kind == biff12.CELLXFS
        elif kind == biff12.XF and is_cell_style:
            formats.append(item)
    return frozenset(
        style for style, number in enumerate(formats) if is_date_format(number, codes.get(number))
    )


def _value(book: _Book, kind: int, cell: Any) -> object:
    if kind == biff12.STRING:
        return book.strings[cell.v]
    if kind in _ERRORS:
        return _ERROR_TEXTS.get(cell.v, "#ERROR")
    if kind in _NUMBERS and cell.style & _STYLE_BITS in book.date_styles:
        return moment(cell.v, since_1904=book.since_1904)
    return cell.v
