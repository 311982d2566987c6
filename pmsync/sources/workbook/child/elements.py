"""XML as it goes by: the elements of a part, without ever holding the part.

This module must not know what an element means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat

from .refused import Refused

Attributes = dict[str, str]


def parse_xml(
    blocks: Iterable[bytes],
    start: Callable[[str, Attributes], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start` with each element's name, without a prefix, and attributes; Refused if it is no XML."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: start(
        name.rpartition(":")[2] if ":" in name else name, attributes
    )
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype  # no entities, so nothing that grows
    try:
        for block in blocks:
            parser.Parse(block)
        parser.Parse(b"", True)  # noqa: FBT003 - that it was the last; the parser takes no keyword
    except expat.ExpatError as problem:
        raise Refused("unreadable") from problem


def _refuse_doctype(*_: object) -> None:
    raise Refused("unreadable")
