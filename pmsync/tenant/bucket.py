"""What the bucket's answers mean. It speaks XML, and says no for reasons of its own (S3's error codes).

Pure. Nothing is parsed that has a DTD, and only code, request id, ETag and the marks of an expired URL are
taken: the rest of an error may quote the request, and with it the signature. A code is one of S3's, a request
id and an ETag have S3's form and are no piece of the URL, so that none of them can carry a secret out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from pmsync.errors import Rejected, Secret, UnexpectedAnswer
from pmsync.tenant.echoes import Echoes
from pmsync.tenant.retry import Failure, Mishap, asked_wait

READ_AT_MOST: Final = 64 * 1024
"""Bytes of an answer that are looked at."""
LARGEST: Final = 5 * 1024**3
"""Bytes: S3 refuses a single PUT beyond 5 GiB."""

_CODE: Final = re.compile(r"<Code>([A-Za-z0-9.]{1,64})</Code>", re.ASCII)
_REQUEST_ID: Final = re.compile(r"<RequestId>([A-Z0-9]{16})</RequestId>", re.ASCII)
_ETAG: Final = re.compile(r'"?([0-9a-f]{32}(?:-[0-9]{1,5})?)"?', re.ASCII)
_EXPIRED: Final = re.compile(
    r"<Message>[^<]{0,200}\bexpired\b|<Expires>|<X-Amz-Expires>", re.IGNORECASE | re.ASCII
)
_LATER: Final = frozenset(
    {"SlowDown", "ServiceUnavailable", "RequestTimeout", "RequestLimitExceeded", "Throttling"}
)
# The error codes of S3's API reference that a PUT can meet.
_KNOWN: Final = """
    AccessControlListNotSupported AccessDenied AccountProblem AllAccessDisabled
    AuthorizationHeaderMalformed AuthorizationQueryParametersError BadDigest BadGateway
    ConditionalRequestConflict CredentialsNotSupported EncryptionTypeMismatch EntityTooLarge
    EntityTooSmall ExpiredToken HeadersNotSigned IncompleteBody IllegalLocationConstraintException
    InternalError InvalidAccessKeyId InvalidArgument InvalidBucketName InvalidBucketState
    InvalidDigest InvalidEncryptionAlgorithmError InvalidPayer InvalidRequest InvalidSecurity
    InvalidStorageClass InvalidTag InvalidToken InvalidURI KMS.DisabledException
    KMS.InvalidStateException KMS.NotFoundException KeyTooLongError MalformedXML
    MaxMessageLengthExceeded MaxPostPreDataLengthExceeded MetadataTooLarge MethodNotAllowed
    MissingContentLength MissingRequestBodyError MissingSecurityHeader NoSuchBucket NoSuchKey
    NotImplemented NotSignedUp OperationAborted PermanentRedirect PreconditionFailed Redirect
    RequestTimeTooSkewed SignatureDoesNotMatch TemporaryRedirect TokenRefreshRequired
    TooManyRequests UnexpectedContent UnsupportedSignature XAmzContentSHA256Mismatch
"""
_CODES: Final = _LATER.union(_KNOWN.split())
_HINTS: Final = {
    "RequestTimeTooSkewed": "the clocks differ: is this machine's right?",
    "EntityTooLarge": "the bucket takes no file of this size: split it",
    "SignatureDoesNotMatch": "something between here and the bucket changes requests, perhaps a proxy",
}


class UrlExpired(Struct, frozen=True):
    """The bucket refused the URL for its age, or its time is over: nothing is stored, a new one is needed."""


class Taken(Struct, frozen=True):
    """The bucket stored the file.

    `etag` is what it calls the content, where that has the form of S3's; `is_md5` whether that is its MD5.
    """

    etag: str | None
    is_md5: bool


class Reply(Struct, frozen=True, kw_only=True):
    """What the bucket said to a PUT to `url` (path and query, a secret): the first bytes of it.

    `whole`: all bytes of the file had been sent when it came. `others`: more that it must not get repeated.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    url: Secret
    others: tuple[Secret, ...] = ()

    def echoes(self, word: str) -> bool:
        """Whether a word of it is a piece of the URL, or of what a proxy was told."""
        echoes = Echoes(None, self.others)
        echoes.add(self.url)
        return echoes.held_in(word)


def judge(reply: Reply, where: str) -> Taken | UrlExpired | Failure:
    """What an answer means."""
    status, headers, whole = reply.status, reply.headers, reply.whole
    text = reply.body.decode("utf-8", "replace")
    readable = "<!" not in text  # neither DTD nor comment nor CDATA: S3 sends none of them
    failed = text.lstrip("\ufeff \t\r\n").startswith("<")  # to a PUT that worked S3 says nothing at all
    if 200 <= status < 300 and not failed and whole:
        return _taken(reply)
    code = _first(_CODE, text) if readable else None
    code = code if code in _CODES else None
    named = _named(code, text, reply)
    if 200 <= status < 300:  # S3 may say 200 first and fail after; an early "stored" is never true
        what = f"the bucket answered {status} with an error{named}" if failed else "stored too early"
        return Failure(UnexpectedAnswer(what, where=where), Mishap.BROKEN)
    if status in {400, 403} and (
        code == "ExpiredToken" or (code == "AccessDenied" and _EXPIRED.search(text))
    ):
        return UrlExpired()
    if 300 <= status < 400:
        error = Rejected(
            f"the bucket answered with a redirect ({status}), and redirects are refused",
            status=status,
            where=where,
        )
        return Failure(error, Mishap.REFUSED)
    error = Rejected(
        f"the bucket answered {status}{named}",
        status=status,
        where=where,
        hint=_HINTS.get(code or ""),
    )
    wait = asked_wait(headers.get("Retry-After"), headers.get("Date"))
    return Failure(error, _mishap(status, code, whole=whole), status, wait)


def _mishap(status: int, code: str | None, *, whole: bool) -> Mishap:
    if code in _LATER or status in {429, 503}:
        return Mishap.BUSY
    if status >= 500:
        return Mishap.BROKEN if whole else Mishap.BUSY  # of half a file nothing is stored
    return Mishap.REFUSED


def _taken(reply: Reply) -> Taken:
    headers = reply.headers
    found = _ETAG.fullmatch(headers.get("ETag", "").strip())
    etag = found[1] if found and not reply.echoes(found[1]) else None
    encrypted = headers.get("x-amz-server-side-encryption", "AES256") != "AES256" or (
        "x-amz-server-side-encryption-customer-algorithm" in headers
    )
    return Taken(etag, is_md5=etag is not None and "-" not in etag and not encrypted)


def _named(code: str | None, text: str, reply: Reply) -> str:
    if code is None:
        return ""
    request_id = _first(_REQUEST_ID, text)
    known = request_id is not None and not reply.echoes(request_id)
    return f": {code}" + (f" (request id {request_id})" if known else "")


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None
