"""What a source file holds: its sha256, its records and its columns, in one pass over its bytes.

Content is what identifies a source file; names and times are not. This module must not know why a file
is looked at, nor remember anything of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Final, NamedTuple

from pmsync.sources.complaints import complaint
from pmsync.sources.declared import Declared, Finding
from pmsync.sources.encoding import EncodingCheck
from pmsync.sources.flaws import FLAWS
from pmsync.sources.header import MAX_HEADER, read_header
from pmsync.sources.identity import refuse_no_workbook, refuse_other
from pmsync.sources.opening import OpenedSource
from pmsync.sources.records import RecordCounter
from pmsync.sources.workbook import WorkbookReader, is_workbook

MAX_SIZE: Final = 5 * 1024**3
"""Bytes: S3 takes no larger file in one PUT (the vendor's API reference)."""

SMALL: Final = MAX_HEADER
"""Up to here (bytes) a thread costs more than it saves."""

_BLOCK: Final = 1024 * 1024


class Fingerprint(NamedTuple):
    """What a file holds. `rows`: records with a non-empty cell, the header not counted.

    `findings`: what is odd about it, and stops nothing.
    """

    sha256: str
    rows: int
    columns: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def fingerprint(opened: OpenedSource, declared: Declared, workbooks: WorkbookReader) -> Fingerprint:
    """Read the whole file once; InputError if it is empty, too large, has no header, or changes meanwhile."""
    if opened.size > MAX_SIZE:
        what = f"has {opened.size:,} bytes, and an upload can take {MAX_SIZE:,} (5 GiB)"
        raise declared.refused("PM208", what, "split it into several files with mode: append")
    if not opened.size:
        raise declared.refused("PM209", "is empty", "its first line must name the columns")
    if is_workbook(declared.path):
        found = _of_workbook(opened, declared, workbooks)
    else:
        found = _of_text(opened, declared)
    if opened.changed():
        raise declared.refused("PM216", "changed while it was being read", "run again when it is complete")
    return found


def _of_workbook(opened: OpenedSource, declared: Declared, workbooks: WorkbookReader) -> Fingerprint:
    first = opened.read(SMALL)
    refuse_no_workbook(first, declared, whole=len(first) == opened.size)
    digest = hashlib.sha256(first)
    blocks = chain([first], _hashed(opened, digest))
    sheet = workbooks.read(declared, size=opened.size, blocks=blocks)
    return Fingerprint(digest.hexdigest(), sheet.rows, sheet.columns, sheet.findings)


def _hashed(opened: OpenedSource, digest: hashlib._Hash) -> Iterator[bytes]:
    while block := opened.read(_BLOCK):
        digest.update(block)
        yield block


def _of_text(opened: OpenedSource, declared: Declared) -> Fingerprint:
    first = opened.read(SMALL)
    whole = len(first) == opened.size
    refuse_other(first, declared, whole=whole)
    try:
        return _counted(first, opened, declared, whole=whole)
    except FLAWS as flaw:
        raise complaint(flaw, declared, opened) from None


def _counted(first: bytes, opened: OpenedSource, declared: Declared, *, whole: bool) -> Fingerprint:
    check = EncodingCheck(declared.encoding)
    check.feed(first)
    header = read_header(first, declared, whole=whole)
    counter = RecordCounter(header.delimiter.encode(), at=header.skip)
    counter.feed(first[header.skip :])
    digest = hashlib.sha256(first)
    if not whole:
        _hash_while_counting(opened, digest, (check, counter))
    check.finish()
    return Fingerprint(digest.hexdigest(), counter.finish() - 1, header.columns, header.findings)


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
