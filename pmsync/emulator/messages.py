"""What goes in and out of a request under faults: its body, read ahead, and its answer, held back."""

import json
from collections import deque
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send


class BodyAhead:
    """A request's body, part of which was taken before the application asked for it.

    What has arrived stays, also where the client leaves before the application reads it.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ahead: deque[Message] = deque()

    async def take(self, size: int) -> None:
        """Wait until so many bytes are here, or all there are."""
        taken = 0
        while taken < size:
            message = await self._receive()
            self._ahead.append(message)
            taken += len(message.get("body", b""))
            if not message.get("more_body"):
                return

    async def receive(self) -> Message:
        return self._ahead.popleft() if self._ahead else await self._receive()


class Outgoing:
    """An answer that is ready and not sent."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def take(self, message: Message) -> None:
        """Stand in for the sending."""
        if message["type"] == "http.response.start":
            self.status, self.headers, self.body = message["status"], list(message["headers"]), bytearray()
        else:
            self.body += message.get("body", b"")

    async def send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": bytes(self.body)})

    @property
    def content(self) -> Any:
        """The JSON it holds."""
        return json.loads(self.body)

    def put(self, content: Any) -> None:
        """Give it other JSON."""
        self.body = bytearray(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
        size = (b"content-length", str(len(self.body)).encode())
        self.headers = [size if name == b"content-length" else (name, value) for name, value in self.headers]


class Silence(Response):
    """The answer that nobody gets."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""
