"""Runs the emulator: two HTTP servers on loopback ports, in a thread of their own.

`running` is for whoever needs an emulator beside something else, `serve_until_stopped` for a foreground
process. Nothing but 127.0.0.1 is ever listened on.
"""

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from pmsync.emulator.bucket import bucket_application
from pmsync.emulator.byhand import ByHand
from pmsync.emulator.errors import EmulatorError
from pmsync.emulator.history import History
from pmsync.emulator.line import LinedProtocol
from pmsync.emulator.records import Clock
from pmsync.emulator.routes import api_application
from pmsync.emulator.script import Script
from pmsync.emulator.settings import Settings
from pmsync.emulator.signing import AccessKey
from pmsync.emulator.tenant import Tenant
from pmsync.emulator.uploads import ACCESS_KEY_ID, UploadUrls
from pmsync.emulator.world import World

_LOOPBACK: Final = "127.0.0.1"

_BACKLOG: Final = 128

_IDLE: Final = 75
"""Seconds a connection may rest: long enough that no client finds it closed between two thoughts."""

_GRACE: Final = 5
"""Seconds that requests in flight get to finish when the emulator stops."""


@dataclass(frozen=True, slots=True)
class RunningEmulator:
    """An emulator that answers: where it is, what it was asked, and a way behind the API for tests."""

    api_url: str
    bucket_url: str
    history: History
    faults: Script
    world: World

    def tenant(self, tenant_id: str) -> Tenant:
        """A tenant as the API sees it, without HTTP."""
        return self.world.tenant(tenant_id)

    def by_hand(self, tenant_id: str) -> ByHand:
        """A tenant as people change it in ProcessMind itself, behind the back of a client."""
        return self.world.by_hand(tenant_id)


@contextmanager
def running(settings: Settings, *, clock: Clock = time.time) -> Iterator[RunningEmulator]:
    """An emulator in this process for as long as the context lasts.

    Raises EmulatorError where its port is taken, or its data folder or seed file cannot be used.
    """
    with ExitStack() as stack:
        world = stack.enter_context(World(settings, clock=clock))
        api_socket = stack.enter_context(_listening(settings.port))
        bucket_socket = stack.enter_context(_listening(0))
        bucket_host = _host(bucket_socket)
        key = AccessKey(ACCESS_KEY_ID, world.ground.database.secret("bucket"))
        urls = UploadUrls(bucket_host, key, clock)
        history, script = History(), Script(world)
        servers = [
            (_Server(api_application(world, urls, history=history, script=script)), api_socket),
            (_Server(bucket_application(world, urls, history=history, script=script)), bucket_socket),
        ]
        stack.enter_context(_serving(servers, script))
        yield RunningEmulator(f"http://{_host(api_socket)}", f"http://{bucket_host}", history, script, world)


def serve_until_stopped(
    settings: Settings, ready: Callable[[RunningEmulator], None], *, clock: Clock = time.time
) -> signal.Signals:
    """Run an emulator in the foreground until SIGINT or SIGTERM; the signal that ended it.

    `ready` is called once it answers. Must be called from the main thread. Raises EmulatorError as `running`.
    """
    received: list[int] = []
    stopped = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with running(settings, clock=clock) as emulator:
            ready(emulator)
            stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return signal.Signals(received[0])


class _Server(uvicorn.Server):
    """One host. Stops at once when told to, instead of looking every tenth of a second whether it was."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=LinedProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._stopping = asyncio.Event()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # a tick renews the Date header
            try:
                await asyncio.wait_for(self._stopping.wait(), timeout=1)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let requests in flight finish and take no others. Must be called in the server's event loop."""
        self.should_exit = True
        self._stopping.set()
        for connection in self.server_state.connections:
            assert isinstance(connection, LinedProtocol)
            connection.line.end_if_taken()


def _listening(port: int) -> socket.socket:
    # The protocol is named because asyncio turns off Nagle's algorithm only on sockets that say they are TCP:
    # without that every answer waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left may be taken again
        listening.bind((_LOOPBACK, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise EmulatorError(
            f"cannot listen on port {port} ({error.strerror}); choose another port"
        ) from error
    return listening


def _host(listening: socket.socket) -> str:
    return f"{_LOOPBACK}:{listening.getsockname()[1]}"


@contextmanager
def _serving(servers: list[tuple[_Server, socket.socket]], script: Script) -> Iterator[None]:
    """Serve in a thread with a loop of its own; the sockets listen already, so nobody is turned away."""
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in servers))

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    # A daemon, so that a program that dies in another thread is not held up by its emulator.
    thread = threading.Thread(target=run, name="pmsync-emulator", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(script.stop)
        for server, _ in servers:
            loop.call_soon_threadsafe(server.stop)
        thread.join()
