"""The operator's proxy and certificates: from the variables that other tools read, and from nowhere else.

Never from YAML (a pull request edits it) and never from .netrc. Lower case goes before upper case, as with
curl and requests, and an empty lower-case variable takes the upper-case one away. Nothing is checked before
it is needed: what is not used must not stop a run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from pmsync.errors import Secret
from pmsync.tenant.hosts import ApiAddress
from pmsync.tenant.outbound import Certificates, Outbound, Setting, proxy_for, secrets_of
from pmsync.tenant.trust import trust

_PROXIES: Final = ("https_proxy", "all_proxy")
"""The first that is set. `http_proxy` is none of them: pmsync speaks http to this machine alone."""
_CERTIFICATES: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR")
"""All that are set count together: an image sets one of them to the system's bundle, and whoever sets another
one wants their CA believed, so no order could be right."""
_NAMES: Final = (*_PROXIES, "http_proxy")


def outbound(environ: Mapping[str, str]) -> Outbound:
    """How this machine is left."""
    proxy = _proxy(environ)
    return Outbound(
        proxy=proxy,
        no_proxy=tuple(re.split(r"[\s,]+", environ.get(_set_one("no_proxy", environ), ""))),
        certificates=_certificates(environ),
        unused="" if proxy else _set_one("http_proxy", environ),
    )


def told(way: Outbound, address: ApiAddress) -> str:
    """How the API is reached, and which certificates are believed, without a password.

    Raises UsageProblem where a variable that is needed is of no use.
    """
    straight, proxy = f"straight to {address.authority}", proxy_for(way, address)
    if address.scheme != "https":
        return f"{straight}, which is this machine"
    trust(way.certificates)
    named = " and ".join(str(one) for one in way.certificates) or "those that come with pmsync"
    if proxy is not None:
        first = f"to {address.authority} through {proxy}"
    elif way.proxy is not None:
        reason = "which is this machine" if address.loopback else "which NO_PROXY names"
        first = f"{straight}, {reason}"
    elif way.unused:
        first = f"{straight}: no proxy is set for https ({way.unused} is for http only)"
    else:
        first = f"{straight}: no proxy is set"
    return f"{first}; certificates: {named}"


def proxy_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """User and password of every proxy in the environment, however they are spelt, the longest first."""
    urls = [value for name, value in environ.items() if name.lower() in _NAMES and "@" in value]
    found = {secret.reveal() for url in urls for secret in secrets_of(url)}
    return tuple(sorted(found, key=len, reverse=True))


def _proxy(environ: Mapping[str, str]) -> Setting | None:
    for name in _PROXIES:
        found = _set_one(name, environ)
        if found:
            return Setting(variable=found, value=Secret(environ[found]))
    return None


def _certificates(environ: Mapping[str, str]) -> tuple[Certificates, ...]:
    named: dict[str, str] = {}
    for name in _CERTIFICATES:
        value = environ.get(name, "")
        for path in value.split(os.pathsep) if name == "SSL_CERT_DIR" else [value]:
            if path:
                named.setdefault(path, name)
    return tuple(Certificates(path=path, variable=name) for path, name in named.items())


def _set_one(name: str, environ: Mapping[str, str]) -> str:
    """The spelling in which a variable is set; empty where it is in none."""
    for spelling in (name, name.upper()):
        value = environ.get(spelling)
        if value is not None and value.strip():
            return spelling
        if value is not None and spelling == name:  # empty on purpose
            return ""
    return ""
