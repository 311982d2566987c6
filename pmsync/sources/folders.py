"""The folders that source files may be in, and where an opened file really is.

The project folder is allowed, and so are the source roots that were given outside the repository. A name
is only looked at to refuse what can never be right; what counts is the real path of the opened file.
This module must not know patterns or contents.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pmsync.errors import InputError
from pmsync.sources.declared import Declared, shown

_KERNEL: Final = ("/proc", "/sys")
"""Regular files there are made up by the kernel on reading: never an extract, often a secret."""

_OUTSIDE_HINT: Final = "sources outside the project folder need --source-root or PMSYNC_SOURCE_ROOTS"


def is_below(path: str, folder: str) -> bool:
    """Whether an absolute, normalised path is in the folder, at any depth."""
    return path.startswith(folder if folder.endswith("/") else folder + "/")


@dataclass(frozen=True, slots=True)
class Folders:
    """Where source files may be: `root` as given, the extra roots as given, and all of them resolved."""

    root: str
    extra: tuple[str, ...]
    real: tuple[str, ...]

    @classmethod
    def of(cls, root: str, source_roots: Sequence[str] = ()) -> Folders:
        """Relative roots are relative to the working folder, as the user typed them there."""
        here = os.path.abspath(root)
        given = [os.path.abspath(folder) for folder in source_roots]
        real = [os.path.realpath(folder) for folder in given]
        return cls(here, tuple(dict.fromkeys(given + real)), (os.path.realpath(here), *real))

    def locate(self, declared: Declared) -> str:
        """The absolute path to open; InputError for what no folder can hold by its name alone."""
        path = declared.path
        if "\0" in path:
            raise declared.refused("PM217", "holds a NUL character, which no file name can")
        if ".." in path and ".." in path.split("/"):
            raise declared.refused("PM205", "climbs out of a folder with '..'", _OUTSIDE_HINT)
        if not path.startswith("/"):
            return f"{self.root}/{path}"
        if any(is_below(os.path.normpath(path), folder) for folder in self.extra):
            return path
        if is_below(os.path.normpath(path), self.root):
            inner = os.path.relpath(os.path.normpath(path), self.root)
            raise declared.refused("PM205", "is absolute", f"write it as {shown(inner)}")
        raise declared.refused("PM205", "is outside the project folder", _OUTSIDE_HINT)

    def home_of(self, real: str) -> str | None:
        """The allowed folder (resolved) that a resolved path is in; None if it is in none."""
        if any(is_below(real, folder) for folder in _KERNEL):
            return None
        return next((folder for folder in self.real if is_below(real, folder) or real == folder), None)


def outside(declared: Declared) -> InputError:
    """What is said of a path that leads out of the allowed folders; where it leads is not said."""
    return declared.refused("PM205", "leads outside the project folder", _OUTSIDE_HINT)


def real_path_of(descriptor: int, path: str, *, proc: str = "/proc/self/fd") -> str | None:
    """Where the opened file is, symlinks resolved; None if that cannot be said for certain.

    The kernel is asked about the descriptor (Linux: /proc, macOS: F_GETPATH). Elsewhere the name is
    resolved again. Either way the answer counts only if it leads to the very file that is open, so a file
    that was removed or swapped since is never believed to be inside.
    """
    real = _told_by_proc(f"{proc}/{descriptor}") or _told_by_fcntl(descriptor) or os.path.realpath(path)
    try:
        there, opened = os.stat(real), os.fstat(descriptor)
    except OSError:
        return None
    return real if (there.st_dev, there.st_ino) == (opened.st_dev, opened.st_ino) else None


def _told_by_proc(link: str) -> str | None:
    try:
        return os.readlink(link)
    except OSError:
        return None


def _told_by_fcntl(descriptor: int) -> str | None:
    if sys.platform != "darwin":
        return None
    import fcntl  # noqa: PLC0415 - only macOS has F_GETPATH  # pragma: no cover

    answer = fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024))  # pragma: no cover
    return os.fsdecode(answer.rstrip(b"\0"))  # pragma: no cover
