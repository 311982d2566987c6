"""Source files as they are on disk: content, size and rows, found and counted before planning.

A source file is identified by its content, not its name or its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from pmsync.diagnostics import Diagnostic, Location
from pmsync.model.address import Address


class FileStamp(Struct, frozen=True, kw_only=True):
    """What fstat says of an opened file; two equal stamps mean that nobody touched it in between."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


class SourceFile(Struct, frozen=True, kw_only=True):
    """One file that fills a datatable.

    `address` ends in the name the manifest gives it; `path` is relative to the project folder with `/`
    (absolute only below an extra source root). `rows` are records with a non-empty cell, the header not
    counted. `columns` are the header's cells. `append`: it came from a `mode: append` entry, so other
    files of the datatable are meant to stay beside it.
    """

    address: Address
    name: str
    path: str
    sha256: str
    rows: int
    columns: tuple[str, ...]
    stamp: FileStamp
    append: bool
    location: Location

    @property
    def size(self) -> int:
        return self.stamp.size


SourceFiles = Mapping[Address, tuple[SourceFile, ...]]
"""The source files of each declared datatable that has a `sources` list, in address order."""

SourceProblems = Mapping[Address, tuple[Diagnostic, ...]]
"""What keeps files from being sent, by the address of the source: each holds up its whole datatable."""


class Sources(Struct, frozen=True, kw_only=True):
    """What a look at all declared sources found. Nothing of `problems` is in `files`.

    `warnings` are about files that may be sent, and stop nothing.
    """

    files: SourceFiles = field(default_factory=dict)
    problems: SourceProblems = field(default_factory=dict)
    warnings: tuple[tuple[Address, Diagnostic], ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every problem, in the order of its place."""
        return in_order(one for found in self.problems.values() for one in found)


def in_order(problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The problems by the places in the manifests that they come from."""
    return tuple(sorted(problems, key=lambda one: (one.declared or one.location, one.location, one.code)))
