"""AWS Signature Version 4 in the query string: making and checking presigned URLs.

Follows the public description of the scheme, for S3 with an unsigned payload. Pure functions; must not know
of tenants, and never puts a secret or a signature into a message.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from pmsync.emulator.records import Clock

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_SCOPE: Final = "us-east-1/s3/aws4_request"
_UNRESERVED: Final = "-_.~"
_CLOCK_TOLERANCE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """Who signs: a public id and a secret."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """The parts of a request that a signature covers; header names are in lower case, the path is as sent."""

    method: str
    path: str
    headers: Mapping[str, str]


class SignatureRefusedError(Exception):
    """A request whose signature does not let it in; `code` is S3's word for the reason."""

    def __init__(self, code: str, message: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = details or {}


def presign(key: AccessKey, request: Signed, *, now: float, valid_for: int) -> str:
    """The query string that lets `request` in for `valid_for` seconds from `now`, all its headers signed."""
    moment = datetime.fromtimestamp(now, UTC)
    parameters = {
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{key.id}/{moment:%Y%m%d}/{_SCOPE}",
        "X-Amz-Date": f"{moment:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": str(valid_for),
        "X-Amz-SignedHeaders": ";".join(sorted(request.headers)),
    }
    signature = _signature(key, request, parameters)
    return f"{_canonical_query(parameters)}&X-Amz-Signature={signature}"


def verify(key: AccessKey, request: Signed, query: str, *, clock: Clock) -> None:
    """Check a presigned request as S3 does. Raises SignatureRefusedError."""
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    signature = parameters.pop("X-Amz-Signature", "")
    if not signature:
        raise SignatureRefusedError("AccessDenied", "Access Denied")
    if parameters.get("X-Amz-Credential", "").partition("/")[0] != key.id:
        raise SignatureRefusedError(
            "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
        )
    if not hmac.compare_digest(signature.encode(), _signature(key, request, parameters).encode()):
        raise SignatureRefusedError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method.",
        )
    # What the signature covers was written by presign, so from here on it is well formed.
    _check_time(parameters, datetime.fromtimestamp(clock(), UTC))
    _check_headers(request.headers, parameters["X-Amz-SignedHeaders"].split(";"))


def _check_time(parameters: Mapping[str, str], now: datetime) -> None:
    signed_at = datetime.strptime(parameters["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if now + _CLOCK_TOLERANCE < signed_at:
        raise SignatureRefusedError("AccessDenied", "Request is not valid yet")
    expires_at = signed_at + timedelta(seconds=int(parameters["X-Amz-Expires"]))
    if now > expires_at:
        raise SignatureRefusedError(
            "AccessDenied",
            "Request has expired",
            {
                "X-Amz-Expires": parameters["X-Amz-Expires"],
                "Expires": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
                "ServerTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            },
        )


def _check_headers(headers: Mapping[str, str], signed: list[str]) -> None:
    """S3 takes no header that means something to it unless the signature vouches for it."""
    meaningful = [name for name in headers if name == "content-md5" or name.startswith("x-amz-")]
    if unsigned := sorted(set(meaningful) - set(signed)):
        raise SignatureRefusedError(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            {"HeadersNotSigned": ", ".join(unsigned)},
        )


def _signature(key: AccessKey, request: Signed, parameters: Mapping[str, str]) -> str:
    names = parameters.get("X-Amz-SignedHeaders", "").split(";")
    canonical_request = "\n".join(
        [
            request.method,
            # Decoded first: a client may have sent other characters percent-encoded than we would.
            quote(unquote(request.path), safe="/" + _UNRESERVED),
            _canonical_query(parameters),
            *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names),
            "",
            ";".join(names),
            "UNSIGNED-PAYLOAD",
        ]
    )
    moment = parameters.get("X-Amz-Date", "")
    _, _, scope = parameters.get("X-Amz-Credential", "").partition("/")
    text = "\n".join([_ALGORITHM, moment, scope, hashlib.sha256(canonical_request.encode()).hexdigest()])
    signing_key = f"AWS4{key.secret}".encode()
    for part in scope.split("/"):
        signing_key = hmac.digest(signing_key, part.encode(), "sha256")
    return hmac.digest(signing_key, text.encode(), "sha256").hex()


def _canonical_query(parameters: Mapping[str, str]) -> str:
    pairs = sorted((quote(n, safe=_UNRESERVED), quote(v, safe=_UNRESERVED)) for n, v in parameters.items())
    return "&".join(f"{name}={value}" for name, value in pairs)
