"""Bytes to the bucket: one PUT of a file to an upload URL, verified while it goes and after it came.

The home of urllib3, for its speed. Headers are the documented ones alone (the URL's signature covers no
others, and S3 refuses unsigned ones): no API key, no checksums, never chunked. This module must not know the
key, a path, or what a datatable is.
"""

from __future__ import annotations

import http.client
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import urllib3
from msgspec import Struct
from msgspec.structs import replace

from pmsync.errors import PmsyncError, Refused, Rejected, StalePlan, UnexpectedAnswer, Unreachable
from pmsync.tenant.body import BLOCK, Body, Listener, SendingBody, UploadTask
from pmsync.tenant.bucket import LARGEST, READ_AT_MOST, Reply, Taken, UrlExpired, judge
from pmsync.tenant.connection import Patience, exchange
from pmsync.tenant.explaining import explain
from pmsync.tenant.hosts import UploadUrl
from pmsync.tenant.outbound import Outbound
from pmsync.tenant.pools import Pools
from pmsync.tenant.retry import Failure, Method, Mishap, Retrier

CONTENT_TYPE: Final = "text/csv"
"""For every file, Excel too: the API reference documents this one, and the signature may cover it."""
MD5_UP_TO: Final = 1024 * 1024 * 1024
"""Bytes up to which a file's MD5 is computed too, to be compared with the bucket's ETag.

MD5 is three times slower than sending and cannot be split over cores: beyond this the receipt says that the
ETag was not verified, and the sha256 over what was sent, the announced length and TLS stand alone.
"""
_WIRE_BYTES: Final = 1024 * 1024
"""Of an answer to a PUT, heads and all."""
NOBODY: Final = Listener()
SLOWEST: Final = 128 * 1024
"""Bytes per second below which an upload is given up: the deadline grows with the size."""


class StoredReceipt(Struct, frozen=True):
    """The bucket stored exactly these bytes.

    `md5_matched` is True where its ETag proves it, None where the ETag cannot: encrypted with KMS, absent, of
    another kind, or the file over 1 GiB.
    """

    etag: str | None
    md5_matched: bool | None
    sha256: str
    size: int


class UrlSource(Protocol):
    """Whoever gives upload URLs: the tenant."""

    def upload_url(self, task: UploadTask) -> UploadUrl: ...


def upload(
    task: UploadTask,
    body: Body,
    *,
    urls: UrlSource,
    uploader: Uploader,
    listener: Listener = NOBODY,
) -> StoredReceipt:
    """Ask for a URL, send the file, and ask for one more URL if the first had expired.

    Raises StalePlan where the file is not the planned one (nothing is stored), AnswerLost where it may have
    been stored, Refused for a URL or size that is not allowed; after any other error nothing is stored.
    """
    _check_size(task, body)
    for _ in range(2):
        result = uploader.put(urls.upload_url(task), body, task, listener=listener)
        if isinstance(result, StoredReceipt):
            return result
    raise Rejected(
        "the bucket says that a new upload URL has expired already",
        status=403,
        where=task.name,
        hint="the tenant's clock may be wrong: try again later",
    )


