"""The noun of verify.planted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """A mistake that somebody could make: in `file`, `old` (which stands there once) becomes `new`.

    `tests` are the ones that should notice: files, in the order in which they are run.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
