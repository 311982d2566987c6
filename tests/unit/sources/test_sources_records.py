"""Records are counted as Python's csv module sees them, wherever the blocks are cut."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmsync.sources import records
from pmsync.sources.records import RecordCounter, RecordWalk


def told_by_csv(text: str, delimiter: str = ",") -> int:
    """The definition: rows of which a cell holds something other than ASCII white space."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return sum(any(cell.strip(" \t\r\n\v\f") for cell in row) for row in rows)


def counted(text: str, delimiter: str = ",", cuts: tuple[int, ...] = ()) -> int:
    counter = RecordCounter(delimiter.encode())
    data = text.encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        counter.feed(data[start:end])
    return counter.finish()


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
        ('"a"b"\nc"\n', 2),
        ('5" pipe,a\n6" pipe,b\n', 2),
        (' "x\ny"\n', 2),
        ('a,"never closed\nb\nc\n', 1),
        ('a,"', 1),
        (',"', 0),
        ('""x""\n"y"\n', 2),
        ("é,ü\n", 1),
        ("\x00\n", 1),
    ],
)
def test_counts_records_with_a_filled_cell(text, rows):
    assert counted(text) == rows == told_by_csv(text)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_line_of_delimiters_is_no_record(delimiter):
    assert counted(f"a{delimiter}b\n{delimiter}\n1{delimiter}2\n", delimiter) == 2


def test_lines_that_start_with_white_space_but_hold_something_count():
    assert counted(" a,b\n\tc,d\n,e\n;f\n") == 4


def test_a_return_and_its_newline_in_two_blocks_are_one_end():
    assert counted('a\r\n"\r\n"\r\nb', cuts=(2,)) == counted('a\r\n"\r\n"\r\nb', cuts=(2, 5, 8)) == 2


def test_a_block_that_is_only_a_newline_goes_with_the_return_before_it():
    assert counted("a\r\n\nb", cuts=(2, 3)) == 2


_PIECES = st.sampled_from(
    ["a", "bc", '"', '"', '""', "D", "D", "\n", "\n", "\r\n", "\r", " ", "\t", "é", '"x"D', '"\n"', "\v", "1"]
)


@given(
    pieces=st.lists(_PIECES, max_size=60),
    delimiter=st.sampled_from(",;\t|"),
    cuts=st.lists(st.integers(0, 120), max_size=6),
)
def test_any_text_in_any_blocks_is_counted_as_the_csv_module_does(pieces, delimiter, cuts):
    text = "".join(pieces).replace("D", delimiter)
    assert counted(text, delimiter, tuple(cuts)) == told_by_csv(text, delimiter)


_CELLS = st.text(alphabet='ab ,;"\n\r', max_size=6)


@given(
    table=st.lists(st.lists(_CELLS, min_size=1, max_size=4), max_size=12),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    cut=st.integers(0, 200),
)
def test_what_the_csv_module_wrote_is_counted_as_written(table, ending, cut):
    text = io.StringIO()
    csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(table)
    filled = sum(any(cell.strip() for cell in row) for row in table)
    assert counted(text.getvalue(), cuts=(cut,)) == filled


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


def test_an_empty_block_changes_nothing():
    counter = RecordCounter(b",")
    for block in (b"a\r", b"", b"\nb"):
        counter.feed(block)
    assert counter.finish() == 2


def test_a_walk_says_whether_it_stands_in_quotes():
    walk = RecordWalk(b",")
    assert walk.record(b'a,"b', 0) == 4
    assert walk.in_quotes
    assert walk.unfinished
