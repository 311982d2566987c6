"""Finds the manifest files that pmsync.yaml names: files, folders with all in them, and patterns.

Nothing is skipped in silence that could hold a manifest, as what is not declared may be deleted: a symlink
is followed inside the project folder and refused if it leads out. What begins with a dot is no manifest, by
its own name or by the one it leads to. This module must not open files.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from pmsync.diagnostics import Diagnostic, Location
from pmsync.disk.reading import Roots, has_hidden, names_in
from pmsync.disk.refusals import Hidden, Untrusted
from pmsync.loading.names import fault_of_path
from pmsync.loading.problems import Problems, meant, shown, shown_path

_MAGIC: Final = re.compile(r"[*?\[]")
_SUFFIXES: Final = (".yaml", ".yml")
_NO_MANIFEST: Final = "a manifest ends in .yaml or .yml; pmsync export writes a first one from the tenant"


class ManifestFile(Struct, frozen=True):
    """A file to read: `file` is how it is shown, `path` absolute, without symlinks and in `root`."""

    file: str
    path: str
    root: str


class _Refused(Exception):
    """Why a path cannot be looked at: the code of a diagnostic and a sentence."""


def find_manifests(
    root: str, patterns: Iterable[tuple[str, Location]], *, apart: frozenset[str], problems: Problems
) -> list[ManifestFile]:
    """The files of all patterns (each with its place in pmsync.yaml), each once, sorted by code points.

    `apart` are the files of the project folder that folders and patterns do not stand for.
    """
    search = _Search(os.path.realpath(root), Roots.of(root), apart)
    found: dict[str, str] = {}
    for pattern, place in patterns:
        try:
            matches = sorted(set(search.find(pattern)))
            for path in matches:
                found.setdefault(search.resolved(path), path)
        except _Refused as fault:
            code, message = fault.args
            problems.add(Diagnostic(place, code, message))
            continue
        if not matches:
            hint = search.neighbour(pattern) or _NO_MANIFEST
            problems.add(Diagnostic(place, "PM022", f"{shown(pattern)} matches no manifest", hint))
    return sorted((ManifestFile(shown_path(path), real, root) for real, path in found.items()), key=_order)


def _order(one: ManifestFile) -> str:
    return one.file


class _Search(Struct, frozen=True):
    """One look at the project folder. `root` has no symlinks; paths are relative to it, with `/`."""

    root: str
    roots: Roots
    apart: frozenset[str]

    def find(self, pattern: str) -> Iterator[str]:
        """The manifests that the pattern stands for; one that it names exactly may have any suffix."""
        segments = [segment for segment in pattern.split("/") if segment not in {"", "."}]
        fault = fault_of_path(pattern)
        if fault:
            raise _Refused("PM032", fault)
        if pattern.startswith("/") or ".." in segments:
            raise _outside(pattern)
        if has_hidden(pattern):
            raise _hidden(pattern)
        path = "/".join(segments)
        if _MAGIC.search(path):
            return self._matches("", _without_repeated_stars(segments), ())
        if os.path.isdir(self._whole(path)):
            return self._below(path, ())
        return iter([path] if os.path.lexists(self._whole(path)) else [])

    def resolved(self, path: str) -> str:
        """Where the path really leads: always into the project folder."""
        real = os.path.realpath(self._whole(path))
        try:
            self.roots.home_of(real)
        except Hidden:
            raise _hidden(path) from None
        except Untrusted:
            raise _outside(path) from None
        return real

    def neighbour(self, pattern: str) -> str | None:
        """What may have been meant by a path whose last part does not exist."""
        folder, _, name = pattern.rpartition("/")
        try:
            return meant(name, self._names(folder))
        except _Refused:
            return None

    def _below(self, folder: str, above: tuple[str, ...]) -> Iterator[str]:
        """All manifests in a folder, at any depth; `above` are the folders on the way, resolved."""
        real = self.resolved(folder)
        if real in above:  # a symlink that leads round in circles
            return
        for name in self._names(folder):
            path = _join(folder, name)
            if os.path.isdir(self._whole(path)):
                yield from self._below(path, (*above, real))
            elif self._is_manifest(path):
                yield path

    def _matches(self, folder: str, segments: list[str], above: tuple[str, ...]) -> Iterator[str]:
        """What the segments match below a folder; a folder that matches stands for all in it."""
        first, rest = segments[0], segments[1:]
        if first == "**":
            yield from self._at_any_depth(folder, segments, above)
            return
        names = fnmatch.filter(self._names(folder), first) if _MAGIC.search(first) else [first]
        for name in names:
            path = _join(folder, name)
            if os.path.isdir(self._whole(path)):
                yield from self._matches(path, rest, above) if rest else self._below(path, ())
            elif not rest and self._is_manifest(path):
                yield path

    def _at_any_depth(self, folder: str, segments: list[str], above: tuple[str, ...]) -> Iterator[str]:
        if len(segments) == 1:
            yield from self._below(folder, ())
            return
        real = self.resolved(folder)
        if real in above:
            return
        yield from self._matches(folder, segments[1:], above)
        for name in self._names(folder):
            path = _join(folder, name)
            if os.path.isdir(self._whole(path)):
                yield from self._matches(path, segments, (*above, real))

    def _names(self, folder: str) -> list[str]:
        """The names in a folder that are not hidden; none if there is no such folder."""
        try:
            names = names_in(self.resolved(folder), self.roots)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except Untrusted:
            raise _outside(folder) from None
        except OSError as fault:
            reason = os.strerror(fault.errno or 0).lower()
            raise _Refused("PM001", f"the folder {shown(folder)} cannot be read: {reason}") from fault
        return sorted(name for name in names if not name.startswith("."))

    def _is_manifest(self, path: str) -> bool:
        return path.endswith(_SUFFIXES) and path not in self.apart and os.path.lexists(self._whole(path))

    def _whole(self, path: str) -> str:
        return os.path.join(self.root, path)


def _outside(path: str) -> _Refused:
    return _Refused("PM021", f"{shown(path)} leads outside the project folder")


def _hidden(path: str) -> _Refused:
    return _Refused("PM035", f"{shown(path)} has, or leads to, a part that begins with a dot")


def _without_repeated_stars(segments: list[str]) -> list[str]:
    return [one for at, one in enumerate(segments) if one != "**" or segments[at - 1 : at] != ["**"]]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
