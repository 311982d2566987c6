"""What a source file holds: its sha256, its records and its columns, in one pass over its bytes.

Content is what identifies a source file; names and times are not. This module must not know why a file
is looked at, nor remember anything of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

from pmsync.sources.declared import Declared, Finding
from pmsync.sources.opening import OpenedSource
from pmsync.sources.workbook import WorkbookReader, is_workbook

MAX_SIZE: Final = 5 * 1024**3
"""Bytes: S3 takes no larger file in one PUT (the vendor's API reference)."""

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
        from pmsync.sources.texts import text_in  # noqa: PLC0415 - only where a file must be read

        found = Fingerprint(*text_in(opened, declared))
    if opened.changed():
        raise declared.refused("PM216", "changed while it was being read", "run again when it is complete")
    return found


def _of_workbook(opened: OpenedSource, declared: Declared, workbooks: WorkbookReader) -> Fingerprint:
    from pmsync.sources.identity import refuse_no_workbook  # noqa: PLC0415 - only where a file must be read

    first = opened.read(_BLOCK)
    refuse_no_workbook(first, declared, whole=len(first) == opened.size)
    digest = hashlib.sha256(first)
    blocks = chain([first], _hashed(opened, digest))
    sheet = workbooks.read(declared, size=opened.size, blocks=blocks)
    return Fingerprint(digest.hexdigest(), sheet.rows, sheet.columns, sheet.findings)


def _hashed(opened: OpenedSource, digest: hashlib._Hash) -> Iterator[bytes]:
    while block := opened.read(_BLOCK):
        digest.update(block)
        yield block
