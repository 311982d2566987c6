"""An archive as the library expects it: parts where it looks for them, errors that it knows.

The library takes a few names for granted that the format leaves open, and does not know every error. Where
that would fail, a copy is made in which it does not: another arrangement of the same cells.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

from .parts import Book, Link, blocks_of, plain

_RELATIONSHIPS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_NAMED: Final = {"sharedStrings": "sharedStrings", "styles": "styles"}
"""Kinds of parts that the library finds by their names."""

_SHEETS: Final = {"worksheet": "worksheets", "chartsheet": "chartsheets", "dialogsheet": "dialogsheets"}
"""Kinds of sheets, and the folders by which the library tells them in a binary workbook."""

_ERROR: Final = re.compile(
    rb"(<(?:\w+:)?c\s[^<>]*\bt\s*=\s*[\"']e[\"'][^<>]*(?<!/)>)(.*?)(</(?:\w+:)?c\s*>)", re.DOTALL
)


def is_tidy(book: Book) -> bool:
    """Whether the library finds all parts of the workbook by itself."""
    folder, name = posixpath.split(plain(book.document))
    suffix = _suffix(book)
    if name != f"workbook{suffix}" or (book.kind == "xlsb" and folder != "xl"):
        return False
    return all(_is_found(link, folder, suffix) for link in book.links.values() if link.part)


def tidied(archive: zipfile.ZipFile, book: Book, *, errors_in: str = "") -> bytes:
    """The workbook in an archive of its own; the errors of one sheet (`errors_in`) are such as it knows."""
    data, suffix = io.BytesIO(), _suffix(book)
    links = [
        (key, link) for key, link in book.links.items() if link.kind in {*_NAMED, *_SHEETS} and link.part
    ]
    placed = {key: link._replace(target=_place(link, at, suffix)) for at, (key, link) in enumerate(links)}
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        root = {"r": Link(_DOCUMENT, f"xl/workbook{suffix}", "")}
        copy.writestr("_rels/.rels", _relationships(root))
        copy.writestr(f"xl/_rels/workbook{suffix}.rels", _relationships(placed))
        _copy(archive, book.document, copy, f"workbook{suffix}")
        for link in placed.values():
            if link.part == errors_in:
                known = _ERROR.sub(rb"\1<v>#N/A</v>\3", archive.read(link.part))
                copy.writestr(f"xl/{link.target}", known)
            else:
                _copy(archive, link.part, copy, link.target)
    return data.getvalue()


def _copy(archive: zipfile.ZipFile, part: str, copy: zipfile.ZipFile, target: str) -> None:
    with copy.open(f"xl/{target}", "w", force_zip64=True) as written:
        for block in blocks_of(archive, part):
            written.write(block)


def _place(link: Link, number: int, suffix: str) -> str:
    """Where a part goes, from the workbook's folder on."""
    folder = _SHEETS.get(link.kind)
    return f"{folder}/sheet{number}{suffix}" if folder else f"{_NAMED[link.kind]}{suffix}"


def _relationships(links: Mapping[str, Link]) -> str:
    listed = "".join(
        f"<Relationship Id={quoteattr(key)} Type={quoteattr(link.type)} Target={quoteattr(link.target)}/>"
        for key, link in links.items()
    )
    return f'<Relationships xmlns="{_RELATIONSHIPS}">{listed}</Relationships>'


def _is_found(link: Link, folder: str, suffix: str) -> bool:
    """Whether the library looks for a part where it is."""
    if link.kind in _NAMED:
        return plain(link.part) == posixpath.join(folder, f"{_NAMED[link.kind]}{suffix}".lower())
    if link.kind not in _SHEETS:
        return True
    target = link.target.replace("\\", "/").lower()
    if target.startswith("/") and suffix == ".xml":
        return target[1:] == plain(link.part)
    return posixpath.join(folder, target) == plain(link.part) and not target.startswith("/")


def _suffix(book: Book) -> str:
    return ".bin" if book.kind == "xlsb" else ".xml"
