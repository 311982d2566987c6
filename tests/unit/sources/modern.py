"""Workbooks in .xlsx from the same cells as the binary ones, written as plainly as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape, quoteattr

from legacy import Fault, Formula, Sheets, Styled, serial
from workbooks import MAIN, RELATIONS, relationships, zip_of

_KINDS = {date: 1, time: 2, datetime: 3, timedelta: 4}
_FORMATS = ["", "yyyy-mm-dd", "h:mm:ss", "yyyy-mm-dd h:mm", "[h]:mm:ss"]
_STATES = ["visible", "hidden", "veryHidden"]
_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="4">'
    + "".join(f'<numFmt numFmtId="{200 + at}" formatCode="{_FORMATS[at]}"/>' for at in range(1, 5))
    + '</numFmts><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills><borders count="1"><border/></borders>'
    + '<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs><cellXfs count="5">'
    + "".join(f'<xf numFmtId="{200 + at if at else 0}" fontId="0" xfId="0"/>' for at in range(5))
    + "</cellXfs></styleSheet>"
)
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def xlsx_of_sheets(
    sheets: Sheets, *, states: Mapping[str, int] | None = None, since_1904: bool = False, **more: str | bytes
) -> bytes:
    """A workbook; `states` (1 hidden, 2 very hidden) by sheet; `more` parts by name."""
    places = {f"r{at}": f"worksheets/sheet{len(sheets) - at}.xml" for at in range(len(sheets))}
    targets = {key: ("worksheet", place) for key, place in places.items()}
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _content_types(list(places.values())),
        "_rels/.rels": relationships({"r1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": _workbook(sheets, states or {}, since_1904=since_1904),
        "xl/_rels/workbook.xml.rels": relationships({**targets, "s": ("styles", "styles.xml")}),
        "xl/styles.xml": _STYLES,
    }
    for place, rows in zip(places.values(), sheets.values(), strict=True):
        parts[f"xl/{place}"] = _sheet(rows, since_1904=since_1904)
    return zip_of({**parts, **more})


def _content_types(places: Sequence[str]) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/{place}" ContentType="{_TYPE}.worksheet+xml"/>' for place in places
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{sheets}</Types>'
    )


def _workbook(sheets: Sheets, states: Mapping[str, int], *, since_1904: bool) -> str:
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at + 1}" state="{_STATES[states.get(name, 0)]}" r:id="r{at}"/>'
        for at, name in enumerate(sheets)
    )
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr date1904="{int(since_1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>"
    )


def _sheet(rows: Sequence[Sequence[object]], *, since_1904: bool) -> str:
    written = []
    for number, cells in enumerate(rows, 1):
        placed = (
            _cell(f"{_letters(at)}{number}", cell, since_1904=since_1904) for at, cell in enumerate(cells, 1)
        )
        written.append(f'<row r="{number}">{"".join(placed)}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(written)}</sheetData></worksheet>'


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _cell(place: str, cell: object, formula: str = "", *, since_1904: bool) -> str:
    match cell:
        case None:
            return ""
        case Styled():
            return f'<c r="{place}" s="1"/>'
        case Formula(value):
            return _cell(place, value, "<f>1+1</f>", since_1904=since_1904)
        case bool():
            return f'<c r="{place}" t="b">{formula}<v>{int(cell)}</v></c>'
        case Fault(text):
            return f'<c r="{place}" t="e">{formula}<v>{text}</v></c>'
        case str() if formula:
            return f'<c r="{place}" t="str">{formula}<v>{escape(cell)}</v></c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        case int() | float():
            return f'<c r="{place}">{formula}<v>{cell}</v></c>'
    days = serial(cell, since_1904=since_1904)
    return f'<c r="{place}" s="{_KINDS[type(cell)]}"><v>{days}</v></c>'
