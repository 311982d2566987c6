"""The fault script of one emulator: which faults are left, what stands still, what listings must not show.

Tests write it from any thread; the hosts ask it in the event loop. What a fault does is the business of gate.
"""

import asyncio
import threading
from collections import deque
from dataclasses import dataclass
from math import inf

from pmsync.emulator.endpoints import Phase
from pmsync.emulator.faultactions import Lag, StaleListing
from pmsync.emulator.faults import Fault
from pmsync.emulator.history import Exchange
from pmsync.emulator.holding import Held, Paused, Rest, Verdict
from pmsync.emulator.listings import LISTINGS, Entries, Moment, entries_then, moment_of
from pmsync.emulator.world import World


@dataclass(slots=True)
class _Waiting:
    """A fault whose request has not come yet, and how many requests matched so far."""

    fault: Fault
    seen: int = 0


@dataclass(slots=True)
class _Hidden:
    """A new id that listings do not show: until a time, or for so many listings."""

    until: float
    listings: float


@dataclass(frozen=True, slots=True)
class _Delayed:
    """A commit that comes later: at a time of the emulator's clock, or when somebody says so."""

    due: float
    held: Held


class Script:
    """All faults of one emulator, in the order they were added."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._clock = world.ground.clock
        self._changed = threading.Condition()
        self._forget()
        self._stopped = False
        self._paused: list[Paused] = []
        self._hung: list[Held] = []
        self._delayed: list[_Delayed] = []

    def _forget(self) -> None:
        self._waiting: list[_Waiting] = []
        self._announced: deque[Paused] = deque()
        self._hidden: dict[str, _Hidden] = {}
        self._expired: set[str] = set()
        self._named: dict[str, Moment] = {}
        self._earlier: dict[str, deque[Moment]] = {}

    def add(self, *faults: Fault) -> None:
        """Put faults at the end of the script; each counts the requests that begin from now on."""
        with self._changed:
            self._waiting += [_Waiting(fault) for fault in faults]

    def clear(self) -> None:
        """Empty the script. What stands still is dropped, and a delayed commit never comes."""
        self._end("drop")

    def stop(self) -> None:
        """The emulator stops: nothing stands still any more."""
        self._stopped = True
        self._end("stop")

    def _end(self, verdict: Verdict) -> None:
        with self._changed:
            self._forget()
            still = self._standing()
        for held in still:
            held.decide(verdict)

    def _standing(self) -> list[Held]:
        return [
            *(paused.held for paused in self._paused),
            *(delayed.held for delayed in self._delayed),
            *self._hung,
        ]

    def left(self) -> list[tuple[Fault, int]]:
        """The faults that have not struck, or strike every time, and how many requests matched so far."""
        with self._changed:
            return [(waiting.fault, waiting.seen) for waiting in self._waiting]

    def wait_paused(self, timeout: float = 10.0) -> Paused:
        """The next request that a pause has stopped. Raises TimeoutError where none comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._announced, timeout):
                raise TimeoutError(f"no request was paused within {timeout:g} seconds")
            return self._announced.popleft()

    def release(self) -> int:
        """Let everything go on that is paused or delayed; how many. Returns when it has."""
        with self._changed:
            still = [*(p.held for p in self._paused), *(delayed.held for delayed in self._delayed)]
            self._announced.clear()
        return sum(held.decide_and_wait("release") for held in still)

    def release_delayed(self) -> int:
        """Let every delayed commit come now; how many. Returns when they have."""
        with self._changed:
            still = [delayed.held for delayed in self._delayed]
        return sum(held.decide_and_wait("release") for held in still)

    def remember(self, moment: str) -> None:
        """Keep under a name what all listings show now, for stale listings."""
        known = self.world.ground.catalogue.tenant_ids()
        self._named[moment] = moment_of(self.world, known)

    @property
    def is_active(self) -> bool:
        """Whether a request needs looking at; all that an empty script costs."""
        return bool(self._waiting or self._hidden or self._delayed)

    def take(self, exchange: Exchange) -> list[Fault]:
        """The faults that strike a request which has just begun; they are used up."""
        struck: list[Fault] = []
        with self._changed:
            left: list[_Waiting] = []
            for waiting in self._waiting:
                fault = waiting.fault
                matches = fault.matches(exchange)
                waiting.seen += matches
                if matches and fault.occurrence in {"every", waiting.seen}:
                    struck.append(fault)
                if not (matches and fault.occurrence == waiting.seen):
                    left.append(waiting)
            self._waiting = left
        return struck

    # --- what stands still

    def pause(self, exchange: Exchange, phase: Phase, rest: Rest) -> Held:
        """Note a request as paused and tell whoever waits for one."""
        with self._changed:
            held = self._new_held(rest)
            paused = Paused(exchange, phase, held)
            self._paused.append(paused)
            self._announced.append(paused)
            self._changed.notify_all()
        return held

    def hang(self, rest: Rest) -> Held:
        with self._changed:
            held = self._new_held(rest)
            self._hung.append(held)
        return held

    def delay(self, seconds: float | None, rest: Rest) -> Held:
        """Note a commit that comes later."""
        with self._changed:
            held = self._new_held(rest)
            due = inf if seconds is None else self._clock() + seconds
            self._delayed.append(_Delayed(due, held))
        if seconds is not None:
            # Where the clock is a test's own, the next request looks again.
            asyncio.get_running_loop().call_later(seconds, self._release_due)
        return held

    def _new_held(self, rest: Rest) -> Held:
        held = Held(rest)
        if self._stopped:
            held.decide("stop")
        return held

    def let_go(self, held: Held) -> None:
        """Note that a request does not stand still any more."""
        held.close()
        with self._changed:
            self._paused = [paused for paused in self._paused if paused.held is not held]
            self._announced = deque(paused for paused in self._announced if paused.held is not held)
            self._delayed = [delayed for delayed in self._delayed if delayed.held is not held]
            self._hung = [other for other in self._hung if other is not held]

    async def settle_due(self) -> None:
        """Let every commit come whose time has come, and wait until it has."""
        for held in self._release_due():
            await asyncio.to_thread(held.wait)

    def _release_due(self) -> list[Held]:
        now = self._clock()
        due = [delayed.held for delayed in self._delayed if delayed.due <= now]
        for held in due:
            held.decide("release")
        return due

    # --- what listings show

    def hide(self, ids: list[str], lag: Lag) -> None:
        """Keep new ids out of listings for a while."""
        until = inf if lag.seconds is None else self._clock() + lag.seconds
        for made in ids:
            self._hidden[made] = _Hidden(until, inf if lag.listings is None else lag.listings)

    def is_hiding(self, exchange: Exchange) -> bool:
        return bool(self._hidden) and exchange.endpoint in LISTINGS

    def shown(self, entries: Entries) -> Entries:
        """The entries of one listing without those that are still hidden."""
        now = self._clock()
        hidden: set[str] = set()
        for entry in entries:
            lag = self._hidden.get(entry["id"])
            if lag and lag.until > now and lag.listings > 0:
                lag.listings -= 1
                hidden.add(entry["id"])
            elif lag:
                del self._hidden[entry["id"]]
        return [entry for entry in entries if entry["id"] not in hidden]

    def stale(self, wanted: StaleListing, exchange: Exchange, *, now: Entries) -> Entries:
        """What a listing showed then; what it shows now where nothing is remembered."""
        if wanted.moment is not None:
            named = self._named.get(wanted.moment)
            return now if named is None else entries_then(named, exchange)
        earlier = self._earlier.get(exchange.ids.get("tenantId", ""))
        if not earlier or not wanted.commits:
            return now
        return entries_then(earlier[max(0, len(earlier) - wanted.commits)], exchange)

    def moment_before_commit(self, tenant_id: str) -> Moment | None:
        """What the listings of a tenant show, if any fault may want to know that after the next commit."""
        wanted = self._waiting and self._most_commits()
        return moment_of(self.world, [tenant_id]) if wanted else None

    def note_commit(self, tenant_id: str, before: Moment | None) -> None:
        if before is not None:
            self._earlier.setdefault(tenant_id, deque(maxlen=self._most_commits() or 1)).append(before)

    def _most_commits(self) -> int:
        actions = [waiting.fault.action for waiting in list(self._waiting)]
        return max((a.commits or 0 for a in actions if isinstance(a, StaleListing)), default=0)

    # --- upload URLs

    def expire(self, path: str) -> None:
        """Let the upload URL of that path of the bucket count as expired."""
        self._expired.add(path)

    def is_expired(self, path: str) -> bool:
        return path in self._expired
