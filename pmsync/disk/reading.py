"""Opens what stands in a checkout, or in a folder of sources: inside it, regular, bounded, without waiting.

A link that stays inside is followed, one that leads out is not, and neither is one to a name that begins
with a dot. A name is looked at first, to say what is wrong without touching it (opening a device may do
things), then it is opened without blocking, and then the descriptor is asked what it is and where it is: a
name that was swapped meanwhile changes nothing. This module must not know what a file is for.
"""

from __future__ import annotations

import fcntl
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from msgspec import Struct

from pmsync.disk.refusals import Hidden, Irregular, LeadsOutside, TooLarge, Untrusted, Vanished

_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK | os.O_CLOEXEC

_KERNEL: Final = ("/proc", "/sys")
"""Files there are made up by the kernel on reading: never an extract, often a secret."""


def is_below(path: str, folder: str) -> bool:
    """Whether an absolute, normalised path is in the folder, at any depth."""
    return path.startswith(folder if folder.endswith("/") else folder + "/")


def has_hidden(path: str) -> bool:
    """Whether a part of the path begins with a dot; `.` itself is none, `..` is."""
    if not path.startswith(".") and "/." not in path:  # nearly always, and quick to see
        return False
    return any(part.startswith(".") and part != "." for part in path.split("/"))


class Roots(Struct, frozen=True):
    """The folders that an opened file must be in, links resolved. A root itself may be hidden."""

    real: tuple[str, ...]

    @classmethod
    def of(cls, *folders: str) -> Roots:
        return cls(tuple(dict.fromkeys(os.path.realpath(folder) for folder in folders)))

    def home_of(self, real: str) -> str:
        """The root that a resolved path is in.

        Raises LeadsOutside: in none. Raises Hidden: below each that it is in, a part begins with a dot.
        """
        if any(is_below(real, folder) for folder in _KERNEL):
            raise LeadsOutside
        homes = [folder for folder in self.real if real == folder or is_below(real, folder)]
        if not homes:
            raise LeadsOutside
        for home in homes:
            if not has_hidden(real[len(home) :]):
                return home
        raise Hidden

    def hold(self, real: str) -> bool:
        """Whether a resolved path is in one of them."""
        try:
            self.home_of(real)
        except Untrusted:
            return False
        return True


class Opened(NamedTuple):
    """A descriptor, which is the caller's to close; where it is, links resolved; and the root it is in."""

    descriptor: int
    real: str
    home: str


def open_regular(path: str, roots: Roots) -> Opened:
    """Open a regular file for reading.

    Raises OSError: the system says no. Raises Untrusted: it is not below a root, hidden, or no regular file.
    """
    roots.home_of(os.path.realpath(path))
    _require_regular(os.stat(path).st_mode)
    return judged(os.open(path, _FLAGS), path, roots)


@contextmanager
def open_folder(path: str, roots: Roots) -> Iterator[int]:
    """The descriptor of a folder, for as long as the context lasts. Raises as `open_regular`."""
    opened = judged(os.open(path, _FOLDER_FLAGS), path, roots, folder=True)
    try:
        yield opened.descriptor
    finally:
        os.close(opened.descriptor)


def read_regular(path: str, roots: Roots, limit: int) -> bytes:
    """All of a regular file of at most `limit` bytes. Raises as `open_regular`, and TooLarge."""
    opened = open_regular(path, roots)
    with open(opened.descriptor, "rb") as file:
        return bounded(file.read(limit + 1), limit)


def bounded(data: bytes, limit: int) -> bytes:
    """The bytes, of which one more than the limit was read. Raises TooLarge."""
    if len(data) > limit:
        raise TooLarge(limit)
    return data


def names_in(path: str, roots: Roots) -> list[str]:
    """The names in a folder, in no order. Raises as `open_regular`."""
    with open_folder(path, roots) as descriptor:
        return os.listdir(descriptor)


def real_path_of(descriptor: int, path: str, *, proc: str = "/proc/self/fd") -> str:
    """Where what is opened is, links resolved.

    Raises Vanished: that cannot be said for certain.

    The kernel is asked about the descriptor (Linux: /proc, macOS: F_GETPATH). Elsewhere the name is resolved
    again. Either way the answer counts only if it leads to the very file that is open, so a file that was
    removed or swapped since is never believed to be inside.
    """
    real = _told_by_proc(f"{proc}/{descriptor}") or _told_by_fcntl(descriptor) or os.path.realpath(path)
    try:
        same = os.path.samestat(os.stat(real), os.fstat(descriptor))
    except OSError:
        same = False
    if not same:
        raise Vanished
    return real


def judged(descriptor: int, path: str, roots: Roots, *, folder: bool = False) -> Opened:
    """What was opened under this name; closed, where it is not below a root. Raises as `open_regular`."""
    try:
        if not folder:
            _require_regular(os.fstat(descriptor).st_mode)
        real = real_path_of(descriptor, path)
        return Opened(descriptor, real, roots.home_of(real))
    except BaseException:
        os.close(descriptor)
        raise


def _require_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise Irregular(mode)


def _told_by_proc(link: str) -> str | None:
    try:
        return os.readlink(link)
    except OSError:
        return None


def _told_by_fcntl(descriptor: int) -> str | None:
    if sys.platform != "darwin":
        return None
    answer = fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024))  # pragma: no cover
    return os.fsdecode(answer.rstrip(b"\0"))  # pragma: no cover
