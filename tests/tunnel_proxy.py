"""A proxy on loopback that is asked for tunnels by CONNECT, in the ways in which proxies behave and misbehave.

Every name leads to one port of this machine, so that tests need no name server. Shares nothing with the product.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass, field
from typing import Final

OPENED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class TunnelProxy:
    """`asked` are the heads of what it was asked, `leads_to` the port behind it.

    `answer` is what it says to each CONNECT; without 200 in it, it hangs up after. `wants` is the
    Proxy-Authorization without which it says 407. `hangs` says nothing at all, `endless` says rubbish for ever.
    """

    leads_to: int = 0
    answer: bytes = OPENED
    wants: str | None = None
    hangs: bool = False
    endless: bytes = b""
    context: ssl.SSLContext | None = None
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    def stop(self) -> None:
        if self._over.is_set():
            return
        self._over.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _start(self, work, *args) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            sock, _ = self._listener.accept()
            self._open.append(sock)
            self._start(self._serve, sock)

    def _serve(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(raw.close)
            sock = self.context.wrap_socket(raw, server_side=True) if self.context else raw
            stack.callback(sock.close)
            self._open.append(sock)
            head = _head_of(sock)
            if not head:
                return
            self.asked.append(head)
            if self._answered(sock, head):
                there = stack.enter_context(socket.create_connection(("127.0.0.1", self.leads_to)))
                self._open.append(there)
                self._start(_pour, there, sock)
                _pour(sock, there)

    def _answered(self, sock: socket.socket, head: str) -> bool:
        """Say what is to be said; whether the tunnel is open then."""
        if self.hangs:
            sock.recv(1)
            return False
        while self.endless:
            sock.sendall(self.endless)
        known = f"\r\nproxy-authorization: {self.wants}\r\n".lower()
        if self.wants is not None and known not in head.lower():
            sock.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")
            return False
        sock.sendall(self.answer)
        return self.answer.split()[1:2] == [b"200"]


def _head_of(sock: socket.socket) -> str:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            return ""
        head += byte
    return head.decode("latin-1")


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)  # or whoever reads from it would wait for ever
