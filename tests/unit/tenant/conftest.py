from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from scripted_server import ScriptedServer, Step

from pmsync.errors import Secret
from pmsync.tenant.client import TenantWriter
from pmsync.tenant.connection import Patience
from pmsync.tenant.hosts import api_address
from pmsync.tenant.retry import Retrier, RetryPolicy, RetryQuota, Timing
from pmsync.tenant.session import Session

KEY = "canary-key-4711"


@dataclass
class FakeClock:
    """Time passes only when someone sleeps, or by `tick` each time someone looks."""

    now: float = 1000.0
    tick: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        self.now += self.tick
        return self.now

    @property
    def timing(self) -> Timing:
        return Timing(sleep=self.sleep, monotonic=self.monotonic, random=lambda: 0.5)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    servers: list[ScriptedServer] = []

    def start(*script: Step, **options) -> ScriptedServer:
        servers.append(ScriptedServer(list(script), **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def open_session(clock: FakeClock) -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def start(url: str, **options) -> Session:
        options.setdefault("monotonic", clock.monotonic)
        sessions.append(Session(api_address(None, url), Secret(KEY), **options))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


@pytest.fixture
def retrier(clock: FakeClock) -> Retrier:
    return Retrier(RetryPolicy(attempts=3), RetryQuota(), clock.timing)


@pytest.fixture
def connect(open_session, retrier) -> Callable[..., TenantWriter]:
    def start(server: ScriptedServer, tenant_id: str = "t-1", **options) -> TenantWriter:
        patience = options.pop("patience", Patience())
        session = open_session(server.url, patience=patience)
        return TenantWriter(session, tenant_id, retrier=retrier, **options)

    return start
