"""The one way in which requests change tenants: numbered in the order they do, and noted in the history."""

from collections.abc import Callable
from typing import TypeVar

from pmsync.emulator.history import Exchange, History
from pmsync.emulator.script import Script
from pmsync.emulator.world import World

T = TypeVar("T")


class Commits:
    """Lets requests change tenants, one at a time."""

    def __init__(self, world: World, history: History, script: Script) -> None:
        self._database = world.ground.database
        self._history = history
        self._script = script

    def make(self, exchange: Exchange, tenant_id: str, change: Callable[[], T]) -> T:
        """Carry out a change. One that raises, or returns False, has changed nothing."""
        before = self._script.moment_before_commit(tenant_id)
        with self._database.transaction():
            outcome = change()
            if outcome is not False:
                self._history.commit(exchange)
                self._script.note_commit(tenant_id, before)
        exchange.phase = "after-commit"
        return outcome
