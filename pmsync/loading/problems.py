"""Gathers what is wrong with a repository, so that one run shows every problem of every file.

Nothing is raised before all files were seen. This module must not know what can be wrong.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, NoReturn

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import MOST_TOLD, InputError

_MOST_BROKEN: Final = 10_000
"""Places that are remembered so that no more is said of them; after that many, nobody reads what is said."""

_LONGEST: Final = 80
"""Characters of foreign text that are shown in one message."""


class Problems:
    """The problems found so far, each once; beyond the first so many by their places, only their number."""

    def __init__(self) -> None:
        self._first: list[Diagnostic] = []
        self._broken: set[Location] = set()
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, problem: Diagnostic) -> None:
        """Note a problem, unless the place it is at is not even YAML that is understood here."""
        if problem.location in self._broken:
            return
        at = bisect_left(self._first, _order(problem), key=_order)
        if self._first[at : at + 1] == [problem]:
            return
        self._count += 1
        if at < MOST_TOLD:
            self._first.insert(at, problem)
            del self._first[MOST_TOLD:]

    def count(self, more: int) -> None:
        """Note so many problems of which nothing is to be told."""
        self._count += more

    def add_broken(self, problem: Diagnostic) -> None:
        """Note a problem that makes the value at its place unknown: more about that value is only noise."""
        self.add(problem)
        if len(self._broken) < _MOST_BROKEN:
            self._broken.add(problem.location)

    def settle(self) -> None:
        """Refuse if there are problems."""
        if self:
            self.refuse()

    def refuse(self) -> NoReturn:
        """Raise InputError with the first problems in the order of their places, and the number of all."""
        raise InputError(self._first, count=self._count)


def _order(problem: Diagnostic) -> tuple[Location, str, str, str]:
    return problem.location, problem.code, problem.message, problem.suggestion or ""


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
