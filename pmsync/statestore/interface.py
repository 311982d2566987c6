"""What the rest of pmsync may ask of whatever keeps a state: a store, its lock, and the ledger of a run.

One environment has one store; `stores` chooses it. Every store keeps these promises, whatever it is made of,
and tests/unit/statestore holds each to them. This module must not know of any store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct

from pmsync.model.outcome import Entry
from pmsync.model.state import Intent, State
from pmsync.model.waits import Waits, unwatched


class Holder(Struct, frozen=True, kw_only=True):
    """Who holds a lock: what another user needs to know to find them. `since` is an ISO 8601 time in UTC."""

    id: str
    who: str
    host: str
    pid: int
    since: str
    command: str

    def __str__(self) -> str:
        return f"{self.who} at {self.host}, process {self.pid}, since {self.since}: {self.command}"


class Waiting(Struct, frozen=True, kw_only=True):
    """How long to wait for a lock that another run holds, in seconds, and with which clock.

    `waits` is told of it.
    """

    timeout: float
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    waits: Waits = unwatched


class Lease(Protocol):
    """A lock that is held, until the context that gave it ends or somebody breaks it."""

    def must_be_held(self) -> None:
        """Asked before each announcement, so it may cost a look, but no round trip.

        Raises Refused if somebody broke the lock: another run may be changing the state by now.
        """


class Ledger(Protocol):
    """The state of a run under way. One process has one of a store; its threads share it."""

    @property
    def state(self) -> State:
        """What is remembered now, with everything that was announced and recorded."""

    def announce(self, intents: Sequence[Intent]) -> None:
        """Remember what is about to be sent; once this returns, the store has it, and it may be sent.

        All or none of them are found after a kill. Raises PmsyncError: then none may be sent.
        """

    def record(self, entries: Sequence[Entry], *, hard: bool = False) -> None:
        """Remember one outcome, which is kept whole: a killed run has all of its entries or none.

        A kill of the process loses nothing that was recorded. Where the machine itself may vanish, what was
        recorded last may go with it, but for what is `hard`: what no look at the tenant could tell again. A
        store on a disk makes no difference; announcements never overtake what was recorded before them.

        Raises PmsyncError: it is remembered, but the store does not have it: start nothing new.
        """

    def checkpoint(self) -> None:
        """A good moment to write the whole state, if what was recorded since the last time is worth it.

        Raises PmsyncError: it could not be written; what was recorded is not lost.
        """

    def close(self) -> None:
        """Write the whole state; nothing is recorded after that. A second time does nothing.

        Raises PmsyncError: it could not be written; it may be tried again.
        """


class StateStore(Protocol):
    """What keeps the state of one environment."""

    def read(self) -> State | None:
        """What is remembered, with what a killed run left; None only if surely nothing was ever kept.

        Needs no lock and writes nothing. Raises StateRefused: what is there cannot be trusted; says why,
        where, and what to do in this store.
        """

    def holder(self) -> Holder | None:
        """Who seems to hold the lock, without taking it. None: nobody alive."""

    def held(self, holder: Holder, waiting: Waiting) -> AbstractContextManager[Lease]:
        """The lock, for as long as the context lasts.

        Raises Locked: another run has it, and still had it when the time to wait was over.
        Raises PmsyncError: the store takes no lock.
        """

    def begin(self, state: State) -> Ledger:
        """Start changing the state that `read` gave (or a fresh one, where it gave None), under the lock.

        The store has it, one serial higher and bound to its place, before this returns: a store that says no
        does so before any request.

        Raises StateRefused: what is there cannot be trusted.
        Raises StalePlan: what is there is no longer what was read.
        Raises PmsyncError: the store says no.
        """

    def broken(self, lock_id: str) -> Holder | None:
        """Break the lock with this id; who held it. None: nobody holds one.

        Raises Refused: it is another lock, or its run is known to be alive.
        """

    def must_be_possible(self) -> None:
        """Whether the store would take a state and a lock. Leaves nothing there.

        Raises PmsyncError: it would not.
        """
