from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from scripted_server import ScriptedServer, Step
from tenant_samples import KEY, FakeClock
from tunnel_proxy import TunnelProxy

from pmsync.errors import Secret
from pmsync.tenant.client import TenantWriter
from pmsync.tenant.connection import Patience
from pmsync.tenant.hosts import api_address
from pmsync.tenant.outbound import Certificates, Outbound
from pmsync.tenant.retry import Retrier, RetryPolicy, RetryQuota
from pmsync.tenant.session import Session


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

    def start(url: str, *, ca_bundle: str | None = None, **options) -> Session:
        if ca_bundle is not None:
            options["outbound"] = Outbound(certificates=(Certificates(path=ca_bundle),))
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


@pytest.fixture
def proxy() -> Iterator[Callable[..., TunnelProxy]]:
    proxies: list[TunnelProxy] = []

    def start(server: ScriptedServer | None = None, **options) -> TunnelProxy:
        proxies.append(TunnelProxy(leads_to=server.port if server else 0, **options))
        return proxies[-1]

    yield start
    for one in proxies:
        one.stop()
