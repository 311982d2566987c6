"""Waits: what may take long tells somebody what it is for and how long it may take at most.

Whoever waits says so at once; whether anybody is told, and when, is for the watch that was passed in (the
engine has one). This module must not know a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Wait(Protocol):
    """One wait under way."""

    def is_for(self, what: str, most: float) -> None:
        """What is waited for now, and for how many seconds from now at most; it began when it began."""

    def goes_on(self) -> None:
        """Something moved: the wait begins anew."""


Waits = Callable[[str, float], AbstractContextManager[Wait]]
"""Takes waits from any thread: what for, and for how many seconds at most. It lasts as the context does."""


class _Unwatched:
    def is_for(self, what: str, most: float) -> None: ...

    def goes_on(self) -> None: ...


UNWATCHED: Wait = _Unwatched()
"""A wait that nobody is told of."""


@contextmanager
def unwatched(_what: str, _most: float) -> Iterator[Wait]:
    """For whoever has no watch."""
    yield UNWATCHED
