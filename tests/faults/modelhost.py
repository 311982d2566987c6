"""Where a model run lives: its time, its process and its disk, all in memory, with mishaps that are said ahead.

What arrives although nobody waits for it any more arrives when the clock has passed. It must not know of
requests, nor of what is kept on the disk.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from statestore_samples import Killed, Volatile

Kept = Literal["nothing", "names", "content"]


class Clock:
    """Time that passes only when somebody sleeps; what was still under way arrives meanwhile."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._late: list[tuple[float, Callable[[], object]]] = []

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        due = [act for at, act in self._late if at <= self.seconds]
        self._late = [one for one in self._late if one[0] > self.seconds]
        for act in due:
            act()

    @property
    def something_is_late(self) -> bool:
        """Whether a request of an earlier run is still under way."""
        return bool(self._late)

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        self._late.append((self.seconds + seconds, act))


@dataclass(slots=True)
class Life:
    """One run's process: once it is killed, nothing that it does has an effect any more."""

    dead: bool = False

    def must_live(self) -> None:
        if self.dead:
            raise Killed

    def end(self) -> None:
        self.dead = True
        raise Killed


@dataclass(frozen=True, slots=True)
class DiskMishap:
    """What goes wrong at the n-th change of the disk: a kill (code 0), or an error, once or from then on."""

    change: int
    code: int = 0
    lasting: bool = False


class Disk(Volatile):
    """The disk in memory, one run's mishap at a time. A write that goes wrong leaves half of it."""

    def __init__(self) -> None:
        super().__init__(10**9, "names")
        self._life = Life()
        self._at = 0
        self._mishap: DiskMishap | None = None

    def begin(self, life: Life, mishap: DiskMishap | None = None) -> None:
        """Another process, with its own mishap."""
        self._life, self._mishap, self._at = life, mishap, 0
        self.open = {}

    def lose_power(self, kept: Kept) -> None:
        """What was not synced is lost, or in part kept."""
        self.mode = kept
        self.names = self.power_on().names
        self.durable_names = dict(self.names)

    def wipe(self) -> None:
        """Somebody removes the whole folder."""
        self.names, self.durable_names = {}, {}

    def close(self, descriptor: int) -> None:
        self._life.must_live()

    def _tick(self) -> None:
        self._life.must_live()
        self._at += 1
        one = self._mishap
        if one is None or not (self._at == one.change or (one.lasting and self._at > one.change)):
            return
        if not one.code:
            self._life.end()
        raise OSError(one.code, os.strerror(one.code))


DISK_ERRORS = (errno.ENOSPC, errno.EIO)
