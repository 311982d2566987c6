"""The system calls under the state, one method each.

They are gathered so that a test can hand in a disk that is full, or a process that is killed, at any one of
them. It must not know what the files mean.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

_SAFE: Final = os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_LARGEST: Final = 64 << 20
"""No state comes near it; a read must not take all memory because somebody put another file there."""


class IrregularFileError(OSError):
    """A link, a folder, a device or a pipe stands where only a plain file may."""


class Files:
    """The disk. Every method raises OSError when the disk says no; none follows a link in the last part."""

    def read(self, path: str) -> bytes:
        """The whole content of a plain file.

        Raises IrregularFileError: it is no plain file.
        """
        self._check_plain(path)
        descriptor = os.open(path, os.O_RDONLY | _SAFE)
        with open(descriptor, "rb", closefd=True) as file:
            if os.fstat(descriptor).st_size > _LARGEST:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
            return file.read()

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
            self._check_plain(path)
        except FileNotFoundError:
            return
        os.unlink(path)

    def _check_plain(self, path: str) -> None:
        """Before it is opened: opening a pipe would wait for ever, and opening a device may do things."""
        mode = os.lstat(path).st_mode
        if not stat.S_ISREG(mode):
            kind = "a symbolic link" if stat.S_ISLNK(mode) else "not a regular file"
            raise IrregularFileError(errno.EINVAL, kind, path)
