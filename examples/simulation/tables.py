"""Tables, and how they become the bytes of CSV files: by an English program, or by a German one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from simulation.course import Event

Cell = str | int | Decimal | datetime | date
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What one file holds."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a program writes CSV. `mark`: the byte order mark that Excel wants to see UTF-8 in a file."""

    delimiter: str
    decimal: str
    moment: str
    day: str
    newline: str
    mark: bytes


ENGLISH: Final = Dialect(",", ".", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "\n", b"")
GERMAN: Final = Dialect(";", ",", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y", "\r\n", b"\xef\xbb\xbf")

ENGLISH_LOG: Final = ("case_id", "activity", "timestamp", "resource", "team", "cost", "comment")
GERMAN_LOG: Final = ("Vorgang", "Aktivität", "Zeitpunkt", "Bearbeiter", "Team", "Kosten", "Bemerkung")


def log_table(events: Iterable[Event], columns: tuple[str, ...] = ENGLISH_LOG) -> Table:
    """An event log, one event a row."""
    rows = ((e.case, e.activity, e.time, e.person, e.team, e.cost, e.comment) for e in events)
    return Table(columns, tuple(rows))


def csv_file(table: Table, dialect: Dialect = ENGLISH) -> bytes:
    """The table as that program writes it; cells with delimiters, quotes or newlines stand in quotes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.newline)
    show = _shown_by(dialect)
    writer.writerow(table.columns)
    writer.writerows([show(cell) for cell in row] for row in table.rows)
    return dialect.mark + text.getvalue().encode()


def _shown_by(dialect: Dialect) -> Callable[[Cell], str]:
    def shown(cell: Cell) -> str:
        match cell:
            case datetime():
                return cell.strftime(dialect.moment)
            case date():
                return cell.strftime(dialect.day)
            case Decimal():
                return str(cell).replace(".", dialect.decimal)
            case _:
                return str(cell)

    return shown
