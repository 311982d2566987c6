"""What makes a text no table although it begins like one, and where; without words for it.

Places count bytes from the start of the file. This module must not know lines, columns or messages.
"""

from __future__ import annotations

from typing import Final


class _Flaw(Exception):
    """Something in a text that stops its reading; `place` is where it is."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class OpenQuote(_Flaw):
    """A quote opens a cell and none closes it."""


class SwallowedRows(_Flaw):
    """A quote opens a cell that goes on over line ends until the next quote, which is not the cell's end."""

    def __init__(self, place: int, closed: int) -> None:
        super().__init__(place)
        self.closed = closed


class Nul(_Flaw):
    """A NUL byte."""


class BadByte(_Flaw):
    """A byte that means nothing in the file's encoding; `around` is what it stands in."""

    def __init__(self, place: int, byte: int, around: bytes) -> None:
        super().__init__(place)
        self.byte = byte
        self.around = around


class Conflict(_Flaw):
    """The first of three merge conflict markers."""


FLAWS: Final = (OpenQuote, SwallowedRows, Nul, BadByte, Conflict)
Flaw = OpenQuote | SwallowedRows | Nul | BadByte | Conflict
