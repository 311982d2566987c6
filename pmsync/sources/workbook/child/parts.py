"""Which parts of an archive are the sheets of its workbook, in the order in which the workbook lists them.

A part's own name says nothing: a workbook lists its sheets by relationships. This module must not know what
is in a sheet.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from xml.parsers import expat

from .records import records
from .refused import Refused

_DOCUMENT: Final = "/relationships/officeDocument"
_ROOT: Final = "_rels/.rels"
_BLOCK: Final = 1024 * 1024
_LISTED: Final = 4 * 1024**2
"""Bytes at the beginning of a binary workbook in which it lists its sheets."""

_SHEET: Final = 0x9C
_SHEETS_END: Final = 0x90
_NO_ID: Final = 0xFFFF_FFFF

Attributes = dict[str, str]


def sheet_parts(archive: zipfile.ZipFile) -> list[str]:
    """The sheets' parts as the archive names them, or "" for one that it does not have; in order."""
    parts = {_plain(part.filename): part.filename for part in archive.infolist()}
    documents = _targets(archive, parts.get(_ROOT), kind=_DOCUMENT).values()
    document = parts.get(_plain(next(iter(documents), "")))
    if document is None:
        return []
    folder, name = posixpath.split(_plain(document))
    targets = _targets(archive, parts.get(f"{folder}/_rels/{name}.rels".lstrip("/")))
    listed = _listed_in_xml if name.endswith(".xml") else _listed_in_records
    places = (_plain(posixpath.join("/" + folder, targets.get(key, ""))) for key in listed(archive, document))
    return [parts.get(place, "") for place in places]


def parse_xml(blocks: Iterable[bytes], start: Callable[[str, Attributes], None]) -> None:
    """Call `start` with each element's name, without a prefix, and attributes; Refused if it is no XML."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.StartDoctypeDeclHandler = _refuse_doctype  # no entities, so nothing that grows
    try:
        for block in blocks:
            parser.Parse(block, False)  # noqa: FBT003 - whether it is the last; the parser takes no keyword
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as problem:
        raise Refused("unreadable") from problem


def blocks_of(archive: zipfile.ZipFile, part: str) -> Iterable[bytes]:
    """A part's bytes, a block at a time."""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _refuse_doctype(*_: object) -> None:
    raise Refused("unreadable")


def _plain(name: str) -> str:
    return posixpath.normpath("/" + name.replace("\\", "/")).strip("/").lower()


def _targets(archive: zipfile.ZipFile, part: str | None, *, kind: str = "") -> Mapping[str, str]:
    """The targets of relationships by their id; only those of a kind, if one is named."""
    found: dict[str, str] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith(kind):
            found[attributes.get("Id", "")] = attributes.get("Target", "")

    if part is not None:
        parse_xml(blocks_of(archive, part), start)
    return found


def _listed_in_xml(archive: zipfile.ZipFile, part: str) -> list[str]:
    """The relationship of each sheet."""
    found: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            ids = (value for key, value in attributes.items() if key.rpartition(":")[2] == "id")
            found.append(next(ids, ""))

    parse_xml(blocks_of(archive, part), start)
    return found


def _listed_in_records(archive: zipfile.ZipFile, part: str) -> list[str]:
    """The same of a binary workbook: records of a kind, a length and data."""
    with archive.open(part) as stream:
        data = stream.read(_LISTED)
    found: list[str] = []
    for kind, content in records(data):
        if kind == _SHEETS_END:
            break
        size = int.from_bytes(content[8:12], "little")
        if kind == _SHEET and size != _NO_ID:
            found.append(content[12 : 12 + 2 * size].decode("utf-16-le", "replace"))
    return found
