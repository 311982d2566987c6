"""What a row and a column name is in workbooks of every format, and where odd writers put them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from legacy import FAULTS, Fault, Formula, Styled, xls_of, xlsb_of
from modern import xlsx_of_sheets
from workbooks import MAIN, relationships, saved, sheet_of, strings_of, workbook_of, xlsx_of, zip_of

STRICT = "http://purl.oclc.org/ooxml"
WRITERS = {"a.xlsx": xlsx_of_sheets, "a.xls": xls_of, "a.xlsb": xlsb_of}


every_format = pytest.mark.parametrize(("name", "write"), WRITERS.items(), ids=WRITERS)


# what a row is


@every_format
@pytest.mark.parametrize(
    ("cell", "rows"),
    [
        ("x", 1),
        (" x ", 1),
        ("\N{NO-BREAK SPACE}", 1),
        ("\N{IDEOGRAPHIC SPACE}", 1),
        (0, 1),
        (0.0, 1),
        (-2.5, 1),
        (2**40, 1),
        (True, 1),
        (False, 1),
        (date(2024, 1, 31), 1),
        (datetime(2024, 1, 31, 10, 30), 1),
        (time(10, 30), 1),
        (time(0, 0), 1),
        (timedelta(hours=30), 1),
        (Formula("x"), 1),
        (Formula(0), 1),
        (Formula(False), 1),
        (Formula(""), 0),
        (Formula(" "), 0),
        (Styled(), 0),
        ("", 0),
        (" ", 0),
        (" \t ", 0),
    ],
    ids=repr,
)
def test_a_row_is_one_with_a_filled_cell(read, name, write, cell, rows):
    assert read(write({"S": [["case", "b"], [None, cell]]}), name).rows == rows


@every_format
@pytest.mark.parametrize("error", FAULTS)
@pytest.mark.parametrize("kind", [Fault, lambda text: Formula(Fault(text))], ids=["cell", "formula"])
def test_an_error_fills_a_cell(read, name, write, error, kind):
    sheet = read(write({"S": [["case", "b"], ["c1", "x"], [], [None, kind(error)], [kind(error), 1]]}), name)
    (finding,) = sheet.findings
    assert sheet.rows == 3
    assert (finding.code, finding.line, finding.column) == ("PM234", 4, 2)
    assert "2 cells, first in B4" in finding.what


@every_format
def test_an_error_is_no_column_name(read, refusal, name, write):
    problem = refusal(read, write({"S": [["case", Fault("#REF!")], ["c1", 1]]}), name)
    assert (problem.code, "an error instead of a column name in B1" in problem.message) == ("PM210", True)


@every_format
def test_errors_in_sheets_that_are_not_loaded_are_nobodys_business(read, name, write):
    sheet = read(write({"S": [["case"], ["c1"]], "T": [["x"], [Fault("#N/A")]]}), name)
    assert [finding.code for finding in sheet.findings] == ["PM232"]


# what a column's name is


@every_format
@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("Ünïcode 名", "Ünïcode 名"),
        (1, "1"),
        (1.0, "1"),
        (2.5, "2.5"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2024, 1, 31), "2024-01-31"),
        (datetime(2024, 1, 31, 10, 30), "2024-01-31 10:30:00"),
        (time(10, 30), "10:30:00"),
        (timedelta(hours=30), "30:00:00"),
        (Formula("sum"), "sum"),
    ],
    ids=repr,
)
def test_a_column_is_named_as_excel_shows_the_cell(read, name, write, cell, text):
    assert read(write({"S": [["case", cell], ["c1", 1]]}), name).columns == ("case", text)


@every_format
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["case", "a", "a"]], "'a' in columns 2 and 3"),
        ([["case", None, "a"]], "no name for column 2"),
        ([["case", "a"], ["c1", 1, None, 2]], "no name for column 4"),
        ([["case", "a", " "], ["c1", 1, 2]], "no name for column 3"),
    ],
)
def test_odd_names_are_told(read, name, write, rows, words):
    (finding,) = read(write({"S": rows}), name).findings
    assert (finding.code, words in finding.what) == ("PM225", True)


@every_format
def test_empty_columns_behind_the_last_name_are_nothing_odd(read, name, write):
    rows = [["case", "a", " ", None], ["c1", 1, None, " "], [None, None, Styled(), Formula("")]]
    assert read(write({"S": rows}), name).findings == ()


@every_format
def test_dates_since_1904_are_dates_too(read, name, write):
    data = write({"S": [["case", date(2024, 1, 31)], ["c1", date(2024, 2, 1)]]}, since_1904=True)
    assert read(data, name) == (1, ("case", "2024-01-31"), ())


# sheets


@every_format
@pytest.mark.parametrize("state", [1, 2])
def test_a_hidden_first_sheet_is_refused(read, refusal, name, write, state):
    sheets = {"Lists": [["x"]], "Orders": [["case"], ["c1"]]}
    problem = refusal(read, write(sheets, states={"Lists": state}), name)
    assert (problem.code, "'Lists'" in problem.message) == ("PM231", True)
    assert problem.suggestion.startswith("move 'Orders'")


@pytest.mark.parametrize(("kind", "words"), [(1, "macros as its first sheet"), (2, "a chart as its first")])
def test_a_first_sheet_without_cells_is_refused(read, refusal, kind, words):
    data = xls_of({"M": [["x"]], "Orders": [["case"], ["c1"]]}, kinds={"M": kind})
    problem = refusal(read, data, "a.xls")
    assert (problem.code, words in problem.message) == ("PM231", True)


def test_an_encrypted_xls_is_refused_as_one(read, refusal):
    problem = refusal(read, xls_of({"S": [["case"]]}, encrypted=True), "a.xls")
    assert "encrypted with a password" in problem.message


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb"])
@pytest.mark.parametrize("extent", [(1, 1), (60_000, 200), (0, 0)])
def test_an_extent_that_lies_changes_nothing_in_binary_formats(read, name, extent):
    data = WRITERS[name]({"S": [["case", "b"], ["c1", "x"], [None, "y"]]}, extent=extent)
    assert read(data, name)[:2] == (2, ("case", "b"))


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb"])
def test_many_strings_are_read(read, name):
    rows = [[f"case {at} \N{EURO SIGN}", "x" * (at % 50 + 1)] for at in range(3_000)]
    assert read(WRITERS[name]({"S": rows}), name).rows == 2_999


def test_a_macro_sheet_of_an_xlsb_is_refused(read, refusal):
    data = xlsb_of({"S": [["case"]]}, **{"xl/vbaProject.bin": b"x"})
    assert refusal(read, data, "a.xlsb").code == "PM230"


# odd writers of .xlsx


@pytest.mark.parametrize("extent", ["A1", "A1:XFD1048576", "C7:D9", "A1:B1"])
def test_an_extent_that_lies_changes_nothing(read, extent):
    rows = '<row r="2"><c r="A2"><v>1</v></c></row><row r="5"><c r="C5"><v>2</v></c></row>'
    data = xlsx_of(sheet_of([rows], before=f'<dimension ref="{extent}"/>'))
    assert read(data)[:2] == (2, ("case",))


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("<row><c><v>1</v></c></row><row><c/></row><row><c><v>2</v></c></row>", 2),
        ('<row r="900"><c r="A900"><v>1</v></c></row>', 1),
        ('<row r="9"><c r="A9"><v>1</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>', 2),
        ('<row r="3"><c r="D3"><v>1</v></c><c r="B3"><v>1</v></c></row>', 1),
        ('<row r="3" hidden="1"><c r="A3"><v>1</v></c></row>', 1),
        ('<row r="3" hidden="1"/><row r="4"/>', 0),
        ("", 0),
    ],
)
def test_rows_and_cells_may_stand_anywhere(read, body, rows):
    assert read(xlsx_of(sheet_of([body]))).rows == rows


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('<row><c t="e"><v>#N/A</v></c></row>', (2, 1)),
        ('<row r="5"><c><v>1</v></c><c t="e"><v>#N/A</v></c></row>', (5, 2)),
        ('<row r="5"><c r="AA5"><v>1</v></c><c t="e"><v>#N/A</v></c></row>', (5, 28)),
        ("<row r='7'><c t='e' r='B7'><v>#N/A</v></c></row>", (7, 2)),
        (
            '<row r="7"><c t="e" r="B7"><v>#N/A</v></c></row><row r="3"><c t="e" r="C3"><v>#N/A</v></c></row>',
            (3, 3),
        ),
    ],
)
def test_the_first_error_is_found_where_it_is(read, body, place):
    *_, finding = read(xlsx_of(sheet_of([body]))).findings
    assert (finding.code, finding.line, finding.column) == ("PM234", *place)


def test_a_text_that_looks_like_an_error_is_none(read):
    body = '<row><c t="inlineStr"><is><t>say "e" or #N/A</t></is></c></row>'
    assert read(xlsx_of(sheet_of([body]))) == (1, ("case",), ())


def test_shared_and_rich_strings_are_read_and_how_they_sound_is_not(read):
    strings = [
        "<si><r><t>ca</t></r><r><t>se</t></r><rPh sb='0' eb='1'><t>KE</t></rPh></si>",
        "<si><t>  </t></si>",
    ]
    cells = ['<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row>']
    sheet = [f'<worksheet xmlns="{MAIN}"><sheetData>', *cells, "</sheetData></worksheet>"]
    assert read(xlsx_of(sheet, strings_of(strings)))[:2] == (0, ("case",))


def test_only_the_top_left_of_merged_cells_holds_anything(read):
    book = openpyxl.Workbook()
    for row in [["case", "b"], ["c1", "x"], ["c2", "y"], ["c3", "z"]]:
        book.active.append(row)
    book.active.merge_cells("A2:B3")
    assert read(saved(book)).rows == 2


def test_the_order_of_sheets_is_the_workbooks_not_that_of_the_parts(read):
    sheet = "<worksheet xmlns='{}'><sheetData><row><c t='str'><v>{}</v></c></row></sheetData></worksheet>"
    data = zip_of(
        {
            "_rels/.rels": relationships({"r1": ("officeDocument", "/xl/workbook.xml")}),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="x"><sheets>'
            '<sheet name="front" sheetId="7" r:id="r9"/><sheet name="back" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relationships(
                {
                    "r1": ("worksheet", "worksheets/sheet1.xml"),
                    "r9": ("worksheet", "/xl/worksheets/sheet2.xml"),
                }
            ),
            "xl/worksheets/sheet1.xml": sheet.format(MAIN, "back"),
            "xl/worksheets/sheet2.xml": sheet.format(MAIN, "front"),
        }
    )
    assert read(data).columns == ("front",)


def test_strict_workbooks_are_read(read):
    main, office = f"{STRICT}/spreadsheetml/main", f"{STRICT}/officeDocument/relationships"
    links = relationships({"r1": ("worksheet", "worksheets/sheet1.xml")})
    root = relationships({"r1": ("officeDocument", "xl/workbook.xml")})
    old = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    data = zip_of(
        {
            "_rels/.rels": root.replace(old, office),
            "xl/_rels/workbook.xml.rels": links.replace(old, office),
            "xl/workbook.xml": f'<x:workbook xmlns:x="{main}" xmlns:r="{office}" conformance="strict"><x:sheets>'
            '<x:sheet name="S" sheetId="1" r:id="r1"/></x:sheets></x:workbook>',
            "xl/worksheets/sheet1.xml": f'<x:worksheet xmlns:x="{main}"><x:sheetData>'
            '<x:row r="1"><x:c r="A1" t="str"><x:v>case</x:v></x:c></x:row>'
            '<x:row r="2"><x:c r="A2" t="d"><x:v>2024-01-31</x:v></x:c></x:row>'
            '<x:row r="3"><x:c r="A3" t="e"><x:v>#N/A</x:v></x:c></x:row>'
            "</x:sheetData></x:worksheet>",
        }
    )
    sheet = read(data)
    assert (sheet.rows, sheet.columns, len(sheet.findings)) == (2, ("case",), 1)


def test_parts_may_have_names_of_their_own(read):
    """As Microsoft's own library writes them that programs use without Excel."""
    data = zip_of(
        {
            "_rels/.rels": relationships({"R1": ("officeDocument", "/data/workbook22.xml")}),
            "data/_rels/workbook22.xml.rels": relationships(
                {
                    "R2": ("worksheet", "../pages/one.xml"),
                    "R3": ("sharedStrings", "/data/texts2.xml"),
                    "R4": ("styles", "looks.xml"),
                }
            ),
            "data/workbook22.xml": f'<workbook xmlns="{MAIN}" xmlns:r="x"><sheets>'
            '<sheet name="S" sheetId="1" r:id="R2"/></sheets></workbook>',
            "data/looks.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>',
            "data/texts2.xml": f'<sst xmlns="{MAIN}"><si><t>case</t></si><si><t> </t></si></sst>',
            "pages/one.xml": f'<worksheet xmlns="{MAIN}"><sheetData>'
            '<row><c t="s"><v>0</v></c><c s="0"><v>45322</v></c></row>'
            '<row><c t="s"><v>1</v></c></row><row><c><v>1</v></c></row></sheetData></worksheet>',
        }
    )
    assert read(data)[:2] == (1, ("case", "2024-01-31"))


