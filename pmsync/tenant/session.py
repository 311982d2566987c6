"""The API host: one request, one answer, and the only place where the API key is revealed.

No redirect, .netrc or environment variable is followed, no proxy but the one that is handed in, no cookie
kept, and nothing is repeated (that is retry's). What requests raises ends here. This module must not know
what the endpoints mean.
"""

from __future__ import annotations

import http
import http.client
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

import requests
from msgspec import Struct, field
from msgspec.structs import replace
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from pmsync import __version__
from pmsync.errors import (
    AuthenticationFailed,
    PmsyncError,
    Refused,
    Rejected,
    Secret,
    UnexpectedAnswer,
    Unreachable,
)
from pmsync.model.project import PUBLIC_KEY
from pmsync.tenant.connection import Patience, exchange
from pmsync.tenant.decoding import said
from pmsync.tenant.echoes import Echoes
from pmsync.tenant.explaining import explain
from pmsync.tenant.hosts import ApiAddress
from pmsync.tenant.outbound import STRAIGHT, Certificates, Outbound
from pmsync.tenant.pools import Pools
from pmsync.tenant.retry import Failure, Method, Mishap, asked_wait

ANSWER_BYTES: Final = 64 * 1024 * 1024
"""The longest answer that is read, after decompression: 100,000 datatables are about 20 MiB."""
_WIRE_BYTES: Final = ANSWER_BYTES + 1024 * 1024
_BLOCK: Final = 64 * 1024
_ENCODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})
"""One of them, once: a few bytes packed over and over take any memory there is."""
_KEY_HINT: Final = "give a key that may use this tenant in PMSYNC_API_KEY_<ENV> or PMSYNC_API_KEY"
# requests lets some of urllib3's errors through; their root is the last of these.
_FOREIGN: Final = (OSError, http.client.HTTPException, requests.exceptions.BaseHTTPError)  # type: ignore[attr-defined]  # not re-exported on purpose


class Request(Struct, frozen=True, kw_only=True):
    """One request to the API. `path` is percent-encoded; the values of `query` are text."""

    method: Method
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def where(self) -> str:
        """The endpoint, as errors name it: without its query."""
        return f"{self.method} {self.path}"


class Answer(Struct, frozen=True):
    """What the API said to a request it accepted, unpacked and not yet read; empty where it has no body.

    `date` is its `Date` header, empty where it has none.
    """

    body: bytes
    date: str = ""

    @property
    def said_at(self) -> datetime | None:
        """When it was said, by the API's own clock, in whole seconds; None where it does not tell."""
        try:
            moment = parsedate_to_datetime(self.date)
        except (ValueError, OverflowError):
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Received(Struct, frozen=True):
    """A whole answer, not yet understood. `fault` says, after "the answer", why its body was not read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    fault: str = ""


class Session:
    """Connections to one API host under one key; may be used from as many threads as `parallelism`.

    `outbound` is how this machine is left; where it names no certificates, those that come with requests are
    believed, and are in the session's own. Raises Refused where only the repository names the host, a program
    on this machine, and the key is a real one; UsageProblem where a variable of the operator is of no use.
    """

    def __init__(
        self,
        address: ApiAddress,
        key: Secret,
        *,
        monotonic: Callable[[], float],
        patience: Patience | None = None,
        outbound: Outbound = STRAIGHT,
        parallelism: int = 32,
    ) -> None:
        if re.fullmatch(r"[!-~]+", key.reveal()) is None:
            raise AuthenticationFailed(
                "the API key is empty or holds blanks or odd characters", hint=_KEY_HINT
            )
        is_public = key.reveal() == PUBLIC_KEY
        if address.public_only and not is_public:
            raise _not_for_loopback(address)
        self.address = address
        self.outbound = outbound if outbound.certificates else replace(outbound, certificates=_CAME_ALONG)
        self.echoes = Echoes(None if is_public else key, others=outbound.secrets)
        self._key = key
        self._monotonic = monotonic
        self._patience = patience or Patience()
        self._pools = Pools(self.outbound, parallelism=parallelism)
        pool, way = self._pools.to(address)
        self._way = replace(way, host=address.authority)
        self._adapter = _Adapter(pool)

    def send(self, request: Request) -> Answer | Failure:
        """Send once. What the tenant or the network does wrong is a Failure, for retry to judge."""
        received = self._exchange(request)
        if isinstance(received, Failure):
            return received
        if not 200 <= received.status < 300:
            return self._refusal(request, received)
        fault = received.fault
        if not fault and self.echoes.hold_key(received.body):
            fault = "repeats the API key, so nothing of it is used"
        if not fault:
            return Answer(received.body, received.headers.get("Date") or "")
        what = f"the answer (status {received.status}) {fault}"
        return Failure(UnexpectedAnswer(what, where=request.where), Mishap.GARBLED)

    def close(self) -> None:
        self._pools.close()

    def _exchange(self, request: Request) -> _Received | Failure:
        prepared = self._prepared(request)
        patience = self._patience
        with exchange(patience, self._monotonic, longest=_WIRE_BYTES) as current:
            try:
                # The adapter alone, without requests' own session: no redirects, cookies, .netrc.
                response = self._adapter.send(
                    prepared, stream=True, timeout=(patience.connect, patience.read)
                )
                return _received(response)
            except _FOREIGN as caught:
                trouble = explain(caught, self._way, sent=current.sent, reached=current.reached)
        kind = UnexpectedAnswer if trouble.mishap is Mishap.GARBLED else Unreachable
        return Failure(kind(trouble.what, where=request.where, hint=trouble.hint), trouble.mishap)

    def _prepared(self, request: Request) -> requests.PreparedRequest:
        """Built by hand: requests' own preparation costs as much as the rest of a request together."""
        query = urlencode(request.query, quote_via=quote, safe="")
        prepared = requests.PreparedRequest()
        prepared.method = request.method.value
        prepared.url = f"{self.address.url}{request.path}{'?' if query else ''}{query}"
        prepared.headers = CaseInsensitiveDict(
            {
                "x-api-key": self._key.reveal(),
                "User-Agent": f"pmsync/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
            }
        )
        if request.body is not None:
            prepared.body = json.dumps(request.body).encode()
            prepared.headers["Content-Type"] = "application/json"
            prepared.headers["Content-Length"] = str(len(prepared.body))
        return prepared

    def _refusal(self, request: Request, received: _Received) -> Failure:
        status, where = received.status, request.where
        words, is_json = ("", False) if received.fault else said(received.body)
        quoted = f": {self.echoes.cleaned(words)}" if words else ""
        name = f"{status} {http.client.responses.get(status, '')}".strip()
        if 300 <= status < 400:
            error: PmsyncError = Rejected(
                f"answered with a redirect ({name}), and redirects are refused",
                status=status,
                where=where,
                hint="name the API's own address: --api-url or apiUrl",
            )
            return Failure(error, Mishap.GARBLED)
        if status in {401, 403}:
            origin = self._key.origin
            hint = f"the key is from {origin}: may it use this tenant?" if origin else _KEY_HINT
            if not is_json:
                hint = f"{hint}; that answer is a page, not the API's: perhaps something on the way says no"
            error = AuthenticationFailed(
                f"the tenant refuses this API key ({name}){quoted}", where=where, hint=hint
            )
            return Failure(error, Mishap.REFUSED, status)
        wait = asked_wait(received.headers.get("Retry-After"), received.headers.get("Date"))
        error = Rejected(
            f"the tenant answered {name}{quoted}", status=status, where=where, hint=_hint(status)
        )
        # A web page that says 404 is some proxy's, not the tenant's word that a thing is gone.
        return Failure(error, _mishap(status), status if is_json else None, wait)


