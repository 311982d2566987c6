"""What is wrong with a text somewhere in its middle: told with line and column, and what to do about it."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest

from pmsync.sources.complaints import place_of
from pmsync.sources.encoding import EncodingCheck
from pmsync.sources.fingerprint import fingerprint
from pmsync.sources.flaws import BadByte, Nul
from pmsync.sources.opening import open_source
from pmsync.sources.texts import SMALL
from pmsync.sources.workbook import WorkbookReader

LONG = b"case,note\n" + b"c1,a note\n" * (SMALL // 5)
"""Longer than what is read at once."""


@pytest.fixture
def of(write, folders, declared):
    def run(data, encoding="utf-8"):
        path = write("a.csv", data)
        one = declared(path)._replace(encoding=encoding)
        with open_source(one, folders) as opened, WorkbookReader() as workbooks:
            return fingerprint(opened, one, workbooks)

    return run


@pytest.fixture
def told(of, refusal):
    """Code, place and words of what a file is refused for."""

    def run(data, encoding="utf-8"):
        found = refusal(of, data, encoding)
        return (
            found.code,
            (found.location.line, found.location.column),
            f"{found.message} ({found.suggestion})",
        )

    return run


@pytest.mark.parametrize(
    ("text", "code", "place", "says"),
    [
        (b"a,b\n1,x\0y\n", "PM222", (2, 4), "a NUL byte"),
        (b"a\0,b\n", "PM222", (1, 2), "a NUL byte"),
        ('a,b\nö,"ü\n'.encode(), "PM221", (2, 3), "a quote that is never closed"),
        (b'a,b\r\n1,"x\r\n2,"y"\r\n', "PM221", (2, 3), "takes in what follows down to line "),
        (b'a,b\r1,"x\r2,"y"\r', "PM221", (2, 3), "takes in what follows down to line "),
        (b"\xef\xbb\xbfa,\xff\n", "PM211", (1, 3), "0xFF cannot be here"),
        ("a,b\nö,".encode() + b"\xe9t\xe9\n", "PM211", (2, 3), "set encoding: windows-1252 on the source"),
        (b"id,v\n<<<<<<< HEAD\n1,2\n=======\n1,3\n>>>>>>> x\n", "PM220", (2, 1), "merge conflict markers"),
    ],
)
@pytest.mark.parametrize("before", [b"", LONG], ids=["at once", "later"])
def test_what_is_wrong_is_told_with_line_and_column(told, text, code, place, says, before):
    if before and text.startswith(b"\xef\xbb\xbf"):
        before, text = text[:3] + before, text[3:]
    found, (line, column), words = told(before + text)
    lines = before.count(b"\n")
    assert f"line {line + 1}, column 3" in words or "takes in" not in words
    assert (found, (line - lines, column)) == (code, place)
    assert says in words


def test_merge_conflict_markers_in_the_first_line_are_told(told):
    code, _, words = told(b"<<<<<<< HEAD\na,b\n=======\na,c\n>>>>>>> x\n1,2\n")
    assert (code, "resolve the conflict" in words) == ("PM220", True)


@pytest.mark.parametrize(
    "data",
    [
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xed\xa0\xbd\xed\xb8\x80",
        b"\x80",
        b"\xf5\x80\x80\x80",
        b"\xc3",
    ],
)
def test_what_is_no_utf_8_is_refused_however_it_is_wrong(told, data):
    assert told(b"a,b\n1,x" + data + b"\n")[:2] == ("PM211", (2, 4))
    assert told(b"a,b\n1,x" + data)[:2] == ("PM211", (2, 4))


@pytest.mark.parametrize(
    "text",
    ["naïve café", "“quoted” – 5 €", "Größe", "señor, ¿qué?", "Łódź".encode("cp1250").decode("cp1252")],
)
def test_windows_1252_is_offered_where_it_reads_well(told, text):
    assert "encoding: windows-1252" in told(f"a,b\n1,{text}\n".encode("cp1252"))[2]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("顧客,注文", "shift-jis"),
        ("ｶﾀｶﾅ", "shift-jis"),
        ("客户,订单", "gbk"),
        ("客戶,訂單", "big5"),
        ("고객 주문", "euc-kr"),
        ("клиент заказ", "cp1251"),
        ("клиент заказ", "koi8-r"),
        ("πελάτης", "cp1253"),
        ("größe", "cp437"),
        ("größe", "mac-roman"),
    ],
)
def test_no_encoding_is_offered_where_it_cannot_be_told(told, text, encoding):
    code, _, words = told(f"a,b\n1,{text}\n".encode(encoding))
    assert code == "PM211"
    assert "windows-1252" not in words
    assert "save it as CSV UTF-8" in words


def test_a_text_in_a_declared_encoding_is_sent_as_it_is(of):
    data = "Größe,Preis\nklein,5 €\n".encode("cp1252")
    found = of(data, "cp1252")
    assert found[:3] == (hashlib.sha256(data).hexdigest(), 1, ("Größe", "Preis"))
    assert of(b"a,b\n\x81,\xff\n", "iso-8859-1").rows == 1


@pytest.mark.parametrize("before", [b"", LONG], ids=["at once", "later"])
def test_a_byte_that_means_nothing_in_the_declared_encoding_is_refused(told, before):
    code, (line, column), words = told(before + b"a,b\n\xe9,x\x81\n", "cp1252")
    assert (code, line - before.count(b"\n"), column) == ("PM211", 2, 4)
    assert "is not text in windows-1252: 0x81 means nothing there" in words


def test_a_character_may_be_cut_by_a_block_anywhere(of):
    for cut in range(4):
        data = b"a,b\n" + b"x" * (SMALL - 6 - cut) + ",€😀\n".encode() * 300_000
        assert of(data).rows == 300_000


@pytest.mark.parametrize("cuts", [(1,), (2,), (3,), (1, 2, 3)])
def test_a_check_goes_on_across_blocks_and_tells_the_place_in_the_file(cuts):
    data = "€x".encode() + b"\xe2\x82"
    check = EncodingCheck("utf-8")
    edges = [0, *cuts, len(data)]
    for start, end in pairwise(edges):
        check.feed(data[start:end])
    with pytest.raises(BadByte) as caught:
        check.finish()
    assert caught.value.place == 4


def test_a_bad_byte_after_a_cut_character_is_told_where_the_character_begins():
    check = EncodingCheck("utf-8")
    check.feed(b"ab\xe2\x82")
    with pytest.raises(BadByte) as caught:
        check.feed(b"cd")
    assert caught.value.place == 2


def test_what_comes_first_is_told():
    with pytest.raises(BadByte):
        EncodingCheck("utf-8").feed(b"a\xff\0")
    with pytest.raises(Nul):
        EncodingCheck("utf-8").feed(b"a\0\xff")


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("abc", 0, (1, 1)),
        ("abc", 2, (1, 3)),
        ("a\nb", 2, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\rb", 2, (2, 1)),
        ("\n\n\n", 2, (3, 1)),
        ("\ufeffab", 4, (1, 2)),
        ("öäü\nßé", 9, (2, 2)),
        ("a\r\n" * 400_000 + "é", 1_200_000, (400_001, 1)),
        ("é" * 600_000, 1_199_998, (1, 600_000)),
    ],
)
def test_places_count_characters_as_an_editor_does(text, place, expected):
    data = text.encode()
    state = [0]

    def read(size):
        state[0] += size
        return data[state[0] - size : state[0]]

    assert place_of(place, read, encoding="utf-8") == expected
