"""Files that are odd and right, one by one; and files that are refused, each for its reason."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator
from datetime import timedelta

from corpus.case import Case
from legacy import xls_of, xlsb_of
from modern import xlsx_of_sheets
from workbooks import MAIN, sheet_of, strings_of, xlsx_of

TEXTS: dict[str, tuple[str, int, list[str]]] = {
    "only a header.csv": ("a,b\n", 0, ["a", "b"]),
    "an open header.csv": ("a,b", 0, ["a", "b"]),
    "a header and blanks.csv": ("a,b\n\n , \n", 0, ["a", "b"]),
    "a mark and quotes.csv": ('\ufeff"a","b"\n1,2\n', 1, ["a", "b"]),
    "a quote within a cell.csv": ('a,b\nx"y",1\n5" disk,2\n', 2, ["a", "b"]),
    "text after a quote.csv": ('a,b\n"x"y,1\n"x" ,2\n', 2, ["a", "b"]),
    "a space before a quote.csv": ('a,b\n1, "x"\n2,"y"\n', 2, ["a", "b"]),
    "quotes around nothing.csv": ('a,b\n"",""\n"","x"\n"" ,\n', 1, ["a", "b"]),
    "quotes of quotes.csv": ('a,b\n"""",""""""\n"""x""",1\n', 2, ["a", "b"]),
    "quoted delimiters.csv": ('a,b\n",",""\n" , ",\n"",","\n",;,","\t"\n', 4, ["a", "b"]),
    "quoted semicolons.csv": ('a;b\r\n";\t";\t\r\n";1";,\r\n;\tb \n', 3, ["a", "b"]),
    "quoted white space.csv": ('a,b\n" ","\t\n\r\n"\n1,2\n', 1, ["a", "b"]),
    "commas in quotes.csv": (
        'id;"Name, first, title";note\n1;"a, b";x\n2;c;y\n',
        2,
        ["id", "Name, first, title", "note"],
    ),
    "decimal commas.csv": ("a;b\n1,5;2,5\n3,25;4\n", 2, ["a", "b"]),
    "semicolons in cells.csv": ('a,b\n"x;y;z",1\n"x;y",2\n', 2, ["a", "b"]),
    "cells left out at the end.csv": ("id;name;note\n1,5;x\n2,5;y\n", 2, ["id", "name", "note"]),
    "two delimiters alike.csv": ("a,b;c\n1,2;3\n4,5;6\n", 2, ["a,b", "c"]),
    "commas in tabbed.tsv": ("a\tb\n1,2,3\t4\n5,6,7\t8\n", 2, ["a", "b"]),
    "a header of commas.tsv": ("a,x\tb\n1\t2\n", 1, ["a,x", "b"]),
    "one column with commas.tsv": ("a,b\n1,2\n", 1, ["a,b"]),
    "separators of other standards.csv": ("a,b\n1\x0b2,3\x0c4\nx\x85y,\u2028z\n\x1cx,1\n", 3, ["a", "b"]),
    "white space that fills.csv": ("a,b\n\u2003,\n\u3000,\n\x85,\n\u2028,\n", 4, ["a", "b"]),
    "white space that does not.csv": ("a,b\n\x0b,\n\x0c, \n\t,\n", 0, ["a", "b"]),
    "line ends of all kinds.csv": ("a,b\r1,2\n3,4\r\n5,6\r\r\n\n7,8\n\r9,0", 5, ["a", "b"]),
    "line ends in quotes.csv": ('a,b\r\n"1\r2","3\n4"\r\n"\r\n","\n5"\r\n', 2, ["a", "b"]),
    "a last delimiter.csv": ("a,b,\n1,2,\n3,4,\n", 2, ["a", "b"]),
    "names in many scripts.csv": (
        "название,名前,όνομα,😀\n1,2,3,4\n",
        1,
        ["название", "名前", "όνομα", "😀"],
    ),
    "names in two spellings.csv": ("e\u0301,\u00e9\n1,2\n", 1, ["e\u0301", "\u00e9"]),
    "names in no-break spaces.csv": ("\xa0a\xa0,\xa0,\u3000b \n1,2,3\n", 1, ["\xa0a\xa0", "\xa0", "\u3000b"]),
    "a name of many lines.csv": ('"two\nlines",b\n1,2\n', 1, ["two\nlines", "b"]),
    "names of numbers.csv": ("a,2023,2024\n1,2,3\n", 1, ["a", "2023", "2024"]),
    "a formula.csv": ('a,b\n=1+1,"=HYPERLINK(""x"")"\n', 1, ["a", "b"]),
    "hashes.csv": ("a,b\n#1,2\n#N/A,\n", 2, ["a", "b"]),
    "no white space at all.csv": ("a,b\n\n\n1,2\n\n", 1, ["a", "b"]),
}

REFUSED: dict[str, tuple[bytes, str]] = {
    "an open quote.csv": (b'a,b\n1,"2\n3,4\n', "PM221"),
    "a NUL.csv": (b"case,activity\n" * 9 + b"c1,\x00Pay\n", "PM222"),
    "wide characters.csv": ("a,b\n1,2\n".encode("utf-16"), "PM211"),
    "no UTF-8.csv": ("größe,b\n1,2\n".encode("cp1252"), "PM211"),
    "a first line for Excel.csv": (b"sep=;\na;b\n1;2\n", "PM224"),
    "bars.csv": (b"a|b\n1|2\n3|4\n", "PM226"),
    "no names.csv": (b"1,2\n3,4\n", "PM210"),
    "nothing.csv": (b"\n\n", "PM210"),
    "a page.csv": (b"<!DOCTYPE html>\n<html><body>login</body></html>\n", "PM220"),
    "a pointer.csv": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 5\n",
        "PM220",
    ),
    "a text.xlsx": (b"a,b\n1,2\n", "PM220"),
}


def odd() -> Iterator[Case]:
    for name, (text, rows, columns) in TEXTS.items():
        yield Case(name, text.encode(), rows=rows, columns=columns)
    for name, (data, code) in REFUSED.items():
        yield Case(name, data, refused=code)
    yield from _named_otherwise()
    yield from _sheets()


def differing() -> Iterator[Case]:
    """Files of which the emulator sees another table, or none; the reasons are headings in docs/sources.md."""
    backwards = '<row r="9"><c r="A9"><v>1</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>'
    yield Case("backwards.xlsx", _xlsx(backwards), rows=2, columns=["case"], differs="Rows out of order")
    yield Case("untyped.xlsx", xlsx_of(sheet_of([])), rows=0, columns=["case"], differs="Content types")
    strict = _replaced(
        xlsx_of_sheets({"S": [["case"], [1]]}), MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    yield Case("strict.xlsx", strict, rows=1, columns=["case"], differs="Strict Open XML")
    moved = _replaced(xlsb_of({"S": [["case"], [1]]}), "xl/", "book/")
    yield Case("moved.xlsb", moved, rows=1, columns=["case"], differs="Names of parts")
    for suffix, write in {"xlsx": xlsx_of_sheets, "xls": xls_of, "xlsb": xlsb_of}.items():
        data = write({"S": [["case", timedelta(hours=30)], [1, 2]]})
        columns = ["case", "30:00:00"]
        yield Case(f"hours.{suffix}", data, rows=1, columns=columns, differs="Durations as column names")
    uneven = b"id;name;note\n1,5\n2\n"
    columns = ["id;name;note"]
    yield Case("uneven.csv", uneven, rows=2, columns=columns, differs="Uneven text")
    latin = "a\x80,b\n1,2\n".encode("latin-1")
    yield Case(
        "latin.csv", latin, "iso-8859-1", rows=1, columns=["a\x80", "b"], differs="Undeclared encodings"
    )
    both = "Ã©,b\n1,2\n".encode("cp1252")
    yield Case("both.csv", both, "cp1252", rows=1, columns=["Ã©", "b"], differs="Undeclared encodings")


def _replaced(data: bytes, old: str, new: str) -> bytes:
    """The archive with other words, in the names of its parts as in what they hold."""
    copied = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(copied, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name.replace(old, new), archive.read(name).replace(old.encode(), new.encode()))
    return copied.getvalue()


def _named_otherwise() -> Iterator[Case]:
    sheets = {"S": [["a"], [1]]}
    written = {"xlsx": xlsx_of_sheets(sheets), "xls": xls_of(sheets), "xlsb": xlsb_of(sheets)}
    for (kind, data), suffix in itertools.product(written.items(), [*written, "xlsm", "csv"]):
        if kind == suffix:
            yield Case(f"an {kind} in large letters.{kind.upper()}", data, rows=1, columns=["a"])
        else:
            refused = {"xlsm": "PM230", "csv": "PM220"}.get(suffix, "PM235")
            yield Case(f"an {kind} under another name.{suffix}", data, refused=refused)
    with_macros = io.BytesIO(written["xlsx"])
    with zipfile.ZipFile(with_macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    yield Case("macros.xlsx", with_macros.getvalue(), refused="PM230")


_BODIES: dict[str, tuple[str, int]] = {
    "rows without numbers": ("<row><c><v>1</v></c></row><row><c/></row><row><c><v>2</v></c></row>", 2),
    "a gap": ('<row r="900"><c r="A900"><v>1</v></c></row>', 1),
    "cells the other way round": ('<row r="3"><c r="D3"><v>1</v></c><c r="B3"><v>1</v></c></row>', 1),
    "hidden rows": ('<row r="3" hidden="1"><c r="A3"><v>1</v></c></row>', 1),
    "rows of nothing": ('<row r="3"/><row r="4" spans="1:3" ht="15"/>', 0),
    "no rows": ("", 0),
    "rich text": ('<row><c t="inlineStr"><is><r><t> </t></r><r><t>x</t></r></is></c></row>', 1),
    "a text that XML cannot hold": ('<row><c t="inlineStr"><is><t>_x000D_</t></is></c></row>', 0),
    "an ISO date": ('<row><c t="d"><v>2024-01-31</v></c></row>', 1),
    "an error of newer programs": ('<row><c t="e"><v>#SPILL!</v></c></row>', 1),
    "an error of nothing": ('<row><c t="e"/></row><row><c t="e"><v></v></c></row>', 0),
    "a value of nothing": ("<row><c><f>A1</f><v></v></c></row><row><c><f>A1</f></c></row>", 0),
}


def _sheets() -> Iterator[Case]:
    for name, (body, rows) in _BODIES.items():
        yield Case(f"{name}.xlsx", _xlsx(body), rows=rows, columns=["case"])
    for extent in ["A1", "A1:XFD1048576", "C7:D9"]:
        data = _xlsx('<row r="4"><c r="B4"><v>1</v></c></row>', before=f'<dimension ref="{extent}"/>')
        yield Case(f"an extent of {extent.replace(':', ' to ')}.xlsx", data, rows=1, columns=["case"])
    sheets = {"S": [["case", "b"], ["c1", "x"], [None, "y"]]}
    for extent in [(0, 0), (1, 1), (60_000, 200)]:
        where = " by ".join(map(str, extent))
        yield Case(f"an extent of {where}.xls", xls_of(sheets, extent=extent), rows=2, columns=["case", "b"])
        yield Case(
            f"an extent of {where}.xlsb", xlsb_of(sheets, extent=extent), rows=2, columns=["case", "b"]
        )
    strings = [
        "<si><t>case</t></si>",
        "<si><t> </t></si>",
        "<si><r><t>x</t></r><rPh sb='0' eb='1'><t>y</t></rPh></si>",
    ]
    cells = [
        '<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row><row><c t="s"><v>2</v></c></row>'
    ]
    sheet = [f'<worksheet xmlns="{MAIN}"><sheetData>', *cells, "</sheetData></worksheet>"]
    yield Case("shared strings.xlsx", _typed(xlsx_of(sheet, strings_of(strings))), rows=1, columns=["case"])


def _xlsx(body: str, before: str = "") -> bytes:
    return _typed(xlsx_of(sheet_of([body], before=before)))


def _typed(data: bytes) -> bytes:
    """The archive with the list of types that some readers go by."""
    kinds = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "sharedStrings": "sharedStrings"}
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    listed = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{base}.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )
    copied = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(copied, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, types if name == "[Content_Types].xml" else archive.read(name))
    return copied.getvalue()
