"""What the bucket's answers mean. It speaks XML, and says no for reasons of its own (S3's error codes).

Pure. Nothing is parsed that has a DTD, and only code, request id and the marks of an expired URL are taken:
the rest of an error may quote the request, and with it the signature.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pmsync.errors import Rejected, UnexpectedAnswer
from pmsync.tenant.retry import Failure, Mishap, asked_wait

READ_AT_MOST: Final = 64 * 1024
"""Bytes of an answer that are looked at."""
LARGEST: Final = 5 * 1024**3
"""Bytes: S3 refuses a single PUT beyond 5 GiB."""

_CODE: Final = re.compile(r"<Code>([A-Za-z0-9.]{1,64})</Code>", re.ASCII)
_REQUEST_ID: Final = re.compile(r"<RequestId>([A-Za-z0-9+/=_-]{1,128})</RequestId>", re.ASCII)
_EXPIRED: Final = re.compile(
    r"<Message>[^<]{0,200}\bexpired\b|<Expires>|<X-Amz-Expires>", re.IGNORECASE | re.ASCII
)
_LATER: Final = frozenset(
    {"SlowDown", "ServiceUnavailable", "RequestTimeout", "RequestLimitExceeded", "Throttling"}
)
_MD5: Final = re.compile(r'"?([0-9a-f]{32})"?', re.ASCII)
_HINTS: Final = {
    "RequestTimeTooSkewed": "the clocks differ: is this machine's right?",
    "EntityTooLarge": "the bucket takes no file of this size: split it",
    "SignatureDoesNotMatch": "something between here and the bucket changes requests, perhaps a proxy",
}


@dataclass(frozen=True, slots=True)
class UrlExpired:
    """The bucket refused the URL for its age, or its time is over: nothing is stored, a new one is needed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The bucket stored the file. `etag` is what it calls the content; `is_md5` whether that is its MD5."""

    etag: str | None
    is_md5: bool


def judge(
    status: int, headers: Mapping[str, str], body: bytes, *, whole: bool, where: str
) -> Taken | UrlExpired | Failure:
    """What an answer to a PUT means. `whole`: all bytes of the file had been sent when it came."""
    text = body.decode("utf-8", "replace")
    readable = "<!" not in text  # neither DTD nor comment nor CDATA: S3 sends none of them
    failed = text.lstrip("\ufeff \t\r\n").startswith("<")  # to a PUT that worked S3 says nothing at all
    if 200 <= status < 300 and not failed and whole:
        return _taken(headers)
    code = _first(_CODE, text) if readable else None
    if 200 <= status < 300:  # S3 may say 200 first and fail after; an early "stored" is never true
        what = (
            f"the bucket answered {status} with an error{_named(code, text)}"
            if failed
            else "stored too early"
        )
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
        f"the bucket answered {status}{_named(code, text)}",
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


def _taken(headers: Mapping[str, str]) -> Taken:
    etag = headers.get("ETag")
    encrypted = headers.get("x-amz-server-side-encryption", "AES256") != "AES256" or (
        "x-amz-server-side-encryption-customer-algorithm" in headers
    )
    found = _MD5.fullmatch(etag.strip()) if etag else None
    return Taken(found[1] if found else etag, is_md5=found is not None and not encrypted)


def _named(code: str | None, text: str) -> str:
    if code is None:
        return ""
    request_id = _first(_REQUEST_ID, text)
    return f": {code}" + (f" (request id {request_id})" if request_id else "")


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None
