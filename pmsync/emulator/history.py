"""What clients asked of the emulator and what they got: the evidence tests judge a client by.

Holds no key, no signature and no query string, so that it may be printed and kept.
"""

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Final, Literal

HostRole = Literal["api", "bucket"]

_REMEMBERED: Final = 250_000


@dataclass(slots=True)
class Exchange:
    """One request and its answer. It is noted when the request begins and filled in as it goes on."""

    sequence: int
    host: HostRole
    method: str
    path: str
    status: int | None = None
    """None as long as there is no answer; for good, if the client went away before one."""

    key_at_bucket: bool = False
    """Whether the bucket was sent an API key, which is none of its business."""

    ids: dict[str, str] = field(default_factory=dict)
    """What the request was about: `tenantId`, `datasetId`, `datatableId`, made ones included."""

    file_name: str | None = None
    size: int | None = None
    sha256: str | None = None
    """Name, bytes and digest of a stored upload."""

    def as_json(self) -> dict[str, Any]:
        return {
            "sequence": self.sequence,
            "host": self.host,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "keyAtBucket": self.key_at_bucket,
            **self.ids,
            "fileName": self.file_name,
            "size": self.size,
            "sha256": self.sha256,
        }


class History:
    """All exchanges in the order their requests began; after a quarter of a million the oldest go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=_REMEMBERED)
        self._sequence = 0

    def begin(self, host: HostRole, method: str, path: str) -> Exchange:
        """Note a request that has just come in."""
        with self._lock:
            self._sequence += 1
            exchange = Exchange(self._sequence, host, method, path)
            self._exchanges.append(exchange)
        return exchange

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
