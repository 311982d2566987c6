"""The first sheet of a workbook: its first row, and how many rows with a filled cell follow.

This module must not know limits of memory and time, only that they are there.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import dropwhile, islice
from typing import Final, NamedTuple

import python_calamine

from .biff import errors_of_first_sheet
from .compound import Compound
from .extent import Errors
from .kinds import workbook_stream
from .limits import MAX_CELLS, MAX_HEADER
from .package import Ready, prepared
from .refused import Refused
from .sheets import Other, better, first_filled, is_filled, others_of, require_front, text_of

_FIRST_ROWS: Final = 100
_MOST_BEYOND: Final = 10


class Table(NamedTuple):
    """What the first sheet holds; `others` are sheets with rows that are not loaded.

    `beyond`: columns from 0 behind the header's last that hold something in one of the first rows.
    """

    rows: int
    header: list[str]
    beyond: list[int]
    errors: Errors
    others: list[Other]


def read_table(data: bytes, kind: str) -> Table:
    """The table of a workbook of that kind; Refused if there is none, or it cannot be read."""
    data, errors, large = _prepared(data, kind)
    try:
        with _opened(data) as workbook:
            require_front(workbook, large)
            sheet = _Sheet(workbook.get_sheet_by_index(0), errors)
            header = sheet.header()
            rows, beyond = sheet.filled_rows() if header else 0, sheet.beyond(len(header))
            del sheet  # its memory is for the next one
            others, name = others_of(workbook, large), workbook.sheet_names[0]
    except python_calamine.PasswordError as problem:
        raise Refused("password") from problem
    if not header:
        raise Refused("empty first" if others else "empty", sheets=[name, *better(others)])
    return Table(rows, header, beyond, errors, others)


def _opened(data: bytes) -> python_calamine.CalamineWorkbook:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))


def _prepared(data: bytes, kind: str) -> Ready:
    if kind != "xls":
        return prepared(data)
    compound = Compound(data)
    name = workbook_stream(compound)
    return Ready(data, Errors() if name is None else errors_of_first_sheet(compound.stream(name)))


class _Sheet:
    """The library's rows of the first sheet, with the error cells that it leaves out; from row 0 on."""

    def __init__(self, sheet: python_calamine.CalamineSheet, errors: Errors) -> None:
        if sheet.total_height * sheet.total_width > MAX_CELLS:
            raise Refused("area", height=sheet.total_height, width=sheet.total_width)
        self._sheet = sheet
        self._errors = errors
        self._left: int = 0 if sheet.start is None else sheet.start[1]

    def header(self) -> list[str]:
        """The texts of the first row, which begins in A1; none if the sheet holds nothing at all."""
        first = self._first_cell()
        if first is None:
            return []
        if first[0] or not self._has_first_column():
            raise Refused("place", row=first[0] + 1, column=first[1] + 1)
        if 0 in self._errors.rows:
            raise Refused("error header", column=self._errors.first[1] + 1)
        self._require_no_title()
        cells = [""] * self._left + [text_of(cell) for cell in next(self._rows())]
        while cells and not is_filled(cells[-1]):
            cells.pop()
        if sum(map(len, cells)) + len(cells) > MAX_HEADER:
            raise Refused("header")
        return cells

    def filled_rows(self) -> int:
        """How many rows below the first one have a filled cell, be it an error."""
        rows, unseen = 0, set(self._errors.rows)
        for number, row in enumerate(self._rows()):
            if number and any(map(is_filled, row)):
                rows += 1
                unseen.discard(number)
        return rows + len(unseen)

    def beyond(self, width: int) -> list[int]:
        """The columns from `width` on in which one of the first rows has a filled cell."""
        rows = islice(self._rows(), _FIRST_ROWS)
        cells = (pair for row in rows for pair in enumerate(row, self._left) if pair[0] >= width)
        found = {column for column, cell in cells if is_filled(cell)}
        found.update(column for column in self._errors.columns if column >= width)
        return sorted(found)[:_MOST_BEYOND]

    def _require_no_title(self) -> None:
        """Refused if the first row has one cell, and a table of more columns begins below it."""
        counts = [(n, sum(map(is_filled, row))) for n, row in enumerate(islice(self._rows(), _FIRST_ROWS), 1)]
        (_, first), *below = [pair for pair in counts if pair[1]]
        table = list(dropwhile(lambda pair: pair[1] == 1, below))
        wide = sum(count > 1 for _, count in table)
        if first == 1 and wide > 1 and wide * 2 > len(table):
            raise Refused("title", row=table[0][0], width=table[0][1])

    def _first_cell(self) -> tuple[int, int] | None:
        """Row and column of the first filled cell, row by row."""
        found = [self._errors.first] if self._errors.count else []
        for number, row in enumerate(self._rows()):
            at = first_filled(row)
            if at is not None:
                found.append((number, self._left + at))
                break
        return min(found, default=None)

    def _has_first_column(self) -> bool:
        rows = self._rows() if not self._left else iter(())
        return any(is_filled(row[0]) for row in rows) or 0 in self._errors.columns

    def _rows(self) -> Iterator[Sequence[object]]:
        return iter(()) if self._sheet.start is None else self._sheet.iter_rows()
