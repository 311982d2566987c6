"""Chooses the delimiter of a text: the one that splits its first records most evenly, quotes heeded.

This module must not know files, nor what is wrong with a header.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Final, NamedTuple

DELIMITERS: Final = (",", ";", "\t")
FOREIGN: Final = ("|", "^", "~", "\x1f", "\x01", "¦")
"""What other programs split by, and ProcessMind does not."""

BLANK: Final = " \t\n\r\v\f"
"""White space of a cell that holds nothing."""

_RECORDS: Final = 100
_CHARACTERS: Final = 64 * 1024
_EVEN: Final = 0.9
"""Part of the records that a delimiter which is not ours must split alike."""


class Split(NamedTuple):
    """The first records of a text by one delimiter, blank ones left out.

    `above`: those at the start in which one cell at most holds something; below is the table. `width`: cells
    of most records of the table. `share`: part of all records that have as many.
    """

    delimiter: str
    rows: Sequence[Sequence[str]]
    above: int
    width: int
    share: float

    @property
    def table(self) -> Sequence[Sequence[str]]:
        return self.rows[self.above :]

    @property
    def fits(self) -> bool:
        """Whether the first record has as many cells as most, two at least."""
        return self.above == 0 and self.width > 1 and len(self.rows[0]) == self.width

    @property
    def even(self) -> bool:
        """Whether all records, two at least, have the same cells, and two columns at least hold something."""
        return self.fits and self.share == 1.0 and len(self.rows) > 1 and self._filled_columns() > 1

    @property
    def prose(self) -> bool:
        """Whether each cell but a record's first begins with a space: so commas stand in sentences."""
        return all(cell.startswith(" ") for row in self.rows for cell in row[1:])

    @property
    def torn(self) -> bool:
        """Whether a quoted cell by another delimiter lies within a cell of this one."""
        edges = [edge for one in DELIMITERS if one != self.delimiter for edge in (f'{one}"', f'"{one}')]
        return any(edge in cell for row in self.rows for cell in row if '"' in cell for edge in edges)

    def _filled_columns(self) -> int:
        return sum(any(map(_holds, column)) for column in zip(*self.rows, strict=True))


def split_by(text: str, delimiter: str, *, whole: bool) -> Split:
    """The first records of a text that begins so; what is cut off is left out, a lone record never."""
    rows = _records(text, delimiter)
    if len(rows) > 1 and (len(rows) > _RECORDS or not whole or len(text) > _CHARACTERS):
        rows.pop()
    filled = [row for row in rows if _holds("".join(row))]
    above = next((at for at, row in enumerate(filled) if sum(map(_holds, row)) > 1), 0)
    widths = Counter(map(len, filled[above:])).most_common(1) or [(0, 0)]
    return Split(delimiter, filled, above, widths[0][0], widths[0][1] / max(len(filled), 1))


def best_of(text: str, *, whole: bool) -> Split:
    """The split by the delimiter that fits best; one that makes a single column if none does."""
    # Of two that fit alike the rarer character is the likelier one: the first of equals is chosen.
    splits = [split_by(text, one, whole=whole) for one in reversed(DELIMITERS) if one in text]
    wide = [split for split in splits if split.rows and (split.width > 1 or len(split.rows[0]) > 1)]
    return max(wide, key=_rank) if wide else split_by(text, DELIMITERS[0], whole=whole)


def foreign_to(best: Split, text: str, *, whole: bool) -> str | None:
    """The delimiter that splits a text where ours do not; None if there is none, or it is not certain."""
    if best.fits:
        return None
    for delimiter in FOREIGN:
        if delimiter not in text:
            continue
        split = split_by(text, delimiter, whole=whole)
        sure = len(split.rows) > 1 or delimiter == FOREIGN[0]
        if split.fits and split.share >= _EVEN and sure:
            return delimiter
    return None


def _rank(split: Split) -> tuple[bool, bool, float, bool, bool, int, int]:
    """A tab is hardly ever text, and a semicolon less often than a comma."""
    whole = not (split.prose or split.torn)
    order = DELIMITERS.index(split.delimiter)
    return split.fits, split.width > 1, split.share, whole, split.delimiter == "\t", split.width, order


def _holds(cell: str) -> bool:
    return bool(cell.strip(BLANK))


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Records as csv sees them, as far as it can: a cell of more than 128 KiB ends them."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        reader = csv.reader(io.StringIO(text[:_CHARACTERS], newline=""), delimiter=delimiter)
        rows.extend(islice(reader, _RECORDS + 1))
    return rows
