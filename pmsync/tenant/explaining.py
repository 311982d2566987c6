"""What went wrong between here and a host, in sentences that hold nothing of the request.

Each says who it was (the proxy that a variable names, or the host behind it) and what to look at. A proxy's
own words are never repeated: it was told a password. This module must not know what was asked for.
"""

from __future__ import annotations

import http
import http.client
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from pmsync.tenant.connection import AnswerTooLong, NoTunnel, Reached
from pmsync.tenant.outbound import Certificates, Proxy
from pmsync.tenant.retry import Mishap

_EXPIRED: Final = frozenset({9, 10})
_OTHER_NAME: Final = frozenset({62, 64})
"""OpenSSL's numbers (X509_V_ERR_…): not yet valid, expired; host name, address mismatch."""
_NETWORK: Final = "is the address right, and the network up?"


class Way(Struct, frozen=True, kw_only=True):
    """How a host is reached. `host` is as errors name it; `unused` a variable of a proxy for http only."""

    host: str
    proxy: Proxy | None = None
    certificates: tuple[Certificates, ...] = ()
    unused: str = ""


class Trouble(Struct, frozen=True):
    """How an attempt went wrong, what happened, and what to do about it."""

    mishap: Mishap
    what: str
    hint: str | None = None


def explain(caught: BaseException, way: Way, *, sent: bool, reached: Reached = Reached.NOTHING) -> Trouble:
    """What happened when a library raised this."""
    causes = list(_causes(caught, set()))
    at_proxy = way.proxy is not None and not sent and reached is not Reached.TUNNEL
    party = str(way.proxy) if at_proxy else way.host
    for cause in causes:
        if (known := _unmistakable(cause, way, party)) is not None:
            return known
    slow = any(isinstance(cause, TimeoutError) for cause in causes)
    through = f" (through {way.proxy})" if way.proxy is not None and not at_proxy else ""
    if sent:
        ending = "no answer came in time" if slow else "the connection broke before the whole answer came"
        return Trouble(Mishap.LOST, f"{ending} from {way.host}{through}")
    if at_proxy and reached is Reached.PROXY:
        happened = f"{party} {'did not answer in time' if slow else 'hung up'} when asked for it"
    else:
        happened = _no_connection(causes, party, slow=slow)
    unreached = f"{way.host} was not reached: " if at_proxy else ""
    return Trouble(Mishap.NOT_SENT, f"{unreached}{happened}{through}", _network(way, at_proxy=at_proxy))


def _no_connection(causes: list[BaseException], party: str, *, slow: bool) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return f"TLS with {party} failed: {getattr(cause, 'reason', None) or 'broken off'}"
        if isinstance(cause, ConnectionRefusedError):
            return f"{party} refused the connection"
    return f"{party} took no connection{' in time' if slow else ''}"


def _network(way: Way, *, at_proxy: bool) -> str:
    if at_proxy and way.proxy is not None:
        name = way.proxy.variable
        return f"is {name} right, and that proxy up? If {way.host} needs no proxy, name it in NO_PROXY"
    if way.unused:
        return f"{_NETWORK} {way.unused} is for http only: set HTTPS_PROXY if a proxy is needed"
    return _NETWORK


def _unmistakable(cause: BaseException, way: Way, party: str) -> Trouble | None:
    """What happened, where the cause alone tells, whatever was sent."""
    match cause:
        case NoTunnel():
            assert way.proxy is not None, "only a proxy is asked for a tunnel"
            return _no_tunnel(cause.status, way.proxy, way.host)
        case ssl.SSLCertVerificationError():
            reason = cause.verify_message or "unknown reason"
            what = f"the certificate of {party} does not verify: {reason}"
            code = getattr(cause, "verify_code", 0)
            return Trouble(Mishap.UNTRUSTED, what, _certificate_hint(code, way.certificates))
        case socket.gaierror():
            if party == way.host:
                return Trouble(
                    Mishap.NOT_SENT, f"the name {party} cannot be resolved", _network(way, at_proxy=False)
                )
            what = f"{way.host} was not reached: the name of {party} cannot be resolved"
            return Trouble(Mishap.NOT_SENT, what, _network(way, at_proxy=True))
        case AnswerTooLong():
            return Trouble(Mishap.GARBLED, f"the answer of {way.host} is longer than any answer is")
        case _:
            return None


def _no_tunnel(status: int | None, proxy: Proxy, host: str) -> Trouble:
    """A proxy's no. Nothing of the request was sent, so nothing is in doubt."""
    name = proxy.variable
    if status is None:
        what = f"{host} was not reached: {proxy} does not answer as a proxy does"
        return Trouble(Mishap.REFUSED, what, f"is what {name} names a proxy for https?")
    said = f"{status} {http.client.responses.get(status, '')}".strip()
    if status == http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        if proxy.authorization is None:
            what = f"{proxy} wants a user and a password before it lets anybody to {host} ({said})"
            return Trouble(Mishap.REFUSED, what, f"put them into {name}: http://USER:PASSWORD@HOST:PORT")
        what = f"{proxy} refuses the user or the password of {name}, so {host} was not reached ({said})"
        return Trouble(Mishap.REFUSED, what, f"in {name}, special characters are written as %XX")
    if status >= 500:
        what = f"{proxy} was asked for {host} and did not reach it ({said})"
        return Trouble(Mishap.NOT_SENT, what, f"is {host} the right host, and may that proxy reach it?")
    what = f"{proxy} does not let pmsync through to {host} ({said}); the host itself was not asked"
    hint = f"have {host} allowed on that proxy, or name it in NO_PROXY if it can be reached without"
    later = status in {http.HTTPStatus.TOO_MANY_REQUESTS, http.HTTPStatus.REQUEST_TIMEOUT}
    return Trouble(Mishap.NOT_SENT if later else Mishap.REFUSED, what, hint)


def _certificate_hint(code: int, certificates: tuple[Certificates, ...]) -> str:
    if code in _EXPIRED:
        return "is the clock of this machine right? Otherwise whoever runs that host must renew it"
    if code in _OTHER_NAME:
        return "it was made out to another host: is the address right, or does something on the way answer?"
    named = [str(one) for one in certificates if one.variable]
    if named:
        return f"believed is what {' and '.join(named)} holds: is the CA of that certificate in it?"
    return "if a proxy or firewall of your company opens TLS, name its CA in SSL_CERT_FILE (a file in PEM)"


def _causes(caught: object, seen: set[int]) -> Iterator[BaseException]:
    """An exception and all it was made of: libraries wrap the socket's own error in several layers."""
    if not isinstance(caught, BaseException) or id(caught) in seen:
        return
    seen.add(id(caught))
    yield caught
    for part in (*caught.args, getattr(caught, "reason", None), caught.__cause__, caught.__context__):
        yield from _causes(part, seen)
