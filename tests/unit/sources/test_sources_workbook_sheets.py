"""Which workbooks and sheets are loaded, and what is said of those that are not."""

from __future__ import annotations

import openpyxl
import pytest
from compounds import compound_of
from workbooks import saved, workbook_of, zip_of

ROWS = [["case", "activity"], ["c1", "Pay"]]


# what is no workbook that can be loaded


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsb"])
def test_an_encrypted_workbook_is_refused_as_one(read, refusal, name):
    data = compound_of({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"x" * 5000})
    problem = refusal(read, data, name)
    assert (problem.code, "encrypted with a password" in problem.message) == ("PM212", True)
    assert problem.suggestion == "save it without one"


@pytest.mark.parametrize("name", ["a.xlsm", "A.XLSM", "a.xltm", "a.xlam"])
def test_a_name_that_stands_for_macros_is_refused_unread(read, refusal, name):
    problem = refusal(read, b"", name)
    assert (problem.code, problem.suggestion) == ("PM230", "save it as .xlsx")


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "XL/VBAPROJECT.BIN", "custom/vbaProject.bin", "xl/macrosheets/sheet1.xml"]
)
@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsb"])
def test_macros_are_refused_whatever_the_name(read, refusal, part, name):
    data = zip_of({"xl/workbook.xml": "", part: "x"})
    assert refusal(read, data, name).code == "PM230"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zip_of({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "OpenDocument"),
        (zip_of({"word/document.xml": ""}), "ZIP archive"),
        (compound_of({"WordDocument": b"x"}), "Office file"),
        (compound_of({"WordDocument": b"x", "Workbook": b"x"}), "Office file"),
        (b"\x09\x04\x06\x00" + bytes(100), "Excel 4 or older"),
        (b"<html><table>", "cannot be read as an Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_named(read, refusal, data, words):
    problem = refusal(read, data)
    assert (problem.code, words in problem.message) == ("PM212", True)


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb"])
def test_a_workbook_of_another_kind_than_its_name_says_is_refused(read, refusal, name):
    problem = refusal(read, workbook_of(*ROWS), name)
    assert (problem.code, ".xlsx workbook by its content" in problem.message) == ("PM235", True)


# the first sheet


def test_the_first_sheet_is_the_one_the_workbook_lists_first(read):
    book = openpyxl.Workbook()
    book.active.append(["never", "looked at"])
    front = book.create_sheet("front", 0)
    for row in ROWS:
        front.append(row)
    assert read(saved(book))[:2] == (1, ("case", "activity"))


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_first_sheet_is_refused_and_the_one_to_move_named(read, refusal, state):
    data = workbook_of(
        *ROWS, first={"sheet_state": state, "title": "Lookup"}, others={"Notes": [], "Orders": ROWS}
    )
    problem = refusal(read, data)
    assert (problem.code, "'Lookup'" in problem.message) == ("PM231", True)
    assert problem.suggestion.startswith("move 'Orders' to the front")


def test_an_empty_first_sheet_is_refused_and_the_one_to_move_named(read, refusal):
    problem = refusal(read, workbook_of([None, " \t"], others={"Orders": ROWS}))
    assert (problem.code, "empty first sheet" in problem.message) == ("PM231", True)
    assert problem.suggestion.startswith("move 'Orders' to the front")


def test_a_chart_as_the_first_sheet_is_refused(read, refusal):
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.create_chartsheet("Trend", 0)
    problem = refusal(read, saved(book))
    assert (problem.code, "a chart as its first sheet, 'Trend'" in problem.message) == ("PM231", True)
    assert problem.suggestion.startswith("move 'Sheet' to the front")


def test_a_workbook_without_anything_is_said_to_be_empty(read, refusal):
    problem = refusal(read, workbook_of(others={"two": [], "three": [["  "]]}))
    assert (problem.code, "all its sheets are empty" in problem.message) == ("PM210", True)


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        (["B1", "B2"], "B1"),
        (["A3", "A4"], "A3"),
        (["B3", "B4"], "B3"),
        (["AB1", "C2"], "AB1"),
        (["C2", "A3"], "C2"),
    ],
)
def test_a_table_that_does_not_begin_in_a1_is_refused_with_where_it_begins(read, refusal, cells, place):
    problem = refusal(read, workbook_of(more=[(cell, "x") for cell in cells]))
    assert (problem.code, problem.message.endswith(f"begins in {place}")) == ("PM233", True)


def test_a_first_column_without_a_name_is_no_shifted_table(read):
    assert read(workbook_of([None, "case"], [1, "c1"])).rows == 1


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ([["Orders"], ["case", "b"], ["c1", 1], ["c2", 2]], 2),
        ([["Orders"], [], ["of 2024"], ["case", "b", "c"], ["c1", 1, None], ["c2", 2, 3], ["c3"]], 4),
    ],
)
def test_a_title_above_the_table_is_no_header(read, refusal, rows, row):
    problem = refusal(read, workbook_of(*rows))
    assert problem.code == "PM224"
    assert problem.message.endswith(f"has one cell in its first row, and {len(rows[row - 1])} in row {row}")


@pytest.mark.parametrize(
    "rows",
    [
        [["case"], ["c1"], ["c2"]],
        [["case"], ["c1", "a note"], ["c2"], ["c3"]],
        [["case"], ["c1", "a note"], ["c2"], ["c3", "a note"], ["c4"]],
        [["case", "b"], ["c1"], ["c2", 1]],
        [["case"]],
    ],
)
def test_a_table_of_one_column_has_no_title(read, rows):
    assert read(workbook_of(*rows)).rows == len(rows) - 1


# the other sheets


def test_other_sheets_with_rows_are_named(read):
    (finding,) = read(workbook_of(*ROWS, others={"Returns": ROWS * 60, "Notes": [], "One": [["x"]]})).findings
    assert finding.code == "PM232"
    assert finding.what.endswith("'Returns' (120 filled rows), 'One' (1 filled row)")


def test_hidden_sheets_with_rows_are_named_too(read):
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.create_sheet("lists").append(["x"])
    book["lists"].sheet_state = "hidden"
    (finding,) = read(saved(book)).findings
    assert finding.what.endswith("'lists' (hidden, 1 filled row)")


def test_of_many_sheets_a_few_are_named_and_the_rest_is_counted(read):
    (finding,) = read(workbook_of(*ROWS, others={f"s{at}": ROWS for at in range(12)})).findings
    assert finding.what.endswith("'s4' (2 filled rows), and 7 more")


def test_a_sheet_named_by_a_stranger_is_cut_and_escaped(read):
    data = workbook_of(*ROWS, others={"\N{RIGHT-TO-LEFT OVERRIDE}x{first}": ROWS})
    (finding,) = read(data).findings
    assert "'\\u202ex{first}'" in finding.what
