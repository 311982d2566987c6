"""Counts the records of an Excel workbook: the first sheet, its first row the header.

The reader unpacks everything into memory, and lays the used area out cell by cell: a small file can ask
for more memory than there is, which would end the process. So what it would unpack and lay out is measured
first. This module must not know where the bytes come from.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import python_calamine

from pmsync.errors import InputError
from pmsync.sources.declared import Declared
from pmsync.sources.header import columns_of

MAX_FILE: Final = 512 * 1024**2
"""Bytes of a workbook: all of it is held in memory."""

MAX_UNPACKED: Final = 2 * 1024**3
"""Bytes of its parts, unpacked."""

MAX_CELLS: Final = 32 * 1024**2
"""Rows times columns from A1 to the last cell: 1 GiB in the reader."""

_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 64
"""Bytes kept of the last chunk, so that no attribute is cut in two."""

_ROW: Final = re.compile(rb'<(?:\w+:)?(?:row|c)\s[^>]*?\br="[A-Z]*(\d+)"')
_COLUMN: Final = re.compile(rb'\br="([A-Z]{1,3})\d')
_CSV_HINT: Final = "save the sheet as CSV in UTF-8 instead"
_STRAY_HINT: Final = "delete cells far below or right of the data, or " + _CSV_HINT


def require_size(size: int, declared: Declared) -> None:
    """InputError if a workbook of that many bytes is more than is read into memory."""
    if size > MAX_FILE:
        raise declared.refused("PM213", f"has {size:,} bytes, too many for a workbook", _CSV_HINT)


def read_workbook(data: bytes, declared: Declared) -> tuple[int, tuple[str, ...]]:
    """Rows with a non-empty cell below the header, and the header's cells."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        _require_modest(data, declared)
    try:
        return _counted(_rows(data), declared)
    except InputError:
        raise
    except python_calamine.PasswordError as problem:
        raise declared.refused("PM212", "is protected by a password", "save it without one") from problem
    except Exception as problem:
        raise declared.refused("PM212", "cannot be read as an Excel workbook", _CSV_HINT) from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # what the reader's Rust code raises on its own faults
            raise
        raise declared.refused("PM212", "cannot be read as an Excel workbook", _CSV_HINT) from problem


def _rows(data: bytes) -> Iterator[Sequence[object]]:
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        sheet = workbook.get_sheet_by_index(0)
        if sheet.start is not None:
            yield from ([] for _ in range(sheet.start[0]))  # empty rows above the used area
            yield from sheet.iter_rows()


def _counted(rows: Iterator[Sequence[object]], declared: Declared) -> tuple[int, tuple[str, ...]]:
    columns = columns_of([_text(cell) for cell in next(rows, [])], declared)
    return sum(1 for row in rows if any(_text(cell).strip() for cell in row)), columns


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _require_modest(data: bytes, declared: Declared) -> None:
    """InputError if unpacking would take too much; what the archive says of itself is not believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                what = f"would unpack to more than {MAX_UNPACKED:,} bytes"
                raise declared.refused("PM213", what, _CSV_HINT)
            for part in parts:
                # Reading ends at the size that is declared and then compares checksums, so a part that
                # unpacks to more than it says is found out here and not in the reader.
                with archive.open(part) as stream:
                    _require_dense(iter(lambda s=stream: s.read(_CHUNK), b""), part.filename, declared)  # type: ignore[misc] # the default binds the stream
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as problem:
        raise declared.refused("PM212", "cannot be unpacked as an Excel workbook", _CSV_HINT) from problem


def _require_dense(chunks: Iterable[bytes], name: str, declared: Declared) -> None:
    """InputError if a sheet's used area is too large; parts that are no sheet are only unpacked."""
    is_sheet = "worksheets/" in name and name.endswith((".xml", ".bin"))
    if is_sheet and name.endswith(".bin"):
        height, width = _binary_extent(b"".join(chunks))
    else:
        height, width = _extent(chunks, is_sheet=is_sheet)
    if height * width > MAX_CELLS:
        what = f"uses an area of {height:,} rows and {width:,} columns, too large to be read"
        raise declared.refused("PM213", what, _STRAY_HINT)


def _extent(chunks: Iterable[bytes], *, is_sheet: bool) -> tuple[int, int]:
    """The last row and column that a sheet in XML names."""
    height, columns, tail = 0, set[bytes](), b""
    for chunk in chunks:
        if not is_sheet:
            continue
        text = tail + chunk
        height = max(height, max(map(int, set(_ROW.findall(text))), default=0))
        columns.update(_COLUMN.findall(text))
        tail = text[-_OVERLAP:]
    return height, max(map(_column_number, columns), default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _binary_extent(sheet: bytes) -> tuple[int, int]:
    """The last row and column of a sheet in XLSB: records of a type, a length (7 bits a byte) and data.

    Type 0 opens a row and starts with its number, types 1 to 11 are cells and start with their column.
    """
    height = width = at = 0
    while at + 2 < len(sheet):
        kind, at = _varint(sheet, at, 2)
        size, at = _varint(sheet, at, 4)
        number = int.from_bytes(sheet[at : at + 4], "little")
        if kind == 0:
            height = max(height, number + 1)
        elif kind <= 11:
            width = max(width, number + 1)
        at += size
    return height, width


def _varint(data: bytes, at: int, most: int) -> tuple[int, int]:
    number = 0
    for count in range(most):
        byte = data[at] if at < len(data) else 0
        number |= (byte & 0x7F) << (7 * count)
        at += 1
        if byte < 0x80:
            break
    return number, at
