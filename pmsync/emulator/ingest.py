"""Reads an uploaded file the way a tenant would: CSV, TSV or XLSX to its columns and its number of rows.

Has readers of its own, on purpose: a row is a record with a non-empty cell, the first such record is the
header and no row. Knows nothing of tenants and datatables.
"""

import csv
import itertools
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from pmsync.emulator.columntypes import TypeJudge
from pmsync.emulator.records import Column, ColumnType, Content

_WORKBOOKS: Final = (".xlsx", ".xlsm")
_TABBED: Final = (".tsv", ".tab")

# Text and amounts contain commas more often than semicolons, and semicolons more often than tabs: of two
# delimiters that fit equally well, the rarer character is the likelier one.
_DELIMITERS: Final = "\t;,"

_SNIFFED_RECORDS: Final = 20
_TYPED_RECORDS: Final = 10_000


class UnreadableError(Exception):
    """The file holds no table; the text says why."""


def read_table(path: Path, file_name: str) -> Content:
    """What the file holds, its format told by the name it was uploaded under.

    Raises UnreadableError where that is no table.
    """
    suffix = Path(file_name).suffix.lower()
    if suffix in _WORKBOOKS:
        return _read_workbook(path)
    return _read_text(path, "\t" if suffix in _TABBED else None)


def _read_text(path: Path, delimiter: str | None) -> Content:
    encoding = _encoding(path)
    try:
        separator = delimiter or _sniffed_delimiter(path, encoding)
        with path.open(encoding=encoding, newline="") as text:
            return _content(csv.reader(text, delimiter=separator), decimal_comma=separator == ";")
    except csv.Error as error:
        raise UnreadableError(f"not delimited text: {error}") from error


def _encoding(path: Path) -> str:
    """UTF-8 and UTF-16 by their marks, UTF-8 if it decodes, else Latin-1, which always does."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in start:
        raise UnreadableError("binary data")
    try:
        with path.open(encoding="utf-8", newline="") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _sniffed_delimiter(path: Path, encoding: str) -> str:
    """The delimiter under which the first records agree most, then the one that gives most columns."""

    def fit(delimiter: str) -> tuple[int, int]:
        with path.open(encoding=encoding, newline="") as text:
            filled = _filled(csv.reader(text, delimiter=delimiter))
            widths = [len(record) for record in itertools.islice(filled, _SNIFFED_RECORDS)]
        if not widths or widths[0] == 1:
            return (0, 0)
        return (widths.count(widths[0]), widths[0])

    fits = {delimiter: fit(delimiter) for delimiter in _DELIMITERS}
    return max(fits, key=fits.__getitem__) if any(map(any, fits.values())) else ","


def _read_workbook(path: Path) -> Content:
    # Loaded here: it takes longer than starting the emulator, and most emulators never see a workbook.
    from openpyxl import load_workbook  # noqa: PLC0415

    try:
        # openpyxl warns of styles it does not know; whoever uploads cannot act on that.
        with path.open("rb") as file, warnings.catch_warnings(action="ignore"):
            workbook = load_workbook(file, read_only=True, data_only=True)
            sheet = workbook.worksheets[0]
            sheet.reset_dimensions()  # some writers state a size that is not true
            return _content(sheet.iter_rows(values_only=True), decimal_comma=False)
    except UnreadableError:
        raise
    except Exception as error:  # openpyxl lets through whatever a broken archive or XML raises
        raise UnreadableError(f"not a workbook: {type(error).__name__}") from error


def _content(records: Iterable[Sequence[object]], *, decimal_comma: bool) -> Content:
    filled = _filled(records)
    header = next(filled, None)
    if header is None:
        raise UnreadableError("no header")
    names = [
        str(cell).strip() if _is_filled(cell) else f"column_{n}" for n, cell in enumerate(header, start=1)
    ]
    judges = [TypeJudge(decimal_comma=decimal_comma) for _ in names]
    typed = 0
    # Types are judged by the first records, as a tenant would have to; only counting goes to the end.
    for record in itertools.islice(filled, _TYPED_RECORDS):
        typed += 1
        for judge, cell in zip(judges, record, strict=False):
            _judge(judge, cell)
    columns = tuple(Column(name, judge.type) for name, judge in zip(names, judges, strict=True))
    return Content(columns, typed + sum(1 for _ in filled))


def _filled(records: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    return (record for record in records if any(map(_is_filled, record)))


def _is_filled(cell: object) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _judge(judge: TypeJudge, cell: object) -> None:
    if isinstance(cell, str):
        judge.see(cell)
    elif cell is not None:
        judge.see_type(_type_of_value(cell))


def _type_of_value(cell: object) -> ColumnType:
    match cell:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float() | Decimal():
            return "number"
        case date():
            return "datetime"
        case _:
            return "string"  # a time of day is no moment
