"""Where the API key and the files may go, and nowhere else.

A pull request edits pmsync.yaml, and a tenant's answer names the upload URL: neither may choose a host.
URLs are read by one strict grammar instead of a lenient parser, so that no two parsers can disagree about
the host. Pure: looks nothing up, sends nothing, and must not know what a request is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs

from msgspec import Struct
from msgspec.structs import replace

from pmsync.errors import Refused, Secret, UsageProblem

VENDOR_HOST: Final = "api.processmind.com"
DEFAULT_LIFETIME: Final = 3600.0
"""Seconds an upload URL is valid where it does not say so (the API reference's `validforseconds`)."""

_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:[/?][a-z0-9._~!$&'()*+,;=:@/?%-]*)?)",
    re.IGNORECASE | re.ASCII,
)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_S3: Final = re.compile(
    r"(?:[a-z0-9_.-]+\.)?"  # the bucket, which may hold dots
    r"(?:s3(?:-fips)?(?:\.dualstack)?[.-][a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2}"  # s3.eu-west-1, s3-eu-west-1
    r"|[a-z0-9-]+\.s3-accesspoint(?:-fips)?(?:\.dualstack)?\.[a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2}"
    r"|s3-accelerate(?:\.dualstack)?|s3-external-1|s3)"
    r"\.amazonaws\.com(?:\.cn)?",
    re.ASCII,
)
"""S3's own endpoints (AWS General Reference). Below amazonaws.com there are also hosts that anybody can have:
machines, API gateways, and load balancers whose names may begin with `s3-`."""
_PORTS: Final = {"https": 443, "http": 80}
_YAML: Final = "apiUrl in pmsync.yaml"
_OUTSIDE: Final = "--api-url / PMSYNC_API_URL"


class ApiAddress(Struct, frozen=True, kw_only=True):
    """A host that may be sent the API key. `path` is a prefix without a slash at its end, mostly empty.

    `public_only`: it is on this machine and only the repository names it, so it may be sent no key but
    the public one.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    public_only: bool = False

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def authority(self) -> str:
        """Host, with its port where that is not the scheme's own: what the state is bound to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


class UploadAddress(Struct, frozen=True, kw_only=True):
    """A host that may be sent one file. `target` is path and query: whoever has it may write there.

    `lifetime` is in seconds from when the URL was asked for.
    """

    scheme: str
    host: str
    port: int
    target: Secret
    lifetime: float = DEFAULT_LIFETIME


class UploadUrl(Struct, frozen=True):
    """An upload address with the moment (of the run's monotonic clock, seconds) at which it expires."""

    address: UploadAddress
    valid_until: float


class _Parts(Struct, frozen=True):
    """A URL that has been taken apart; `host` is lower case, IPv6 without brackets."""

    scheme: str
    host: str
    port: int
    target: str


def is_loopback(host: str) -> bool:
    """Whether a host (lower case, IPv6 without brackets) is this machine: 127.0.0.0/8, ::1 or localhost."""
    address = ip_of(host)
    return host == "localhost" if address is None else address.is_loopback


def api_address(from_yaml: str | None, from_outside: str | None) -> ApiAddress:
    """The API host of a run: the one named outside the repository, else pmsync.yaml's, else the vendor's.

    Raises Refused (nothing is sent) where pmsync.yaml names a host that is not the vendor's, not loopback
    and not the one named outside, even if another one is named outside: whoever wrote it wants the key. A
    loopback host that is named nowhere else is `public_only`.
    """
    outside = None if from_outside is None else _outside(from_outside)
    chosen = None if from_yaml is None else _inside(from_yaml, outside)
    if outside is None and chosen is not None and chosen.loopback:
        return replace(chosen, public_only=True)
    return outside or chosen or ApiAddress(scheme="https", host=VENDOR_HOST, port=443)


def upload_address(url: str, *, api: ApiAddress, extra_hosts: Sequence[str] = ()) -> UploadAddress:
    """An upload URL that the tenant gave, if a file may go there; raises Refused otherwise.

    `extra_hosts` were named outside the repository: a host, or `*.` and a domain for all hosts below it.
    """
    parts = _split(url)
    if parts is None:
        raise Refused(
            "the tenant gave an upload URL that is not a plain http(s) URL; no file was sent",
            hint="if it is right, report it to the tenant's vendor",
        )
    fault = _upload_fault(parts, api, tuple(_pattern(host) for host in extra_hosts))
    if fault:
        raise Refused(
            f"the tenant gave an upload URL on {parts.host!r}, and {fault}; no file was sent",
            hint=f"if that host is trusted: --upload-host {parts.host} (or PMSYNC_UPLOAD_HOSTS)",
        )
    return UploadAddress(
        scheme=parts.scheme,
        host=parts.host,
        port=parts.port,
        target=Secret(parts.target),
        lifetime=_lifetime(parts.target),
    )


def _outside(url: str) -> ApiAddress:
    parts = _split(url)
    if parts is None or not _plain_path(parts.target):
        raise UsageProblem(
            "not a plain http(s) URL of a host", where=_OUTSIDE, hint=f"for example https://{VENDOR_HOST}"
        )
    if parts.scheme != "https" and not is_loopback(parts.host):
        raise Refused(f"the API key does not go over http to {parts.host}", where=_OUTSIDE, hint="use https")
    return _api(parts)


def _inside(url: str, outside: ApiAddress | None) -> ApiAddress:
    parts = _split(url)
    if parts is None or not _plain_path(parts.target):
        raise Refused(
            "not a plain http(s) URL of a host; nothing was sent",
            where=_YAML,
            hint=f"leave it out for https://{VENDOR_HOST}",
        )
    address = _api(parts)
    origin = (address.scheme, address.host, address.port)
    allowed = (
        address.loopback
        or origin == ("https", VENDOR_HOST, 443)
        or (outside is not None and origin == (outside.scheme, outside.host, outside.port))
    )
    if not allowed:
        raise Refused(
            f"the API key is not sent to {address.scheme}://{address.authority}, a host that only the "
            "repository names; nothing was sent",
            where=_YAML,
            hint=f"if that host is trusted: --api-url {address.url} (or PMSYNC_API_URL)",
        )
    return address


def _upload_fault(parts: _Parts, api: ApiAddress, extra: tuple[str, ...]) -> str | None:
    """Why a file may not go there, or None."""
    if is_loopback(parts.host):
        return None if api.loopback else "loopback is only for an API that is on loopback too"
    if parts.scheme != "https":
        return "only https will do"
    address = ip_of(parts.host)
    if address is not None and not address.is_global:
        return "a private address is never the tenant's bucket"
    if any(_matches(parts.host, pattern) for pattern in extra):
        return None
    if _S3.fullmatch(parts.host) is None:
        return "that is neither a host of S3 nor one named outside the repository"
    return None if parts.port == 443 else "on S3 only port 443 will do"


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _pattern(text: str) -> str:
    """An upload host as the user named it, checked: a typo must not open more than was meant."""
    pattern = text.strip().lower()
    bare = pattern.removeprefix("*.")
    wide = pattern.startswith("*.") and ("." not in bare or ip_of(bare) is not None)
    if wide or host_of(bare) is None:
        raise UsageProblem(
            f"not a host: {text!r}",
            where="--upload-host / PMSYNC_UPLOAD_HOSTS",
            hint="a host (files.example.com) or all below a domain (*.files.example.com)",
        )
    return pattern


def _split(url: str) -> _Parts | None:
    """A URL by the strict grammar: no user info, no fragment, ASCII only; None if it is anything else."""
    found = _URL.fullmatch(url)
    if found is None:
        return None
    scheme = found["scheme"].lower()
    host = host_of(found["host"].lower())
    port = int(found["port"]) if found["port"] else _PORTS[scheme]
    if host is None or not 0 < port < 65536:
        return None
    return _Parts(scheme=scheme, host=host, port=port, target=found["target"])


def host_of(text: str) -> str | None:
    """A host name or IP literal, without brackets; None for what resolvers read in more than one way."""
    if text.startswith("["):
        inner = text[1:-1]
        return inner if ip_of(inner) is not None and "." not in inner else None
    if ":" in text:
        return None
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):  # 127.1, 0x7f.1 and 2130706433 are addresses to some resolvers
        return text if ip_of(text) is not None else None
    return text if all(_LABEL.fullmatch(label) for label in labels) else None


def ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is, without brackets; None: it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _plain_path(target: str) -> bool:
    """Whether it is a path that can stand before /tenant/…: no query, no empty or dotted segment."""
    return re.fullmatch(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?", target) is not None


def _api(parts: _Parts) -> ApiAddress:
    path = parts.target.strip("/")
    return ApiAddress(scheme=parts.scheme, host=parts.host, port=parts.port, path=f"/{path}" if path else "")


def _lifetime(target: str) -> float:
    """Seconds from the URL's own `X-Amz-Expires`, else the API reference's default."""
    values = parse_qs(target.partition("?")[2]).get("X-Amz-Expires", [])
    return float(values[0]) if values and re.fullmatch(r"[0-9]{1,9}", values[0]) else DEFAULT_LIFETIME
