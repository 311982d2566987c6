"""Reads an uploaded file the way a tenant would: text and workbooks to columns and a number of rows.

Has readers of its own, on purpose: a row is a record with a filled cell, the first such record is the header
and no row. Knows nothing of tenants and datatables.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TextIO, TypeVar

from pmsync.emulator.cells import Row, UnreadableError, column_names, is_filled, type_of_value
from pmsync.emulator.columntypes import TypeJudge
from pmsync.emulator.delimited import Dialect, likeliest_dialect
from pmsync.emulator.records import Column, Content
from pmsync.emulator.workbooks import WORKBOOKS, workbook_rows

_Record = TypeVar("_Record")

_MACROS: Final = ".xlsm"
_TABBED: Final = (".tsv", ".tab")

# Windows-1252 leaves five bytes undefined; Latin-1 takes every byte.
_ENCODINGS: Final = ("utf-8-sig", "cp1252", "latin-1")

_TYPED_RECORDS: Final = 10_000


def read_table(path: Path, file_name: str) -> Content:
    """What the file holds, its format told by the name it was uploaded under.

    Raises UnreadableError where that is no table.
    """
    suffix = Path(file_name).suffix.lower()
    if suffix == _MACROS:
        raise UnreadableError("a workbook with macros")
    if suffix in WORKBOOKS:
        return _read_workbook(path, suffix)
    return _read_text(path, Dialect("\t") if suffix in _TABBED else None)


def _read_workbook(path: Path, suffix: str) -> Content:
    with workbook_rows(path, suffix) as rows:
        filled = (row for row in rows if any(map(is_filled, row.values())))
        return _content(filled, _cells_of_row, decimal_comma=False)


def _cells_of_row(row: Row) -> list[object]:
    return [row.get(column) for column in range(max(row) + 1)]


def _read_text(path: Path, dialect: Dialect | None) -> Content:
    reopen = partial(path.open, encoding=_encoding(path), newline="")
    dialect = dialect or likeliest_dialect(reopen)
    with reopen() as text:
        filled = filter(dialect.is_filled, dialect.records(text))
        return _content(filled, dialect.cells, decimal_comma=dialect.delimiter == ";")


def _encoding(path: Path) -> str:
    """UTF-16 by its mark, UTF-8 if it decodes, else what Windows writes, which nearly always does."""
    with path.open("rb") as file:
        start = file.read(2)
    marked = ("utf-16",) if start in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in marked:
        with path.open(encoding=encoding, newline="") as text:
            if _decodes(text):
                return encoding
    raise UnreadableError("binary data")


def _decodes(text: TextIO) -> bool:
    try:
        while block := text.read(1 << 20):
            if "\0" in block:
                raise UnreadableError("binary data")
    except UnicodeError:
        return False
    return True


def _content(
    filled: Iterator[_Record], cells: Callable[[_Record], Sequence[object]], *, decimal_comma: bool
) -> Content:
    header = next(filled, None)
    if header is None:
        raise UnreadableError("no header")
    names = column_names(cells(header))
    judges = [TypeJudge(decimal_comma=decimal_comma) for _ in names]
    typed = 0
    # Types are judged by the first records, as a tenant would have to; only counting goes to the end.
    for record in itertools.islice(filled, _TYPED_RECORDS):
        typed += 1
        for judge, cell in zip(judges, cells(record), strict=False):
            _judge(judge, cell)
    columns = tuple(Column(name, judge.type) for name, judge in zip(names, judges, strict=True))
    return Content(columns, typed + sum(1 for _ in filled))


def _judge(judge: TypeJudge, cell: object) -> None:
    if isinstance(cell, str):
        judge.see(cell)
    elif cell is not None:
        judge.see_type(type_of_value(cell))