class Uploader:
    """Connections to buckets; may be used from as many threads as `parallelism`. Close it at the end.

    `outbound` is how this machine is left; with no certificates in it no bucket behind TLS is believed.
    """

    def __init__(
        self,
        *,
        retrier: Retrier,
        outbound: Outbound,
        patience: Patience | None = None,
        parallelism: int = 32,
        md5_up_to: int = MD5_UP_TO,
    ) -> None:
        self._retrier = retrier
        self._md5_up_to = md5_up_to
        self._patience = patience or Patience(send=120.0, read=120.0, total=600.0)
        self._hashers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="hash")
        self._secrets = outbound.secrets
        self._pools = Pools(outbound, parallelism=parallelism, block=BLOCK)
        for name in ("urllib3.connectionpool", "urllib3.connection"):
            logging.getLogger(name).addFilter(_HIDE_QUERIES)

    def put(
        self, url: UploadUrl, body: Body, task: UploadTask, *, listener: Listener = NOBODY
    ) -> StoredReceipt | UrlExpired:
        """Send a file to one URL, again to the same one where that may help; raises as `upload` does."""

        def attempt(doubt: bool) -> tuple[StoredReceipt | UrlExpired] | Failure:  # noqa: FBT001 - the shape Retrier calls
            expired = self._retrier.timing.monotonic() >= url.valid_until
            result = UrlExpired() if expired else self._attempt(url, body, task, watched)
            if doubt and isinstance(result, UrlExpired):
                # A new URL is another key: the file, if it did arrive, would be there twice.
                what = "the upload URL expired before the upload was confirmed"
                return Failure(Rejected(what, status=403, where=_where(url)), Mishap.REFUSED)
            return result if isinstance(result, Failure) else (result,)

        def told(count: int) -> None:
            wait.goes_on()
            listener.on_bytes(count)

        watched = replace(listener, on_bytes=told)
        where, longest = f"{_where(url)} ({task.name})", self._patience_for(task).total
        with self._retrier.waits(where, longest) as wait:
            return self._retrier.run(Method.PUT, attempt, where=where, longest=longest, wait=wait)[0]

    def close(self) -> None:
        self._pools.close()
        self._hashers.shutdown()

    def _attempt(
        self, url: UploadUrl, body: Body, task: UploadTask, listener: Listener
    ) -> StoredReceipt | UrlExpired | Failure:
        md5 = task.size <= self._md5_up_to
        sending = SendingBody(body, task, listener=listener, executor=self._hashers, md5=md5)
        sent = self._send(url, sending, task)
        result = _receipt(sent, sending, task, _where(url)) if isinstance(sent, Taken) else sent
        if not isinstance(result, StoredReceipt):
            sending.take_back()
        return result

    def _send(self, url: UploadUrl, sending: SendingBody, task: UploadTask) -> Taken | UrlExpired | Failure:
        address, where = url.address, _where(url)
        headers = {"Content-Type": CONTENT_TYPE, "Content-Length": str(task.size)}
        pool, way = self._pools.to(address)
        patience = self._patience_for(task)
        with exchange(patience, self._retrier.timing.monotonic, longest=_WIRE_BYTES) as current:
            try:
                response = pool.urlopen(
                    "PUT",
                    address.target.reveal(),
                    body=sending,  # type: ignore[arg-type]  # all that is asked of it is read
                    headers=headers,
                    retries=False,
                    redirect=False,
                    timeout=urllib3.Timeout(connect=patience.connect, read=patience.read),
                    preload_content=False,
                    decode_content=False,
                )
                answer = _beginning(response)
                response.drain_conn() if len(answer) < READ_AT_MOST else response.close()
                reply = Reply(
                    status=response.status,
                    headers=response.headers,
                    body=answer,
                    whole=sending.whole,
                    url=address.target,
                    others=self._secrets,
                )
                return judge(reply, where)
            except PmsyncError as caught:  # the file's: not what was planned, or not to be read
                return Failure(caught, Mishap.REFUSED)
            except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as caught:
                trouble = explain(caught, way, sent=current.sent, reached=current.reached)
        mishap = trouble.mishap
        if mishap is Mishap.LOST and not sending.whole:
            mishap = Mishap.NOT_SENT  # of half a file nothing is stored
        error = UnexpectedAnswer if mishap is Mishap.GARBLED else Unreachable
        return Failure(error(trouble.what, where=where, hint=trouble.hint), mishap)

    def _patience_for(self, task: UploadTask) -> Patience:
        return replace(self._patience, total=self._patience.total + task.size / SLOWEST)


def _beginning(response: urllib3.BaseHTTPResponse) -> bytes:
    """As much of an answer as is looked at, as it came: nothing that unpacks to more was asked for."""
    answer = b""
    while len(answer) < READ_AT_MOST:
        block = response.read(READ_AT_MOST - len(answer), decode_content=False)
        if not block:
            break
        answer += block
    return answer


def _check_size(task: UploadTask, body: Body) -> None:
    if body.size != task.size:
        raise StalePlan("the file's size is not what was planned", where=task.name, hint="plan again")
    if not task.size:
        raise Refused("the file is empty: nothing to upload", where=task.name)
    if task.size > LARGEST:
        raise Refused("S3 takes no file over 5 GiB in one upload", where=task.name, hint="split the file")


def _receipt(taken: Taken, sending: SendingBody, task: UploadTask, where: str) -> StoredReceipt | Failure:
    md5 = sending.md5() if taken.is_md5 else None
    if md5 is not None and md5 != taken.etag:
        what = "the bucket's ETag is not the MD5 of what was sent: it stored something else"
        return Failure(UnexpectedAnswer(what, where=where), Mishap.GARBLED)
    matched = None if md5 is None else True
    return StoredReceipt(etag=taken.etag, md5_matched=matched, sha256=task.sha256, size=task.size)


def _where(url: UploadUrl) -> str:
    """The bucket as errors name it: its host alone."""
    return f"PUT {url.address.scheme}://{url.address.host}"


class _HideQueries(logging.Filter):
    """Takes the query out of every URL that urllib3 logs: an upload URL's query is a permission to write."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?…", record.getMessage()), ()
        return True


_QUERY: Final = re.compile(r"\?[^\s\"')]*")
_HIDE_QUERIES: Final = _HideQueries()
