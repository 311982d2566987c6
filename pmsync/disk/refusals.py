"""Why something on the disk is not touched, as the end of a sentence that begins with its name."""

from __future__ import annotations

import stat
from typing import Final

_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class Untrusted(Exception):
    """What has this name is not opened. Its text says why: `data/x.csv` … "leads outside …"."""


class LeadsOutside(Untrusted):
    """The name, or a link on its way, leads out of the folders that are allowed. Where to, is not said."""

    def __init__(self) -> None:
        super().__init__("leads outside the project folder")


class Hidden(Untrusted):
    """A part of the name, or of where it leads, begins with a dot: Git's own files, credentials, caches."""

    def __init__(self) -> None:
        super().__init__("is, or leads to, a file or folder whose name begins with a dot")


class Irregular(Untrusted):
    """A folder, a pipe, a socket or a device stands where only a regular file may."""

    def __init__(self, mode: int) -> None:
        self.kind = kind_of(mode)
        super().__init__(f"is {self.kind}, not a regular file")


class Vanished(Untrusted):
    """Where the opened file is cannot be said: somebody removed or replaced it meanwhile."""

    def __init__(self) -> None:
        super().__init__("was removed or replaced while it was being opened")


class TooLarge(Untrusted):
    """There is more in it than anybody meant it to hold. `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        size = f"{limit // 1024 // 1024} MiB" if limit >= 1024 * 1024 else f"{limit // 1024} KiB"
        super().__init__(f"is larger than {size}")


def kind_of(mode: int) -> str:
    """What `stat` said something is, in words, if it is no regular file."""
    return next((words for test, words in _KINDS if test(mode)), "a device")


def why(problem: OSError | Untrusted) -> str:
    """The reason alone, in lower case: for "it cannot be written: …"."""
    if isinstance(problem, Untrusted):
        return f"it {problem}"
    return (problem.strerror or "unknown reason").lower()
