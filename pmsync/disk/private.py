"""pmsync's own memory: folders that only this user may change, and the system calls under the state.

The calls are gathered in `Files`, one method each, so that a test can hand in a disk that is full, or a
process that is killed, at any one of them. Nothing here follows a link below the folder that the memory
begins with. It must not know what the files mean.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from pmsync.disk.refusals import kind_of

_SAFE: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_REMOVED: Final = ".removed-"
_LARGEST: Final = 64 << 20
"""No state comes near it; a read must not take all memory because somebody put another file there."""


class IrregularFileError(OSError):
    """A link, a folder, a device or a pipe stands where only a plain file may."""


class Files:
    """The disk. Every method raises OSError when the disk says no; none follows a link in the last part."""

    def read(self, path: str, limit: int = _LARGEST) -> bytes:
        """The whole content of a plain file, of at most so many bytes.

        Raises IrregularFileError: it is no plain file.
        """
        return read_private(path, limit)

    def exists(self, path: str) -> bool:
        """Whether anything at all has this name."""
        return os.path.lexists(path)

    def is_link(self, path: str) -> bool:
        return os.path.islink(path)

    def make_folder(self, path: str) -> None:
        """Make one folder that only its owner may enter."""
        os.mkdir(path, _PRIVATE_FOLDER)

    def create(self, path: str) -> int:
        """Make a new file that only its owner may read, and open it to append to."""
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | _SAFE, _PRIVATE_FILE)

    def open_lock(self, path: str) -> int:
        """Open a plain file to lock it and to say in it who did; it is made if it is not there.

        Raises IrregularFileError: something else is there.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _SAFE, _PRIVATE_FILE)
        try:
            _require_plain(os.fstat(descriptor).st_mode, path)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of it, however often the system takes only a part."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def sync(self, descriptor: int) -> None:
        """Return once the disk has the content."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def sync_folder(self, path: str) -> None:
        """Return once the disk has the names."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: str, target: str) -> None:
        os.rename(source, target)

    def link(self, source: str, target: str) -> None:
        os.link(source, target, follow_symlinks=False)

    def discard(self, path: str) -> None:
        """Remove a plain file if there is one.

        Raises IrregularFileError: something else is there, and it is not ours to remove.
        """
        try:
            _require_plain(os.lstat(path).st_mode, path)
        except FileNotFoundError:
            return
        os.unlink(path)


def _require_plain(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "not a regular file"
        raise IrregularFileError(errno.EINVAL, kind, path)


def read_private(path: str, limit: int) -> bytes:
    """As `Files.read`, for what is not the state."""
    # Looked at before it is opened: opening a device may do things.
    _require_plain(os.lstat(path).st_mode, path)
    with open(os.open(path, os.O_RDONLY | _SAFE), "rb") as file:
        _require_plain(os.fstat(file.fileno()).st_mode, path)
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
    return data


def replace_private(path: str, data: bytes) -> None:
    """Put a file of this user in place of the one that is there, whole or not at all; its folder is made.

    It need not survive a power cut. Raises OSError.
    """
    os.makedirs(os.path.dirname(path), _PRIVATE_FOLDER, exist_ok=True)
    temporary = f"{path}.{secrets.token_hex(8)}.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, _PRIVATE_FILE)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


@contextmanager
def trial_file(folder: str) -> Iterator[int]:
    """A file without a name in this folder, for as long as the context lasts. Raises OSError."""
    with tempfile.TemporaryFile(dir=folder) as file:
        yield file.fileno()


def fault_of_folder(path: str, base: str) -> str | None:
    """Why what is in this folder cannot be believed to be this user's own; None: it can, or it is not there.

    `base` is where the memory begins: whoever runs pmsync named it, so it may be a link, and may lie in a
    folder of others. From there on each folder must be one of this user, which nobody else may write to.
    """
    levels = [base]
    for part in os.path.relpath(path, base).split("/"):
        levels.append(os.path.join(levels[-1], part))
    for level in levels:
        try:
            info = os.stat(level) if level is base else os.lstat(level)
        except FileNotFoundError:
            return None
        fault = _fault_of_first(info) if level is base else _fault_of(info)
        if fault:
            return f"{level} {fault}"
    return None


def _fault_of(info: os.stat_result) -> str | None:
    if not stat.S_ISDIR(info.st_mode):
        return f"is {kind_of(info.st_mode)}, not a folder"
    if info.st_uid != os.geteuid():
        return "belongs to another user"
    if info.st_mode & (stat.S_IWOTH | stat.S_IWGRP):
        return "can be changed by other users: chmod go-w"
    return None


def _fault_of_first(info: os.stat_result) -> str | None:
    """It may belong to anybody, as what is in it may not; but nobody may take away what is in it."""
    if not stat.S_ISDIR(info.st_mode):
        return f"is {kind_of(info.st_mode)}, not a folder"
    if info.st_mode & stat.S_IWOTH and not info.st_mode & stat.S_ISVTX:
        return "can be changed by every user: chmod o-w"
    return None


def remove_private_folder(folder: str) -> None:
    """Remove a folder with all that is in it; its name is gone at once.

    What a kill leaves goes the next time. No link in it is followed. Raises OSError.
    """
    above = os.path.dirname(folder)
    os.rename(folder, os.path.join(above, f"{_REMOVED}{secrets.token_hex(8)}"))
    for name in os.listdir(above):
        if name.startswith(_REMOVED):
            shutil.rmtree(os.path.join(above, name))
