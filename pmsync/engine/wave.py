"""A wave: mutations that are announced together, in one write, before the first of them is sent.

An announcement says by when its request has gone out, so that the next run knows how long one may be under
way. What has not gone out by then is announced anew. It must not know what is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Final

from pmsync.engine.run import Run
from pmsync.model.state import Intent

SENT_WITHIN: Final = 2.0
"""Seconds after which what was announced and not sent is announced anew, and the lock looked at again."""


class Wave:
    """The announced mutations of one level, and which of them have not been sent. Threads share it."""

    def __init__(self, run: Run, intents: Iterable[Intent]) -> None:
        """Announces them all. Raises PmsyncError: none may be sent."""
        self._run = run
        self._lock = Lock()
        self._waiting = {(one.kind, one.address): one for one in intents}
        self._until = 0.0
        if self._waiting:
            self._announce()

    def sends(self, intent: Intent) -> None:
        """Its request goes out now. One that is not of the wave, or was sent before, is announced for itself.

        Raises PmsyncError: it may not be sent.
        """
        with self._lock:
            if (intent.kind, intent.address) not in self._waiting:
                self._run.announce(intent)
                return
            if self._run.tools.monotonic() > self._until:
                self._announce()
            del self._waiting[intent.kind, intent.address]

    def end(self) -> None:
        """Nothing more of it is sent: what never was, is announced no more."""
        if self._waiting:
            self._run.settle(*self._waiting.values())

    def _announce(self) -> None:
        self._until = self._run.tools.monotonic() + SENT_WITHIN
        self._run.announce(*self._waiting.values(), within=SENT_WITHIN)
