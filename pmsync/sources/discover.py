"""Finds the files that a source entry means: one path, or what a pattern matches.

`*` and `?` match within a name, `[...]` one character of a set, `**` folders at any depth. Matches are
sorted by code points, so that every machine sees the same order; dot files and `~$` files (what Excel
leaves beside an open workbook) are skipped, and so are folders. This module must not open files.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, assert_never

from pmsync.disk.reading import open_folder
from pmsync.disk.refusals import Untrusted
from pmsync.errors import InputError
from pmsync.model.manifest import Encoding, SourceMode, SourceSpec
from pmsync.sources.declared import Declared, Finding, shown
from pmsync.sources.folders import Folders, outside, untrusted
from pmsync.sources.names import (
    MAGIC,
    SKIPPED,
    Form,
    Listing,
    any_case,
    as_written,
    counting,
    holds,
    matching,
    normal,
    sorted_listing,
)
from pmsync.sources.opening import unreadable
from pmsync.sources.workbook import is_workbook

_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and bytes of a file name that are no UTF-8: they cannot be sent in a request."""

_NEIGHBOURS: Final = 2_000
"""Names that are compared to find what was meant; more would take longer than it helps."""


ENCODINGS: Final[Mapping[Encoding, str]] = {
    Encoding.UTF_8: "utf-8",
    Encoding.WINDOWS_1252: "cp1252",
    Encoding.ISO_8859_1: "iso-8859-1",
}
"""By the names that Python has for them."""


class Found(NamedTuple):
    """A file that an entry means, not looked at yet, and the file name the tenant is to see, in NFC.

    `findings`: what is odd about how it was found, and stops nothing.
    """

    declared: Declared
    name: str
    findings: tuple[Finding, ...] = ()


class Discovery:
    """One look at the folders: each is listed once, however many entries point into it."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._listings: dict[str, Listing] = {}

    def find(self, spec: SourceSpec) -> list[Found]:
        """The files of one entry in code point order; InputError if it is not clear which, or there is none.

        A plain path is hardly looked at: whether there is a file is for its reader to find out.
        """
        declared = Declared(spec.path, spec.location, ENCODINGS[spec.encoding])
        if not MAGIC.search(spec.path):
            path = spec.path if spec.path.isascii() else self._spelled(declared) or spec.path
            return [_found(_tidy(path), spec)]
        exact = self._spelled(declared)
        if exact is not None:
            return [_found(_tidy(exact), spec)]
        matches = sorted(self._matches(declared), key=normal)
        if not matches and spec.optional:
            return []
        if not matches:
            raise declared.refused("PM202", "matches no file", self._missed(declared))
        chosen = [_found(path, spec) for path in _chosen(declared, spec.mode, matches)]
        chosen[0] = chosen[0]._replace(findings=self._left_out(declared, matches))
        return chosen

    def _left_out(self, declared: Declared, matches: list[str]) -> tuple[Finding, ...]:
        """Files that were perhaps meant too: a pattern tells upper from lower case, on every machine."""
        others = self._matches(declared, any_case).difference(matches)
        if not others:
            return ()
        what = f"is not all that {shown(declared.path)} may mean: {shown(min(others))} differs in case only"
        return (Finding("PM241", what, "rename one, or write a pattern for each"),)

    def _spelled(self, declared: Declared) -> str | None:
        """The path on disk that is exactly the written one, or differs in the form of its letters alone."""
        folder = "/" if declared.path.startswith("/") else ""
        if os.path.lexists(os.path.join(self._folders.root, declared.path)):
            return declared.path
        if declared.path.isascii():
            return None
        for part in (one for one in declared.path.split("/") if one not in {"", "."}):
            try:
                listing = self._listing(folder, declared)
            except InputError:
                return None
            if not holds(listing.names, normal(part)):
                return None
            folder = _join(folder, listing.on_disk(normal(part))[0])
        return folder

    def _missed(self, declared: Declared) -> str:
        """What to do about a pattern that matches nothing."""
        others = self._matches(declared, any_case)
        if others:
            return f"{shown(min(others))} is there: upper and lower case letters differ"
        return "correct the pattern, or set optional: true"

    def neighbour(self, declared: Declared) -> str | None:
        """What may have been meant by a path whose last part does not exist."""
        folder, slash, name = declared.path.rpartition("/")
        try:
            names = self._listing(folder or slash, declared).names
        except InputError:
            return None
        close = difflib.get_close_matches(name, [one for one in names[:_NEIGHBOURS] if one != name], n=1)
        return folder + slash + close[0] if close else None

    def _matches(self, declared: Declared, form: Form = as_written) -> set[str]:
        """The files that a pattern matches, as paths; folder by folder, so that no pattern takes long."""
        *leading, last = (part for part in normal(declared.path).split("/") if part not in {"", "."})
        if last == "**":
            leading, last = [*leading, "**"], "*"
        folders = ["/" if declared.path.startswith("/") else ""]
        for segment in leading:
            folders = list(dict.fromkeys(self._entered(folders, segment, declared)))
        found: set[str] = set()
        for folder in folders:
            listing = self._listing(folder, declared)
            for name in matching(listing.names, last, form):
                if name not in listing.folders:
                    found.update(_join(folder, one) for one in listing.on_disk(name))
        return found

    def _entered(self, folders: Iterable[str], segment: str, declared: Declared) -> Iterator[str]:
        """The folders that one segment of a pattern leads into."""
        if segment == "**":
            yield from self._at_any_depth(folders, declared)
        elif not MAGIC.search(segment):
            yield from (self._inside(folder, segment, declared) for folder in folders)
        else:
            for folder in folders:
                listing = self._listing(folder, declared)
                names = matching(listing.names, segment, as_written)
                entered = (name for name in names if name in listing.folders)
                yield from (_join(folder, one) for name in entered for one in listing.on_disk(name))

    def _inside(self, folder: str, name: str, declared: Declared) -> str:
        """A folder of that name in another one, as it is spelled there."""
        if name.isascii():
            return _join(folder, name)
        return _join(folder, self._listing(folder, declared).on_disk(name)[0])

    def _at_any_depth(self, folders: Iterable[str], declared: Declared) -> Iterator[str]:
        """Symlinked folders are not gone into: they could lead round in circles."""
        waiting = list(folders)
        while waiting:
            folder = waiting.pop()
            yield folder
            listing = self._listing(folder, declared)
            inner = (name for name in listing.folders - listing.links if not name.startswith(SKIPPED))
            waiting.extend(_join(folder, one) for name in inner for one in listing.on_disk(name))

    def _listing(self, folder: str, declared: Declared) -> Listing:
        known = self._listings.get(folder)
        if known is None:
            known = self._listings[folder] = self._listed(folder, declared)
        return known

    def _listed(self, folder: str, declared: Declared) -> Listing:
        """The names in a folder, judged like a file: names outside are nobody's business either."""
        path = folder if folder.startswith("/") else os.path.join(self._folders.root, folder)
        roots = self._folders.roots
        try:
            with open_folder(path, roots) as descriptor, os.scandir(descriptor) as entries:
                return sorted_listing(entries)
        except Untrusted as problem:
            raise untrusted(declared, problem) from None
        except OSError as problem:
            if not roots.hold(os.path.realpath(path)):
                raise outside(declared) from problem  # nor is whether there is such a folder
            if isinstance(problem, (FileNotFoundError, NotADirectoryError)):
                return Listing()
            raise unreadable(declared, problem, path) from problem


