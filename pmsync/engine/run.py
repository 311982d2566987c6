"""One run under way: what it works with, what it began from, and the word that precedes every mutation.

It must not know what a change does.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from pmsync.engine.course import Course
from pmsync.engine.tools import Tools
from pmsync.engine.waiting import Patience
from pmsync.model.consent import Approval
from pmsync.model.outcome import Entry, Settle, Spend
from pmsync.model.plan import AnyChange, Replace
from pmsync.model.project import UploadBehaviour, Verify
from pmsync.model.state import Intent
from pmsync.planning.consent import needed
from pmsync.statestore.interface import Ledger


class Run(Struct, frozen=True, kw_only=True):
    """One run under way."""

    tools: Tools
    ledger: Ledger
    course: Course
    environment: str
    approvals: frozenset[Approval]
    verify: Verify
    uploads: UploadBehaviour

    def spent(self, change: AnyChange) -> tuple[Entry, ...]:
        """The approvals that are used up once this change is done: those of a REPLACE with its last step."""
        if isinstance(change, Replace) and not change.superseded.retain:
            return ()
        used = (one for one in needed(change, self.environment) if one in self.approvals)
        return tuple(Spend(one) for one in used)

    def announce(self, *intents: Intent, within: float = 0.0) -> None:
        """Write down what is sent within so many seconds; once this returns, it may be sent.

        Raises PmsyncError: the lock is another run's by now, or the store says no. Then nothing may be sent.
        """
        self.tools.must_hold_lock()
        latest = self.tools.now() + timedelta(seconds=within)
        at = latest.isoformat(timespec="milliseconds")
        self.ledger.announce([replace(intent, at=at) for intent in intents])

    def settle(self, *intents: Intent) -> None:
        """Nothing came of them, and that is sure."""
        self.ledger.record([Settle(intent.kind, intent.address) for intent in intents])

    @property
    def rows_patience(self) -> Patience:
        """For rows to show: as long as the environment says."""
        return self.tools.patience(self.verify.timeout)
