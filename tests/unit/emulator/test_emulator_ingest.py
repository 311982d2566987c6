"""Reading uploaded files: what is a row, what is a column, what is no table."""

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
        ("a,b\n1,2\n,,filled behind the header\n", 2),
        ("a,b\n\N{NO-BREAK SPACE},\n1,2\n", 2),
        ("a,b\n#N/A,#N/A\n", 1),
        ("a,b\n \t,\v\f\n1,2\n", 1),
        ('a,b\n" \r\n\t",""\n1,2\n', 1),
        ('a,b\n",",","\n', 1),
        ('a,b\n"""",\n', 1),
        ('a,b\n1,5" pipe\n2,"\n3,4\n', 2),
        ('a,b\n"1"x,2\n3,4\n', 2),
        ('a,b\n"1\n""2""\n",3\n4,5\n', 2),
        ('a,b\n1,"never closed\n2,3\n4,5\n', 1),
        ('a,b\r"1\r2",3\r4,5', 2),
        ("a,b\n1\u2028,2\u0085,3\n", 1),
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
        ("a,b,, \n1,2\n", ["a", "b"]),
        ("a,a\n1,2\n", ["a", "a"]),
        ("a,\N{NO-BREAK SPACE},c\n1,2,3\n", ["a", "\N{NO-BREAK SPACE}", "c"]),
        ('"say ""a""",b\n1,2\n', ['say "a"', "b"]),
        ('id;"Name, first, title";note\n1;"Doe, J, Dr";x\n', ["id", "Name, first, title", "note"]),
        ("id;Name, first, title;note\n1;Doe, J, Dr;x\n", ["id", "Name, first, title", "note"]),
        ('id,"Name; first; title",note\n1,"Doe; J; Dr",x\n', ["id", "Name; first; title", "note"]),
        ("id,name;alias\n1,a\n2,b\n", ["id", "name;alias"]),
        ("id;name, alias\n1;a\n2;b, c\n3;d\n", ["id", "name, alias"]),
        ("id\tname; alias\n1\ta; b\n", ["id", "name; alias"]),
        ('id;"two\nlines, here"\n1;"x,\ny"\n', ["id", "two\nlines, here"]),
        ("x; y,city,name\n", ["x; y", "city", "name"]),
        ("id;Name, first\n", ["id", "Name, first"]),
        ("a|b\n1|2\n", ["a|b"]),
        ("sep=;\na;b\n1;2\n", ["sep="]),
    ],
)
def test_the_delimiter_is_found_and_the_header_names_the_columns(read, text, names):
    assert [column.name for column in read(text.encode()).columns] == names


def test_a_tsv_is_split_at_tabs_whatever_else_it_holds(read):
    content = read(b"a;x,y,z\tb\n1;2,3\t4\n", "export.TSV")
    assert [column.name for column in content.columns] == ["a;x,y,z", "b"]


def test_a_cell_may_be_longer_than_any_csv_library_allows(read):
    long = "x" * 200 * 1024
    content = read(f'{long},b\n1,"{long}\n{long}"\n{long},2\n'.encode())
    assert content.row_count == 2
    assert content.columns[0].name == long


@pytest.mark.parametrize("quote", [b'"', b""])
def test_a_record_that_does_not_end_is_no_table(read, quote, monkeypatch):
    monkeypatch.setattr("pmsync.emulator.delimited._LONGEST_RECORD", 1000)
    with pytest.raises(UnreadableError, match="does not end"):
        read(b"a,b\n" + quote + (b"x" * 99 + b"\n") * 20 if quote else b"a,b\n" + b"x" * 1001)


def test_a_header_of_millions_of_cells_has_no_more_columns_than_can_be(read, monkeypatch):
    monkeypatch.setattr("pmsync.emulator.delimited.MOST_COLUMNS", 10)
    assert len(read(b"a," * 20 + b"a\n").columns) == 10


def test_a_record_of_millions_of_cells_in_quotes_is_no_table(read, monkeypatch):
    monkeypatch.setattr("pmsync.emulator.delimited.MOST_COLUMNS", 10)
    with pytest.raises(UnreadableError, match="too many columns"):
        read(b'"a",' * 20 + b'"a"\n')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_umlauts_survive_in_any_usual_encoding(read, encoding):
    content = read("Größe;Straße\n1;Köln\n".encode(encoding))
    assert columns(content) == {"Größe": "integer", "Straße": "string"}


def test_what_windows_writes_is_read_as_windows_means_it(read):
    assert columns(read("Preis €;Maß\n1;2\n".encode("cp1252"))) == {"Preis €": "integer", "Maß": "integer"}


def test_bytes_that_windows_does_not_define_are_text_all_the_same(read):
    assert read(b"na\x81me\nK\xf6ln\n").row_count == 1


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
        (b"a,b\n" + b"1,2\n" * 100_000 + b"\0,1\n", "file.csv", "binary"),
        (b"a,b\n\xe9\0,1\n", "file.csv", "binary"),
        ("a,b\n".encode("utf-16") + b"x", "file.csv", "binary"),
        ("a,b\n1,2\n".encode("utf-32"), "file.csv", "binary"),
        (b"a,b\n1,2\n", "file.xlsm", "macros"),
        (b"a,b\n1,2\n", "file.xlsx", "not a workbook"),
        (b"", "file.xlsx", "not a workbook"),
    ],
)
def test_what_is_no_table_is_unreadable_and_says_why(read, content, name, why):
    with pytest.raises(UnreadableError, match=why):
        read(content, name)
