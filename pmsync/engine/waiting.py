"""Waiting until the tenant shows the rows that were sent.

Ingestion may lag behind the PUT (vendor's API reference: nothing is said about when), so the datatable
listing is asked again and again until a deadline that grows with the bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from pmsync.model.address import Address
from pmsync.model.events import Observer, WaitingForRows
from pmsync.model.waits import Waits, unwatched
from pmsync.planning.announced import BYTES_A_SECOND

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_GROWTH = 1.5

_NAMED = 3
_TWICE = 2
"""Readings that must show too many rows: what replaces others may stand beside them for a moment."""


class Expected(Struct, frozen=True):
    """The row count that a datatable is to come to.

    `explained`: others that are right, too: what the state explains, if somebody replaced the same file
    meanwhile. `files`: those that bring rows, and how many more each.
    """

    address: Address
    live_id: str
    rows: int
    explained: tuple[int, ...] = ()
    files: tuple[tuple[str, int], ...] = ()

    def is_met(self, seen: int) -> bool:
        return seen in {self.rows, *self.explained}

    def is_exceeded(self, seen: int) -> bool:
        """Whether there are more rows than any wait can mend."""
        return seen > max((self.rows, *self.explained))

    def stuck(self, seen: int) -> tuple[str, ...]:
        """The files whose rows are not there; where the count points at one, that one alone."""
        alone = [name for name, more in self.files if more == self.rows - seen]
        return tuple(alone) if len(alone) == 1 else tuple(name for name, _ in self.files)


LIKELY: Final = "ProcessMind may still be loading it, or did not accept the file"
"""Why rows do not show."""


class Patience(Struct, frozen=True):
    """How long to wait, and with which clock (seconds). Nobody waits on once `stopped` says so.

    `waits` is told of a wait that may be long.
    """

    timeout: float
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    stopped: Callable[[], bool]
    waits: Waits = unwatched

    def deadline(self, sent_bytes: int) -> float:
        return self.monotonic() + self.timeout + sent_bytes / BYTES_A_SECOND


Counts = Callable[[], Mapping[str, int | None]]
"""Reads the live row counts by datatable id: one request. None: the tenant shows none for it."""


def wait_for_rows(
    expected: tuple[Expected, ...],
    counts: Counts,
    patience: Patience,
    observer: Observer,
    *,
    sent_bytes: int,
    arrived: Callable[[Sequence[tuple[Expected, int]]], None] = lambda _: None,
) -> Mapping[Address, int | None]:
    """The counts last seen of those datatables that did not come to what was expected; empty: all did.

    One without a count may be as empty as a new one: it counts as 0 while there is time.

    `arrived` is told of the datatables of one look whose rows are there, and of their counts. One that shows
    more than can be right is not waited for.
    """
    deadline = patience.deadline(sent_bytes)
    pause = _FIRST_PAUSE
    above: Counter[Address] = Counter()
    missing: dict[Address, int | None] = {}
    open_ = expected
    with patience.waits("rows", deadline - patience.monotonic()) as wait:
        while open_:
            live, met = counts(), []
            for one in open_:
                missing[one.address] = live.get(one.live_id, 0)
                seen = missing[one.address] or 0
                above[one.address] += one.is_exceeded(seen)
                if one.is_met(seen):
                    del missing[one.address]
                    met.append((one, seen))
            if met:
                arrived(met)
            open_ = tuple(one for one in open_ if one.address in missing and above[one.address] < _TWICE)
            left = deadline - patience.monotonic()
            if not open_ or left <= 0 or patience.stopped():
                break
            wait.is_for(_rows_of(open_, missing), left)
            for one in open_:
                observer(WaitingForRows(one.address, missing[one.address] or 0, one.rows))
            patience.sleep(min(pause, left))
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    return missing


def _rows_of(open_: tuple[Expected, ...], seen: Mapping[Address, int | None]) -> str:
    """What is waited for, with the file that is likely to be stuck."""
    first = open_[0]
    count = seen[first.address] or 0
    shown = f"rows of {first.address}, {count:,} of {first.rows:,} shown"
    stuck = first.stuck(count)
    named = f" ({and_few(stuck)}: {LIKELY})" if stuck else ""
    return f"{shown}{named}{f' and of {len(open_) - 1:,} more' if len(open_) > 1 else ''}"


def and_few(names: tuple[str, ...]) -> str:
    """Some names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
