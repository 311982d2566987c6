"""The bucket host: takes one file by HTTP PUT at a presigned URL, as strictly as S3 does.

It never wants an API key, and refuses a request that carries one. Errors are S3's XML.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pmsync.emulator.files import Incoming
from pmsync.emulator.history import History
from pmsync.emulator.observing import Observed, exchange_of
from pmsync.emulator.records import StoredFile
from pmsync.emulator.signing import SignatureRefusedError, Signed
from pmsync.emulator.uploads import UploadTarget, UploadUrls
from pmsync.emulator.world import World

LARGEST_FILE: Final = 5 * 1024**3
"""Bytes S3 takes in one PUT."""

_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Refused:
    """An answer that is no success: HTTP status, S3's code, its message and what it adds to them."""

    status: int
    code: str
    message: str
    details: Mapping[str, str] = field(default_factory=dict)


def bucket_application(world: World, urls: UploadUrls, history: History) -> ASGIApp:
    """The bucket host as an ASGI application."""
    return Observed(_Bucket(world, urls), "bucket", history)


class _Bucket:
    """Judges a request by its head, so that a refused file need not be sent, then takes its body."""

    def __init__(self, world: World, urls: UploadUrls) -> None:
        self._world = world
        self._urls = urls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        exchange = exchange_of(scope)
        exchange.key_at_bucket = "x-api-key" in request.headers
        refused = _refused_for_its_form(request) or self._refused_for_its_signature(request)
        try:
            response = _error(refused, exchange.sequence) if refused else await self._take(request)
        except ClientDisconnect:
            return  # nobody is there to be answered, and nothing was stored
        except OSError:
            response = _error(_DISK_FAILED, exchange.sequence)
        await response(scope, receive, send)

    def _refused_for_its_signature(self, request: Request) -> _Refused | None:
        signed = Signed(request.method, _path(request), dict(request.headers))
        try:
            self._urls.check(signed, request.url.query)
        except SignatureRefusedError as error:
            return _Refused(403, error.code, str(error), error.details)
        return None

    async def _take(self, request: Request) -> Response:
        exchange = exchange_of(request.scope)
        target = UploadTarget.of_path(_path(request))
        exchange.ids.update(tenantId=target.tenant_id, datatableId=target.datatable_id)
        exchange.file_name = target.file_name
        with self._world.ground.files.receive() as incoming:
            await _write(request, incoming)
            stored = incoming.finish()
            tenant = self._world.tenant(target.tenant_id)
            tenant.take_upload(target.datatable_id, target.file_name, incoming=incoming, stored=stored)
        exchange.size, exchange.sha256 = stored.size, stored.sha256
        return _stored(stored, exchange.sequence)


async def _write(request: Request, incoming: Incoming) -> None:
    """Hash and write each block in threads while the next one comes in; never more than two are held."""
    block = bytearray()
    writing: asyncio.Future[list[object]] | None = None
    try:
        async for chunk in request.stream():
            block += chunk
            if len(block) >= _BLOCK:
                if writing:
                    await writing
                done = bytes(block)
                writing = asyncio.gather(*(run_in_threadpool(step, done) for step in incoming.steps))
                block.clear()
    finally:
        if writing:
            await writing
    incoming.write(bytes(block))


_NO_GET = _Refused(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
_KEY_SENT = _Refused(400, "InvalidRequest", "The header x-api-key must not be sent to the bucket.")
_TWO_MECHANISMS = _Refused(
    400, "InvalidArgument", "Only one auth mechanism allowed: the query string or the Authorization header."
)
_CHUNKED = _Refused(
    501,
    "NotImplemented",
    "A header you provided implies functionality that is not implemented",
    {"Header": "Transfer-Encoding"},
)
_NO_LENGTH = _Refused(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
_TOO_LARGE = _Refused(
    400,
    "EntityTooLarge",
    "Your proposed upload exceeds the maximum allowed size",
    {"MaxSizeAllowed": str(LARGEST_FILE)},
)
_DISK_FAILED = _Refused(500, "InternalError", "We encountered an internal error. Please try again.")


def _refused_for_its_form(request: Request) -> _Refused | None:
    """What S3 refuses whatever the signature says, and the key that a client must keep from it."""
    headers = request.headers
    length = headers.get("content-length")
    if request.method != "PUT":
        return _NO_GET
    if "x-api-key" in headers:
        return _KEY_SENT
    if "authorization" in headers:
        return _TWO_MECHANISMS
    if "transfer-encoding" in headers:
        return _CHUNKED
    if length is None:
        return _NO_LENGTH
    return _TOO_LARGE if int(length) > LARGEST_FILE else None


def _path(request: Request) -> str:
    """The path as it was sent, percent-encoded: what the signature is about."""
    raw: bytes = request.scope["raw_path"]
    return raw.decode("ascii")


def _stored(stored: StoredFile, sequence: int) -> Response:
    return Response(headers={"ETag": f'"{stored.md5}"', "x-amz-request-id": _request_id(sequence)})


def _error(refused: _Refused, sequence: int) -> Response:
    fields = {
        "Code": refused.code,
        "Message": refused.message,
        **refused.details,
        "RequestId": _request_id(sequence),
    }
    elements = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{elements}</Error>',
        refused.status,
        {"x-amz-request-id": _request_id(sequence)},
        media_type="application/xml",
    )


def _request_id(sequence: int) -> str:
    """Like S3's, but it leads to the entry in the history."""
    return f"{sequence:016X}"
