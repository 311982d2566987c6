"""The way out of this machine: the operator's proxy and certificates, as variables of their environment say.

Whether a host is one that may be asked at all is judged before, by hosts, and on that host alone: a proxy is
another way to the same host. All that leaves this machine is https, so a proxy is asked for a tunnel and
nothing else. Pure: reads no environment, opens nothing, and must not know what a request is.
"""

from __future__ import annotations

import ipaddress
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from pmsync.errors import Secret, UsageProblem
from pmsync.tenant.hosts import ApiAddress, UploadAddress, host_of, ip_of, is_loopback

_PROXY: Final = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?:(?P<user>[^/?#\s]*)@)?"
    r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?(?P<path>[/?#].*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_PORTS: Final = {"http": 80, "https": 443}
_EXAMPLE: Final = "for example http://proxy.example.com:3128"
_NOT_PORT: Final = "its port is no number from 1 to 65535"
_UNREADABLE: Final = (
    "it is no URL of a proxy",
    f"{_EXAMPLE}; in a password, write / as %2F, ? as %3F, # as %23, @ as %40 and a blank as %20",
)


class Setting(Struct, frozen=True, kw_only=True):
    """What one variable of the environment says. A proxy's URL may hold a password."""

    variable: str
    value: Secret


class Certificates(Struct, frozen=True, kw_only=True):
    """A file of certificates in PEM, or a folder of them under their hashes, and what variable names it."""

    path: str
    variable: str = ""

    def __str__(self) -> str:
        return f"{self.variable}={self.path}" if self.variable else "those that come with pmsync"


class Outbound(Struct, frozen=True, kw_only=True):
    """How this machine's operator lets it out. Nothing in it has been checked yet.

    `no_proxy` are the entries of NO_PROXY; `certificates` are believed instead of those that come with the
    HTTP library; `unused` is a variable that names a proxy for http, which pmsync never speaks to a host
    elsewhere.
    """

    proxy: Setting | None = None
    no_proxy: tuple[str, ...] = ()
    certificates: tuple[Certificates, ...] = ()
    unused: str = ""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Each spelling of what only the proxy may be told."""
        return () if self.proxy is None else secrets_of(self.proxy.value.reveal())


STRAIGHT: Final = Outbound()


class Proxy(Struct, frozen=True, kw_only=True):
    """Where tunnels are asked for. `authorization` goes to the proxy alone."""

    scheme: str
    host: str
    port: int
    variable: str
    authorization: Secret | None = None

    @property
    def url(self) -> str:
        """Without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"the proxy {self.url} ({self.variable})"


def proxy_for(outbound: Outbound, to: ApiAddress | UploadAddress) -> Proxy | None:
    """The proxy between here and an address; None: there is none.

    Raises UsageProblem where one is named that cannot be.
    """
    if outbound.proxy is None or to.scheme != "https" or is_loopback(to.host):
        return None
    return None if is_excepted(outbound.no_proxy, to.host, to.port) else _proxy(outbound.proxy)


def is_excepted(entries: Iterable[str], host: str, port: int) -> bool:
    """Whether NO_PROXY names this host. Names are compared, never resolved."""
    return any(_excepts(entry.strip().lower(), host, port) for entry in entries)


def secrets_of(url: str) -> tuple[Secret, ...]:
    """User and password in a proxy's URL, in each of their spellings: none where it holds no user."""
    found = _PROXY.fullmatch(url.strip())
    written = found["user"] if found else _before_the_host(url)
    if not written:
        return ()
    password = written.partition(":")[2]
    plain = _raw(password).decode("utf-8", "replace")
    return tuple(Secret(one) for one in dict.fromkeys((_basic(written), written, password, plain)) if one)


def _before_the_host(url: str) -> str:
    """What may be a user and a password in a URL that is none."""
    return url.strip().partition("://")[2].rpartition("@")[0] or url.strip().rpartition("@")[0]


def _proxy(setting: Setting) -> Proxy:
    found = _PROXY.fullmatch(setting.value.reveal().strip())
    if found is None:
        raise _cannot_be(setting, *_UNREADABLE)
    scheme = (found["scheme"] or "http").lower()
    if scheme not in _PORTS:
        raise _cannot_be(setting, "only proxies over http:// and https:// will do", _EXAMPLE)
    host = host_of(found["host"].lower())
    if host is None:
        raise _cannot_be(setting, *_UNREADABLE)
    port = int(found["port"]) if found["port"] else _PORTS[scheme]
    if not 0 < port < 65536:
        raise _cannot_be(setting, _NOT_PORT, _EXAMPLE)
    if found["path"] not in {None, "", "/"}:
        raise _cannot_be(setting, "a proxy is a host and a port, and there is more behind them", _EXAMPLE)
    user = found["user"]
    return Proxy(
        scheme=scheme,
        host=host,
        port=port,
        variable=setting.variable,
        authorization=Secret(f"Basic {_basic(user)}") if user else None,
    )


def _cannot_be(setting: Setting, fault: str, hint: str) -> UsageProblem:
    """Without a word of the URL: it may hold a password in any place."""
    return UsageProblem(f"what it holds cannot be used: {fault}", where=setting.variable, hint=hint)


def _basic(user: str) -> str:
    name, _, password = user.partition(":")
    return b64encode(_raw(name) + b":" + _raw(password)).decode()


def _raw(text: str) -> bytes:
    """Percent escapes undone; what the environment holds need not be text."""
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape"))


def _excepts(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    name, ports = _apart(entry)
    if ports and ports != str(port):
        return False
    address = ip_of(host)
    if address is not None:
        network = _network(name)
        return network is not None and address in network
    domain = name.removeprefix("*").lstrip(".").rstrip(".")
    return bool(domain) and (host.rstrip(".") == domain or host.rstrip(".").endswith(f".{domain}"))


def _apart(entry: str) -> tuple[str, str]:
    """Host and port of an entry; an IPv6 address has more colons than one, or brackets."""
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, rest.removeprefix(":")
    name, _, ports = entry.partition(":")
    return (entry, "") if ":" in ports else (name, ports)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
