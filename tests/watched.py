"""A clock whose time passes only in sleeps, with the watch over waits looking on as its own thread would."""

from __future__ import annotations

from collections.abc import Callable

from pmsync.engine.watch import Watch
from pmsync.model.events import Event, StillWaiting

STEP = 0.5


class Watched:
    """`told`: when something was told, and what."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[tuple[float, StillWaiting]] = []
        self.waits = Watch(self._observe, self.monotonic)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        ends = self.now + seconds
        while self.now < ends:
            self.now = min(self.now + STEP, ends)
            self.waits.look()

    def taking(self, seconds: float, result: object) -> Callable[..., object]:
        """Something that blocks for so long and gives this."""

        def work(*_: object) -> object:
            self.sleep(seconds)
            return result

        return work

    @property
    def first(self) -> StillWaiting:
        """What was told first, which must be within six seconds and name an end."""
        at, event = self.told[0]
        assert at <= 6.0, event
        assert event.seconds >= 5.0, event
        assert event.left > 0, event
        return event

    def _observe(self, event: Event) -> None:
        assert isinstance(event, StillWaiting)
        self.told.append((self.now, event))