_CAME_ALONG: Final = (Certificates(path=DEFAULT_CA_BUNDLE_PATH),)
_NEXT: Final = re.compile(r"""\brel\s*=\s*["']?[^"',;]*\bnext\b""", re.IGNORECASE)


def _not_for_loopback(address: ApiAddress) -> Refused:
    return Refused(
        f"the API key is not sent to {address.url}: only pmsync.yaml names it, and any program of this "
        "machine may listen there; nothing was sent",
        where="apiUrl in pmsync.yaml",
        hint=f"if it is trusted: --api-url {address.url} (or PMSYNC_API_URL); an emulator takes {PUBLIC_KEY}",
    )


class _Adapter(HTTPAdapter):
    """What of requests is used, over connections that were made before: it adds no host or certificate."""

    def __init__(self, pool: Any) -> None:
        super().__init__(max_retries=0)
        self._pool = pool

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Would add the certificates of requests to those that the operator named."""


def _received(response: requests.Response) -> _Received:
    """The whole answer, unpacked; without its body (and the connection closed) where that may not be read."""
    status, headers = response.status_code, response.headers
    if headers.get("Content-Encoding", "").strip().lower() not in _ENCODINGS:
        response.close()
        return _Received(status, headers, b"", "is packed in a way that was not asked for")
    if status == http.HTTPStatus.PARTIAL_CONTENT or _goes_on(headers):
        response.close()
        return _Received(status, headers, b"", "is one part of it only, and a part is never taken for all")
    blocks, size = [], 0
    for block in response.iter_content(_BLOCK):
        size += len(block)
        if size > ANSWER_BYTES:
            response.close()
            return _Received(status, headers, b"", f"is longer than {ANSWER_BYTES // 1024 // 1024} MiB")
        blocks.append(block)
    return _Received(status, headers, b"".join(blocks))


def _goes_on(headers: Mapping[str, str]) -> bool:
    """Whether the heads of an answer say that there is more than this (RFC 9110, RFC 8288)."""
    return "Content-Range" in headers or bool(_NEXT.search(headers.get("Link", "")))


def _mishap(status: int) -> Mishap:
    if status == http.HTTPStatus.TOO_MANY_REQUESTS:
        return Mishap.BUSY
    broken = status >= 500 or status == http.HTTPStatus.REQUEST_TIMEOUT
    return Mishap.BROKEN if broken else Mishap.REFUSED


def _hint(status: int) -> str | None:
    match status:
        case 404:
            return "is tenantId right, and does this key belong to that tenant?"
        case 429:
            return "the tenant limits requests: fewer at once (--parallelism), or later"
        case _ if status >= 500:
            return "the tenant has a fault of its own: try again later"
        case _:
            return None
