"""The state of one environment in a folder of this machine.

Reading writes nothing; what a killed run left in its journal is laid over the state in memory. A state that
cannot be trusted is refused with the reason, never taken as empty. This module must not know how versions are
replaced (the folder) nor how a run records (the ledger).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from pmsync.errors import StalePlan, StateRefused
from pmsync.model.outcome import fold
from pmsync.model.state import Binding, State
from pmsync.statestore.codec import decode
from pmsync.statestore.files import Files
from pmsync.statestore.folder import StateFolder
from pmsync.statestore.journal import replay
from pmsync.statestore.ledger import Ledger
from pmsync.statestore.lock import LockFile

_ATTEMPTS: Final = 10


def fresh(binding: Binding, lineage: str) -> State:
    """The memory of an environment that has none yet. `lineage`: an id never used before."""
    return State(lineage=lineage, serial=0, binding=binding)


class LocalStateStore:
    """The state of one environment, bound to one tenant, in one folder.

    `folder` may not be there yet; it is made by the first `begin`. `clock` counts seconds and never goes
    back.
    """

    def __init__(
        self,
        folder: str,
        binding: Binding,
        *,
        pmsync_version: str,
        clock: Callable[[], float] = time.monotonic,
        files: Files | None = None,
    ) -> None:
        self._folder = StateFolder(folder, files or Files())
        self._binding = binding
        self._version = pmsync_version
        self._clock = clock

    @property
    def lock(self) -> LockFile:
        """The lock that whoever calls `begin` must hold."""
        return LockFile(self._folder)

    def read(self) -> State | None:
        """What is remembered; None only if nothing at all is there: no state, no copy of one, no journal.

        No lock is taken: it reads until the state stayed the same while its journal was read.

        Raises StateRefused: what is there cannot be trusted; says why, where, and what to do.
        """
        for _ in range(_ATTEMPTS):
            state = self._folder.read(self._folder.state_place())
            journal = self._folder.read(self._folder.journal_place())
            if self._folder.read(self._folder.state_place()) == state:
                return self._understood(state, journal)
        raise StateRefused(
            "it changes faster than it can be read: another run is writing it",
            where=self._folder.state,
            hint="wait for that run to end, then run the same command again",
        )

    def begin(self, state: State) -> Ledger:
        """Start changing the state that `read` gave (or a fresh one, where it gave None).

        It is written as it is, one serial higher, before this returns.

        Raises StateRefused: what is there cannot be trusted.
        Raises StalePlan: what is there is no longer what was read.
        Raises PmsyncError: the disk says no.
        """
        self._check_binding(state)
        found = self.read()
        if found != state and not (found is None and state.serial == 0):
            raise StalePlan(
                "the state is not the one that was read: another run has changed it since",
                where=self._folder.state,
                hint="plan again",
            )
        self._folder.make()
        ledger = Ledger(self._folder, state, pmsync_version=self._version, clock=self._clock)
        ledger.open()
        return ledger

    def _understood(self, data: bytes | None, journal: bytes | None) -> State | None:
        if data is None:
            self._refuse_if_lost(journal)
            return None
        state = decode(data, self._folder.state_place())
        self._check_binding(state)
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

    def _check_binding(self, state: State) -> None:
        if state.binding != self._binding:
            theirs, ours = state.binding, self._binding
            raise StateRefused(
                f"it is the state of another tenant: {theirs.tenant_id} at {theirs.host}, and this "
                f"environment is {ours.tenant_id} at {ours.host}",
                where=self._folder.state,
                hint="name the environment that it belongs to with -e, or mend the tenant in pmsync.yaml",
            )
