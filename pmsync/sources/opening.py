"""Opens source files, and says in the words of manifests why one must not or cannot be read.

Whether it may be is judged on the opened file (disk.reading), never on its name. This module must not know
what the files hold.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from pmsync.disk.reading import open_regular
from pmsync.disk.refusals import Untrusted
from pmsync.errors import InputError, StalePlan
from pmsync.model.source import FileStamp, SourceFile
from pmsync.sources.declared import Declared, shown
from pmsync.sources.folders import Folders, untrusted


def stamp_of(info: os.stat_result) -> FileStamp:
    """What stat or fstat said, as a noun."""
    return FileStamp(
        device=info.st_dev,
        inode=info.st_ino,
        size=info.st_size,
        mtime_ns=info.st_mtime_ns,
        ctime_ns=info.st_ctime_ns,
    )


class OpenedSource:
    """A source file that is open, regular and below an allowed folder (`home`, resolved).

    It is read like a file, so it serves as the body of an upload; `size` is its Content-Length. `stamp` is
    what it was when it was opened.
    """

    __slots__ = ("_file", "home", "path", "stamp")

    def __init__(self, descriptor: int, *, path: str, home: str) -> None:
        self._file = io.FileIO(descriptor, "r")
        self.path = path
        self.home = home
        self.stamp = stamp_of(os.fstat(descriptor))

    @property
    def size(self) -> int:
        return self.stamp.size

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; all that is left if negative; b"" at the end."""
        return self._file.read(size) or b""

    def readinto(self, buffer: bytearray | memoryview) -> int:
        return self._file.readinto(buffer) or 0

    def rewind(self) -> None:
        """Back to the first byte, for another attempt."""
        self._file.seek(0)

    def changed(self) -> bool:
        """Whether anybody touched the file since it was opened, as far as fstat can tell."""
        return stamp_of(os.fstat(self._file.fileno())) != self.stamp

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_source(declared: Declared, folders: Folders) -> OpenedSource:
    """Open a declared file for reading, or say in an InputError why it must not or cannot be read."""
    path = folders.locate(declared)
    try:
        opened = open_regular(path, folders.roots)
    except Untrusted as problem:
        raise untrusted(declared, problem) from None
    except OSError as problem:
        raise unreadable(declared, problem, path) from problem
    return OpenedSource(opened.descriptor, path=declared.path, home=opened.home)


def opener(root: str, source_roots: Sequence[str] = ()) -> Callable[[SourceFile], OpenedSource]:
    """What uploads are handed: opens a planned file again, with every check made anew.

    The callable raises StalePlan if the file is gone, leads elsewhere, or has another size than was planned.
    That its times or its inode changed says nothing: whether it holds what was planned is judged by its
    bytes while they are sent, before the last of them is (tenant.body).
    """
    folders = Folders.of(root, source_roots)

    def open_planned(source: SourceFile) -> OpenedSource:
        try:
            opened = open_source(Declared(source.path, source.location), folders)
        except InputError as problem:
            reason = problem.diagnostics[0].message
            raise StalePlan(reason, where=source.address, hint="plan again") from problem
        if opened.size != source.size:
            opened.close()
            what = f"{shown(source.path)} changed after it was planned"
            raise StalePlan(what, where=source.address, hint="plan again")
        return opened

    return open_planned


def unreadable(declared: Declared, problem: OSError, path: str) -> InputError:
    """The operating system's refusal in our words."""
    if not isinstance(problem, (FileNotFoundError, NotADirectoryError)):
        return declared.refused("PM207", f"cannot be read: {(problem.strerror or 'unknown error').lower()}")
    if os.path.islink(path):
        what = f"is a symlink to {shown(os.readlink(path))}, which does not exist"
        return declared.refused("PM219", what, "bring the file back, or correct the link")
    return declared.refused("PM201", "does not exist")
