"""Names in a folder and the patterns that match them: in NFC, by code points, the same on every machine.

This module must not know manifests, nor which folders may be looked into.
"""

from __future__ import annotations

import fnmatch
import os
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from msgspec import Struct, field

MAGIC: Final = re.compile(r"[*?\[]")
SKIPPED: Final = (".", "~$")
"""How names begin that no pattern matches: dot files, and what Excel leaves beside an open workbook."""

_DIGITS: Final = re.compile(r"([0-9]+)")

Form = Callable[[str], Callable[[str], object]]
"""How a segment of a pattern is read: what says whether a name matches it."""


def normal(text: str) -> str:
    """A name in NFC: two spellings of one name look the same, and are the same."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=1024)
def as_written(segment: str) -> Callable[[str], object]:
    """What a pattern matches; the same on every machine."""
    return re.compile(fnmatch.translate(segment)).match


def any_case(segment: str) -> Callable[[str], object]:
    """What a pattern would match if upper and lower case were one."""
    return re.compile(fnmatch.translate(segment), re.IGNORECASE).match


class Listing(Struct, frozen=True):
    """The names in one folder, in NFC and sorted by code points; which are folders, and which of those links.

    `spelled`: the names on disk that are not in NFC, by what they are there.
    """

    names: tuple[str, ...] = ()
    folders: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    spelled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def on_disk(self, name: str) -> tuple[str, ...]:
        """The names on disk that are this name."""
        return self.spelled.get(name, (name,))


def sorted_listing(entries: Iterable[os.DirEntry[str]]) -> Listing:
    """The entries of a folder as they are looked for."""
    names, folders, links = set(), set(), set()
    spelled: dict[str, list[str]] = {}
    for entry in entries:
        name = normal(entry.name)
        if name in names or name != entry.name:
            spelled.setdefault(name, [name] if name in names else []).append(entry.name)
        names.add(name)
        if _is_folder(entry):
            folders.add(name)
            if entry.is_symlink():
                links.add(name)
    on_disk = {name: tuple(sorted(told)) for name, told in spelled.items()}
    return Listing(tuple(sorted(names)), frozenset(folders), frozenset(links), on_disk)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symlink that leads round in circles: opening it says so
        return False


def holds(names: tuple[str, ...], name: str) -> bool:
    """Whether sorted names hold this one."""
    return name in names[bisect_left(names, name) :][:1]


def matching(names: tuple[str, ...], segment: str, form: Form) -> Iterator[str]:
    """The names that a segment matches; a wildcard's are looked for only where its first letters sort."""
    if not MAGIC.search(segment) and form is as_written:
        yield from (name for name in [segment] if holds(names, name))
        return
    prefix = MAGIC.split(segment, maxsplit=1)[0] if form is as_written else ""
    accepts = form(segment)
    for at in range(bisect_left(names, prefix), len(names)):
        name = names[at]
        if not name.startswith(prefix):
            break
        if accepts(name) and not name.startswith(SKIPPED):
            yield name


def counting(path: str) -> list[tuple[int, str]]:
    """Sorts as people count: runs of digits by their value, all else by code points."""
    parts = _DIGITS.split(normal(path))
    return [
        (len(digits), digits) if at % 2 else (0, digits)
        for at, digits in enumerate(part.lstrip("0") if n % 2 else part for n, part in enumerate(parts))
    ]
