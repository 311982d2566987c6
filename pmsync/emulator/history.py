"""What clients asked of the emulator and what they got: the evidence tests judge a client by.

Holds no key, no signature and no query string, so that it may be printed and kept.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pmsync.emulator.endpoints import EndpointName, HostRole, Phase, endpoint_name

_REMEMBERED: Final = 250_000


@dataclass(slots=True)
class Exchange:
    """One request and its answer. It is noted when the request begins and filled in as it goes on."""

    sequence: int
    host: HostRole
    method: str
    path: str
    began: float
    """Seconds of a clock that only goes forward, as all times here."""

    status: int | None = None
    """None as long as there is no answer; for good, if the client got none."""

    key_at_bucket: bool = False
    """Whether the bucket was sent an API key, which is none of its business."""

    ids: dict[str, str] = field(default_factory=dict)
    """What the request was about: `tenantId`, `datasetId`, `datatableId`, made ones included."""

    file_name: str | None = None
    size: int | None = None
    sha256: str | None = None
    """Name, bytes and digest of a stored upload."""

    name: str | None = None
    """The display name that a create asked for."""

    body_sha256: str | None = None
    """The digest of what was posted."""

    phase: Phase = "receive"
    """How far it came: the last phase it reached."""

    faults: list[str] = field(default_factory=list)
    """The actions of the fault script that struck it."""

    commit: int | None = None
    """Its place among all requests that changed a tenant, from 1; None where it changed nothing."""

    committed_at: float | None = None
    ended: float | None = None

    made: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    """The ids that came into being, and those that are gone: of a deleted dataset its datatables too."""

    @property
    def committed(self) -> bool:
        """Whether it changed the tenant."""
        return self.commit is not None

    @property
    def endpoint(self) -> EndpointName | None:
        return endpoint_name(self.host, self.method, self.path)

    def as_json(self) -> dict[str, Any]:
        return {
            "sequence": self.sequence,
            "host": self.host,
            "method": self.method,
            "path": self.path,
            "endpoint": self.endpoint,
            "status": self.status,
            "keyAtBucket": self.key_at_bucket,
            **self.ids,
            "fileName": self.file_name,
            "size": self.size,
            "sha256": self.sha256,
            "name": self.name,
            "bodySha256": self.body_sha256,
            "phase": self.phase,
            "faults": self.faults,
            "committed": self.committed,
            "commit": self.commit,
            "made": self.made,
            "deleted": self.deleted,
            "began": self.began,
            "committedAt": self.committed_at,
            "ended": self.ended,
        }


class History:
    """All exchanges in the order their requests began; after a quarter of a million the oldest go."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=_REMEMBERED)
        self._sequence = 0
        self._commits = 0
        self._monotonic = monotonic

    def begin(self, host: HostRole, method: str, path: str) -> Exchange:
        """Note a request that has just come in."""
        with self._lock:
            self._sequence += 1
            exchange = Exchange(self._sequence, host, method, path, self._monotonic())
            self._exchanges.append(exchange)
        return exchange

    def commit(self, exchange: Exchange) -> None:
        """Note that a request changes its tenant; to be called where no other can come in between."""
        with self._lock:
            self._commits += 1
            exchange.commit = self._commits
            exchange.committed_at = self._monotonic()

    def end(self, exchange: Exchange) -> None:
        """Note that nothing more will come of a request."""
        exchange.ended = self._monotonic()

    def clear(self) -> None:
        """Forget everything and count from 1 again."""
        with self._lock:
            self._exchanges.clear()
            self._sequence = self._commits = 0

    @property
    def last(self) -> int:
        """The sequence number of the latest request; 0 where there was none."""
        return self._sequence

    def since(self, sequence: int = 0) -> list[Exchange]:
        """The exchanges that began after the one of that sequence number."""
        with self._lock:
            return [exchange for exchange in self._exchanges if exchange.sequence > sequence]

    def as_json(self, since: int = 0) -> dict[str, Any]:
        """What `GET /_pmsync/history` answers."""
        exchanges = self.since(since)
        counts = Counter(f"{exchange.host} {exchange.method}" for exchange in exchanges)
        return {
            "last": self.last,
            "counts": dict(sorted(counts.items())),
            "requests": [exchange.as_json() for exchange in exchanges],
        }
