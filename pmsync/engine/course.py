"""The course of one run: what has been done so far, shared by its threads.

It knows ids that the run made, keeps the result of every change, and says when nothing new may start. It
must not know how anything is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock

from pmsync.errors import AnswerLost, AuthenticationFailed, PmsyncError, RowsAwaited, Unconfirmed
from pmsync.exit_codes import ExitCode
from pmsync.model.address import Address
from pmsync.model.events import ChangeBegan, ChangeEnded, Observer
from pmsync.model.plan import AnyChange
from pmsync.model.report import Fate, Result
from pmsync.model.state import State

_NOT_DONE = {Fate.FAILED, Fate.UNCONFIRMED, Fate.SKIPPED}


class Course:
    """Results and ids of a run under way. Its methods may be called from any thread."""

    def __init__(
        self, state: State, observer: Observer, *, fail_fast: bool, stopped: Callable[[], bool]
    ) -> None:
        self._observer = observer
        self._fail_fast = fail_fast
        self._told_to_stop = stopped
        self._lock = Lock()
        self._ids = {
            **{address: record.id for address, record in state.folders.items()},
            **{address: record.id for address, record in state.datasets.items()},
            **{address: record.id for address, record in state.datatables.items()},
        }
        self._results: dict[int, Result] = {}
        self._spoiled: set[Address] = set()
        self._stopped = False

    def id_of(self, address: Address) -> str:
        """The tenant's id of something that is on record or was made in this run."""
        return self._ids[address]

    def knows(self, address: Address, live_id: str) -> None:
        """From now on this address has this id."""
        self._ids[address] = live_id

    def may_start(self, change: AnyChange) -> bool:
        """Whether a change may start; if not, it is skipped."""
        with self._lock:
            stopped = self._stopped or self._told_to_stop()
            free = not stopped and not self._spoiled.intersection(change.requires)
        if not free:
            self._settle(Result(change=change, fate=Fate.SKIPPED))
        return free

    def begin(self, change: AnyChange) -> None:
        self._observer(ChangeBegan(change))

    def done(self, change: AnyChange, live_id: str = "", *, note: str = "") -> None:
        self._settle(Result(change=change, fate=Fate.DONE, live_id=live_id or change.live_id, note=note))

    def failed(self, change: AnyChange, error: PmsyncError) -> None:
        """A change went wrong. A key that is refused stops everything, as all else would fail too."""
        sent = isinstance(error, AnswerLost | Unconfirmed)
        place = f"{error.where}: " if error.where else ""
        result = Result(
            change=change,
            fate=Fate.UNCONFIRMED if sent else Fate.FAILED,
            live_id=change.live_id,
            problem=f"{place}{error.what}",
            hint=error.hint or "",
            exit_code=ExitCode.UNCONFIRMED if sent else error.exit_code,
            awaited=isinstance(error, RowsAwaited),
        )
        with self._lock:
            self._stopped |= self._fail_fast or isinstance(error, AuthenticationFailed)
        self._settle(result)

    def skip(self, changes: Iterable[AnyChange]) -> None:
        """These do not start: something before them did not work."""
        for change in changes:
            self._settle(Result(change=change, fate=Fate.SKIPPED))

    @property
    def clean(self) -> bool:
        """Whether everything that was started is done, and nothing was skipped."""
        return not any(result.fate in _NOT_DONE for result in self._results.values())

    def results(self, order: tuple[AnyChange, ...]) -> tuple[Result, ...]:
        """The results in this order; what never had its turn is skipped."""
        return tuple(
            self._results.get(id(change), Result(change=change, fate=Fate.SKIPPED)) for change in order
        )

    def _settle(self, result: Result) -> None:
        with self._lock:
            self._results[id(result.change)] = result
            if result.fate in _NOT_DONE:
                self._spoiled.add(result.change.address)
        self._observer(ChangeEnded(result))
