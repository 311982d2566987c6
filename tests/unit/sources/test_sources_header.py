"""The first line of a text: its delimiter and columns, or what is wrong with it."""

from __future__ import annotations

import pytest

from pmsync.sources.header import MAX_HEADER, read_header


@pytest.mark.parametrize(
    ("text", "delimiter", "columns"),
    [
        ("case,activity\n1,2\n", ",", ("case", "activity")),
        ("case;activity\n", ";", ("case", "activity")),
        ("case\tactivity\n", "\t", ("case", "activity")),
        ("case|activity", "|", ("case", "activity")),
        ("case\n1,2\n", ",", ("case",)),
        ("case", ",", ("case",)),
        ('"cost, net";"cost, gross";x\n', ";", ("cost, net", "cost, gross", "x")),
        ('"a;b",c\r\n', ",", ("a;b", "c")),
        ('"two\nlines",b\r', ",", ("two\nlines", "b")),
        ('"say ""x""",b\n', ",", ('say "x"', "b")),
        (" case , activity ,,\n", ",", ("case", "activity")),
        (",case\n", ",", ("", "case")),
        ("2023,note\n", ",", ("2023", "note")),
        ("Straße;Größe\n", ";", ("Straße", "Größe")),
    ],
)
def test_the_delimiter_is_the_one_that_makes_most_cells(declared, text, delimiter, columns):
    header = read_header(text.encode(), declared("a.csv"), whole=True)
    assert (header.delimiter, header.columns, header.skip) == (delimiter, columns, 0)


def test_a_byte_order_mark_is_no_part_of_the_first_column(declared):
    header = read_header("\ufeffcase,x\n".encode(), declared("a.csv"), whole=True)
    assert (header.columns, header.skip) == (("case", "x"), 3)


def test_a_header_that_is_not_utf_8_is_read_as_western_european(declared):
    assert read_header("Größe,x\n".encode("cp1252"), declared("a.csv"), whole=True).columns == ("Größe", "x")


@pytest.mark.parametrize(
    ("data", "whole", "code", "says"),
    [
        (b"\n1,2\n", True, "PM210", "has no column names in its first line"),
        (b"\xef\xbb\xbf", True, "PM210", "has no column names"),
        (b",,\n1,2,3\n", True, "PM210", "has no column names"),
        (b"1,2.5,-3e4\n", True, "PM210", "has no header"),
        (b"2024-01-31,2024-01-31T12:30:00Z,7%\n", True, "PM210", "has no header"),
        (b'case,"activity\n1,2\n', True, "PM210", "a quote in its first line that is never closed"),
        (b'case,"activity\n1,2\n', False, "PM210", "has no end to its first line"),
        (b"a" * (MAX_HEADER + 1), False, "PM210", "has no end to its first line"),
        (b'"' + b"a" * 140_000 + b'"\n', True, "PM210", "a quote in its first line that is never closed"),
        ("case,activity\n".encode("utf-16"), True, "PM211", "UTF-16"),
        (b"\xfe\xff\0c\0a", True, "PM211", "UTF-16"),
        ("case,activity\n".encode("utf-16-le"), True, "PM211", "is not text"),
        (b"PK\x03\x04\x14\0\x08", True, "PM211", "is not text"),
    ],
)
def test_what_is_no_header_is_refused(refusal, declared, data, whole, code, says):
    diagnostic = refusal(lambda: read_header(data, declared("a.csv"), whole=whole))
    assert diagnostic.code == code
    assert says in diagnostic.message
    assert diagnostic.suggestion


def test_a_long_row_of_digits_is_judged_at_once(refusal, declared):
    assert read_header(b"1" * 100_000 + b"x\n", declared("a.csv"), whole=True).columns[0].endswith("x")
