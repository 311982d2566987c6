"""The first line of a text: its delimiter and columns, or what is wrong with it."""

from __future__ import annotations

import pytest

from pmsync.sources.columns import MAX_NAME, columns_of, findings_of
from pmsync.sources.header import MAX_HEADER, read_header


@pytest.fixture
def header(declared):
    """The header of a text, which is all of its file."""
    return lambda text, name="a.csv": read_header(text.encode(), declared(name), whole=True)


@pytest.fixture
def refused(declared, refusal):
    """The diagnostic of a text that has no header."""

    def run(text, name="a.csv", *, whole=True):
        return refusal(lambda: read_header(text.encode(), declared(name), whole=whole))

    return run


@pytest.mark.parametrize(
    ("text", "delimiter", "columns"),
    [
        ("case,activity\n1,2\n", ",", ("case", "activity")),
        ("case;activity\n", ";", ("case", "activity")),
        ("case\tactivity\n", "\t", ("case", "activity")),
        ("case\n1,2\n", ",", ("case",)),
        ("case", ",", ("case",)),
        ('"cost, net";"cost, gross";x\n', ";", ("cost, net", "cost, gross", "x")),
        ('"a;b",c\r\n', ",", ("a;b", "c")),
        ('"two\nlines",b\r', ",", ("two\nlines", "b")),
        ('"say ""x""",b\n', ",", ('say "x"', "b")),
        ('"a"b,c\n', ",", ("ab", "c")),
        ('5" pipe,c\n', ",", ('5" pipe', "c")),
        (" case , activity ,,\n", ",", ("case", "activity")),
        (",case\n", ",", ("", "case")),
        ("2023,note\n", ",", ("2023", "note")),
        ("Straße;Größe\n", ";", ("Straße", "Größe")),
        ('id;"Name, first, title";note\n1;A;"x\ny"\n2;B;z\n', ";", ("id", "Name, first, title", "note")),
        ("id;Name, first, title;note\n1;A;x\n2;B;y\n", ";", ("id", "Name, first, title", "note")),
        ("id;Name, first\n1;Smith, J\n2;Doe, A\n", ";", ("id", "Name, first")),
        ("a;b\n1,5;2,5\n3,25;4,75\n", ";", ("a", "b")),
        ("id,text\n1,a; b; c\n2,d; e\n", ",", ("id", "text")),
        ("a,b,c\n1,2\n1,2,3,4\n1,2,3\n", ",", ("a", "b", "c")),
        ("a\tb, c\n1\t2, 3\n", "\t", ("a", "b, c")),
        ("id\tv,w\n1\t2,3\n4\t5,6\n", "\t", ("id", "v,w")),
        ("id\tv,w,x\n1\t2,3,4\n4\t5,6,7\n", "\t", ("id", "v,w,x")),
        ("id;v,w\n1;2,3\n4;5,6\n", ";", ("id", "v,w")),
        ('a;b,id\nx; y,"say ""hi"""\nx; y,"z"\n', ",", ("a;b", "id")),
        ("a, b, c\n1, 2, 3\n", ",", ("a", "b", "c")),
        ("id,tags\n1,a;b\n2,c;d\n", ",", ("id", "tags")),
        ("id,a|b\n1,c|d\n2,e|f\n", ",", ("id", "a|b")),
        ("#id,name\n1,a\n2,b\n", ",", ("#id", "name")),
        ("-- id,x\n1,2\n3,4\n", ",", ("-- id", "x")),
    ],
)
def test_the_delimiter_is_the_one_that_splits_most_evenly(header, text, delimiter, columns):
    found = header(text)
    assert (found.delimiter, found.columns, found.skip) == (delimiter, columns, 0)


@pytest.mark.parametrize("name", ["a.tsv", "A.TSV", "a.tab"])
def test_a_file_that_is_named_for_tabs_is_split_by_tabs(header, name):
    assert header("Name, first\tb\n1,5\t2\n", name).columns == ("Name, first", "b")


