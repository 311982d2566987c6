"""The shell around each of the two hosts: every exchange enters the history and bears the emulator's mark.

Must not know what a request means.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pmsync.emulator.history import Exchange, History, HostRole

VERSION: Final = "1"
"""Of the emulator's own surface: the settings, the control endpoints, the history."""

CONTROL: Final = "/_pmsync/"
"""What stands below this path is about the emulator, not the tenant, and leaves no trace in the history."""

_MARK: Final = (b"x-pmsync-emulator", VERSION.encode())
_EXCHANGE: Final = "pmsync.exchange"


class Observed:
    """An ASGI application whose exchanges are written down."""

    def __init__(self, app: ASGIApp, host: HostRole, history: History) -> None:
        self._app = app
        self._host = host
        self._history = history

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        control = self._host == "api" and scope["path"].startswith(CONTROL)
        exchange = None if control else self._history.begin(self._host, scope["method"], scope["path"])
        scope[_EXCHANGE] = exchange

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], _MARK]
                if exchange:
                    exchange.status = message["status"]
            await send(message)

        await self._app(scope, receive, marked)


def exchange_of(scope: Scope) -> Exchange:
    """The entry in the history that belongs to a request."""
    exchange = scope[_EXCHANGE]
    assert isinstance(exchange, Exchange)
    return exchange
