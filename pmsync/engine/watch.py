"""The watch over waits: nothing waits in silence.

A wait of more than five seconds is told: what for, for how long so far, and for how long at most. It is told
again when it is for something else by now, and twice a minute. A thread of its own looks, because whoever
waits is held in a socket or asleep. This module must not know what is waited for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pmsync.model.events import Observer, StillWaiting
from pmsync.model.waits import Wait

PATIENCE: Final = 5.0
"""Seconds of silence that worry nobody."""
AGAIN: Final = 30.0
"""Seconds after which the same is told once more: CI kills jobs that are silent."""
_LOOK: Final = 0.5


class _Open:
    """One wait; written by whoever waits, read by the watch."""

    def __init__(self, clock: Callable[[], float], lock: threading.Lock) -> None:
        self._clock = clock
        self._lock = lock
        self._what = ""
        self._ends = 0.0
        self._since = clock()
        self._told: tuple[float, str] | None = None

    def is_for(self, what: str, most: float) -> None:
        with self._lock:
            self._what, self._ends = what, self._clock() + most

    def goes_on(self) -> None:
        with self._lock:
            self._since, self._told = self._clock(), None

    def due(self, now: float) -> bool:
        if now - self._since < PATIENCE:
            return False
        if self._told is None:
            return True
        told_at, what = self._told
        return now - told_at >= (AGAIN if what == self._what else PATIENCE)

    def tell(self, now: float) -> StillWaiting:
        self._told = now, self._what
        return StillWaiting(self._what, seconds=now - self._since, left=max(0.0, self._ends - now))


class Watch:
    """Takes waits from any thread, and tells the observer of those that last. `clock` never goes back."""

    def __init__(self, observer: Observer, clock: Callable[[], float]) -> None:
        self._observer = observer
        self._clock = clock
        self._lock = threading.Lock()
        self._open: list[_Open] = []

    @contextmanager
    def __call__(self, what: str, most: float) -> Iterator[Wait]:
        wait = _Open(self._clock, self._lock)
        wait.is_for(what, most)
        with self._lock:
            self._open.append(wait)
        try:
            yield wait
        finally:
            with self._lock:
                self._open.remove(wait)

    def look(self) -> None:
        """Tell what is due: of many waits the longest, and how many more there are."""
        now = self._clock()
        with self._lock:
            told = [wait.tell(now) for wait in self._open if wait.due(now)]
        if told:
            first = max(told, key=lambda event: event.seconds)
            self._observer(
                StillWaiting(first.what, seconds=first.seconds, left=first.left, others=len(told) - 1)
            )


@contextmanager
def watching(observer: Observer, clock: Callable[[], float]) -> Iterator[Watch]:
    """A watch that looks by itself, for as long as the context lasts."""
    watch, over = Watch(observer, clock), threading.Event()

    def look_on() -> None:
        while not over.wait(_LOOK):
            watch.look()

    thread = threading.Thread(target=look_on, name="watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
