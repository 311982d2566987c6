"""Reads and writes what the command line or a variable names: `--out`, `--report`, a saved plan, a key file.

The user chose the name, but what stands there may have come with a checkout. So within one (below a folder
that holds `.git` or `pmsync.yaml`, or below the working folder) no link leads out or to a hidden name, and
a link or a file is replaced as a whole: written beside, then renamed, so that nothing is ever written
through it. Elsewhere links are the user's own, and what is no file there (`/dev/stdout`, a pipe) is used as
it is. This module must not know what is read or written.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from msgspec import Struct

from pmsync.disk.reading import bounded, has_hidden, is_below, real_path_of
from pmsync.disk.refusals import Hidden, Irregular, LeadsOutside, Untrusted

_FOLDER_FLAGS: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
"""Where the system has O_PATH, a folder can be used that may be entered and not listed."""

_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_IN_PLACE: Final = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_APPEND: Final = _IN_PLACE | os.O_APPEND | os.O_CREAT

_CHECKOUT: Final = (".git", "pmsync.yaml")
"""What shows that a folder, with all below it, was written by whoever may commit there."""

_OWN_STREAM: Final = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,9})")
_STREAMS: Final = {"/dev/stdout": 1, "/dev/stderr": 2}
_MODE: Final = 0o666
_NOT_REPLACEABLE: Final = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS})
"""Said where a file may be written and its folder may not, or where the file is mounted by itself."""


def read_named(path: str, limit: int) -> bytes:
    """All of what has this name, of at most `limit` bytes.

    Raises OSError: the system says no. Raises Untrusted: within a checkout it leads out, is hidden by a
    link, or is no regular file; or it is too large.
    """
    with _place(path) as place:
        if place.fence is not None:
            place.require_inside()
        descriptor = os.open(place.name, _READ | (os.O_NONBLOCK if place.fence else 0), dir_fd=place.folder)
        with open(descriptor, "rb") as file:
            if place.fence is not None:
                place.require_regular_inside(descriptor)
            return bounded(file.read(limit + 1), limit)


def write_named(path: str, data: bytes) -> None:
    """Put this content where the name says: whole or not at all, in place of a file or link that is there.

    A file keeps its mode, a new one gets what the umask leaves. Raises OSError, Untrusted.
    """
    with _place(path) as place:
        if place.is_stream():
            _write_stream(place.path, data)
            return
        try:
            place.replace(data)
        except OSError as problem:
            if problem.errno not in _NOT_REPLACEABLE or not place.is_file():
                raise
            place.write_in_place(data)


def append_named(path: str, data: bytes) -> None:
    """Add to the end of the file, which is made if it is not there. Raises OSError, Untrusted."""
    with _place(path) as place:
        if place.is_stream():
            _write_stream(place.path, data)
            return
        with open(os.open(place.name, _APPEND, _MODE, dir_fd=place.folder), "wb") as file:
            if not stat.S_ISREG(mode := os.fstat(file.fileno()).st_mode):
                raise Irregular(mode)
            file.write(data)


def create_named(path: str, data: bytes) -> bool:
    """Make a new file, and the folders above it; False, and nothing is touched, where something is there.

    Raises OSError, Untrusted.
    """
    make_folders(os.path.dirname(path) or ".")
    with _place(path) as place:
        if place.mode(follow=False) is not None:
            return False
        with open(os.open(place.name, _NEW, _MODE, dir_fd=place.folder), "wb") as file:
            file.write(data)
    return True


def is_taken(path: str) -> bool:
    """Whether a file, or a link that would be replaced by one, stands where the name says."""
    with suppress(OSError, Untrusted, ValueError), _place(path) as place:
        return not place.is_stream() and place.mode(follow=False) is not None
    return False  # whoever writes there is told why it cannot be


def make_folders(path: str) -> None:
    """Make the folder and those above it that are not there. Raises OSError, Untrusted."""
    whole = os.path.abspath(path)
    missing = []
    while not os.path.lexists(whole):
        missing.append(os.path.basename(whole))
        whole = os.path.dirname(whole)
    with _place(os.path.join(whole, "-")) as place:
        folder = os.dup(place.folder)
        try:
            for name in reversed(missing):
                with suppress(FileExistsError):  # somebody else was first
                    os.mkdir(name, dir_fd=folder)
                inner = os.open(name, _FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
        finally:
            os.close(folder)


class _Place(Struct, frozen=True):
    """A name in a folder that is open. `path` is absolute, as it was given.

    `fence`: the real path of the checkout that it is in; None: it is in none.
    """

    path: str
    folder: int
    name: str
    fence: str | None

    def mode(self, *, follow: bool) -> int | None:
        """What `stat` says of the name; None if nothing is there."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=follow).st_mode
        except FileNotFoundError:
            return None

    def is_file(self) -> bool:
        mode = self.mode(follow=False)
        return mode is not None and stat.S_ISREG(mode)

    def is_stream(self) -> bool:
        """Whether a pipe or a device is there, to be written as it is. Raises Irregular within a checkout."""
        if self.fence is not None:
            mode = self.mode(follow=False)
            if mode is not None and not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
                raise Irregular(mode)
            return False
        if _own_descriptor(self.path) is not None:
            return True
        mode = self.mode(follow=True)
        if mode is not None and stat.S_ISDIR(mode):
            raise Irregular(mode)
        return mode is not None and not stat.S_ISREG(mode)

    def require_inside(self) -> None:
        """Before it is opened: whether a link of this name stays inside, and leads to a file."""
        assert self.fence is not None
        _require_inside(os.path.realpath(self.path), self.fence, self.path)
        mode = os.stat(self.name, dir_fd=self.folder).st_mode
        if not stat.S_ISREG(mode):
            raise Irregular(mode)

    def require_regular_inside(self, descriptor: int) -> None:
        """Once it is open, and can no longer be swapped."""
        assert self.fence is not None
        real, mode = real_path_of(descriptor, self.path), os.fstat(descriptor).st_mode
        _require_inside(real, self.fence, self.path)
        if not stat.S_ISREG(mode):
            raise Irregular(mode)

    def replace(self, data: bytes) -> None:
        """Written beside, then renamed."""
        temporary = f".pmsync-{secrets.token_hex(8)}.tmp"
        descriptor = os.open(temporary, _NEW, _MODE, dir_fd=self.folder)
        try:
            with open(descriptor, "wb") as file:
                self._keep_mode(descriptor)
                file.write(data)
            os.rename(temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=self.folder)
            raise

    def _keep_mode(self, descriptor: int) -> None:
        """Mode and owner of the file that is replaced, as far as this user may give them."""
        with suppress(OSError):
            there = os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
            if stat.S_ISREG(there.st_mode):
                os.fchmod(descriptor, stat.S_IMODE(there.st_mode) & 0o777)
                os.fchown(descriptor, there.st_uid, there.st_gid)

    def write_in_place(self, data: bytes) -> None:
        """Where a folder takes no new names. The file is opened by its own name, never through a link."""
        with open(os.open(self.name, _IN_PLACE, dir_fd=self.folder), "wb") as file:
            if not stat.S_ISREG(mode := os.fstat(file.fileno()).st_mode):
                raise Irregular(mode)
            file.truncate()
            file.write(data)


