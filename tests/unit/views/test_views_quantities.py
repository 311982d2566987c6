"""Numbers as people read them, and lines measured in cells."""

import pytest

from pmsync.views.lines import Look, Piece, Style, columns, line, paragraph, render, shortened, size_of
from pmsync.views.quantities import count, seconds, size


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1_023, "1023 B"),
        (1_024, "1.0 KiB"),
        (1_048_524, "1,023.9 KiB"),
        (1_048_575, "1.0 MiB"),
        (5 * 1024**3, "5.0 GiB"),
        (3 * 1024**5, "3,072.0 TiB"),
    ],
)
def test_bytes_are_binary_units(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.44, "0.4 s"), (12.3, "12 s"), (200, "3 min 20 s"), (7_500, "2 h 05 min")],
)
def test_seconds_are_said_shortly(number: float, text: str) -> None:
    assert seconds(number) == text


def test_counts_have_separators_and_plurals() -> None:
    assert count(1, "row") == "1 row"
    assert count(12_431, "row") == "12,431 rows"
    assert count(2, "entry", "entries") == "2 entries"


def test_a_short_text_is_not_shortened() -> None:
    assert shortened("abc", 3) == "abc"


@pytest.mark.parametrize("cells", [3, 4, 5, 10, 21])
@pytest.mark.parametrize("text", ["x" * 100, "全" * 100, "a全" * 50])
def test_a_shortened_text_fits(text: str, cells: int) -> None:
    assert size_of(shortened(text, cells)) <= cells
    assert "…" in shortened(text, cells)


def test_a_word_that_fits_no_line_keeps_its_own() -> None:
    lines = paragraph("a " + "x" * 30 + " b", width=10, indent=2)
    assert render(lines, Look(10)) == f"  a\n  {'x' * 30}\n  b\n"


def test_no_line_of_several_texts_begins_with_their_dot() -> None:
    text = render(paragraph(["aaa bbb", "ccc", "ddd eee"], width=9), Look(9))
    assert text == "aaa bbb ·\nccc · ddd\neee\n"


def test_columns_of_nothing_are_nothing() -> None:
    assert columns([]) == []
    assert columns([["a", "b"]], last_free=False) == [["a  ", "b  "]]


def test_blanks_are_not_coloured() -> None:
    assert render([line(Piece("  ", Style.BAD), Piece("x", Style.BAD))], Look(80, colour=True)) == (
        "  \x1b[31mx\x1b[0m\n"
    )
