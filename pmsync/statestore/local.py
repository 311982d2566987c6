"""The state of one environment in a folder of this machine.

Reading writes nothing; what a killed run left in its journal is laid over the state in memory. A state that
cannot be trusted is refused with the reason, never taken as empty. This module must not know how versions are
replaced (the folder) nor how a run records (the ledger).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from msgspec.structs import replace

from pmsync.disk.private import Files
from pmsync.errors import StalePlan, StateRefused
from pmsync.model.outcome import fold
from pmsync.model.state import Binding, Owner, State
from pmsync.statestore.belonging import must_belong
from pmsync.statestore.codec import decode
from pmsync.statestore.folder import StateFolder
from pmsync.statestore.interface import Holder, Lease, Waiting
from pmsync.statestore.journal import replay
from pmsync.statestore.ledger import LocalLedger
from pmsync.statestore.lock import LockFile

_ATTEMPTS: Final = 10


def fresh(binding: Binding, lineage: str) -> State:
    """The memory of an environment that has none yet. `lineage`: an id never used before."""
    return State(lineage=lineage, serial=0, binding=binding)


class LocalStateStore:
    """The state of one environment, bound to one tenant and one place, in one folder.

    `folder` may not be there yet; it is made by the first `begin`. `binding` without an owner: whichever it
    has. `clock` counts seconds and never goes back. `stands_here`: whether what another state belongs to is
    in this very checkout.
    """

    def __init__(
        self,
        folder: str,
        binding: Binding,
        *,
        pmsync_version: str,
        clock: Callable[[], float] = time.monotonic,
        files: Files | None = None,
        stands_here: Callable[[Owner], bool] = lambda _: False,
    ) -> None:
        self._stands_here = stands_here
        self._folder = StateFolder(folder, files or Files())
        self._binding = binding
        self._version = pmsync_version
        self._clock = clock

    @property
    def folder(self) -> StateFolder:
        """Where it is kept."""
        return self._folder

    @property
    def lock(self) -> LockFile:
        """The lock that whoever calls `begin` must hold."""
        return LockFile(self._folder)

    def holder(self) -> Holder | None:
        return self.lock.holder()

    def held(self, holder: Holder, waiting: Waiting) -> AbstractContextManager[Lease]:
        return self.lock.held(holder, waiting)

    def broken(self, lock_id: str) -> Holder | None:
        return self.lock.broken(lock_id)

    def must_be_possible(self) -> None:
        self.lock.must_be_possible()

    def read(self) -> State | None:
        """What is remembered; None only if nothing at all is there: no state, no copy of one, no journal.

        No lock is taken: it reads until the state stayed the same while its journal was read.

        Raises StateRefused: what is there cannot be trusted; says why, where, and what to do.
        """
        return self._read(self._binding.owner)

    def _read(self, owner: Owner | None) -> State | None:
        for _ in range(_ATTEMPTS):
            state = self._folder.read(self._folder.state_place())
            journal = self._folder.read(self._folder.journal_place())
            if self._folder.read(self._folder.state_place()) == state:
                return self._understood(state, journal, owner)
        raise StateRefused(
            "it changes faster than it can be read: another run is writing it",
            where=self._folder.state,
            hint="wait for that run to end, then run the same command again",
        )

    def begin(self, state: State) -> LocalLedger:
        """Start changing the state that `read` gave (or a fresh one, where it gave None).

        It is written as it is, one serial higher and bound to its place, before this returns.

        Raises StateRefused: what is there cannot be trusted.
        Raises StalePlan: what is there is no longer what was read.
        Raises PmsyncError: the disk says no.
        """
        return self._begun(state, self._binding.owner, may_be_new=state.serial == 0)

    def take_over(self, state: State, former: Owner | None) -> LocalLedger:
        """Start changing a state that belonged to `former` until now, in this folder or in another.

        Raises as `begin` does.
        """
        return self._begun(state, former, may_be_new=True)

    def _begun(self, state: State, owner: Owner | None, *, may_be_new: bool) -> LocalLedger:
        self._check_binding(state, owner)
        found = self._read(owner)
        if found != state and not (found is None and may_be_new):
            raise StalePlan(
                "the state is not the one that was read: another run has changed it since",
                where=self._folder.state,
                hint="plan again",
            )
        self._folder.make()
        bound = state if self._binding.owner is None else replace(state, binding=self._binding)
        ledger = LocalLedger(self._folder, bound, pmsync_version=self._version, clock=self._clock)
        ledger.open()
        return ledger

    def _understood(self, data: bytes | None, journal: bytes | None, owner: Owner | None) -> State | None:
        if data is None:
            self._refuse_if_lost(journal)
            return None
        state = decode(data, self._folder.state_place())
        self._check_binding(state, owner)
        return state if journal is None else self._overlaid(state, journal)

    def _overlaid(self, state: State, data: bytes) -> State:
        """The state and what its journal says was done since."""
        place = self._folder.journal_place()
        left = replay(data, place)
        if left.header.lineage != state.lineage:
            raise place.refuse(
                f"the journal goes on from another state (lineage {left.header.lineage}) than the one beside "
                f"it (lineage {state.lineage})"
            )
        if left.header.serial > state.serial:
            raise place.refuse(
                f"the journal goes on from version {left.header.serial} of the state, and the state beside "
                f"it is the older version {state.serial}"
            )
        # A run is killed between replacing the state and its journal: the state has all that it says.
        return fold(state, left.entries) if left.header.serial == state.serial else state

    def _refuse_if_lost(self, journal: bytes | None) -> None:
        """A state that was there once must not look like a first run."""
        if self._folder.files.exists(self._folder.previous):
            raise self._folder.state_place().refuse(
                "the state is missing, though the version before it is there"
            )
        if journal is not None:
            raise self._folder.state_place().refuse("the state is missing, though its journal is there")

    def _check_binding(self, state: State, owner: Owner | None) -> None:
        must_belong(state, self._binding, owner, where=self._folder.state, stands_here=self._stands_here)
