"""Workbooks of every kind by their bytes, good and hostile: what the tests of this room hand to the reader."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping

import openpyxl

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
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
        _write(archive, "xl/sharedStrings.xml", strings or [f'<sst xmlns="{MAIN}"/>'])
    return data.getvalue()


def sheet_of(body: Iterable[str], before: str = "") -> Iterable[str]:
    """A sheet's XML: the header `case`, then the pieces of its body."""
    yield f'<worksheet xmlns="{MAIN}">{before}<sheetData>{_HEADER}'
    yield from body
    yield "</sheetData></worksheet>"


def strings_of(body: Iterable[str]) -> Iterable[str]:
    yield f'<sst xmlns="{MAIN}">'
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


def relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    """The XML of a part's relationships: by id, what each is and where it leads."""
    listed = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _frame() -> dict[str, str]:
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": relationships({"r1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(
            {"r1": ("worksheet", "worksheets/sheet1.xml"), "r2": ("sharedStrings", "sharedStrings.xml")}
        ),
    }


def _write(archive: zipfile.ZipFile, name: str, pieces: Iterable[str]) -> None:
    with archive.open(name, "w", force_zip64=True) as part:
        for piece in pieces:
            part.write(piece.encode())
