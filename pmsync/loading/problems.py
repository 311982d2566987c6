"""Gathers what is wrong with a repository, so that one run shows every problem of every file.

Nothing is raised before all files were seen. This module must not know what can be wrong.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from typing import Final, NoReturn

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError

MOST: Final = 1000
"""Problems that are told of one file; what is left then is counted."""

_LONGEST: Final = 80
"""Characters of foreign text that are shown in one message."""


class Problems:
    """The problems found so far, each once."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}
        self._broken: set[Location] = set()
        self._of_file: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._of_file)

    def add(self, problem: Diagnostic) -> None:
        """Note a problem, unless the place it is at is not even YAML that is understood here."""
        if problem in self._found or problem.location in self._broken:
            return
        self._of_file[problem.location.file] += 1
        if self._of_file[problem.location.file] <= MOST:
            self._found[problem] = None

    def add_broken(self, problem: Diagnostic) -> None:
        """Note a problem that makes the value at its place unknown: more about that value is only noise."""
        self.add(problem)
        if self._of_file[problem.location.file] <= MOST:
            self._broken.add(problem.location)

    def settle(self) -> None:
        """Refuse if there are problems."""
        if self:
            self.refuse()

    def refuse(self) -> NoReturn:
        """Raise InputError with all problems in the order of their places."""
        told = sorted(self._found, key=lambda one: (one.location, one.code, one.message))
        raise InputError([*told, *self._untold()])

    def _untold(self) -> list[Diagnostic]:
        return [
            Diagnostic(Location(file), "PM033", f"{count - MOST:,} more problems in this file")
            for file, count in sorted(self._of_file.items())
            if count > MOST
        ]


def shown(text: str) -> str:
    """Foreign text in quotes: control characters and bidi marks as escapes, and cut if it is long."""
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def shown_path(path: str) -> str:
    """A path as it begins a line: as it is, unless that would break the line."""
    return path if path.isprintable() else repr(path)[1:-1]


def meant(word: str, known: Iterable[str]) -> str | None:
    """What was probably meant: `did you mean 'type'?`, or None if nothing is near."""
    by_lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(word[:_LONGEST].lower(), by_lower, n=1)
    return f"did you mean {shown(by_lower[near[0]])}?" if near else None
