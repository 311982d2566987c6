"""Records are counted as Python's csv module sees them, wherever the blocks are cut."""

from __future__ import annotations

import csv
import io
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmsync.sources import records
from pmsync.sources.flaws import Conflict, OpenQuote, SwallowedRows
from pmsync.sources.records import RecordCounter

BLANK = " \t\r\n\v\f"


def told_by_csv(text: str, delimiter: str = ",") -> int:
    """The definition: rows of which a cell holds something other than ASCII white space."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return sum(any(cell.strip(BLANK) for cell in row) for row in rows)


def flaw_of(text: str, delimiter: str = ",") -> tuple[int, int | None] | None:
    """The place of the first quote that takes in lines or is never closed, step by step; and where it closes."""
    ends = delimiter + "\r\n"
    at, start = 0, True
    while at < len(text):
        if text[at] != '"' or not start:
            start = text[at] in ends
            at += 1
            continue
        close = at + 1
        while close < len(text) and (text[close] != '"' or text[close + 1 : close + 2] == '"'):
            close += 1 + (text[close] == '"')
        if close >= len(text):
            return at, None
        after = text[close + 1 :].lstrip(" " if delimiter == "\t" else " \t")
        if {*"\r\n"} & {*text[at:close]} and after and after[0] not in ends:
            return at, close
        at, start = close + 1, False
    return None


def counted(text: str | bytes, delimiter: str = ",", cuts: tuple[int, ...] = ()) -> int:
    counter = RecordCounter(delimiter.encode())
    data = text.encode() if isinstance(text, str) else text
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        counter.feed(data[start:end])
    return counter.finish()


def outcome(text: str, delimiter: str = ",", cuts: tuple[int, ...] = ()):
    """The count, or where a quote is wrong."""
    try:
        return counted(text, delimiter, cuts)
    except OpenQuote as flaw:
        return flaw.place, None
    except SwallowedRows as flaw:
        return flaw.place, flaw.closed


def expected(text: str, delimiter: str = ","):
    return flaw_of(text, delimiter) or told_by_csv(text, delimiter)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", 0),
        ("\n\r\n\r", 0),
        ("a,b\n", 1),
        ("a,b", 1),
        ("a\r\nb\rc\nd", 4),
        ("a\n\n\nb\n", 2),
        ('a\n,,\n , \t\n"",""\nb\n', 2),
        ('" ","\n"\nb\n', 1),
        ('a,"x\ny"\nb,c\n', 2),
        ('a,"x\r\n\r\ny"\r\nb\r\n', 2),
        ('a,"say ""hi""\n"\nb\n', 2),
        ('""""\n', 1),
        ('" "" "\n', 1),
        ('","\n', 1),
        ('"","",""\n" ,","",""\n"","",""\n', 1),
        ('"a"b"\nc\n', 2),
        ('"a"b",c\nd\n', 2),
        ('5" pipe,a\n6" pipe,b\n', 2),
        ('5" pipe,"a\nb"\n6" pipe,b\n', 2),
        (' "x\ny\n', 2),
        ('""x""\n"y"\n', 2),
        ('a,"x\ny" \nb,c\n', 2),
        ("é,ü\n", 1),
        ("\u00a0,\u00a0\n", 1),
        ("\x00\n", 1),
    ],
)
def test_counts_records_with_a_filled_cell(text, rows):
    assert counted(text) == rows == told_by_csv(text)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_line_of_delimiters_is_no_record(delimiter):
    assert counted(f"a{delimiter}b\n{delimiter}\n1{delimiter}2\n", delimiter) == 2


def test_lines_that_start_with_white_space_but_hold_something_count():
    assert counted(" a,b\n\tc,d\n,e\n;f\n") == 4


def test_a_return_and_its_newline_in_two_blocks_are_one_end():
    assert counted('a\r\n"\r\n"\r\nb', cuts=(2,)) == counted('a\r\n"\r\n"\r\nb', cuts=(2, 5, 8)) == 2


