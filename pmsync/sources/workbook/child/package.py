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
from collections.abc import Iterator
from typing import Final

from .extent import Extent, binary_extent, counted_strings, xml_extent
from .limits import MAX_CELLS, MAX_PARTS, MAX_UNPACKED
from .refused import Refused

_BLOCK: Final = 1024 * 1024
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


@contextlib.contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive, if it is a plain one; Refused if it is not, or something in it cannot be unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _require_plain(archive.infolist())
            yield archive
    except _BROKEN as problem:
        raise Refused("unpack") from problem


def require_modest(data: bytes) -> None:
    """Refused if unpacking and laying out would take too much."""
    with opened(data) as archive:
        for part in archive.infolist():
            if part.filename.lower().endswith(_READ):
                _require_sparse(archive, part)


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


def _require_sparse(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    blocks = _blocks(archive, part)
    name = part.filename.lower()
    extent = Extent(0, 0, 0)
    if "worksheets/" in name and name.endswith(".xml"):
        extent = xml_extent(blocks)
    elif "worksheets/" in name and name.endswith(".bin"):
        extent = binary_extent(blocks)
    elif "sharedstrings" in name:
        extent = Extent(0, 0, counted_strings(blocks))
    else:
        for _ in blocks:
            pass
    if extent.height * extent.width > MAX_CELLS:
        raise Refused("area", height=extent.height, width=extent.width)
    if extent.cells > MAX_CELLS:
        raise Refused("cells")


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    # Reading ends at the size that the archive declares and then compares checksums: a part that unpacks
    # to more than it says is no archive.
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            yield block
