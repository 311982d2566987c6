"""What a run works with: everything that has an effect, passed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol, TypeVar

from msgspec import Struct

from pmsync.engine.older import NO_CHECKOUT, Checkout
from pmsync.engine.waiting import Patience
from pmsync.model.events import Observer, silent
from pmsync.model.source import SourceFile
from pmsync.model.waits import Waits, unwatched
from pmsync.tenant.body import Listener, UploadTask
from pmsync.tenant.client import TenantWriter

T = TypeVar("T")


class Send(Protocol):
    """Opens a source file, checks that it is the planned one, and puts it where the task says.

    `listener` is told how far it is. Returns once the bucket has stored the file and its ETag is right.
    Raises StalePlan (the file is not what was planned), AnswerLost (it may have arrived), or another
    TenantError (it has not).
    """

    def __call__(self, task: UploadTask, file: SourceFile, listener: Listener) -> object: ...


class Tools(Struct, frozen=True, kw_only=True):
    """The effects of one run.

    `now` is the wall clock, with its time zone; `monotonic` and `sleep` are in seconds. `stopped` says
    whether the user asked the run to end; `sleep` may return early then. `must_hold_lock` raises
    PmsyncError where another run may have the lock. `request_timeout`: seconds after which no request can
    be under way any more. `waits` is told what may take long. `checkout` is what is applied from.
    `parallelism` is how many requests may be under way at once. `fail_fast` starts nothing new after a
    failure; `safe_only` runs what is ready and leaves the rest pending. `attended`: somebody sits at a
    terminal.
    """

    writer: TenantWriter
    send: Send
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    request_timeout: float
    stopped: Callable[[], bool] = lambda: False
    must_hold_lock: Callable[[], None] = lambda: None
    observer: Observer = silent
    waits: Waits = unwatched
    checkout: Checkout = NO_CHECKOUT
    parallelism: int = 8
    fail_fast: bool = False
    safe_only: bool = False
    attended: bool = False

    def patience(self, timeout: float) -> Patience:
        """How to wait for so many seconds."""
        return Patience(timeout, self.monotonic, self.sleep, self.stopped, self.waits)

    @property
    def request_patience(self) -> Patience:
        """For a request whose answer was lost: as long as it can be under way."""
        return self.patience(self.request_timeout)

    def in_parallel(self, items: Iterable[T], work: Callable[[T], None]) -> None:
        """Every item on its own thread, as many at once as allowed.

        An error that is not a change's own (the state could not be written) is raised when all are through.
        """
        with ThreadPoolExecutor(max_workers=self.parallelism) as pool:
            for future in [pool.submit(work, item) for item in items]:
                future.result()
