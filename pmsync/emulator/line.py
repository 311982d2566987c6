"""The connection a request came in by, for those who want to break it.

ASGI knows answers only; a fault needs the connection itself. A line is taken over from the HTTP server for
good: once it is, the server says nothing more on it and hears nothing more from it.
"""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any, Final

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

_LINE: Final = "pmsync.line"
_LINGER_NOT: Final = struct.pack("ii", 1, 0)


class Line:
    """One connection. All of it belongs to the event loop."""

    def __init__(self, protocol: H11Protocol) -> None:
        self._protocol = protocol
        self._taken = False
        self._gone = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether an answer of the server would still get to somebody."""
        return not (self._taken or self._gone.is_set() or self._protocol.transport.is_closing())

    async def gone(self) -> None:
        """Wait until the client has left."""
        await self._gone.wait()

    def take_over(self) -> None:
        """From now on the HTTP server is out of it, and what the client sends is thrown away."""
        if self._taken:
            return
        self._taken = True
        self._protocol.cycle.disconnected = True
        transport = self._protocol.transport
        if not transport.is_closing():
            transport.set_protocol(_Deaf(self._protocol))
            transport.resume_reading()

    def write(self, part: bytes) -> None:
        """Send bytes as they are."""
        self.take_over()
        if not self._protocol.transport.is_closing():
            self._protocol.transport.write(part)

    def drop(self) -> None:
        """End it in order: what was written arrives, then comes a FIN.

        It is only shut for writing. Closed, it would be reset by whatever the client had still under way.
        """
        self.take_over()
        transport = self._protocol.transport
        if not transport.is_closing():
            with suppress(OSError):  # the client has torn it down, and the event loop does not know yet
                transport.write_eof()

    def reset(self) -> None:
        """Tear it down: the client gets a RST."""
        self.take_over()
        transport = self._protocol.transport
        if not transport.is_closing():
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            transport.abort()

    def end(self) -> None:
        """Close it now, because the emulator stops."""
        self.take_over()
        self._protocol.transport.abort()

    def end_if_taken(self) -> None:
        """Do not let a connection that the HTTP server has lost sight of hold up its stopping."""
        if self._taken:
            self._protocol.transport.abort()

    def lost(self) -> None:
        """The connection is over."""
        self._gone.set()


class LinedProtocol(H11Protocol):
    """The HTTP server's protocol; each request carries the line it came by."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.line = Line(self)
        super().__init__(config, server_state, {**app_state, _LINE: self.line}, _loop)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.line.lost()


class _Deaf(asyncio.Protocol):
    """Hears nothing and passes on only that the connection is over."""

    def __init__(self, before: H11Protocol) -> None:
        self._before = before

    def connection_lost(self, exc: Exception | None) -> None:
        self._before.connection_lost(exc)


def line_of(scope: Scope) -> Line:
    """The line a request came in by."""
    line = scope["state"][_LINE]
    assert isinstance(line, Line)
    return line


def wire_bytes(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    """An answer as it goes over the line, and the last one on it."""
    first = f"HTTP/1.1 {status} \r\n".encode()  # a reason phrase says nothing to a machine
    fields = b"".join(name + b": " + value + b"\r\n" for name, value in [*headers, (b"connection", b"close")])
    return first + fields + b"\r\n" + body
