"""Finds the files that a source entry means: one path, or what a pattern matches.

`*` and `?` match within a name, `[...]` one character of a set, `**` folders at any depth. Matches are
sorted by code points, so that every machine sees the same order; dot files and `~$` files (what Excel
leaves beside an open workbook) are skipped, and so are folders. This module must not open files.
"""

from __future__ import annotations

import difflib
import fnmatch
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, assert_never

from pmsync.disk.reading import open_folder
from pmsync.disk.refusals import Untrusted
from pmsync.errors import InputError
from pmsync.model.manifest import SourceMode, SourceSpec
from pmsync.sources.declared import Declared, shown
from pmsync.sources.folders import Folders, outside, untrusted
from pmsync.sources.opening import unreadable

_MAGIC: Final = re.compile(r"[*?\[]")
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and bytes of a file name that are no UTF-8: they cannot be sent in a request."""

_SKIPPED: Final = (".", "~$")
_NEIGHBOURS: Final = 2_000
"""Names that are compared to find what was meant; more would take longer than it helps."""


class Found(NamedTuple):
    """A file that an entry means, not looked at yet, and the file name the tenant is to see."""

    declared: Declared
    name: str


@dataclass(frozen=True, slots=True)
class _Listing:
    """The names in one folder, sorted by code points; which are folders, and which of those are links."""

    names: tuple[str, ...] = ()
    folders: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()


class Discovery:
    """One look at the folders: each is listed once, however many entries point into it."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._listings: dict[str, _Listing] = {}

    def find(self, spec: SourceSpec) -> list[Found]:
        """The files of one entry in code point order; InputError if the entry cannot mean what it says.

        A plain path is not looked at: whether there is a file is for its reader to find out.
        """
        if spec.mode is not SourceMode.SINGLE or not spec.path:
            _require_sense(spec)
        if not _MAGIC.search(spec.path):
            return [_found(_tidy(spec.path), spec)]
        return [_found(path, spec) for path in self._chosen(spec)]

    def _chosen(self, spec: SourceSpec) -> list[str]:
        """What of a pattern's matches its mode means."""
        declared = Declared(spec.path, spec.location)
        self._folders.locate(declared)
        matches = sorted(self._matches(declared))
        if not matches and not spec.optional:
            hint = "correct the pattern, or say optional: true"
            raise declared.refused("PM202", "matches no file", hint)
        match spec.mode:
            case SourceMode.LATEST:
                return matches[-1:]
            case SourceMode.SINGLE if len(matches) > 1:
                what = f"matches {len(matches)} files, from {shown(matches[0])} to {shown(matches[-1])}"
                hint = "say mode: append (they add up) or mode: latest (only the last by name counts)"
                raise declared.refused("PM203", what, hint)
            case SourceMode.SINGLE | SourceMode.APPEND:
                return matches
            case _:
                assert_never(spec.mode)

    def neighbour(self, declared: Declared) -> str | None:
        """What may have been meant by a path whose last part does not exist."""
        folder, slash, name = declared.path.rpartition("/")
        try:
            names = self._listing(folder or slash, declared).names
        except InputError:
            return None
        close = difflib.get_close_matches(name, names[:_NEIGHBOURS], n=1)
        return folder + slash + close[0] if close else None

    def _matches(self, declared: Declared) -> set[str]:
        """The files that a pattern matches, as paths; folder by folder, so that no pattern takes long."""
        *leading, last = (part for part in declared.path.split("/") if part not in {"", "."})
        if last == "**":
            leading, last = [*leading, "**"], "*"
        folders = ["/" if declared.path.startswith("/") else ""]
        for segment in leading:
            folders = list(dict.fromkeys(self._entered(folders, segment, declared)))
        found: set[str] = set()
        for folder in folders:
            listing = self._listing(folder, declared)
            names = _matching(listing.names, last)
            found.update(_join(folder, name) for name in names if name not in listing.folders)
        return found

    def _entered(self, folders: Iterable[str], segment: str, declared: Declared) -> Iterator[str]:
        """The folders that one segment of a pattern leads into."""
        if segment == "**":
            yield from self._at_any_depth(folders, declared)
        elif not _MAGIC.search(segment):
            yield from (_join(folder, segment) for folder in folders)
        else:
            for folder in folders:
                listing = self._listing(folder, declared)
                names = _matching(listing.names, segment)
                yield from (_join(folder, name) for name in names if name in listing.folders)

    def _at_any_depth(self, folders: Iterable[str], declared: Declared) -> Iterator[str]:
        """Symlinked folders are not gone into: they could lead round in circles."""
        waiting = list(folders)
        while waiting:
            folder = waiting.pop()
            yield folder
            listing = self._listing(folder, declared)
            inner = (name for name in listing.folders - listing.links if not name.startswith(_SKIPPED))
            waiting.extend(_join(folder, name) for name in inner)

    def _listing(self, folder: str, declared: Declared) -> _Listing:
        known = self._listings.get(folder)
        if known is None:
            known = self._listings[folder] = self._listed(folder, declared)
        return known

    def _listed(self, folder: str, declared: Declared) -> _Listing:
        """The names in a folder, judged like a file: names outside are nobody's business either."""
        path = folder if folder.startswith("/") else os.path.join(self._folders.root, folder)
        roots = self._folders.roots
        try:
            with open_folder(path, roots) as descriptor, os.scandir(descriptor) as entries:
                return _sorted_listing(entries)
        except Untrusted as problem:
            raise untrusted(declared, problem) from None
        except OSError as problem:
            if not roots.hold(os.path.realpath(path)):
                raise outside(declared) from problem  # nor is whether there is such a folder
            if isinstance(problem, (FileNotFoundError, NotADirectoryError)):
                return _Listing()
            raise unreadable(declared, problem, path) from problem


