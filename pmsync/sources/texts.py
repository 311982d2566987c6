"""Reads a text once: what it is, whether it is in order, its sha256, its records and its columns.

This module must not know why a text is read.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from pmsync.sources.complaints import complaint
from pmsync.sources.declared import Declared, Finding
from pmsync.sources.encoding import EncodingCheck
from pmsync.sources.flaws import FLAWS
from pmsync.sources.header import MAX_HEADER, read_header
from pmsync.sources.identity import refuse_other
from pmsync.sources.opening import OpenedSource
from pmsync.sources.records import RecordCounter

SMALL: Final = MAX_HEADER
"""Up to here (bytes) a thread costs more than it saves."""

_BLOCK: Final = 1024 * 1024


class Text(NamedTuple):
    """What a text holds; `rows` without the header."""

    sha256: str
    rows: int
    columns: tuple[str, ...]
    findings: tuple[Finding, ...]


def text_in(opened: OpenedSource, declared: Declared) -> Text:
    """Read a text that is all of a file; InputError if it is something else, or not in order."""
    first = opened.read(SMALL)
    whole = len(first) == opened.size
    refuse_other(first, declared, whole=whole)
    try:
        return _counted(first, opened, declared, whole=whole)
    except FLAWS as flaw:
        raise complaint(flaw, declared, opened) from None


def _counted(first: bytes, opened: OpenedSource, declared: Declared, *, whole: bool) -> Text:
    check = EncodingCheck(declared.encoding)
    check.feed(first)
    header = read_header(first, declared, whole=whole)
    counter = RecordCounter(header.delimiter.encode(), at=header.skip)
    counter.feed(first[header.skip :])
    digest = hashlib.sha256(first)
    if not whole:
        _hash_while_counting(opened, digest, (check, counter))
    check.finish()
    return Text(digest.hexdigest(), counter.finish() - 1, header.columns, header.findings)


def _hash_while_counting(
    opened: OpenedSource, digest: hashlib._Hash, readers: tuple[EncodingCheck, RecordCounter]
) -> None:
    """Hash each block in a second thread while this one reads the next, checks and counts.

    Hashing and reading release the interpreter, counting does not: handing over a block just before
    reading is what lets the other thread begin at once.
    """
    check, counter = readers
    with ThreadPoolExecutor(1) as hashing:
        block, spare = bytearray(_BLOCK), bytearray(_BLOCK)
        block = _filled(block, opened)
        while block:
            hashed = hashing.submit(digest.update, block)
            following = _filled(spare, opened)
            check.feed(block)
            counter.feed(block)
            hashed.result()
            block, spare = following, block


def _filled(buffer: bytearray, opened: OpenedSource) -> bytearray:
    """The buffer with the next bytes of the file; a shorter one at its end."""
    size = opened.readinto(buffer)
    return buffer if size == len(buffer) else buffer[:size]
