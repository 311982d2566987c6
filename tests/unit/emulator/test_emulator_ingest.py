"""Reading uploaded files: what is a row, what is a column, what is no table."""

from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from pmsync.emulator.columntypes import TypeJudge, wider
from pmsync.emulator.ingest import UnreadableError, read_table


@pytest.fixture
def read(tmp_path):
    def read(content: bytes, name="file.csv"):
        path = tmp_path / "stored-under-its-digest"
        path.write_bytes(content)
        return read_table(path, name)

    return read


def columns(content):
    return {column.name: column.type for column in content.columns}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n3,4\n", 2),
        ("a,b\n1,2\n3,4", 2),
        ("a,b\r\n1,2\r\n3,4\r\n", 2),
        ("a,b\r1,2\r3,4\r", 2),
        ("a,b\n", 0),
        ("a,b", 0),
        ('a,b\n"one\ntwo","three\r\nfour"\n', 1),
        ('a,b\n"say ""hi""\n",2\n', 1),
        ("a,b\n\n1,2\n,\n  , \n3,4\n\n", 2),
        ("\n\na,b\n1,2\n", 1),
        ('a,b\n"",""\n1,2\n', 1),
        ("a\n1\n2\n", 2),
        ("a,b\n1\n2,3,4\n", 2),
    ],
)
def test_a_row_is_a_record_with_a_non_empty_cell_below_the_header(read, text, rows):
    assert read(text.encode()).row_count == rows


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        ("a;b\n1,5;2\n", ["a", "b"]),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ["a", "b"]),
        ("a\tb,c\n1\t2\n", ["a", "b,c"]),
        ("Betrag, netto;Datum\n1,50;2024-01-01\n", ["Betrag, netto", "Datum"]),
        ('"a;x",b\n1,2\n', ["a;x", "b"]),
        ('"a\nb",c\n1,2\n', ["a\nb", "c"]),
        ("alone\n1;2\n", ["alone"]),
        (" a , b \n1,2\n", ["a", "b"]),
        ("a,,c\n1,2,3\n", ["a", "column_2", "c"]),
    ],
)
def test_the_delimiter_is_found_and_the_header_names_the_columns(read, text, names):
    assert [column.name for column in read(text.encode()).columns] == names


def test_a_tsv_is_split_at_tabs_whatever_else_it_holds(read):
    content = read(b"a;x,y,z\tb\n1;2,3\t4\n", "export.TSV")
    assert [column.name for column in content.columns] == ["a;x,y,z", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_umlauts_survive_in_any_usual_encoding(read, encoding):
    content = read("Größe;Straße\n1;Köln\n".encode(encoding))
    assert columns(content) == {"Größe": "integer", "Straße": "string"}


def test_latin_1_is_recognised_however_late_it_shows(read):
    content = read(b"name\n" + b"plain\n" * 100_000 + "Köln\n".encode("latin-1"))
    assert content.row_count == 100_001


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["abc"], "string"),
        ([""], "string"),
        ([], "string"),
        (["1", "-2", "+3", " 4 "], "integer"),
        (["1", "", "2"], "integer"),
        (["007"], "string"),
        (["1", "2.5"], "number"),
        ([".5", "-1.25e-3"], "number"),
        (["1,5"], "string"),
        (["true", "FALSE"], "boolean"),
        (["true", "1"], "string"),
        (["2024-01-25"], "datetime"),
        (["2024-01-25T10:00:00Z", "2024-01-25 10:00", "2024-01-25T10:00:00.123+01:00"], "datetime"),
        (["25.01.2024 10:00:00", "1/25/2024", "2024/1/5"], "datetime"),
        (["2024-01-25", "soon"], "string"),
        (["soon", "1"], "string"),
        (["2024-13-45x"], "string"),
        (["10:00"], "string"),
    ],
)
def test_a_type_is_the_narrowest_that_holds_every_cell(cells, found):
    judge = TypeJudge(decimal_comma=False)
    for cell in cells:
        judge.see(cell)
    assert judge.type == found


@pytest.mark.parametrize(
    ("cell", "found"),
    [("1,5", "number"), ("-1.234,56", "number"), ("1.5", "number"), ("1234", "integer"), ("1,2,3", "string")],
)
def test_where_semicolons_delimit_the_comma_is_a_decimal_point(read, cell, found):
    assert columns(read(f"id;cost\n1;{cell}\n".encode()))["cost"] == found


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("integer", "integer", "integer"),
        ("integer", "number", "number"),
        ("number", "integer", "number"),
        ("datetime", "number", "string"),
    ],
)
def test_two_types_widen_to_one_that_holds_both(one, other, both):
    assert wider(one, other) == both


def test_types_are_judged_by_the_first_ten_thousand_records(read):
    content = read(b"n\n" + b"1\n" * 10_000 + b"text\n")
    assert (columns(content), content.row_count) == ({"n": "integer"}, 10_001)


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "file.csv", "no header"),
        (b"\n \n,\n", "file.csv", "no header"),
        (b"PAR1\x00\x00", "file.csv", "binary"),
        (b'a,b\n"' + b"x" * 200_000, "file.csv", "not delimited text"),
        (b"a,b\n1,2\n", "file.xlsx", "not a workbook"),
        (b"", "file.xlsx", "not a workbook"),
    ],
)
def test_what_is_no_table_is_unreadable_and_says_why(read, content, name, why):
    with pytest.raises(UnreadableError, match=why):
        read(content, name)


class TestWorkbooks:
    @pytest.fixture
    def workbook(self, tmp_path):
        def read(*records, other_sheet=()):
            book = openpyxl.Workbook()
            for record in records:
                book.active.append(record)
            if other_sheet:
                book.create_sheet("later").append(other_sheet)
            book.save(tmp_path / "book.xlsx")
            return read_table(tmp_path / "book.xlsx", "book.XLSX")

        return read

    def test_rows_and_types_come_from_the_first_sheet(self, workbook):
        content = workbook(
            ["id", "name", "cost", "open", "at", "day", "code", "time", "for"],
            [
                1,
                "Größe",
                1.5,
                True,
                datetime(2024, 1, 25, 10),
                date(2024, 1, 25),
                "007",
                time(10),
                timedelta(1),
            ],
            [2, "x\ny", 2, False, None, None, None, None, None],
            other_sheet=["not", "this"],
        )
        assert content.row_count == 2
        assert columns(content) == {
            "id": "integer",
            "name": "string",
            "cost": "number",
            "open": "boolean",
            "at": "datetime",
            "day": "datetime",
            "code": "string",
            "time": "string",
            "for": "string",
        }

    def test_blank_rows_do_not_count(self, workbook):
        assert workbook([], ["a", "b"], [1, None], [None, None], ["", "  "], [2, 3]).row_count == 2

    def test_text_is_judged_like_text(self, workbook):
        assert columns(workbook(["at"], ["2024-01-25T10:00:00Z"])) == {"at": "datetime"}

    def test_an_empty_sheet_has_no_header(self, workbook):
        with pytest.raises(UnreadableError, match="no header"):
            workbook()
