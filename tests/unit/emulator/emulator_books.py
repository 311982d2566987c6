"""Workbooks of each format, written byte by byte: no library writes all three, and hostile ones none.

A cell is None, a text, a number, a bool, a datetime, an Error or a Formula with the value it was last worked out to.
"""

import io
import struct
import zipfile
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

ERROR_CODES = {"#N/A": 0x2A, "#DIV/0!": 0x07, "#REF!": 0x17}
PLAIN, DATE, CUSTOM = range(3)  # the cell styles of every book here
CUSTOM_FORMAT = (164, '"on" yyyy-mm-dd')


class Error(str):
    """An error, as a cell shows it."""

    __slots__ = ()


@dataclass(frozen=True)
class Formula:
    value: object


@dataclass(frozen=True)
class Styled:
    """A number in a cell whose style makes a date of it."""

    value: float
    style: int = CUSTOM


def plain(cell):
    """The cell as (value, style, whether a formula): dates are numbers with a style."""
    if isinstance(cell, Formula):
        value, style, _ = plain(cell.value)
        return value, style, True
    if isinstance(cell, Styled):
        return cell.value, cell.style, False
    if isinstance(cell, datetime):
        since = cell - datetime(1899, 12, 30)
        return since.days + since.seconds / 86_400, DATE, False
    return cell, PLAIN, False


def placed(rows):
    return [
        (row, [(column, *plain(cell)) for column, cell in enumerate(cells) if cell is not None])
        for row, cells in enumerate(rows)
    ]


# .xlsx


def column_letters(column):
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def xlsx_cell(row, column, value, style, formula):
    place = f'r="{column_letters(column)}{row + 1}" s="{style}"'
    function = "<f>1+1</f>" if formula else ""
    match value:
        case Error():
            return f'<c {place} t="e">{function}<v>{value}</v></c>'
        case str() if formula:
            return f'<c {place} t="str">{function}<v>{escape(value)}</v></c>'
        case str():
            return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        case bool():
            return f'<c {place} t="b">{function}<v>{int(value)}</v></c>'
        case _:
            return f"<c {place}>{function}<v>{value}</v></c>"


def xlsx_sheet(rows):
    lines = (
        f'<row r="{row + 1}">{"".join(xlsx_cell(row, *cell) for cell in cells)}</row>'
        for row, cells in placed(rows)
    )
    return f"<sheetData>{''.join(lines)}</sheetData>"