def test_a_byte_order_mark_is_no_part_of_the_first_column(header):
    found = header("\ufeffcase,x\n")
    assert (found.columns, found.skip) == (("case", "x"), 3)


def test_a_header_is_read_in_the_encoding_that_is_declared(declared):
    western = declared("a.csv")._replace(encoding="cp1252")
    assert read_header("Größe,€\n".encode("cp1252"), western, whole=True).columns == ("Größe", "€")


def test_a_mark_of_utf_8_contradicts_another_encoding(refusal, declared):
    western = declared("a.csv")._replace(encoding="cp1252")
    diagnostic = refusal(lambda: read_header(b"\xef\xbb\xbfa,b\n", western, whole=True))
    assert (diagnostic.code, diagnostic.suggestion) == ("PM211", "remove encoding: from the source")


def test_a_text_that_reads_as_utf_8_in_spite_of_what_is_declared_is_a_warning(declared):
    western = declared("a.csv")._replace(encoding="cp1252")
    (finding,) = read_header("Größe,b\n".encode(), western, whole=True).findings
    assert (finding.code, "says encoding: windows-1252" in finding.what) == ("PM211", True)
    assert read_header(b"a,b\n", western, whole=True).findings == ()


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("\ufeff", "PM210", "holds blank lines only"),
        ("\n \n\n", "PM210", "holds blank lines only"),
        (",,\n1,2,3\n", "PM210", "has no column names"),
        ("1,2.5,-3e4\n", "PM210", "has no header"),
        ("2023,2024\n1,2\n", "PM210", "has no header"),
        ("2024-01-31,2024-01-31T12:30:00Z,7%\n", "PM210", "has no header"),
        ('case,"activity\n1,2\n', "PM221", "a quote that is never closed"),
        ('case,"' + "activity\n1,2\n" * 900 + '"\n', "PM221", "not closed within the 1,024 characters"),
        ("\n1,2\n", "PM224", "begins with a blank line"),
        ("  \t\r\na,b\r\n", "PM224", "begins with a blank line"),
        ("sep=;\na;b\n1;2\n", "PM224", "a hint for Excel"),
        ('"sep=,"\r\na,b\r\n', "PM224", "a hint for Excel"),
        ("SEP=\t\na\tb\n", "PM224", "a hint for Excel"),
        ("# made by x\nid,name\n1,a\n", "PM224", "begins with a comment"),
        ("# made by x\n# on Monday\nid;name\n1;a\n", "PM224", "begins with a comment"),
        ("# made by x, on Monday, at 9\nid,name\n1,a\n", "PM224", "begins with a comment"),
        ("// made by x\nid\tname\n1\ta\n", "PM224", "begins with a comment"),
        ("-- made by x\nid,name\n1,a\n", "PM224", "begins with a comment"),
        ("Orders of 2024\nid;name;x\n1;a;b\n2;c;d\n", "PM224", "has one cell in its first line and 3"),
        ("Orders of 2024, week 3\n\nid;name;x\n1;a;b\n", "PM224", "has one cell in its first line and 3"),
        ("Orders,,\nid,name,x\n1,a,b\n", "PM224", "has one cell in its first line and 3"),
        ("a|b|c\n1|2|3\n", "PM226", "split by '|'"),
        ("a|b", "PM226", "split by '|'"),
        ("a|b\n1|x, y\n2|z\n", "PM226", "split by '|'"),
        ("a^b\n1^2\n", "PM226", "split by '^'"),
        ("a\x01b\n1\x012\n", "PM226", r"split by '\x01'"),
    ],
)
def test_what_is_no_header_is_refused(refused, text, code, says):
    diagnostic = refused(text)
    assert diagnostic.code == code
    assert says in diagnostic.message
    assert diagnostic.suggestion


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a," + "x" * (MAX_NAME + 1) + "\n1,2\n", "PM223", 1, 3),
        ('"ü",b,' + "ö" * (MAX_NAME + 1) + "\n", "PM223", 1, 7),
        ('"two\nlines",' + "x" * (MAX_NAME + 1) + "\n", "PM223", 2, 8),
        ('"two\nlines",b,"x\n' + "1,2\n" * MAX_NAME, "PM221", 2, 10),
    ],
)
def test_a_name_that_cannot_be_is_told_with_its_place(refused, text, code, line, column):
    diagnostic = refused(text)
    assert (diagnostic.code, diagnostic.location.line, diagnostic.location.column) == (code, line, column)
    assert diagnostic.location.file == "a.csv"


