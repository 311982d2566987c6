"""Lines of styled text: measured in terminal cells, wrapped, cut and coloured. Rich's tables at work.

A line knows its words and their styles, not what they mean. Foreign text must be escaped before it
becomes part of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.color import ColorSystem
from rich.style import Style as RichStyle

MARGIN: Final = 2
"""Cells that one level of indentation takes."""


class Style(Enum):
    """What a piece of text is; the value is how rich shows it."""

    PLAIN = ""
    STRONG = "bold"
    FAINT = "dim"
    GOOD = "green"
    CHANGE = "yellow"
    BAD = "red"
    ALARM = "bold red"
    COMMAND = "cyan"


class Look(Struct, frozen=True):
    """How output is to look: `width` in cells, whether in colour, and whether every name is `whole`.

    Whole is what goes to a pipe or a file: there nothing is shortened, and what is searched for as one line
    is one.
    """

    width: int = 80
    colour: bool = False
    whole: bool = False


class Piece(Struct, frozen=True):
    """Text in one style."""

    text: str
    style: Style = Style.PLAIN


class Line(Struct, frozen=True):
    """Pieces after an indentation of `indent` cells."""

    pieces: tuple[Piece, ...] = ()
    indent: int = 0


BLANK: Final = Line()


def line(*parts: str | Piece, indent: int = 0) -> Line:
    """A line of pieces; plain texts may stand for plain pieces."""
    return Line(tuple(Piece(part) if isinstance(part, str) else part for part in parts), indent)


def paragraph(
    text: str | Sequence[str], *, width: int, indent: int = 0, style: Style = Style.PLAIN, hang: int = 0
) -> list[Line]:
    """The text wrapped at its spaces; lines after the first stand `hang` cells further in.

    Several texts are parted by a dot that never begins a line. A word that is too long for any line keeps
    its own line and is not cut.
    """
    lines: list[Line] = []
    words: list[str] = []
    used = 0
    for word in _words([text] if isinstance(text, str) else text):
        inner = indent + (hang if lines else 0)
        size = cell_len(word)
        if words and inner + used + 1 + size > width:
            lines.append(line(Piece(" ".join(words), style), indent=inner))
            words, used = [], 0
        used += size + (1 if words else 0)
        words.append(word)
    lines.append(line(Piece(" ".join(words), style), indent=indent + (hang if lines else 0)))
    return lines


def sentence(
    text: str, look: Look, *, style: Style = Style.PLAIN, indent: int = 0, hang: int = 0
) -> list[Line]:
    """The text as one line where every line is whole; else wrapped at its spaces."""
    if look.whole:
        return [line(Piece(text, style), indent=indent)]
    return paragraph(text, width=look.width, indent=indent, style=style, hang=hang)


def _words(texts: Sequence[str]) -> Iterable[str]:
    for index, text in enumerate(texts):
        *head, last = text.split(" ")
        yield from head
        yield f"{last} ·" if index < len(texts) - 1 else last


def shortened(text: str, cells: int) -> str:
    """The text in at most so many cells; `…` in its middle stands for what was cut.

    Both ends are kept: what tells two names apart is often at the end.
    """
    if cell_len(text) <= cells:
        return text
    room = max(cells - 1, 2)
    tail = room // 3
    return set_cell_size(text, room - tail).rstrip() + "…" + _last(text, tail)


def size_of(text: str) -> int:
    """Cells that the text takes on a terminal."""
    return cell_len(text)


def padded(text: str, cells: int) -> str:
    """The text with blanks up to so many cells; longer texts stay as they are."""
    return text + " " * max(0, cells - cell_len(text))


def render(lines: Iterable[Line], look: Look) -> str:
    """The lines as one text that ends in a newline (empty if there are none)."""
    return "".join(f"{_rendered(one, look)}\n" for one in lines)


def columns(rows: Sequence[Sequence[str]], *, gap: int = 2, last_free: bool = True) -> list[list[str]]:
    """The rows, each column padded to its widest cell; the last one is left as it is if `last_free`."""
    if not rows:
        return []
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(rows[0]))]
    padding = [width + gap for width in widths]
    if last_free:
        padding[-1] = 0
    return [[padded(cell, width) for cell, width in zip(row, padding, strict=True)] for row in rows]


def _rendered(one: Line, look: Look) -> str:
    if not look.colour:
        return (" " * one.indent + "".join(piece.text for piece in one.pieces)).rstrip()
    return " " * one.indent + "".join(_coloured(piece) for piece in one.pieces)


def _coloured(piece: Piece) -> str:
    if piece.style is Style.PLAIN or not piece.text.strip():
        return piece.text
    return _rich(piece.style).render(piece.text, color_system=ColorSystem.STANDARD)


@lru_cache(maxsize=len(Style))
def _rich(style: Style) -> RichStyle:
    return RichStyle.parse(style.value)


def _last(text: str, cells: int) -> str:
    """The end of a text, at most so many cells."""
    end = text[-cells:] if cells else ""
    while cell_len(end) > cells:
        end = end[1:]
    return end
