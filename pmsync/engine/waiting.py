"""Waiting until the tenant shows the rows that were sent.

Ingestion may lag behind the PUT (vendor's API reference: nothing is said about when), so the datatable
listing is asked again and again until a deadline that grows with the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pmsync.model.address import Address
from pmsync.model.events import Observer, WaitingForRows

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_GROWTH = 1.5
_BYTES_A_SECOND = 5 * 1024 * 1024
"""How fast a tenant is assumed to load rows, at the least: the deadline grows with this."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The row count that a datatable is to come to."""

    address: Address
    live_id: str
    rows: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and with which clock (seconds). Nobody waits on once `stopped` says so."""

    timeout: float
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    stopped: Callable[[], bool]

    def deadline(self, sent_bytes: int) -> float:
        return self.monotonic() + self.timeout + sent_bytes / _BYTES_A_SECOND


Counts = Callable[[], Mapping[str, int]]
"""Reads the live row counts by datatable id: one request."""


def wait_for_rows(
    expected: tuple[Expected, ...],
    counts: Counts,
    patience: Patience,
    observer: Observer,
    sent_bytes: int,
) -> Mapping[Address, int]:
    """The counts last seen of those datatables that did not come to what was expected; empty: all did."""
    deadline = patience.deadline(sent_bytes)
    pause = _FIRST_PAUSE
    open_ = expected
    while open_:
        live = counts()
        missing = {
            one.address: live.get(one.live_id, 0) for one in open_ if live.get(one.live_id) != one.rows
        }
        open_ = tuple(one for one in open_ if one.address in missing)
        if not open_ or patience.monotonic() >= deadline or patience.stopped():
            return missing
        for one in open_:
            observer(WaitingForRows(one.address, missing[one.address], one.rows))
        patience.sleep(min(pause, max(0.0, deadline - patience.monotonic())))
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    return {}