def xlsx(*sheets, raw=None):
    """A workbook of these sheets; `raw`: the XML of the first sheet's data instead."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    bodies = [xlsx_sheet(rows) for rows in sheets] if raw is None else [raw]
    numbers = range(1, len(bodies) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}worksheet+xml"/>'
            for n in numbers
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}relationships">'
        f'<Relationship Id="rId99" Type="{office}/styles" Target="styles.xml"/>'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        + "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><numFmts count="1">'
        f'<numFmt numFmtId="{CUSTOM_FORMAT[0]}" formatCode="{escape(CUSTOM_FORMAT[1], {chr(34): "&quot;"})}"/></numFmts>'
        "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
        "<cellStyleXfs><xf/></cellStyleXfs>"
        f'<cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="{CUSTOM_FORMAT[0]}"/></cellXfs></styleSheet>',
    }
    for number, body in zip(numbers, bodies, strict=True):
        parts[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="{main}">{body}</worksheet>'
    return zipped(parts)


def zipped(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


# .xls: a bare BIFF8 stream, which is a workbook without the container that Excel puts around it


def biff(record, data=b""):
    return struct.pack("<HH", record, len(data)) + data


def biff_text(text):
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def xls_cell(row, column, value, style, formula):
    place = struct.pack("<HHH", row, column, style)
    if not formula:
        match value:
            case Error():
                return biff(0x205, place + bytes((ERROR_CODES[value], 1)))
            case str():
                return biff(0x204, place + biff_text(value))
            case bool():
                return biff(0x205, place + bytes((value, 0)))
            case _:
                return biff(0x203, place + struct.pack("<d", value))
    tail = struct.pack("<HIH", 0, 0, 3) + b"\x1e\x01\x00"
    match value:
        case Error():
            return biff(0x06, place + bytes((2, 0, ERROR_CODES[value], 0, 0, 0, 0xFF, 0xFF)) + tail)
        case str():
            return biff(0x06, place + bytes((0, 0, 0, 0, 0, 0, 0xFF, 0xFF)) + tail) + biff(
                0x207, biff_text(value)
            )
        case bool():
            return biff(0x06, place + bytes((1, 0, value, 0, 0, 0, 0xFF, 0xFF)) + tail)
        case _:
            return biff(0x06, place + struct.pack("<d", value) + tail)


def xls(*sheets, since_1904=False):
    bodies = [
        biff(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
        + b"".join(xls_cell(row, *cell) for row, cells in placed(rows) for cell in cells)
        + biff(0x0A)
        for rows in sheets
    ]
    styles = (0, 14, CUSTOM_FORMAT[0])
    head = (
        biff(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
        + biff(0x42, struct.pack("<H", 1200))
        + biff(0x22, struct.pack("<H", since_1904))
        + biff(0x41E, struct.pack("<H", CUSTOM_FORMAT[0]) + biff_text(CUSTOM_FORMAT[1]))
        + b"".join(biff(0xE0, struct.pack("<HH", 0, number) + bytes(16)) for number in styles)
    )
    names = [f"S{n}".encode() for n in range(len(bodies))]
    offset = len(head) + sum(4 + 8 + len(name) for name in names) + 4
    index = b""
    for name, body in zip(names, bodies, strict=True):
        index += biff(0x85, struct.pack("<IBBBB", offset, 0, 0, len(name), 0) + name)
        offset += len(body)
    return head + index + biff(0x0A) + b"".join(bodies)


# .xlsb


def biff12(record, data=b""):
    """A record; its number and its length are written seven bits at a time."""
    return (
        (bytes((record & 0x7F | 0x80, record >> 7)) if record > 0x7F else bytes((record,)))
        + length(data)
        + data
    )


def length(data):
    rest, out = len(data), bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes((*out, rest))


def wide(text):
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def xlsb_cell(column, value, style, formula):
    place = struct.pack("<II", column, style)
    function = struct.pack("<HII", 0, 0, 0) if formula else b""
    match value:
        case Error():
            return biff12(11 if formula else 3, place + bytes((ERROR_CODES[value],)) + function)
        case str():
            return biff12(8 if formula else 6, place + wide(value) + function)
        case bool():
            return biff12(10 if formula else 4, place + bytes((value,)) + function)
        case int() if not formula:
            return biff12(2, place + struct.pack("<i", value << 2 | 2))
        case _:
            return biff12(9 if formula else 5, place + struct.pack("<d", value) + function)


def xlsb_row(row, cells):
    return biff12(0, struct.pack("<I", row) + bytes(21)) + b"".join(xlsb_cell(*cell) for cell in cells)


def xlsb(*sheets, raw=None, since_1904=False):
    """A workbook of these sheets; `raw`: the records of the first sheet's data instead."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    bodies = [b"".join(xlsb_row(*row) for row in placed(rows)) for rows in sheets] if raw is None else [raw]
    numbers = range(1, len(bodies) + 1)
    parts = {
        "xl/workbook.bin": biff12(131)
        + biff12(153, struct.pack("<I", since_1904) + bytes(8))
        + biff12(143)
        + b"".join(biff12(156, struct.pack("<II", 0, n) + wide(f"rId{n}") + wide(f"S{n}")) for n in numbers)
        + biff12(144)
        + biff12(132),
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{package}">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.bin"/>'
            for n in numbers
        )
        + "</Relationships>",
        "xl/styles.bin": biff12(278)
        + biff12(615, struct.pack("<I", 1))
        + biff12(44, struct.pack("<H", CUSTOM_FORMAT[0]) + wide(CUSTOM_FORMAT[1]))
        + biff12(616)
        + biff12(626, struct.pack("<I", 1))
        + biff12(47, bytes(16))
        + biff12(627)
        + biff12(617, struct.pack("<I", 3))
        + b"".join(
            biff12(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 14, CUSTOM_FORMAT[0])
        )
        + biff12(618)
        + biff12(279),
    }
    for number, body in zip(numbers, bodies, strict=True):
        size = biff12(
            148, struct.pack("<IIII", 0, 1, 0, 1)
        )  # smaller than the sheet: some writers state what is not so
        parts[f"xl/worksheets/sheet{number}.bin"] = (
            biff12(129) + size + biff12(145) + body + biff12(146) + biff12(130)
        )
    return zipped(parts)
