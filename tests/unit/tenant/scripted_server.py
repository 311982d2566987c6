"""A server on loopback that plays a script: one step per request, in order, on real sockets.

Shares nothing with the product; what it cannot say in HTTP it says with raw bytes or by hanging up.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Seen:
    """A request as it came in; `body` may be short where the client hung up."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class Step:
    """What to do with a request: read so much of its body (None: all), then send, then perhaps hang up."""

    send: bytes = b""
    read_body: int | None = None
    close: bool = False
    reset: bool = False
    hang: bool = False
    after: Callable[[], None] = lambda: None


def says(status: int, body: object = None, **headers: str) -> Step:
    """An ordinary answer: JSON unless the body is bytes already."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Step(send="\r\n".join(lines).encode() + b"\r\n\r\n" + data)


def cut() -> Step:
    """Takes the whole request and hangs up without an answer."""
    return Step(close=True)


@dataclass
class ScriptedServer:
    """Plays its script; `seen` are the requests, `connections` how many were opened."""

    script: list[Step]
    context: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def stop(self) -> None:
        if self._over.is_set():
            return
        self._over.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._acceptor.join()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._over.is_set():
                sock.close()
                return
            with self._lock:
                self.connections += 1
                self._open.append(sock)
                thread = threading.Thread(target=self._serve, args=(sock, self.connections))
                self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket, number: int) -> None:
        sock = raw
        try:
            if self.context:
                sock = self.context.wrap_socket(raw, server_side=True)
            with sock, sock.makefile("rb") as stream:
                while self._one(sock, stream, number):
                    pass
        except OSError:
            pass
        finally:
            sock.close()

    def _one(self, sock: socket.socket, stream, number: int) -> bool:
        first = stream.readline()
        if not first:
            return False
        if not first.endswith(b"HTTP/1.1\r\n"):
            sock.sendall(b"HTTP/1.1 400 not HTTP\r\n\r\n")
            return False
        method, target, _ = first.decode().split(" ", 2)
        headers: dict[str, str] = {}
        while (line := stream.readline()) not in {b"\r\n", b""}:
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        with self._lock:
            step = self.script.pop(0) if self.script else says(500, {"message": "the script is over"})
        length = int(headers.get("content-length", "0"))
        body = stream.read(length if step.read_body is None else min(step.read_body, length))
        with self._lock:
            self.seen.append(Seen(method, target, headers, body, number))
        if step.reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if step.send:
            sock.sendall(step.send)
        step.after()
        if step.hang:
            stream.read(1)
        return not (step.close or step.hang)