def test_a_name_may_have_as_many_characters_as_are_allowed(header):
    assert header("a," + "ö" * MAX_NAME + "\n").columns[1] == "ö" * MAX_NAME


def test_a_first_line_without_an_end_is_told_by_what_is_wrong_with_it(refused):
    assert refused("a," * MAX_HEADER, whole=False).code == "PM223"
    assert "a first line of more than 262,144 bytes" in refused("a," * MAX_HEADER, whole=False).message
    assert "a column name of more than 1,024 characters" in refused("a" * MAX_HEADER, whole=False).message
    assert refused('a,"b\n' + "1,2\n" * MAX_HEADER, whole=False).code == "PM221"


def test_a_long_row_of_digits_is_judged_at_once(refused):
    assert refused("1" * 100_000 + "x\n").code == "PM223"


# what is odd and stops nothing


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,name,id\n1,2,3\n", "'id' in columns 1 and 3"),
        ("id, id\n1,2\n", "'id' in columns 1 and 2"),
        ("a,a,b,b,c,c,d,d,e,e\n", "'c' in columns 5 and 6 and 2 more"),
        ("a," * 9 + "a\n", "'a' in columns 1, 2, 3 and 7 more"),
        ("a,,b\n1,2,3\n", "has no name for column 2"),
        ("a,b,\n1,2,3\n1,2,\n", "has no name for column 3"),
        ("a,b\n1,2,3\n4,5,6\n", "has no name for column 3"),
    ],
)
def test_names_that_are_there_twice_or_not_at_all_are_a_warning(header, text, says):
    (finding,) = header(text).findings
    assert (finding.code, finding.line, finding.column) == ("PM225", 1, 1)
    assert says in finding.what


@pytest.mark.parametrize(
    "text",
    ["id,ID,name\n1,2,3\n", "a,b,\n1,2,\n3,4,\n", "a,b,,\n1,2,,\n", "a,b\n1,2,3\n4,5\n", "a,b\n1,2,3\n"],
)
def test_names_that_differ_and_columns_that_hold_nothing_are_not(header, text):
    assert header(text).findings == ()


def test_a_single_column_is_a_warning_that_says_what_was_looked_for(header):
    (finding,) = header("case\nc1\n").findings
    assert finding.code == "PM227"
    assert "no comma, semicolon or tab" in finding.what
    (finding,) = header("case,x\nc1,2\n", "a.tsv").findings
    assert "no tab (its name says tab)" in finding.what


def test_the_names_of_a_sheet_are_judged_alike(declared, refusal):
    assert columns_of(["a ", "", "b", ""], declared("a.xlsx")) == ("a", "", "b")
    assert refusal(columns_of, ["x" * 1025], declared("a.xlsx")).code == "PM223"
    assert [one.code for one in findings_of(("a", "", "a"))] == ["PM225", "PM225"]


def test_a_message_shows_little_of_a_name(header):
    name = "x" * 1000
    assert name[:41] not in header(f"{name},{name}\n").findings[0].what


def test_a_declared_file_of_any_suffix_is_judged_by_its_content(header):
    assert header("a;b\n1;2\n", "export.dat").delimiter == ";"
