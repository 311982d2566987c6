"""Turns uploaded files into rows, when somebody looks.

The bucket only notes what it took. Whoever reads a tenant next has the waiting files counted first, so the
answer is the same as if that had been done at once, an upload costs no more than its bytes, and what a killed
emulator left is caught up by the next one.
"""

import threading

from pmsync.emulator.cells import UnreadableError
from pmsync.emulator.database import Database
from pmsync.emulator.files import FileStore
from pmsync.emulator.ingest import read_table
from pmsync.emulator.loads import Loads
from pmsync.emulator.records import NO_CONTENT, Clock, Content, WaitingLoad
from pmsync.emulator.settings import Settings


class Intake:
    """Counts waiting loads and lets the rows they replace go."""

    def __init__(self, database: Database, files: FileStore, settings: Settings, *, clock: Clock) -> None:
        self._database = database
        self._loads = Loads(database)
        self._files = files
        self._settings = settings
        self._clock = clock
        self._one_at_a_time = threading.Lock()

    @property
    def is_waiting(self) -> bool:
        """Whether a call of `catch_up` would have something to read, which may take long."""
        return self._loads.is_waiting()

    def catch_up(self) -> None:
        """Count every waiting load, in the order of their uploads."""
        if not self.is_waiting:
            return
        with self._one_at_a_time:
            for load in self._loads.waiting():
                self._settle(load, self._read(load))
            with self._database.transaction():
                self.release(self._loads.drop_gone(self._clock()))

    def release(self, contents: set[str]) -> None:
        """Remove the bytes of each content that no load holds any more."""
        for sha256 in contents:
            if not self._loads.needs(sha256):
                self._files.forget(sha256)

    def _read(self, load: WaitingLoad) -> Content | None:
        try:
            return read_table(self._files.path(load.sha256), load.file_name)
        except (UnreadableError, OSError):  # no table; or its datatable was deleted meanwhile, with its bytes
            return None

    def _settle(self, load: WaitingLoad, content: Content | None) -> None:
        """A file that is no table is kept, but neither adds rows nor replaces any."""
        with self._database.transaction():
            if self._loads.settle(load, content or NO_CONTENT) and content:
                self._loads.end_earlier(
                    load,
                    same_name=self._settings.same_name == "replaces",
                    other_names=self._settings.other_name == "replaces",
                )
