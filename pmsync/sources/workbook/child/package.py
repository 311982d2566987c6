"""What a workbook in a ZIP archive would unpack to and lay out, measured before the library reads it.

What the archive says of itself is not believed: each part is unpacked once, a block at a time, so that a
lie about its size is found here, and a sheet's cells are counted where the limits are known.
This module must not hold a part whole.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
import zlib
from collections.abc import Container, Iterable, Iterator
from typing import Final, NamedTuple

from .extent import Errors, Extent, binary_extent, counted_strings, errors_in_xml, xml_extent
from .limits import MAX_CELLS, MAX_PARTS, MAX_UNPACKED
from .parts import Book, blocks_of, book_of
from .refused import Refused
from .tidy import is_tidy, tidied

_READ: Final = (".xml", ".bin", ".rels")
"""Parts that the library may read; pictures and the like it leaves alone."""

_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    RuntimeError,
    NotImplementedError,
    OSError,
    ValueError,
)
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1


class Ready(NamedTuple):
    """A workbook for the library, the errors of its first sheet, and which others are too large to count."""

    data: bytes
    errors: Errors
    large: frozenset[int] = frozenset()


@contextlib.contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive, if it is a plain one; Refused if it is not, or something in it cannot be unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _require_plain(archive.infolist())
            yield archive
    except _BROKEN as problem:
        raise Refused("unpack") from problem


def prepared(data: bytes) -> Ready:
    """The workbook as the library can read it; Refused if that would take too much."""
    with opened(data) as archive:
        book = book_of(archive)
        errors, large = _measured(archive, book)
        if errors.unknown and book.kind == "xlsb":
            raise Refused("cell kind")
        if errors.unknown or not is_tidy(book):
            data = tidied(archive, book, errors_in=book.sheets[0] if errors.unknown else "")
        return Ready(data, errors, frozenset(at for at, name in enumerate(book.sheets) if name in large))


def _measured(archive: zipfile.ZipFile, book: Book) -> tuple[Errors, Container[str]]:
    """The errors of the first sheet, and which other sheets are too large to read."""
    errors, large = Errors(), set[str]()
    for part in archive.infolist():
        name = part.filename
        if not name.lower().endswith(_READ):
            continue
        is_first = name in book.sheets[:1]
        found = errors if is_first else Errors()
        extent = _extent(blocks_of(archive, name), name, found, sheet=name in book.sheets)
        if not _fits(extent):
            if name not in book.sheets[1:]:
                raise _too_large(extent)
            large.add(name)
        if is_first and extent.errors:
            errors = errors_in_xml(blocks_of(archive, name))
    return errors, large


def _require_plain(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS:
        raise Refused("parts", count=len(parts))
    names = {part.filename.replace("\\", "/").strip("/").lower() for part in parts}
    if len(names) < len(parts):
        raise Refused("twice")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise Refused("password")
    if any(part.compress_type not in _METHODS for part in parts):
        raise Refused("method")
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Refused("unpacked")


def _extent(blocks: Iterable[bytes], part: str, errors: Errors, *, sheet: bool) -> Extent:
    name = part.lower()
    if sheet or "worksheets/" in name:
        return binary_extent(blocks, errors) if name.endswith(".bin") else xml_extent(blocks)
    if "sharedstrings" in name:
        return Extent(0, 0, counted_strings(blocks))
    for _ in blocks:
        pass
    return Extent(0, 0, 0)


def _fits(extent: Extent) -> bool:
    return extent.height * extent.width <= MAX_CELLS and extent.cells <= MAX_CELLS


def _too_large(extent: Extent) -> Refused:
    if extent.cells > MAX_CELLS:
        return Refused("cells")
    return Refused("area", height=extent.height, width=extent.width)
