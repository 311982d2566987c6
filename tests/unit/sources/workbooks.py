"""Workbooks of every kind by their bytes, good and hostile: what the tests of this room hand to the reader."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping

import openpyxl

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>case</t></is></c></row>'
_BLOCK = 1 << 20


def workbook_of(
    *rows: Iterable[object],
    more: Iterable[tuple[str, object]] = (),
    first: Mapping[str, object] | None = None,
    others: Mapping[str, Iterable[Iterable[object]]] | None = None,
) -> bytes:
    """A workbook as a good library writes it: rows, then single cells; attributes of the first sheet; others."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, value in more:
        sheet[cell] = value
    for name, content in (others or {}).items():
        other = book.create_sheet(name)
        for row in content:
            other.append(row)
    for name, value in (first or {}).items():
        setattr(sheet, name, value)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def zip_of(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def xlsx_of(sheet: Iterable[str], strings: Iterable[str] = (), **more: str) -> bytes:
    """The smallest XLSX: a sheet's and the shared strings' XML in pieces, which may be many."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in {**_frame(), **more}.items():
            archive.writestr(name, content)
        _write(archive, "xl/worksheets/sheet1.xml", sheet)
        _write(archive, "xl/sharedStrings.xml", strings or [f'<sst xmlns="{_MAIN}"/>'])
    return data.getvalue()


def sheet_of(body: Iterable[str], before: str = "") -> Iterable[str]:
    """A sheet's XML: the header `case`, then the pieces of its body."""
    yield f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{_HEADER}'
    yield from body
    yield "</sheetData></worksheet>"


def strings_of(body: Iterable[str]) -> Iterable[str]:
    yield f'<sst xmlns="{_MAIN}">'
    yield from body
    yield "</sst>"


def many(piece: str, times: int) -> Iterable[str]:
    """A piece of text that many times, in large blocks."""
    a_block = max(1, _BLOCK // len(piece))
    while times > 0:
        yield piece * min(times, a_block)
        times -= a_block


def with_declared_size(data: bytes, size: int) -> bytes:
    """The archive with another unpacked size in the last entry of its directory."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


def xlsb_record(kind: int, content: bytes) -> bytes:
    """One record of a binary sheet: a type, a length (7 bits a byte each) and data."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(content)
    return head + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])) + content


def _frame() -> dict[str, str]:
    package = "http://schemas.openxmlformats.org/package/2006"
    return {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    }


def _write(archive: zipfile.ZipFile, name: str, pieces: Iterable[str]) -> None:
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in pieces:
            part.write(piece.encode())