def test_a_block_that_is_only_a_newline_goes_with_the_return_before_it():
    assert counted("a\r\n\nb", cuts=(2, 3)) == 2


def test_an_empty_block_changes_nothing():
    counter = RecordCounter(b",")
    for block in (b"a\r", b"", b"\nb"):
        counter.feed(block)
    assert counter.finish() == 2


# quotes that are wrong


@pytest.mark.parametrize(
    ("text", "opened"),
    [('a,"never closed\nb\nc\n', 2), ('a,"', 2), ('"', 0), ('a,"b"\n1,"x\n2,""\n', 8), ('a,"b""', 2)],
)
def test_a_quote_that_is_never_closed_is_told_with_its_place(text, opened):
    with pytest.raises(OpenQuote) as caught:
        counted(text)
    assert caught.value.place == opened == flaw_of(text)[0]


def test_a_quote_that_is_closed_by_the_next_ones_opening_swallows_the_lines_between():
    with pytest.raises(SwallowedRows) as caught:
        counted('a,b\n1,"x\n2,"y"\n3,z\n')
    assert (caught.value.place, caught.value.closed) == (6, 11)


@pytest.mark.parametrize("lines", [1, 3, 20_000, 200_000])
def test_a_quote_is_told_however_many_lines_it_swallows(lines):
    text = 'a,b\n1,"x\n' + "2,y\n" * lines + '3,"z"\n'
    assert outcome(text) == (6, text.rindex(',"') + 1)


def test_a_quote_that_nothing_closes_in_many_pieces_is_told_with_its_place():
    assert outcome("a,b\n" * 100_000 + '1,"x\n' + "2,y\n" * 200_000) == (400_002, None)


def test_counting_begins_where_the_file_says():
    counter = RecordCounter(b",", at=3)
    counter.feed(b'a,"b')
    with pytest.raises(OpenQuote) as caught:
        counter.finish()
    assert caught.value.place == 5


# any text


_PIECES = st.sampled_from(
    [
        "a",
        "bc",
        '"',
        '"',
        '""',
        "D",
        "D",
        "\n",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\t",
        "é",
        '"x"D',
        '"\n"',
        "\v",
        "1",
        'D"',
        '"D',
        '"\r"D',
        '"a\nb"D',
        'x"',
        '"""',
        '\n"',
    ]
)


@given(
    pieces=st.lists(_PIECES, max_size=60),
    delimiter=st.sampled_from(",;\t"),
    cuts=st.lists(st.integers(0, 120), max_size=6),
)
def test_any_text_in_any_blocks_is_counted_as_the_csv_module_does(pieces, delimiter, cuts):
    text = "".join(pieces).replace("D", delimiter)
    cuts = tuple(len(text[:cut].encode()) for cut in cuts)
    found = outcome(text, delimiter, cuts)
    told = expected(text, delimiter)
    if isinstance(told, tuple):
        told = tuple(place if place is None else len(text[:place].encode()) for place in told)
    assert found == told


_OFTEN = ["a", "D", "D", "\n", "\r\n", "\r", " ", "\t", "\v", "é", '"', '""', '"""', 'y"']
_CELLS_OFTEN = ['"x"D', '"a\nb"D', '"D"D', '" "D', '"\r\n"D', '"x""y"D', '""D', '""\n', '"a"\n', 'x,"\n"\n']


