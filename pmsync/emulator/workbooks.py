"""The rows of a workbook's first sheet, whatever its format: a reader for each, all of them bounded.

Whatever is wrong with a workbook is one error here: the libraries let through what a broken file raises in
them. Knows nothing of columns and types.
"""

import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pmsync.emulator.cells import Row, UnreadableError

Rows = Generator[Row, None, None]

WORKBOOKS: Final = frozenset((".xlsx", ".xls", ".xlsb"))

# A full sheet of ordinary rows takes a few hundred megabytes; a bomb of a few kilobytes can claim terabytes.
_MOST_UNPACKED: Final = 2 << 30


@contextmanager
def workbook_rows(path: Path, suffix: str) -> Iterator[Rows]:
    """The rows of the first sheet. Where it is none, raises UnreadableError, also while rows are read."""
    try:
        if suffix != ".xls":
            _check_size(path)
        rows = _reader(suffix)(path)
        try:
            yield rows
        finally:
            rows.close()
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(f"not a workbook: {type(error).__name__}") from error


def _reader(suffix: str) -> Callable[[Path], Rows]:
    # Loaded here: they take longer than starting the emulator, and most emulators never see a workbook.
    from pmsync.emulator import xls, xlsb, xlsx  # noqa: PLC0415

    return {".xlsx": xlsx.rows, ".xls": xls.rows, ".xlsb": xlsb.rows}[suffix]


def _check_size(path: Path) -> None:
    """Refuse what unpacks to more than a workbook can need; zipfile holds a part to the size it claims."""
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > _MOST_UNPACKED:
            raise UnreadableError("a workbook that is too large")