def _sorted_listing(entries: Iterable[os.DirEntry[str]]) -> _Listing:
    names, folders, links = [], set(), set()
    for entry in entries:
        names.append(entry.name)
        if _is_folder(entry):
            folders.add(entry.name)
            if entry.is_symlink():
                links.add(entry.name)
    return _Listing(tuple(sorted(names)), frozenset(folders), frozenset(links))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symlink that leads round in circles: opening it says so
        return False


def _tidy(path: str) -> str:
    """The path as it is shown and recorded, without `.` and empty parts (a `..` is for others to refuse)."""
    if "//" not in path and "./" not in path:
        return path
    start = "/" if path.startswith("/") else ""
    return start + "/".join(part for part in path.split("/") if part not in {"", "."})


def _join(folder: str, name: str) -> str:
    return f"{folder}{name}" if folder in {"", "/"} else f"{folder}/{name}"


def _matching(names: tuple[str, ...], segment: str) -> Iterator[str]:
    """The names that a segment matches; a wildcard's are looked for only where its first letters sort."""
    if not _MAGIC.search(segment):
        yield from (name for name in names[bisect_left(names, segment) :][:1] if name == segment)
        return
    prefix = _MAGIC.split(segment, maxsplit=1)[0]
    accepts = _segment_pattern(segment)
    for at in range(bisect_left(names, prefix), len(names)):
        name = names[at]
        if not name.startswith(prefix):
            break
        if accepts(name) and not name.startswith(_SKIPPED):
            yield name


@lru_cache(maxsize=1024)
def _segment_pattern(segment: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(segment)).match


def _require_sense(spec: SourceSpec) -> None:
    declared = Declared(spec.path, spec.location)
    if not spec.path:
        raise declared.refused("PM217", "is no path")
    if spec.mode is SourceMode.LATEST and spec.name is None:
        hint = "each new extract replaces the last under this name; add it, such as name: events.csv"
        raise declared.refused("PM214", "has mode: latest, which needs a name", hint)
    if spec.mode is SourceMode.APPEND and spec.name is not None:
        hint = "leave the name out: each file goes up under its own"
        raise declared.refused("PM214", "has mode: append, where one name cannot stand for all files", hint)


def _found(path: str, spec: SourceSpec) -> Found:
    name = path.rpartition("/")[2] if spec.name is None else spec.name
    declared = Declared(path, spec.location)
    if _UNFIT.search(name) or not name.strip(" .") or "/" in name:
        what = "has no file name that the tenant could be told"
        raise declared.refused("PM215", what, "give it a name: without control characters and '/'")
    return Found(declared, name)
