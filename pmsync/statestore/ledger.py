"""The state of a run under way: in memory at once, in the journal before `record` returns, then in the state.

It must not know what the outcomes are about. One process has one ledger of a folder; its threads share it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from msgspec.structs import replace

from pmsync.model.outcome import Announce, Entry, fold
from pmsync.model.state import Intent, State
from pmsync.statestore.codec import Header, encode, encode_header, encode_outcome
from pmsync.statestore.folder import StateFolder, writing
from pmsync.statestore.journal import Journal, sealed

CHECKPOINT_SECONDS: Final = 5.0
"""How much of a run a journal may hold: what the next run reads again, entry by entry."""
WORTH_WRITING: Final = 8
"""A journal is short where the state is so many times its size: writing all of that again would not pay."""


class LocalLedger:
    """The one way in which a run changes the state.

    Two locks, always taken in this order: `_disk` while something is written (one line or one version at a
    time), `_memory` for moments. Threads that record while the disk is busy wait together: whoever gets the
    disk next writes for all of them in one line.

    After a write that failed the journal is not trusted any more: what it may or may not hold is in memory,
    and whatever is written next is the whole state. So an outcome whose `record` failed is not lost while the
    process lives.
    """

    def __init__(
        self, folder: StateFolder, state: State, *, pmsync_version: str, clock: Callable[[], float]
    ) -> None:
        """Nothing is written yet: `open` does that."""
        self._folder = folder
        self._version = pmsync_version
        self._clock = clock
        self._disk = Lock()
        self._memory = Lock()
        self._base = state
        self._since_base: list[Entry] = []
        self._queue: list[bytes] = []
        self._recorded = 0  # outcomes taken into memory
        self._durable = 0  # the first so many of them are on the disk
        self._saved = 0  # the first so many of them are in state.json
        self._saved_at = clock()
        self._saved_bytes = 0
        self._journal_bytes = 0
        self._journal: Journal | None = None
        self._closed = False

    def open(self) -> None:
        """Write the state as it is and start its journal: a disk that says no does so before any request.

        Raises PmsyncError: it could not be written.
        """
        with self._disk:
            self._save()
            self._start_journal()

    @property
    def state(self) -> State:
        """What is remembered now, with everything that was recorded."""
        with self._memory:
            return self._folded()

    def announce(self, intents: Sequence[Intent]) -> None:
        """Remember what is about to be sent, in one line of the journal."""
        self.record([Announce(intent) for intent in intents])

    def record(self, entries: Sequence[Entry], *, hard: bool = False) -> None:  # noqa: ARG002 - a disk keeps all
        """Remember one outcome; return once the disk has it. Costs the same however much is remembered."""
        encoded = encode_outcome(entries)
        with self._memory:
            if self._closed:
                raise ValueError("the ledger is closed")
            # Counted first: an interrupt between two of these lines must not look like nothing to save.
            ticket = self._recorded = self._recorded + 1
            self._since_base.extend(entries)
            self._queue.append(encoded)
        with self._disk:
            if self._durable < ticket:
                self._write_queue()

    def checkpoint(self) -> None:
        """Write the whole state if the last time was a while ago and the journal has grown beside it.

        Raises PmsyncError: it could not be written; what was recorded stays in the journal.
        """
        if not self._is_due():  # who has nothing to write waits for nobody who writes
            return
        with self._disk:
            if self._is_due():
                self._save()
                self._start_journal()

    def _is_due(self) -> bool:
        grown = self._journal_bytes * WORTH_WRITING >= self._saved_bytes
        return grown and self._saved < self._recorded and self._clock() - self._saved_at >= CHECKPOINT_SECONDS

    def close(self) -> None:
        """Write the whole state and take the journal away. A second time does nothing.

        Raises PmsyncError: it could not be written; it may be tried again.
        """
        with self._disk:
            if self._closed:
                return
            if self._saved < self._recorded:
                self._save()
            self._drop_journal()
            self._folder.remove_journal()
            self._closed = True

    def _folded(self) -> State:
        """Entries are folded when somebody looks, so that recording one copies nothing."""
        if self._since_base:
            self._base = fold(self._base, self._since_base)
            self._since_base = []
        return self._base

    def _write_queue(self) -> None:
        if self._journal is None:
            self._save()
            self._start_journal()
            return
        try:
            with self._memory:
                queue, self._queue = self._queue, []
                upto = self._recorded
            with writing(self._folder.journal):
                self._journal_bytes += self._journal.append(queue)
        except BaseException:
            self._drop_journal()
            raise
        self._durable = upto

    def _save(self) -> None:
        """Replace the state by the next version.

        The serial goes up even if this fails: the disk may have the version all the same, and a serial must
        never mean two contents. Up to the swap the old state goes on with its journal, which is kept.
        """
        with self._memory:
            state = self._base = replace(self._folded(), serial=self._folded().serial + 1)
            upto, queued = self._recorded, len(self._queue)
        text = encode(state, pmsync_version=self._version)
        self._folder.stage(text)
        self._drop_journal()
        self._folder.swap()
        with self._memory:
            del self._queue[:queued]
        self._durable = self._saved = upto
        self._saved_at = self._clock()
        self._saved_bytes, self._journal_bytes = len(text), 0

    def _start_journal(self) -> None:
        """The journal of the version that was saved last; `_save` always comes right before."""
        header = Header(lineage=self._base.lineage, serial=self._base.serial)
        body = encode_header(header, pmsync_version=self._version)
        descriptor = self._folder.start_journal(sealed(body, 0)[0])
        self._journal = Journal(self._folder.files, descriptor, body)

    def _drop_journal(self) -> None:
        """Append to it no more. The file stays until the state has all that it says."""
        if self._journal is not None:
            journal, self._journal = self._journal, None
            with writing(self._folder.journal):
                journal.close()
