"""Workbooks of each format with every kind of cell."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from corpus.case import Case, is_filled, names
from legacy import Fault, Formula, Styled, xls_of, xlsb_of
from modern import xlsx_of_sheets

WRITERS = {"xlsx": xlsx_of_sheets, "xls": xls_of, "xlsb": xlsb_of}

CELLS: dict[str, object] = {
    "text": "x",
    "spaced": " x ",
    "umlaut": "Größe 名",
    "no-break": "\N{NO-BREAK SPACE}",
    "blank": " \t ",
    "empty": "",
    "newline": "a\nb",
    "styled": Styled(),
    "zero": 0,
    "whole": 42,
    "large": 2**40,
    "negative": -17,
    "fraction": 0.1,
    "true": True,
    "false": False,
    "date": date(2024, 1, 31),
    "moment": datetime(2024, 1, 31, 23, 59, 59),
    "first day": date(1900, 3, 1),
    "time": time(10, 30),
    "midnight": time(0, 0),
    "hours": timedelta(hours=30, minutes=5),
    "error": Fault("#N/A"),
    "division": Fault("#DIV/0!"),
    "sum": Formula(3.5),
    "joined": Formula("ab"),
    "nothing": Formula(""),
    "untrue": Formula(False),
    "broken": Formula(Fault("#REF!")),
}
_HEADERS: dict[str, tuple[object, str]] = {
    "number": (2024, "2024"),
    "float": (2024.0, "2024"),
    "fraction": (2.5, "2.5"),
    "truth": (True, "TRUE"),
    "date": (date(2024, 1, 31), "2024-01-31"),
    "moment": (datetime(2024, 1, 31, 10, 30), "2024-01-31 10:30:00"),
    "time": (time(10, 30), "10:30:00"),
    "formula": (Formula("sum"), "sum"),
    "spaced": ("  a b ", "a b"),
    "gap": (None, ""),
    "blank": (" ", ""),
    "same": ("case", "case"),
}


def books() -> Iterator[Case]:
    for suffix in WRITERS:
        for name, cell in CELLS.items():
            yield book(suffix, name, [["case", "b"], ["c1", "x"], [None, cell], [], [cell, None]])
        for name, (cell, text) in _HEADERS.items():
            rows = [["case", cell, "end"], ["c1", 1, 2]]
            yield book(suffix, f"header-{name}", rows, columns=["case", text, "end"])
        yield from _shapes(suffix)
        yield from _sheets(suffix)


def book(
    suffix: str, name: str, rows: Sequence[Sequence[object]], columns: Sequence[str] | None = None, **more
) -> Case:
    header = columns if columns is not None else names([str(cell or "") for cell in rows[0]])
    data = WRITERS[suffix]({"S": rows}, **more)
    return Case(f"{name}.{suffix}", data, rows=sum(any(map(_fills, row)) for row in rows[1:]), columns=header)


def _fills(cell: object) -> bool:
    match cell:
        case None | Styled():
            return False
        case Formula(value):
            return _fills(value)
        case str():
            return is_filled(cell)
    return True


def _shapes(suffix: str) -> Iterator[Case]:
    for seed, (width, height) in enumerate([(1, 5), (2, 1), (30, 50), (250, 20), (3, 2_000), (2, 0)]):
        rng = random.Random(seed)
        rows: list[list[object]] = [[f"column {at}" for at in range(width)]]
        rows += [[rng.choice(list(CELLS.values())) for _ in range(width)] for _ in range(height)]
        yield book(suffix, f"shape-{width}x{height}", rows)
    ragged = [["a", "b", "c"], [1], [None, None, 3], [], [1, 2, 3, 4, 5], [None, " "]]
    yield book(suffix, "ragged", ragged)
    yield book(suffix, "trailing", [["a", "b", None, " "], [1, 2]])
    yield book(suffix, "since-1904", [["a", date(2024, 1, 31)], [1, 2]], ["a", "2024-01-31"], since_1904=True)


def _sheets(suffix: str) -> Iterator[Case]:
    table, other = [["case", "b"], ["c1", 1]], [["never"], ["looked"], ["at"]]
    write = WRITERS[suffix]
    yield Case(f"two.{suffix}", write({"S": table, "T": other}), rows=1, columns=["case", "b"])
    hidden = write({"S": table, "T": other}, states={"S": 1})
    yield Case(f"hidden-first.{suffix}", hidden, refused="PM231")
    yield Case(f"empty-first.{suffix}", write({"S": [], "T": other}), refused="PM231")
    yield Case(f"all-empty.{suffix}", write({"S": []}), refused="PM210")
    yield Case(f"shifted.{suffix}", write({"S": [[], [None, "case"], [None, "c1"]]}), refused="PM233")
    yield Case(f"error-name.{suffix}", write({"S": [["a", Fault("#N/A")], [1, 2]]}), refused="PM210")
    title = [["Orders of 2024"], [], ["case", "b"], ["c1", 1], ["c2", 2]]
    yield Case(f"title.{suffix}", write({"S": title}), refused="PM224")
    yield Case(f"numbers.{suffix}", write({"S": [[1, 2.5], [1, 2]]}), refused="PM210")
