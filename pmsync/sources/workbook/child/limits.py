"""How much a workbook may be and may take, and how the operating system is told.

This module must not know what is read.
"""

from __future__ import annotations

import resource
from typing import Final

MAX_FILE: Final = 256 * 1024**2
"""Bytes of a workbook: all of it is held in memory."""

MAX_UNPACKED: Final = 1536 * 1024**2
"""Bytes of its parts, unpacked; they are never held whole."""

MAX_PARTS: Final = 10_000
MAX_CELLS: Final = 20_000_000
"""Rows times columns from A1 to the last cell, and strings: what the library lays out in memory."""

MAX_HEADER: Final = 256 * 1024
"""Characters of the first row."""

MAX_MEMORY: Final = 1700 * 1024**2
"""Bytes for the child; a sheet of a million rows and twelve columns takes 1.2 to 1.4 GB."""

_SECONDS: Final = 10
_SECOND_OF_BYTES: Final = 1024**2

_NOTHING: Final = ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE")
"""What the child may have none of: core dumps, bytes in files, processes, descriptors beyond its pipes."""

_MEMORY: Final = ("RLIMIT_AS", "RLIMIT_DATA")
"""Linux holds both. macOS takes them and does not hold RLIMIT_AS: there the time limit has to end it."""


def seconds_for(size: int) -> int:
    """Seconds of processor time for a workbook of that many bytes: a small file cannot buy many."""
    return _SECONDS + size // _SECOND_OF_BYTES


def confine() -> None:
    """Give up, for good, what reading from a pipe and answering does not need. All is imported by now."""
    for name in _NOTHING:
        _lower(name, 0)
    for name in _MEMORY:
        _lower(name, MAX_MEMORY)


def allow_seconds(seconds: int) -> None:
    """Let the process end (SIGXCPU) when it has used that much more processor time."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime) + seconds + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or until < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def _lower(name: str, most: int) -> None:
    which = getattr(resource, name, None)
    if which is None:
        return
    _, hard = resource.getrlimit(which)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(which, (limit, limit))
    except (ValueError, OSError):  # a system that knows the limit and does not take it
        return
