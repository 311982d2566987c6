"""The shell around each of the two hosts: every exchange enters the history and bears the emulator's mark.

Where the fault script has something to do with a request, it passes through a gate. Must not know what a
request means.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pmsync.emulator.endpoints import HostRole
from pmsync.emulator.gate import Gate
from pmsync.emulator.history import Exchange, History
from pmsync.emulator.line import line_of
from pmsync.emulator.script import Script
from pmsync.emulator.surface import CONTROL, MARK

_EXCHANGE: Final = "pmsync.exchange"


class Observed:
    """An ASGI application whose exchanges are written down, and struck by faults."""

    def __init__(self, app: ASGIApp, host: HostRole, *, history: History, script: Script) -> None:
        self._app = app
        self._host = host
        self._history = history
        self._script = script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._host == "api" and scope["path"].startswith(CONTROL):
            await self._app(scope, receive, _marked(send, None))
            return
        if self._script.is_active:
            await self._script.settle_due()
        exchange = self._history.begin(self._host, scope["method"], scope["path"])
        scope[_EXCHANGE] = exchange
        gate = self._gate(exchange, scope) if self._script.is_active else None
        try:
            if gate:
                await gate.serve(self._app, scope, receive, send)
            else:
                await self._app(scope, receive, _marked(send, exchange))
        finally:
            self._history.end(exchange)
            if gate:
                gate.close()

    def _gate(self, exchange: Exchange, scope: Scope) -> Gate | None:
        faults = self._script.take(exchange)
        if faults or self._script.is_hiding(exchange):
            return Gate(self._script, exchange, faults, line=line_of(scope))
        return None


def _marked(send: Send, exchange: Exchange | None) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], MARK]
            if exchange:
                exchange.status = message["status"]
                exchange.phase = "mid-response"
        await send(message)

    return marked


def exchange_of(scope: Scope) -> Exchange:
    """The entry in the history that belongs to a request."""
    exchange = scope[_EXCHANGE]
    assert isinstance(exchange, Exchange)
    return exchange
