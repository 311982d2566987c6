"""The folders that source files may be in, and what is said of a file that is not in one of them.

The project folder is allowed, and so are the source roots that were given outside the repository; below
each no part of a path, as written or as it leads, begins with a dot. A name is only looked at to refuse
what can never be right; what counts is where the opened file is (disk.reading). This module must not know
patterns or contents.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from pmsync.disk.reading import Roots, has_hidden, is_below
from pmsync.disk.refusals import Hidden, Irregular, LeadsOutside, Untrusted
from pmsync.errors import InputError
from pmsync.sources.declared import Declared, shown

_OUTSIDE_HINT: Final = "sources outside the project folder need --source-root or PMSYNC_SOURCE_ROOTS"
_HIDDEN: Final = "has a part that begins with a dot"
_HIDDEN_HINT: Final = (
    "Git's own files and credentials have such names, so none is ever sent: "
    "put the file elsewhere, or name its folder with --source-root"
)


class Folders(Struct, frozen=True):
    """Where source files may be: `root` as given, the extra roots as given, and all of them resolved."""

    root: str
    extra: tuple[str, ...]
    roots: Roots

    @classmethod
    def of(cls, root: str, source_roots: Sequence[str] = ()) -> Folders:
        """Relative roots are relative to the working folder, as the user typed them there."""
        here = os.path.abspath(root)
        given = [os.path.abspath(folder) for folder in source_roots]
        real = [os.path.realpath(folder) for folder in given]
        return cls(here, tuple(dict.fromkeys(given + real)), Roots.of(here, *given))

    def locate(self, declared: Declared) -> str:
        """The absolute path to open; InputError for what no folder can hold by its name alone."""
        path = declared.path
        if "\0" in path:
            raise declared.refused("PM217", "holds a NUL character, which no file name can")
        if ".." in path and ".." in path.split("/"):
            raise declared.refused("PM205", "climbs out of a folder with '..'", _OUTSIDE_HINT)
        if not path.startswith("/"):
            whole = f"{self.root}/{path}"
            if has_hidden(path) and not self._shown_below_extra(whole):
                raise hidden(declared)
            return whole
        return self._absolute(os.path.normpath(path), declared)

    def _absolute(self, path: str, declared: Declared) -> str:
        """An absolute path as it is to be opened, if it is below a source root."""
        if any(is_below(path, folder) for folder in self.extra):
            if not self._shown_below_extra(path):
                raise hidden(declared)
            return declared.path
        if is_below(path, self.root):
            inner = os.path.relpath(path, self.root)
            raise declared.refused("PM205", "is absolute", f"write it as {shown(inner)}")
        raise declared.refused("PM205", "is outside the project folder", _OUTSIDE_HINT)

    def _shown_below_extra(self, path: str) -> bool:
        """Whether it is below a source root without a hidden part; the root itself may have some."""
        return any(is_below(path, folder) and not has_hidden(path[len(folder) :]) for folder in self.extra)


def hidden(declared: Declared) -> InputError:
    """What is said of a path with a hidden part."""
    return declared.refused("PM218", _HIDDEN, _HIDDEN_HINT)


def outside(declared: Declared) -> InputError:
    """What is said of a path that leads out of the allowed folders; where it leads is not said."""
    return declared.refused("PM205", "leads outside the project folder", _OUTSIDE_HINT)


def untrusted(declared: Declared, problem: Untrusted) -> InputError:
    """What is said of a name that is not opened, or of what was opened and is not read."""
    match problem:
        case LeadsOutside():
            return outside(declared)
        case Hidden():
            return declared.refused("PM218", "leads to a name that begins with a dot", _HIDDEN_HINT)
        case Irregular():
            return declared.refused("PM206", str(problem))
        case _:
            return declared.refused("PM216", str(problem), "try again")
