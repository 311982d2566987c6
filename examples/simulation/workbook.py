"""Tables as Excel workbooks, the same bytes on every machine.

Written part by part with the standard library: a library's output changes with its version, a compressed
part's bytes change with the version of zlib, and a program's workbook says when it was made.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from simulation import office
from simulation.tables import Cell, Table

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# How the cells look: 0 as usual, 1 a moment, 2 a day, 3 two decimals, 4 the bold header.
_STYLES: Final = f"""{_HEAD}<styleSheet xmlns="{_MAIN}">\
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""

_CONTENT_TYPES: Final = f"""{_HEAD}<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>\
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>\
<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>\
<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>"""

_TO_WORKBOOK: Final = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"""

_TO_PARTS: Final = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>\
<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>\
<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"""

_EPOCH: Final = office.midnight(1899, 12, 30)
"""Excel counts days from here."""

_SECOND: Final = timedelta(seconds=1)


def workbook_file(table: Table, sheet: str) -> bytes:
    """A workbook with one sheet: the columns' names, then the rows."""
    texts: dict[str, int] = {}
    rows = [_row(1, tuple(_text(name, texts, 4) for name in table.columns))]
    rows += [_row(n, tuple(_cell(cell, texts) for cell in row)) for n, row in enumerate(table.rows, start=2)]
    name = escape(sheet, {'"': "&quot;"})
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _TO_WORKBOOK,
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _TO_PARTS,
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'
        f"{''.join(rows)}</sheetData></worksheet>",
        "xl/sharedStrings.xml": _shared(texts),
    }
    return _archive(parts)


def _archive(parts: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # or else it says on which system it was made
            file.writestr(entry, text.encode())
    return archive.getvalue()


def _shared(texts: dict[str, int]) -> str:
    """The texts that cells refer to by number, each once."""
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    return f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{len(texts)}">{items}</sst>'


def _row(number: int, cells: tuple[str, ...]) -> str:
    placed = (cell.format(f"{chr(65 + at)}{number}") for at, cell in enumerate(cells) if cell)
    return f'<row r="{number}">{"".join(placed)}</row>'


def _cell(cell: Cell, texts: dict[str, int]) -> str:
    """The cell, with `{}` where its place goes; nothing for an empty one."""
    match cell:
        case "":
            return ""
        case str():
            return _text(cell, texts, 0)
        case datetime():
            return f'<c r="{{}}" s="1"><v>{_days(cell)}</v></c>'
        case date():
            return f'<c r="{{}}" s="2"><v>{_days(office.midnight(cell.year, cell.month, cell.day))}</v></c>'
        case Decimal():
            return f'<c r="{{}}" s="3"><v>{cell}</v></c>'
        case int():
            return f'<c r="{{}}"><v>{cell}</v></c>'


def _text(text: str, texts: dict[str, int], style: int) -> str:
    number = texts.setdefault(text, len(texts))
    look = f' s="{style}"' if style else ""
    return f'<c r="{{}}"{look} t="s"><v>{number}</v></c>'


def _days(moment: datetime) -> str:
    """Days since Excel's beginning, with ten decimals: exact to the second."""
    seconds = Decimal((moment - _EPOCH) // _SECOND)
    return str((seconds / 86_400).quantize(Decimal("1e-10")))
