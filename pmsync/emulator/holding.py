"""Requests that stand still: how they wait, and how others let them go on.

The waiting happens in the emulator's event loop, the deciding in any thread.
"""

import asyncio
import threading
from dataclasses import dataclass
from typing import Final, Literal

from pmsync.emulator.endpoints import Phase
from pmsync.emulator.history import Exchange

Verdict = Literal["release", "drop", "stop"]
"""What becomes of a request that stands still: it goes on, it ends here, or the emulator stops."""

_REST: Final = 10.0
"""Seconds a request that was let go may take until it is over or stands still again."""


class Rest:
    """Whether one request is at rest: over, or standing still. Threads can wait for it."""

    def __init__(self) -> None:
        self._there = threading.Event()

    def begin(self) -> None:
        self._there.set()

    def end(self) -> None:
        self._there.clear()

    def wait(self) -> None:
        """Raises TimeoutError where the request does not come to rest."""
        if not self._there.wait(_REST):
            raise TimeoutError("the request that was let go neither ended nor stood still again")


class Held:
    """One request that stands still until there is a verdict; the first one counts."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._loop = asyncio.get_running_loop()
        self._verdict: asyncio.Future[Verdict] = self._loop.create_future()
        self._lock = threading.Lock()
        self._decided = False
        rest.begin()  # before anybody can see it, or a quick release would be undone

    async def verdict(self) -> Verdict:
        return await asyncio.shield(self._verdict)

    def close(self) -> None:
        """Nobody waits any more; a verdict is without effect from now on."""
        with self._lock:
            self._decided = True

    def decide(self, verdict: Verdict) -> bool:
        """Let it go, from any thread; False, and no effect, on one that was let go before."""
        with self._lock:
            if self._decided:
                return False
            self._decided = True
        self._rest.end()
        self._loop.call_soon_threadsafe(self._verdict.set_result, verdict)
        return True

    def wait(self) -> None:
        """Wait until it is over or stands still again; not in the event loop."""
        self._rest.wait()

    def decide_and_wait(self, verdict: Verdict) -> bool:
        """Let it go, and wait as `wait` does; False where it had been let go before."""
        decided = self.decide(verdict)
        self.wait()
        return decided


@dataclass(frozen=True, slots=True)
class Paused:
    """A request that the script has stopped, in the hands of a test.

    Both ways on return when the request is over, or stands still again.
    """

    exchange: Exchange
    phase: Phase
    held: Held

    def release(self) -> None:
        """Let it go on from this very phase, also where the client has left meanwhile."""
        self.held.decide_and_wait("release")

    def drop(self) -> None:
        """Let it end here: nothing more changes, and the connection closes without another byte."""
        self.held.decide_and_wait("drop")