@pytest.mark.parametrize("seed", range(150))
def test_texts_of_many_pieces_are_counted_as_the_csv_module_does_whatever_they_are_made_of(seed, monkeypatch):
    draw = random.Random(seed)
    monkeypatch.setattr(records, "_PIECE", draw.choice([256, 1 << 12, 96 << 10]))
    delimiter = draw.choice(",;\t")
    cells = [*draw.sample(_OFTEN, draw.randint(1, 8)), *draw.sample(_CELLS_OFTEN, draw.randint(0, 6))]
    record = draw.choices(cells, k=draw.choice([3, 30, 3000]))
    text, size = "", draw.choice([60, 6_000])
    while len(text) < size:
        text += "".join(draw.choices(record, k=draw.randint(1, 20))) + draw.choice(["", "\n"])
    text = text.replace("D", delimiter)
    found = outcome(text, delimiter, tuple(draw.choices(range(2 * size), k=3)))
    told = expected(text, delimiter)
    if isinstance(told, tuple):
        told = tuple(place if place is None else len(text[:place].encode()) for place in told)
    assert found == told


_CELLS = st.text(alphabet='ab ,;"\n\r', max_size=6)


@given(
    table=st.lists(st.lists(_CELLS, min_size=1, max_size=4), max_size=12),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    cut=st.integers(0, 200),
    times=st.sampled_from([1, 1, 400]),
)
def test_what_the_csv_module_wrote_is_counted_as_written(table, ending, cut, times):
    text = io.StringIO()
    csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(table)
    filled = sum(any(cell.strip() for cell in row) for row in table)
    assert counted(text.getvalue() * times, cuts=(cut,)) == filled * times


def test_a_text_of_many_pieces_is_counted_across_them():
    row = 'c1,"Pay\nnow",3\n'
    text = row * 40_000
    assert len(text) > 4 * records._PIECE
    assert counted(text) == 40_000


def test_a_cell_longer_than_a_piece_is_one_cell():
    text = 'a,"' + "x\n" * records._PIECE + '"\nb,c\n'
    assert counted(text) == 2


def test_a_line_longer_than_a_piece_is_one_record():
    assert counted("x" * 3 * records._PIECE + "\ny\n") == 2


@pytest.mark.parametrize(
    ("cell", "filled"),
    [("", 0), ("a", 1), (" ", 0), ('"a"', 1), ('""', 0), ('" "', 0), ('""""', 1), ('"a""b"', 1), ('5" x', 1)],
)
def test_a_record_of_more_cells_than_a_piece_holds_is_one(cell, filled):
    line = f"{cell}," * records._PIECE
    assert counted(f"{line}\n{line}\ny\n") == 2 * filled + 1


def test_a_run_of_quotes_longer_than_a_piece_is_one_cell():
    assert counted(b'"' * (4 * records._PIECE) + b"\ny\n") == 2
    assert outcome('"' * (4 * records._PIECE + 1) + "\ny\n") == (0, None)


# merge conflict markers

CONFLICT = "<<<<<<< HEAD\n1,2\n=======\n1,3\n>>>>>>> theirs\n"


@pytest.mark.parametrize("before", ["a,b\n", "a,b\n" * 100_000, 'a,"b\nc"\n', '"a","b"\n' * 50_000])
def test_the_three_markers_of_a_merge_conflict_are_told_with_the_place_of_the_first(before):
    for text in (CONFLICT, CONFLICT.replace("\n", "\r\n"), CONFLICT.rstrip("\n")):
        with pytest.raises(Conflict) as caught:
            counted(f"{before}{text}")
        assert caught.value.place == len(before)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n=======\n1,2\n",
        "a,b\n<<<<<<< x\n1,2\n",
        "a,b\n<<<<<<< x\n1,2\n>>>>>>> y\n=======\n",
        "a,b\n1,<<<<<<< x\n2,=======\n3,>>>>>>> y\n",
        f'a,b\n1,"{CONFLICT}"\n',
        f'"a","b"\n"1","{CONFLICT}"\n' * 30_000,
    ],
)
def test_lines_that_only_look_like_markers_are_data(text):
    assert counted(text) == told_by_csv(text)


def test_spaces_behind_a_cell_are_none_of_it_however_many_they_are():
    assert counted(f'a,"x\ny"{" " * 5000}\nb,c\n') == 2
    assert outcome(f'a,"x\ny"{" " * 5000}z\n') == (2, 6)
