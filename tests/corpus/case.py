"""One file of the corpus, and what whoever made it knows of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

WHITE = " \t\r\n\v\f"
"""What fills no cell."""


@dataclass(frozen=True)
class Case:
    """A file by its name and bytes.

    `rows` and `columns`: what is in it, where that is beyond doubt; an empty name is a column without one.
    `refused`: the code with which pmsync must refuse it. `differs`: why the emulator reads another table (each
    such reason stands in docs/sources.md).
    """

    name: str
    data: bytes
    encoding: str = "utf-8"
    rows: int | None = None
    columns: Sequence[str] | None = None
    refused: str = ""
    differs: str = ""

    @property
    def suffix(self) -> str:
        return self.name.rpartition(".")[2]


def by_csv(text: str, delimiter: str) -> list[list[str]]:
    """The records as Python's own reader sees them, whatever the length of a cell."""
    before = csv.field_size_limit(len(text) + 1)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    finally:
        csv.field_size_limit(before)


def is_filled(cell: str) -> bool:
    return bool(cell.strip(WHITE))


def filled(records: Sequence[Sequence[str]]) -> int:
    """How many of the records are rows."""
    return sum(any(map(is_filled, record)) for record in records)


def names(header: Sequence[str]) -> list[str]:
    """The columns' names as a header gives them: without white space around, and none behind the last."""
    found = [cell.strip(WHITE) for cell in header]
    while found and not found[-1]:
        found.pop()
    return found
