"""Connections whose every phase is bounded in time, and that know whether anything was sent.

HTTP libraries bound each single recv, so a server that drips one byte every 29 seconds holds them for
ever, they read lines (a chunk's length, a trailer) of any length into memory, and they do not say whether a
request that failed can have arrived. This mixes both into whatever
connection class a library brings, and asks a proxy for its tunnel under the same bounds. Standard library
only; must not know keys, URLs or retries.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Any, Final

from msgspec import Struct

FRESH: Final = 2.0
"""Seconds for which an idle connection is used again. Servers close idle ones after five or more, and a POST
written to a connection that is being closed is a POST whose fate is unknown."""
TUNNEL_ANSWER: Final = 64 * 1024
"""Bytes of a proxy's answer to CONNECT: a status line and some headers."""
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")


class Patience(Struct, frozen=True, kw_only=True):
    """How long one exchange may take, in seconds: to connect, per block sent, per read, and in all."""

    connect: float = 10.0
    send: float = 60.0
    read: float = 30.0
    total: float = 120.0


class AnswerTooLong(OSError):
    """More bytes came in answer to one request than any answer has."""


class NoTunnel(OSError):
    """A proxy did not open the tunnel it was asked for. `status` is its answer; None: that is no HTTP."""

    def __init__(self, status: int | None) -> None:
        super().__init__()
        self.status = status


class Reached(Enum):
    """How far the way to a host has been made.

    NOTHING: not even the first host on it has taken a connection, with TLS where it wants that. PROXY: it
    was asked for a tunnel and has not answered. TUNNEL: it opened one, and the host itself is talked to.
    """

    NOTHING = "nothing"
    PROXY = "proxy"
    TUNNEL = "tunnel"


class Exchange(Struct):
    """One request and its answer while they are under way. `sent`: a byte of it may have left.

    `reached` is how far a proxy has let it. `longest` is how many bytes of an answer may yet come over the
    wire: heads, chunk marks and trailers too.
    """

    patience: Patience
    monotonic: Callable[[], float]
    ends: float
    longest: int
    sent: bool = False
    reached: Reached = Reached.NOTHING

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
    proxy: object = None
    _tunnel_host: str | None
    _tunnel_port: int
    _tunnel_headers: Mapping[str, str]
    _used: float = 0.0

    def connect(self) -> None:
        if self.proxy is not None and self._tunnel_host is None:  # or the key would go to the proxy itself
            raise NoTunnel(None)
        current = _CURRENT.get()
        current.reached = Reached.NOTHING
        self.timeout = current.left(current.patience.connect)
        super().connect()

    def _tunnel(self) -> None:
        """Ask the proxy for a tunnel, in place of the library's own way, which knows no bounds."""
        current = _CURRENT.get()
        current.reached = Reached.PROXY
        host = f"[{self._tunnel_host}]" if ":" in str(self._tunnel_host) else self._tunnel_host
        lines = [f"CONNECT {host}:{self._tunnel_port} HTTP/1.1", f"Host: {host}:{self._tunnel_port}"]
        lines += [f"{name}: {value}" for name, value in self._tunnel_headers.items()]
        self.sock.settimeout(current.left(current.patience.connect))
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        status = _status(_head(self.sock, current))
        if status is None or not 200 <= status < 300:
            raise NoTunnel(status)
        current.reached = Reached.TUNNEL
        self.sock.settimeout(current.left(current.patience.connect))

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


class PatientTls(ssl.SSLSocket):
    """The TLS of a connection to a proxy, through which TLS with the host itself goes piece by piece."""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        current = _CURRENT.get()
        self.settimeout(current.left(current.patience.read))
        return super().recv(buflen, flags)


def _head(sock: socket.socket, current: Exchange) -> bytes:
    """The head of a proxy's answer, byte by byte: what comes behind it belongs to the tunnel."""
    ends, head = current.monotonic() + current.patience.read, bytearray()
    while not head.endswith((b"\r\n\r\n", b"\n\n")):
        sock.settimeout(current.left(_left(ends - current.monotonic())))
        byte = sock.recv(1)
        if not byte:
            raise ConnectionResetError
        head += byte
        if len(head) > TUNNEL_ANSWER:
            raise NoTunnel(None)
    return bytes(head)


def _left(seconds: float) -> float:
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _status(head: bytes) -> int | None:
    found = _STATUS_LINE.match(head)
    return int(found[1]) if found else None


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
