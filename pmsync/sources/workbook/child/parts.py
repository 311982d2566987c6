"""Which parts of an archive make its workbook, and which of them are its sheets, in their order.

A part's own name says nothing: all is found by relationships, from the archive's root on. This module must
not know what is in a sheet.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from .elements import Attributes, parse_xml
from .records import records
from .refused import Refused

_DOCUMENT: Final = "officeDocument"
_ROOT: Final = "_rels/.rels"
_BLOCK: Final = 1024 * 1024
_LISTED: Final = 4 * 1024**2
"""Bytes at the beginning of a binary workbook in which it lists its sheets."""

_SHEET: Final = 0x9C
_SHEETS_END: Final = 0x90
_NO_ID: Final = 0xFFFF_FFFF


class Link(NamedTuple):
    """A relationship: its type as a URL, where it says that it leads, and the part there ("" for none)."""

    type: str
    target: str
    part: str

    @property
    def kind(self) -> str:
        return self.type.rpartition("/")[2]


class Book(NamedTuple):
    """A workbook and its parts as the archive names them; `sheets` in their order, "" for a missing one."""

    kind: str
    document: str
    links: Mapping[str, Link]
    sheets: list[str]


def book_of(archive: zipfile.ZipFile) -> Book:
    """The workbook of an archive; Refused if it holds none."""
    parts = {plain(part.filename): part.filename for part in archive.infolist()}
    roots = _links(archive, parts.get(_ROOT, ""), parts, folder="")
    document = next((link.part for link in roots.values() if link.kind == _DOCUMENT), "")
    if not document:
        raise Refused("package")
    folder, name = posixpath.split(plain(document))
    kind = "xlsb" if name.endswith(".bin") else "xlsx"
    keys = list(
        _listed_in_records(archive, document) if kind == "xlsb" else _listed_in_xml(archive, document)
    )
    links = _links(archive, parts.get(f"{folder}/_rels/{name}.rels".lstrip("/"), ""), parts, folder=folder)
    return Book(kind, document, links, [links[key].part if key in links else "" for key in keys])


def blocks_of(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part's bytes, a block at a time."""
    # Reading ends at the size that the archive declares and then compares checksums: a part that unpacks
    # to more than it says is no archive.
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            yield block


def plain(name: str) -> str:
    """A part's name in its one spelling."""
    return posixpath.normpath("/" + name.replace("\\", "/")).strip("/").lower()


def _links(
    archive: zipfile.ZipFile, part: str, parts: Mapping[str, str], *, folder: str
) -> Mapping[str, Link]:
    """The relationships in a part, by id."""
    found: dict[str, Link] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            place = parts.get(plain(posixpath.join("/" + folder, target.replace("\\", "/"))), "")
            found[attributes.get("Id", "")] = Link(attributes.get("Type", ""), target, place)

    if part:
        parse_xml(blocks_of(archive, part), start)
    return found


def _listed_in_xml(archive: zipfile.ZipFile, part: str) -> Iterable[str]:
    """The relationship of each sheet."""
    names: list[str] = []
    keys: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        names.append(name) if not names else None
        if name == "sheet":
            ids = (value for key, value in attributes.items() if key.rpartition(":")[2] == "id")
            keys.append(next(ids, ""))

    parse_xml(blocks_of(archive, part), start)
    if names != ["workbook"]:
        raise Refused("package")
    return keys


def _listed_in_records(archive: zipfile.ZipFile, part: str) -> Iterable[str]:
    """The same of a binary workbook."""
    with archive.open(part) as stream:
        data = stream.read(_LISTED)
    for kind, content in records(data):
        if kind == _SHEETS_END:
            return
        size = int.from_bytes(content[8:12], "little")
        if kind == _SHEET and size != _NO_ID:
            yield content[12 : 12 + 2 * size].decode("utf-16-le", "replace")