def test_parts_of_an_xlsb_may_have_names_of_their_own(read):
    data = xlsb_of({"S": [["case"], ["c1"]]})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    moved = {name.replace("sheet1", "page").replace("xl/", "book/"): part for name, part in parts.items()}
    moved["_rels/.rels"] = moved["_rels/.rels"].replace(b"xl/", b"/book/")
    links = moved["book/_rels/workbook.bin.rels"]
    moved["book/_rels/workbook.bin.rels"] = links.replace(b"worksheets/sheet1", b"/book/worksheets/page")
    assert read(zip_of(moved), "a.xlsb")[:2] == (1, ("case",))


@pytest.mark.parametrize("error", ["#SPILL!", "#GETTING_DATA", "#ERROR!", "Err:502"])
def test_an_error_that_only_newer_programs_know_is_one_too(read, error):
    body = f'<row><c t="e"><f>A1</f><v>{error}</v></c></row><row><c t="str"><v>{error}</v></c></row><row/>'
    sheet = read(xlsx_of(sheet_of([body, '<row><c t="e"/><c/></row><row><c><v>1</v></c></row>'])))
    assert (sheet.rows, sheet.findings[0].what[:34]) == (3, "has errors such as #N/A in 1 cell,")


@pytest.mark.parametrize("cell", ['<c t="e"/>', '<c t="e"><v/></c>', '<c t="e"><f>A1</f></c>'])
def test_an_error_without_a_value_is_an_empty_cell(read, cell):
    assert read(xlsx_of(sheet_of([f"<row>{cell}</row><row><c><v>1</v></c></row>"]))) == (1, ("case",), ())


def test_a_sheet_that_is_not_loaded_may_be_too_large_to_read(read):
    data = workbook_of(["case"], ["c1"], others={"wide": [["x"]]})
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["wide"]["XFD1048576"] = "stray"
    sheet = read(saved(book))
    assert sheet.rows == 1
    assert sheet.findings[0].what.endswith("'wide' (rows not counted)")
