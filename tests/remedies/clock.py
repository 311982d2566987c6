"""Time as tests want it: nobody sleeps, and what is slow comes when the test says so."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from types import SimpleNamespace

import pytest

from pmsync.cli import runtime
from pmsync.cli.signals import Stop
from pmsync.tenant.retry import Timing


class Clock:
    """Seconds that go on by themselves, and at once where somebody would sleep.

    `slept` is told how long.
    """

    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept: Callable[[float], None] = lambda _seconds: None

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += max(0.0, seconds)
        self.slept(seconds)

    def _now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + timedelta(seconds=self.ahead)

    @contextlib.contextmanager
    def of_the_command(self) -> Iterator[None]:
        """Commands called in this process wait by this clock."""
        with pytest.MonkeyPatch.context() as patch:
            mine = SimpleNamespace(monotonic=self.monotonic, time_ns=time.time_ns)
            patch.setattr(runtime, "time", mine)
            patch.setattr(runtime, "datetime", SimpleNamespace(now=self._now))
            patch.setattr(Stop, "sleep", lambda _stop, seconds: self.sleep(seconds))
            plain = Timing.__init__
            patch.setattr(
                Timing,
                "__init__",
                lambda timing, **given: plain(
                    timing, **{"sleep": self.sleep, "monotonic": self.monotonic, **given}
                ),
            )
            yield