@contextmanager
def _place(path: str) -> Iterator[_Place]:
    """Where a name stands, its folder opened and judged: links on the way count as they lead."""
    if not path:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    whole = os.path.abspath(path)
    above, name = os.path.split(whole)
    if not name or path.endswith("/"):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    fence = _fence(above)
    folder = os.open(above, _FOLDER_FLAGS)
    try:
        if fence is not None:
            real = real_path_of(folder, above)
            _require_inside(real, fence, above)
        yield _Place(whole, folder, name, fence)
    finally:
        os.close(folder)


def _fence(folder: str) -> str | None:
    """The real path of the innermost checkout that an absolute folder is in; None: of none.

    Raises LeadsOutside or Hidden: a link of one leads out of it. What is behind a link that leads out can
    therefore never be taken for a checkout of its own.
    """
    working, fence, here = os.getcwd(), None, "/"
    for part in ("", *folder.split("/")):
        here = os.path.join(here, part)
        if fence is not None and os.path.islink(here):
            _require_inside(os.path.realpath(here), fence, here)
        if _is_checkout(here) or (fence is None and here == working != "/"):
            fence = os.path.realpath(here)
    return fence


def _is_checkout(folder: str) -> bool:
    return any(os.path.lexists(os.path.join(folder, name)) for name in _CHECKOUT)


def _require_inside(real: str, fence: str, written: str) -> None:
    """Raises LeadsOutside, or Hidden if a link leads to a part that begins with a dot and was not written."""
    if real != fence and not is_below(real, fence):
        raise LeadsOutside
    hidden = {part for part in real[len(fence) :].split("/") if has_hidden(part)}
    if hidden - set(written.split("/")):
        raise Hidden


def _own_descriptor(path: str) -> int | None:
    """The number of a descriptor of this process that the path stands for."""
    found = _OWN_STREAM.fullmatch(path)
    return int(found[1]) if found else _STREAMS.get(path)


def _write_stream(path: str, data: bytes) -> None:
    """To a descriptor of this process, a pipe or a device; what the user redirected goes on where it was."""
    own = _own_descriptor(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY) if own is None else os.dup(own)
    with open(descriptor, "wb", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
