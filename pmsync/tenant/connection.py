"""Connections whose every phase is bounded in time, and that know whether anything was sent.

HTTP libraries bound each single recv, so a server that drips one byte every 29 seconds holds them for
ever, they read lines (a chunk's length, a trailer) of any length into memory, and they do not say whether a
request that failed can have arrived. This mixes both into whatever
connection class a library brings. Standard library only; must not know keys, URLs or retries.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from pmsync.tenant.retry import Mishap

FRESH: Final = 2.0
"""Seconds for which an idle connection is used again. Servers close idle ones after five or more, and a POST
written to a connection that is being closed is a POST whose fate is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one exchange may take, in seconds: to connect, per block sent, per read, and in all."""

    connect: float = 10.0
    send: float = 60.0
    read: float = 30.0
    total: float = 120.0


class AnswerTooLong(OSError):
    """More bytes came in answer to one request than any answer has."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer while they are under way. `sent`: a byte of it may have left.

    `longest` is how many bytes of an answer may yet come over the wire: heads, chunk marks and trailers too.
    """

    patience: Patience
    monotonic: Callable[[], float]
    ends: float
    longest: int
    sent: bool = False

    def left(self, limit: float) -> float:
        """The seconds a single step may take; raises TimeoutError where the whole is over time."""
        left = self.ends - self.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(limit, left)

    def take(self, count: int) -> None:
        """Count bytes that came; raises AnswerTooLong where they are too many."""
        self.longest -= count
        if self.longest < 0:
            raise AnswerTooLong


_CURRENT: ContextVar[Exchange] = ContextVar("exchange")


@contextmanager
def exchange(patience: Patience, monotonic: Callable[[], float], *, longest: int) -> Iterator[Exchange]:
    """Bound all that this thread's connections do inside the block; `longest` in bytes of the answer."""
    ends = monotonic() + patience.total
    current = Exchange(patience=patience, monotonic=monotonic, ends=ends, longest=longest)
    token = _CURRENT.set(current)
    try:
        yield current
    finally:
        _CURRENT.reset(token)


class _PatientReader(io.RawIOBase):
    """The receiving half of a socket; each read may take what is left of the exchange, and no more."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self.in_head = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        current = _CURRENT.get()
        self._sock.settimeout(current.left(current.patience.read))
        count: int | None = self._raw.readinto(buffer)
        if count == 0 and self.in_head:  # http.client would take a head that was cut for a whole one
            raise ConnectionResetError
        current.take(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PatientResponse(http.client.HTTPResponse):
    """An answer that is read through a patient reader, status line and headers included."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reader = _PatientReader(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        super().begin()
        self._reader.in_head = False


class _PatientConnection(http.client.HTTPConnection):
    """Mixed in before a library's connection class."""

    response_class = _PatientResponse
    _used: float = 0.0

    def connect(self) -> None:
        current = _CURRENT.get()
        self.timeout = current.left(current.patience.connect)
        super().connect()

    def send(self, data: Any) -> None:
        current = _CURRENT.get()
        if self.sock is None:
            self.connect()
        self.sock.settimeout(current.left(current.patience.send))
        current.sent = True
        self._used = current.monotonic()
        super().send(data)

    @property
    def is_connected(self) -> bool:
        """What the pool asks before it hands an idle connection out again."""
        idle = _CURRENT.get().monotonic() - self._used
        return idle <= FRESH and bool(super().is_connected)  # type: ignore[misc]  # the library's own


def patient_pools(classes: Mapping[str, type]) -> dict[str, type]:
    """The pool classes of a library, by scheme, with patient connections in them."""
    return {
        scheme: type(
            pool.__name__,
            (pool,),
            {"ConnectionCls": type("Connection", (_PatientConnection, pool.ConnectionCls), {})},  # type: ignore[attr-defined]  # every pool class has it
        )
        for scheme, pool in classes.items()
    }


def trust(ca_bundle: str) -> ssl.SSLContext:
    """A TLS context that believes this bundle only: neither the environment's nor the machine's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=ca_bundle)
    return context


def explain(caught: BaseException, *, sent: bool, host: str) -> tuple[Mishap, str]:
    """What happened when a library raised this, in a sentence that holds nothing of the request."""
    causes = list(_causes(caught, set()))
    for cause in causes:
        if (known := _unmistakable(cause, host)) is not None:
            return known
    slow = any(isinstance(cause, TimeoutError) for cause in causes)
    if sent:
        ending = "no answer came in time" if slow else "the connection broke before the whole answer came"
        return Mishap.LOST, f"{ending} from {host}"
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return (
                Mishap.NOT_SENT,
                f"TLS with {host} failed: {getattr(cause, 'reason', None) or 'broken off'}",
            )
        if isinstance(cause, ConnectionRefusedError):
            return Mishap.NOT_SENT, f"{host} refused the connection"
    return Mishap.NOT_SENT, f"{host} took no connection{' in time' if slow else ''}"


def _unmistakable(cause: BaseException, host: str) -> tuple[Mishap, str] | None:
    """What happened, where the cause alone tells, whatever was sent."""
    match cause:
        case ssl.SSLCertVerificationError():
            reason = cause.verify_message or "unknown reason"
            return Mishap.UNTRUSTED, f"the certificate of {host} does not verify: {reason}"
        case socket.gaierror():
            return Mishap.NOT_SENT, f"the name {host} cannot be resolved"
        case AnswerTooLong():
            return Mishap.GARBLED, f"the answer of {host} is longer than any answer is"
        case _:
            return None


def _causes(caught: object, seen: set[int]) -> Iterator[BaseException]:
    """An exception and all it was made of: libraries wrap the socket's own error in several layers."""
    if not isinstance(caught, BaseException) or id(caught) in seen:
        return
    seen.add(id(caught))
    yield caught
    for part in (*caught.args, getattr(caught, "reason", None), caught.__cause__, caught.__context__):
        yield from _causes(part, seen)
