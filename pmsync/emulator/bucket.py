"""The bucket host: takes one file by HTTP PUT at a presigned URL, as strictly as S3 does.

It never wants an API key, and refuses a request that carries one. Errors are S3's XML.
"""

import asyncio
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pmsync.emulator.commits import Commits
from pmsync.emulator.files import Incoming
from pmsync.emulator.gate import before_commit
from pmsync.emulator.history import History
from pmsync.emulator.observing import Observed, exchange_of
from pmsync.emulator.records import StoredFile
from pmsync.emulator.s3errors import Refused, error_answer, request_id
from pmsync.emulator.script import Script
from pmsync.emulator.signing import SignatureRefusedError, Signed
from pmsync.emulator.uploads import UploadTarget, UploadUrls
from pmsync.emulator.world import World

LARGEST_FILE: Final = 5 * 1024**3
"""Bytes S3 takes in one PUT."""

_BLOCK: Final = 1 << 20


def bucket_application(world: World, urls: UploadUrls, *, history: History, script: Script) -> ASGIApp:
    """The bucket host as an ASGI application."""
    bucket = _Bucket(world, urls, script=script, commits=Commits(world, history, script))
    return Observed(bucket, "bucket", history=history, script=script)


class _Bucket:
    """Judges a request by its head, so that a refused file need not be sent, then takes its body."""

    def __init__(self, world: World, urls: UploadUrls, *, script: Script, commits: Commits) -> None:
        self._world = world
        self._urls = urls
        self._script = script
        self._commits = commits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        exchange = exchange_of(scope)
        exchange.key_at_bucket = "x-api-key" in request.headers
        refused = _refused_for_its_form(request) or self._refused_for_its_signature(request)
        try:
            response = error_answer(refused, exchange.sequence) if refused else await self._take(request)
        except ClientDisconnect:
            return  # nobody is there to be answered, and nothing was stored
        except OSError:
            response = error_answer(_DISK_FAILED, exchange.sequence)
        await response(scope, receive, send)

    def _refused_for_its_signature(self, request: Request) -> Refused | None:
        signed = Signed(request.method, _path(request), dict(request.headers))
        try:
            self._urls.check(signed, request.url.query, late=self._script.is_expired(signed.path))
        except SignatureRefusedError as error:
            return Refused(403, error.code, str(error), error.details)
        return None

    async def _take(self, request: Request) -> Response:
        exchange = exchange_of(request.scope)
        target = UploadTarget.of_path(_path(request))
        exchange.ids.update(tenantId=target.tenant_id, datatableId=target.datatable_id)
        exchange.file_name = target.file_name
        with self._world.ground.files.receive() as incoming:
            await _write(request, incoming)
            stored = incoming.finish()
            if ended := await before_commit(request.scope, exchange):
                return ended
            tenant = self._world.tenant(target.tenant_id)
            self._commits.make(
                exchange,
                tenant.id,
                lambda: tenant.take_upload(
                    target.datatable_id, target.file_name, incoming=incoming, stored=stored
                ),
            )
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


_NO_GET = Refused(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
_KEY_SENT = Refused(400, "InvalidRequest", "The header x-api-key must not be sent to the bucket.")
_TWO_MECHANISMS = Refused(
    400, "InvalidArgument", "Only one auth mechanism allowed: the query string or the Authorization header."
)
_CHUNKED = Refused(
    501,
    "NotImplemented",
    "A header you provided implies functionality that is not implemented",
    {"Header": "Transfer-Encoding"},
)
_NO_LENGTH = Refused(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
_TOO_LARGE = Refused(
    400,
    "EntityTooLarge",
    "Your proposed upload exceeds the maximum allowed size",
    {"MaxSizeAllowed": str(LARGEST_FILE)},
)
_DISK_FAILED = Refused(500, "InternalError", "We encountered an internal error. Please try again.")


def _refused_for_its_form(request: Request) -> Refused | None:
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
    return Response(headers={"ETag": f'"{stored.md5}"', "x-amz-request-id": request_id(sequence)})
