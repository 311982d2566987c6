"""`doctor --probe`: finds out, on scratch datasets, what a tenant does where its API reference is silent.

Everything is announced and recorded like any other change, at addresses that no manifest can name, so what a
killed probe leaves is taken away by the next probe or apply. What was seen is judged in judging. Must not
know how findings are shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from msgspec import Struct, field

from pmsync.engine.creating import create_alone
from pmsync.engine.judging import (
    DECISIVE,
    EMPTY,
    FIRST,
    OTHER,
    SAME,
    SECOND,
    TABLES,
    TWICE,
    Observations,
    judged,
)
from pmsync.engine.run import Run
from pmsync.engine.sweeping import Ground, run_of, sweep
from pmsync.errors import AnswerLost, PmsyncError, Refused, TenantError
from pmsync.model.address import Address
from pmsync.model.events import Reading
from pmsync.model.findings import Findings
from pmsync.model.manifest import OnRemoval
from pmsync.model.plan import CreateDataset, CreateDatatable
from pmsync.model.reason import Reason, ReasonCode
from pmsync.model.snapshot import NotShown
from pmsync.model.state import Intent, IntentKind
from pmsync.planning.scratch import scratch_left
from pmsync.tenant.body import UploadTask

PROBE: Final = Address.dataset("_probe")
TWIN: Final = Address.dataset("_probe-twin")

_FILE: Final = "probe.csv"
_OTHER_FILE: Final = "probe-other.csv"
_REASON: Final = Reason(ReasonCode.PROBE, "a scratch dataset to find out what this tenant does")
_QUIET: Final = 2.0
"""Seconds, at the least, for which row counts must stay as they are before they are believed."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_GROWTH: Final = 1.5


class _InterruptedError(Exception):
    """The run is to end: nothing more is tried."""


def probe(ground: Ground) -> Findings:
    """Make scratch datasets, try, look, and take them away again, whatever happens.

    An interrupted probe knows nothing, and leaves its datasets to the next run. Raises Refused where
    something of an earlier probe is left that cannot be taken away; other PmsyncErrors as the tenant or the
    disk says no.
    """
    sweep(ground)
    if left := scratch_left(ground.ledger.state):
        what = f"what an earlier probe left cannot be taken away: {', '.join(left)}"
        raise Refused(what, hint="pmsync plan says why")
    try:
        return judged(_Probing(ground, run_of(ground)).observed())
    except _InterruptedError:
        return Findings()
    finally:
        with suppress(TenantError):  # what stays is on record, and whoever called looks there
            sweep(ground)


