"""Connections to hosts, each by its way: straight, or through a tunnel of the operator's proxy.

The one place that knows how a proxy and certificates are given to urllib3. A proxy's user and password go
into the request for a tunnel and nowhere else. This module must not know the API key, or what is sent.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from typing import Any, Final

import urllib3

from pmsync.tenant.connection import patient_pools
from pmsync.tenant.explaining import Way
from pmsync.tenant.hosts import ApiAddress, UploadAddress
from pmsync.tenant.outbound import Outbound, Proxy, proxy_for
from pmsync.tenant.trust import trust

_BLOCK: Final = 16 * 1024


class Pools:
    """Connections to any number of hosts; may be used from as many threads as `parallelism`."""

    def __init__(self, outbound: Outbound, *, parallelism: int, block: int = _BLOCK) -> None:
        self._outbound = outbound
        self._sizes: Mapping[str, Any] = {"maxsize": parallelism, "blocksize": block}
        self._managers: dict[Proxy | None, urllib3.PoolManager] = {}
        self._tls: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def to(self, address: ApiAddress | UploadAddress) -> tuple[urllib3.HTTPConnectionPool, Way]:
        """Connections to an address, and the way they take. Raises UsageProblem: a variable is of no use."""
        proxy = proxy_for(self._outbound, address)
        with self._lock:  # reading certificates takes longer than a small upload: once, if at all
            if address.scheme == "https":
                self._tls = self._tls or trust(self._outbound.certificates)
            manager = self._managers.get(proxy) or self._manager(proxy)
        tls = {"ssl_context": self._tls} if address.scheme == "https" else {}
        way = Way(
            host=f"[{address.host}]" if ":" in address.host else address.host,
            proxy=proxy,
            certificates=self._outbound.certificates,
            unused=self._outbound.unused,
        )
        return manager.connection_from_host(address.host, address.port, address.scheme, tls), way

    def close(self) -> None:
        for manager in self._managers.values():
            for key in manager.pools.keys():  # noqa: SIM118 - it is no mapping, and cannot be gone through
                if (pool := manager.pools.get(key)) is not None:
                    pool.close()  # now, and not when nobody knows it any more

    def _manager(self, proxy: Proxy | None) -> urllib3.PoolManager:
        if proxy is None:
            made = urllib3.PoolManager(**self._sizes)
        else:
            known = proxy.authorization
            made = urllib3.ProxyManager(
                proxy.url,
                proxy_headers={"Proxy-Authorization": known.reveal()} if known else None,
                proxy_ssl_context=self._tls,
                **self._sizes,
            )
        made.pool_classes_by_scheme = patient_pools(made.pool_classes_by_scheme)
        self._managers[proxy] = made
        return made