def _tidy(path: str) -> str:
    """The path as it is shown and recorded, without `.` and empty parts (a `..` is for others to refuse)."""
    if "//" not in path and "./" not in path:
        return path
    start = "/" if path.startswith("/") else ""
    return start + "/".join(part for part in path.split("/") if part not in {"", "."})


def _join(folder: str, name: str) -> str:
    return f"{folder}{name}" if folder in {"", "/"} else f"{folder}/{name}"


def _chosen(declared: Declared, mode: SourceMode, matches: list[str]) -> list[str]:
    """What of a pattern's matches, sorted by code points, its mode means."""
    match mode:
        case SourceMode.LATEST:
            return [_latest(declared, matches)]
        case SourceMode.SINGLE if len(matches) > 1:
            what = f"matches {len(matches)} files, from {shown(matches[0])} to {shown(matches[-1])}"
            hint = "set mode: append (they add up) or mode: latest (only the last by name counts)"
            raise declared.refused("PM203", what, hint)
        case SourceMode.SINGLE | SourceMode.APPEND:
            return matches
        case _:
            assert_never(mode)


def _latest(declared: Declared, matches: list[str]) -> str:
    """The last by name; InputError where a reader of the names would take another for the last."""
    last, counted = matches[-1], max(matches, key=counting)
    if counting(last) < counting(counted):
        what = f"means {shown(last)} by the order of its letters, and {shown(counted)} by its numbers"
        hint = "pad the numbers, so that both orders agree: 09, 10"
        raise declared.refused("PM240", what, hint)
    return last


def name_of(spec: SourceSpec) -> str:
    """The file name that stands for an entry of which no file is known."""
    return normal(spec.name or spec.path.rstrip("/").rpartition("/")[2] or spec.path)


def require_sense(spec: SourceSpec, folders: Folders) -> None:
    """InputError where the entry alone, whatever is on disk, cannot mean what it says."""
    declared = Declared(spec.path, spec.location)
    if not spec.path:
        raise declared.refused("PM217", "is no path")
    if spec.mode is SourceMode.LATEST and spec.name is None:
        hint = "each new extract replaces the last under this name; add it, such as name: events.csv"
        raise declared.refused("PM214", "has mode: latest, which needs a name", hint)
    if spec.mode is SourceMode.APPEND and spec.name is not None:
        hint = "leave the name out: each file goes up under its own"
        raise declared.refused("PM214", "has mode: append, where one name cannot stand for all files", hint)
    folders.locate(declared)


def _found(path: str, spec: SourceSpec) -> Found:
    name = normal(path.rpartition("/")[2] if spec.name is None else spec.name)
    declared = Declared(path, spec.location, ENCODINGS[spec.encoding])
    if _UNFIT.search(name) or not name.strip(" .") or "/" in name:
        what = "has no file name that the tenant could be told"
        raise declared.refused("PM215", what, "give it a name: without control characters and '/'")
    if spec.name is not None and (is_workbook(path) or is_workbook(name)) and _kind(path) != _kind(name):
        what = f"would go up as {shown(name)}, which says that it is another kind of file"
        raise declared.refused("PM242", what, f"give it a name that ends in {_kind(path)}")
    return Found(declared, name)


def _kind(path: str) -> str:
    """What the end of a name says that a file is."""
    return os.path.splitext(path)[1].lower() or ".csv"
