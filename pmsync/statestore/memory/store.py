"""The state of one environment in memory, for threads of this process.

It is gone with the process, so no `state:` names it: it shows what any store must do, and tests run on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Final

from msgspec.structs import replace

from pmsync.errors import Locked, Refused, StalePlan
from pmsync.model.outcome import Announce, Entry, fold
from pmsync.model.state import Binding, Intent, Owner, State
from pmsync.statestore.belonging import must_belong
from pmsync.statestore.codec import encode_outcome
from pmsync.statestore.interface import Holder, Waiting

_PAUSE: Final = 0.2
_HERE: Final = "memory"


class MemoryLedger:
    """A run's view of the store: everything is there as soon as it is recorded."""

    def __init__(self, store: MemoryStateStore) -> None:
        self._store = store
        self._closed = False

    @property
    def state(self) -> State:
        return self._store.folded()

    def announce(self, intents: Sequence[Intent]) -> None:
        self.record([Announce(intent) for intent in intents], hard=True)

    def record(self, entries: Sequence[Entry], *, hard: bool = False) -> None:  # noqa: ARG002 - all is at once
        if self._closed:
            raise ValueError("the ledger is closed")
        encode_outcome(entries)  # what no journal could hold is refused here as well
        self._store.append(self, entries)

    def checkpoint(self) -> None:
        """Nothing is kept apart from the state."""

    def close(self) -> None:
        if not self._closed:
            self._store.end(self)
            self._closed = True


class MemoryLease:
    """A lock that is held in this process."""

    def __init__(self, store: MemoryStateStore, holder: Holder) -> None:
        self._store = store
        self.holder = holder

    def must_be_held(self) -> None:
        if not self._store.is_held_by(self):
            what = "the lock of this run was broken by hand, so nothing more is sent"
            raise Refused(what, where=_HERE, hint="plan again once no other run is under way")


class MemoryStateStore:
    """The state of one environment, bound to one tenant and one place. Threads may share it."""

    def __init__(self, binding: Binding, *, stands_here: Callable[[Owner], bool] = lambda _: False) -> None:
        self._binding = binding
        self._stands_here = stands_here
        self._mutex = RLock()
        self._state: State | None = None
        self._since: list[Entry] = []
        self._ledger: MemoryLedger | None = None
        self._lease: MemoryLease | None = None

    def read(self) -> State | None:
        with self._mutex:
            return None if self._state is None else self.folded()

    def holder(self) -> Holder | None:
        lease = self._lease
        return lease.holder if lease else None

    @contextmanager
    def held(self, holder: Holder, waiting: Waiting) -> Iterator[MemoryLease]:
        lease = MemoryLease(self, holder)
        ends = waiting.monotonic() + waiting.timeout
        with waiting.waits("the lock", waiting.timeout) as wait:
            while (other := self._taken(lease)) is not None:
                wait.is_for(f"the lock, held by {other}", ends - waiting.monotonic())
                if waiting.monotonic() >= ends:
                    hint = f"wait for it to end; if it cannot any more: pmsync state unlock {other.id}"
                    raise Locked(f"another run holds the lock: {other}", where=_HERE, hint=hint)
                waiting.sleep(_PAUSE)
        try:
            yield lease
        finally:
            with self._mutex:
                if self._lease is lease:
                    self._lease = None

    def begin(self, state: State) -> MemoryLedger:
        must_belong(state, self._binding, self._binding.owner, where=_HERE, stands_here=self._stands_here)
        with self._mutex:
            found = self.read()
            if found != state and not (found is None and state.serial == 0):
                what = "the state is not the one that was read: another run has changed it since"
                raise StalePlan(what, where=_HERE, hint="plan again")
            bound = state if self._binding.owner is None else replace(state, binding=self._binding)
            self._state, self._since = replace(bound, serial=state.serial + 1), []
            self._ledger = MemoryLedger(self)
            return self._ledger

    def broken(self, lock_id: str) -> Holder | None:
        with self._mutex:
            found = self.holder()
            if found is not None and found.id != lock_id:
                what = f"the lock that is held is {found.id} ({found}), not {lock_id}"
                raise Refused(what, where=_HERE, hint=f"pmsync state unlock {found.id}")
            self._lease = None
            return found

    def must_be_possible(self) -> None:
        """There is always memory."""

    def is_held_by(self, lease: MemoryLease) -> bool:
        return self._lease is lease

    def folded(self) -> State:
        """The state with everything recorded. Raises ValueError: no run ever began."""
        with self._mutex:
            if self._state is None:
                raise ValueError("no run ever began")
            if self._since:
                self._state, self._since = fold(self._state, self._since), []
            return self._state

    def append(self, ledger: MemoryLedger, entries: Sequence[Entry]) -> None:
        """Raises StalePlan: another run began since, and this one's word counts no more."""
        with self._mutex:
            if self._ledger is not ledger:
                raise StalePlan("another run began to change this state", where=_HERE, hint="plan again")
            self._since.extend(entries)

    def end(self, ledger: MemoryLedger) -> None:
        """The next version, if anything is new."""
        with self._mutex:
            if self._ledger is ledger:
                self._state, self._ledger = self.folded(), None

    def _taken(self, lease: MemoryLease) -> Holder | None:
        """Who has the lock instead; None: this lease has it now."""
        with self._mutex:
            if self._lease is None:
                self._lease = lease
            return None if self._lease is lease else self._lease.holder