class _Probing(Struct):
    """One probe under way.

    `ids` of its datatables, the row counts last `seen`, and when (monotonic) each was `sent` its last file.
    """

    ground: Ground
    run: Run
    ids: dict[str, str] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    sent: dict[str, float] = field(default_factory=dict)

    def observed(self) -> Observations:
        dataset_id = _made(self._create(self._dataset(PROBE)))
        shows_tree = self._shows_tree(dataset_id)
        for table in TABLES:
            self.ids[table] = _made(self._create(_datatable(table, table)))
        second_datatable = self._create(_datatable(f"{SAME}-twin", SAME))
        second_dataset = self._create(self._dataset(TWIN))
        for table in TABLES:
            if error := self._send(table, _FILE, _csv(FIRST)):
                raise error
        before, lag = self._counts(lambda rows: all(rows[one] == FIRST for one in TABLES), quiet=0)
        after: Mapping[str, int] = {}
        if all(before[one] == FIRST for one in TABLES):
            after, again = self._second_files(quiet=max(_QUIET, 2 * (lag or 0)))
            lag = max((one for one in (lag, again) if one is not None), default=None)
        return Observations(
            before=before,
            after=after,
            lag=lag,
            shows_tree=shows_tree,
            second_dataset=second_dataset,
            second_datatable=second_datatable,
        )

    def _second_files(self, *, quiet: float) -> tuple[Mapping[str, int], float | None]:
        """Send each datatable its second file; the row counts that they came to, and the longest lag."""
        self.sent.clear()
        files = {
            SAME: (_FILE, _csv(SECOND, first=FIRST)),
            OTHER: (_OTHER_FILE, _csv(SECOND, first=FIRST)),
            EMPTY: (_FILE, _csv(0)),
            TWICE: (_FILE, _csv(FIRST)),
        }
        sent = [table for table in TABLES if self._send(table, *files[table]) is None]
        moving = [table for table in sent if table in {SAME, OTHER}]
        rows, lag = self._counts(lambda rows: all(rows[one] in DECISIVE for one in moving), quiet=quiet)
        return {table: rows[table] for table in sent}, lag

    def _create(self, change: CreateDataset | CreateDatatable) -> str | PmsyncError:
        self._go_on()
        return create_alone(self.run, change)

    def _dataset(self, address: Address) -> CreateDataset:
        return CreateDataset(
            address=address,
            reason=_REASON,
            display_name=self.ground.name,
            folder=(),
            protect=False,
            on_removal=OnRemoval.DELETE,
        )

    def _shows_tree(self, dataset_id: str) -> bool | None:
        live = self.ground.tools.writer.datasets().datasets.get(dataset_id)
        return None if live is None else not isinstance(live.parent_id, NotShown)

    def _send(self, table: str, name: str, content: bytes) -> PmsyncError | None:
        """Announce one file and put it; why it was not stored, or may not have been.

        One whose answer was lost stays announced: it goes with its dataset.
        """
        self._go_on()
        address = Address.source(Address.datatable(PROBE, table), name)
        intent = Intent(
            kind=IntentKind.UPLOAD,
            address=address,
            display_name=name,
            parent_id=self.ids[table],
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
        )
        task = UploadTask(
            datatable_id=self.ids[table],
            dataset_id=self.run.course.id_of(PROBE),
            name=name,
            size=intent.size,
            sha256=intent.sha256,
            mtime_ms=int(self.ground.tools.now().timestamp() * 1000),
        )
        self.run.announce(intent)
        try:
            self.ground.put(task, content)
        except AnswerLost as error:
            return error
        except PmsyncError as error:
            self.run.settle(intent)
            return error
        self.sent[table] = self.ground.tools.monotonic()
        self.run.settle(intent)
        return None

    def _counts(
        self, until: Callable[[Mapping[str, int]], bool], *, quiet: float
    ) -> tuple[Mapping[str, int], float | None]:
        """The row counts once `until` says so and they stayed so for `quiet` seconds, or time is over.

        And the longest time from the end of an upload to the moment its datatable was last seen to change.
        """
        tools = self.ground.tools
        tools.observer(Reading("the rows of the scratch datatables"))
        timeout = self.run.verify.timeout
        with tools.waits("the rows of the scratch datatables to be loaded and to stay", timeout):
            return self._settled(until, quiet=quiet, ends=tools.monotonic() + timeout)

    def _settled(
        self, until: Callable[[Mapping[str, int]], bool], *, quiet: float, ends: float
    ) -> tuple[Mapping[str, int], float | None]:
        tools, pause = self.ground.tools, _FIRST_PAUSE
        rows, since = self.seen, tools.monotonic()
        lags: dict[str, float] = {}
        while True:
            again, now = self._rows(), tools.monotonic()
            for table in [one for one in self.sent if again[one] != rows[one]]:
                lags[table] = now - self.sent[table]
            rows, since = again, since if again == rows else now
            self._go_on()
            if now >= ends or (until(rows) and now - since >= quiet):
                self.seen = rows
                return rows, max(lags.values(), default=None)
            tools.sleep(min(pause, ends - now))
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    def _rows(self) -> Mapping[str, int]:
        live = self.ground.tools.writer.datatables()
        return {table: live[id_].row_count if id_ in live else 0 for table, id_ in self.ids.items()}

    def _go_on(self) -> None:
        if self.ground.tools.stopped():
            raise _InterruptedError


def _datatable(key: str, name: str) -> CreateDatatable:
    return CreateDatatable(address=Address.datatable(PROBE, key), reason=_REASON, display_name=name)


def _made(result: str | PmsyncError) -> str:
    """The id of what the rest stands on."""
    if isinstance(result, PmsyncError):
        raise result
    return result


def _csv(rows: int, *, first: int = 0) -> bytes:
    """An event log of so many rows, counted on from `first`."""
    body = (f"probe-{i},Probe,2024-01-01T00:00:{i:02}\n" for i in range(first, first + rows))
    return f"case_id,activity,timestamp\n{''.join(body)}".encode()
