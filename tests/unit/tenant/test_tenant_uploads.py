from __future__ import annotations

import contextlib
import hashlib
import io
import socket
import ssl
import threading
from pathlib import Path

import pytest
from scripted_server import Step, cut, says

from pmsync.errors import AnswerLost, PmsyncError, Refused, Rejected, StalePlan, Unreachable
from pmsync.tenant.body import BLOCK, Listener, UploadTask
from pmsync.tenant.bucket import LARGEST, UrlExpired
from pmsync.tenant.connection import Patience
from pmsync.tenant.hosts import UploadUrl, api_address, upload_address
from pmsync.tenant.outbound import Certificates, Outbound
from pmsync.tenant.retry import Retrier, RetryPolicy, RetryQuota
from pmsync.tenant.uploads import StoredReceipt, Uploader, upload

TLS = Path(__file__).parents[2] / "tls"
LOCAL = api_address(None, "http://127.0.0.1:1")
SMALL = b"case,activity\n1,a\n"
LARGE = bytes(range(256)) * 4096 * 3 + b"tail"
SIGNED = "/bucket/key?X-Amz-Expires=900&X-Amz-Signature=canary-signature"
EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
SLOW_DOWN = b"<Error><Code>SlowDown</Code></Error>"


class Opened:
    """A file in memory that can be made to change under the upload."""

    def __init__(self, data: bytes, *, size: int | None = None) -> None:
        self.data = data
        self._size = len(data) if size is None else size
        self._stream = io.BytesIO(data)
        self.rewinds = 0

    @property
    def size(self) -> int:
        return self._size

    def read(self, count: int, /) -> bytes:
        return self._stream.read(count)

    def rewind(self) -> None:
        self.rewinds += 1
        self._stream = io.BytesIO(self.data)


class Urls:
    """A tenant that gives these upload URLs, one after another."""

    def __init__(self, *urls: UploadUrl) -> None:
        self.urls = list(urls)
        self.asked: list[UploadTask] = []

    def upload_url(self, task: UploadTask) -> UploadUrl:
        self.asked.append(task)
        return self.urls.pop(0)


def task_for(data: bytes, **other) -> UploadTask:
    values = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "mtime_ms": 0} | other
    return UploadTask(datatable_id="x1", dataset_id="d1", name="a.csv", **values)


def url_of(server, *, valid_until: float = 1e9, path: str = SIGNED) -> UploadUrl:
    return UploadUrl(upload_address(server.url + path, api=LOCAL), valid_until)


def stored(data: bytes, **headers: str) -> Step:
    return says(200, b"", ETag=f'"{hashlib.md5(data).hexdigest()}"', **headers)


@pytest.fixture
def uploaders():
    made: list[Uploader] = []
    yield made
    for uploader in made:
        uploader.close()


@pytest.fixture
def uploader(uploaders, clock):
    def make(**options) -> Uploader:
        retrier = Retrier(RetryPolicy(attempts=options.pop("attempts", 3)), RetryQuota(), clock.timing)
        certificates = Certificates(path=options.pop("ca_bundle", str(TLS / "loopback.pem")))
        options.setdefault("outbound", Outbound(certificates=(certificates,)))
        uploaders.append(Uploader(retrier=retrier, **options))
        return uploaders[-1]

    return make


@pytest.mark.parametrize("data", [SMALL, b"x" * BLOCK, LARGE], ids=len)
def test_a_file_is_stored_and_the_receipt_proves_it(serve, uploader, data):
    server = serve(stored(data))
    receipt = upload(task_for(data), Opened(data), urls=Urls(url_of(server)), uploader=uploader())
    md5, sha256 = hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest()
    assert receipt == StoredReceipt(etag=md5, md5_matched=True, sha256=sha256, size=len(data))
    assert server.seen[0].body == data


def test_only_the_documented_headers_go_to_the_bucket(serve, uploader):
    server = serve(stored(SMALL))
    upload(task_for(SMALL), Opened(SMALL), urls=Urls(url_of(server)), uploader=uploader())
    seen = server.seen[0]
    assert (seen.method, seen.target) == ("PUT", SIGNED)
    assert seen.headers["content-type"] == "text/csv"
    assert seen.headers["content-length"] == str(len(SMALL))
    assert set(seen.headers) == {"host", "content-type", "content-length", "accept-encoding", "user-agent"}


def test_planted_netrc_and_proxies_have_no_effect(serve, uploader, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login planted password planted\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = serve(stored(SMALL))
    upload(task_for(SMALL), Opened(SMALL), urls=Urls(url_of(server)), uploader=uploader())
    assert "authorization" not in server.seen[0].headers


def test_progress_counts_the_bytes_and_takes_failed_attempts_back(serve, uploader):
    server = serve(says(503, SLOW_DOWN), stored(LARGE))
    counts: list[int] = []
    urls = Urls(url_of(server))
    upload(
        task_for(LARGE),
        Opened(LARGE),
        urls=urls,
        uploader=uploader(),
        listener=Listener(on_bytes=counts.append),
    )
    assert sum(counts) == len(LARGE)
    assert min(counts) == -len(LARGE)


@pytest.mark.parametrize(
    "first",
    [
        cut(),
        says(500, b"<Error><Code>InternalError</Code></Error>"),
        says(503, SLOW_DOWN),
        says(400, b"<Error><Code>RequestTimeout</Code></Error>"),
        says(429),
        says(200, b"<Error><Code>InternalError</Code></Error>"),
        Step(read_body=0, reset=True),
        Step(read_body=1, reset=True),
        Step(read_body=9, reset=True),
        Step(send=b"HTTP/1.1 200 OK\r\nETag: x\r\n", close=True),
        Step(send=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", close=True),
    ],
    ids=[
        "cut",
        "500",
        "slow-down",
        "timeout",
        "429",
        "200-error",
        "reset-0",
        "reset-1",
        "reset-9",
        "head",
        "body",
    ],
)
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_a_failed_attempt_is_repeated_on_the_same_url_from_the_first_byte(serve, uploader, first, data):
    server = serve(first, stored(data))
    urls, opened = Urls(url_of(server)), Opened(data)
    receipt = upload(task_for(data), opened, urls=urls, uploader=uploader())
    assert receipt.md5_matched
    assert server.seen[-1].body == data
    assert {seen.target for seen in server.seen} == {SIGNED}
    assert opened.rewinds == 2
    assert len(urls.asked) == 1


def fails(serve, uploader, *script: Step, data: bytes = SMALL, error=PmsyncError, **options) -> PmsyncError:
    server = serve(*script)
    urls = Urls(url_of(server), url_of(server))
    with pytest.raises(error) as caught:
        upload(task_for(data), Opened(data), urls=urls, uploader=uploader(**options))
    assert type(caught.value) is error
    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None
    return caught.value


@pytest.mark.parametrize(
    "script",
    [
        [cut()] * 3,
        [cut(), says(503, SLOW_DOWN), says(503, SLOW_DOWN)],
        [says(500)] * 3,
        [cut(), says(403, b"<Error><Code>AccessDenied</Code></Error>")],
        [cut(), says(403, EXPIRED)],
        [says(200, b"", ETag="0" * 32)],
        [says(200, b"<Error/>")] * 3,
    ],
    ids=["lost", "lost-busy", "500", "lost-denied", "lost-expired", "etag", "200-error"],
)
def test_a_file_that_may_have_been_stored_says_so(serve, uploader, script):
    error = fails(serve, uploader, *script, error=AnswerLost)
    assert "PUT may have been carried out" in error.what


def test_a_bucket_that_stays_busy_stored_nothing(serve, uploader):
    assert fails(serve, uploader, *[says(503, SLOW_DOWN)] * 3, error=Rejected).status == 503


def test_a_connection_that_breaks_within_the_file_stored_nothing(serve, uploader):
    big = bytes(64 * BLOCK)  # more than the buffers of a loopback connection hold
    script = [Step(read_body=10, reset=True)] * 3
    fails(serve, uploader, *script, data=big, error=Unreachable)


def test_a_bucket_nobody_answers_for_stored_nothing(uploader):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = UploadUrl(upload_address(f"http://127.0.0.1:{port}{SIGNED}", api=LOCAL), 1e9)
    with pytest.raises(Unreachable, match="refused the connection"):
        upload(task_for(SMALL), Opened(SMALL), urls=Urls(url), uploader=uploader())


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (says(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"), 403),
        (says(403, b"<Error><Code>AccessDenied</Code></Error>"), 403),
        (says(400, b"<Error><Code>EntityTooLarge</Code></Error>"), 400),
        (says(307, b"", Location="http://127.0.0.1:9/x"), 307),
        (says(404, b"x" * 200_000), 404),
        (says(403, b"<html>no</html>"), 403),
    ],
)
def test_a_clear_no_is_not_repeated(serve, uploader, step, status):
    assert fails(serve, uploader, step, error=Rejected).status == status


def test_a_redirect_of_the_bucket_is_not_followed(serve, uploader):
    elsewhere = serve()
    fails(serve, uploader, says(307, b"", Location=elsewhere.url), error=Rejected)
    assert elsewhere.connections == 0


def test_a_no_that_comes_before_the_file_was_sent_is_heard(serve, uploader):
    denied = says(403, b"<Error><Code>AccessDenied</Code></Error>")
    step = Step(send=denied.send, read_body=0, hang=True)
    big = bytes(32 * BLOCK)
    server = serve(step)
    patience = Patience(send=0.2, read=0.2)
    with pytest.raises((Rejected, Unreachable)):
        upload(
            task_for(big),
            Opened(big),
            urls=Urls(url_of(server)),
            uploader=uploader(attempts=1, patience=patience),
        )


def test_a_server_that_takes_the_file_and_hangs_is_left(serve, uploader):
    patience = Patience(read=0.05)
    fails(serve, uploader, Step(hang=True), error=AnswerLost, attempts=1, patience=patience)


def test_a_bucket_that_does_not_answer_is_told_of_from_the_last_byte_on(serve, uploaders, clock):
    told = Told()
    retrier = Retrier(RetryPolicy(attempts=1), RetryQuota(), clock.timing, told)
    certificates = Certificates(path=str(TLS / "loopback.pem"))
    uploaders.append(
        Uploader(
            retrier=retrier, outbound=Outbound(certificates=(certificates,)), patience=Patience(read=0.05)
        )
    )
    server = serve(Step(hang=True))
    with pytest.raises(AnswerLost):
        upload(task_for(LARGE), Opened(LARGE), urls=Urls(url_of(server)), uploader=uploaders[0])
    what = f"an answer to PUT http://{LOCAL.host} (a.csv)"
    assert told.said[:2] == [what, "moved"]
    assert told.said.count("moved") > 1


class Told:
    """Waits as they are told."""

    def __init__(self):
        self.said = []

    def is_for(self, what, most):
        self.said.append(what)

    def goes_on(self):
        self.said.append("moved")

    @contextlib.contextmanager
    def __call__(self, what, most):
        yield self


def test_an_expired_url_is_replaced_once(serve, uploader):
    server = serve(says(403, EXPIRED), stored(SMALL))
    urls = Urls(url_of(server), url_of(server, path="/second?X-Amz-Signature=canary"))
    assert upload(task_for(SMALL), Opened(SMALL), urls=urls, uploader=uploader()).md5_matched
    assert [seen.target for seen in server.seen] == [SIGNED, "/second?X-Amz-Signature=canary"]


def test_a_url_whose_time_is_over_is_not_tried(serve, uploader, clock):
    server = serve(stored(SMALL))
    urls = Urls(url_of(server, valid_until=clock.now), url_of(server))
    assert upload(task_for(SMALL), Opened(SMALL), urls=urls, uploader=uploader()).md5_matched
    assert len(server.seen) == 1


def test_a_second_expired_url_is_an_error(serve, uploader):
    error = fails(serve, uploader, says(403, EXPIRED), says(403, EXPIRED), error=Rejected)
    assert "expired already" in error.what


def test_no_new_url_is_asked_for_while_the_first_upload_is_in_doubt(serve, uploader):
    server = serve(cut(), says(403, EXPIRED), stored(SMALL))
    urls = Urls(url_of(server), url_of(server))
    with pytest.raises(AnswerLost):
        upload(task_for(SMALL), Opened(SMALL), urls=urls, uploader=uploader())
    assert len(urls.asked) == 1


def test_an_expired_url_is_what_put_says(serve, uploader):
    server = serve(says(403, EXPIRED))
    result = uploader().put(url_of(server), Opened(SMALL), task_for(SMALL))
    assert result == UrlExpired()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": '"abc-2"'},
        {"ETag": f'W/"{"0" * 32}"'},
        {"ETag": "0" * 32, "x_amz_server_side_encryption": "aws:kms"},
    ],
)
def test_an_etag_that_proves_nothing_is_not_verified(serve, uploader, headers):
    server = serve(says(200, b"", **headers))
    receipt = upload(task_for(SMALL), Opened(SMALL), urls=Urls(url_of(server)), uploader=uploader())
    assert receipt.md5_matched is None


def test_beyond_the_limit_for_md5_the_etag_is_not_verified(serve, uploader):
    server = serve(says(200, b"", ETag="0" * 32))
    urls = Urls(url_of(server))
    receipt = upload(task_for(LARGE), Opened(LARGE), urls=urls, uploader=uploader(md5_up_to=len(LARGE) - 1))
    assert receipt.md5_matched is None


@pytest.mark.parametrize("planned", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    "change", [lambda d: d[:-1] + b"X", lambda d: d + b"x", lambda d: d[:-1], lambda d: b""]
)
def test_a_file_that_changed_is_aborted_before_its_end(serve, uploader, planned, change):
    server = serve(says(200))
    opened = Opened(change(planned), size=len(planned))
    with pytest.raises((StalePlan, Unreachable)) as caught:
        upload(task_for(planned), opened, urls=Urls(url_of(server)), uploader=uploader(attempts=1))
    assert caught.value.__context__ is None
    server.stop()
    assert all(len(seen.body) < len(planned) for seen in server.seen)


def test_a_file_that_changed_after_a_lost_answer_is_in_doubt(serve, uploader):
    server = serve(cut())
    opened = Opened(SMALL)
    server.script[0].after = lambda: setattr(opened, "data", SMALL[:-1] + b"X")
    with pytest.raises(AnswerLost, match="not what was planned"):
        upload(task_for(SMALL), opened, urls=Urls(url_of(server)), uploader=uploader())


def test_a_file_of_another_size_than_planned_asks_for_no_url(uploader):
    urls = Urls()
    with pytest.raises(StalePlan):
        upload(task_for(SMALL), Opened(SMALL + b"x"), urls=urls, uploader=uploader())
    assert urls.asked == []


@pytest.mark.parametrize(("size", "says_what"), [(0, "empty"), (LARGEST + 1, "5 GiB")])
def test_a_size_that_the_bucket_cannot_take_asks_for_no_url(uploader, size, says_what):
    urls = Urls()
    with pytest.raises(Refused, match=says_what):
        upload(task_for(b"", size=size), Opened(b"", size=size), urls=urls, uploader=uploader())
    assert urls.asked == []


def test_an_error_of_the_opened_file_passes_as_it_is(serve, uploader):
    class Torn(Opened):
        def read(self, count: int, /) -> bytes:
            raise StalePlan("the file was replaced", where="a.csv")

    server = serve(says(200))
    with pytest.raises(StalePlan, match="replaced"):
        upload(task_for(SMALL), Torn(SMALL), urls=Urls(url_of(server)), uploader=uploader())


def test_a_bucket_behind_tls_must_show_a_certificate_of_the_bundle(serve, uploader):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "loopback.pem")
    server = serve(stored(LARGE), stored(SMALL), context=context)
    trusting = uploader()
    assert upload(task_for(LARGE), Opened(LARGE), urls=Urls(url_of(server)), uploader=trusting).md5_matched
    assert upload(task_for(SMALL), Opened(SMALL), urls=Urls(url_of(server)), uploader=trusting).md5_matched
    assert server.connections == 1
    with pytest.raises(Unreachable, match="does not verify"):
        upload(
            task_for(SMALL),
            Opened(SMALL),
            urls=Urls(url_of(server)),
            uploader=uploader(ca_bundle=str(TLS / "other.pem")),
        )


def test_thirty_two_threads_may_upload_at_once(serve, uploader):
    server = serve(*[stored(LARGE) for _ in range(64)])
    shared, receipts = uploader(parallelism=32), []

    def work() -> None:
        receipts.extend(
            upload(task_for(LARGE), Opened(LARGE), urls=Urls(url_of(server)), uploader=shared)
            for _ in range(2)
        )

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 64
    assert all(receipt.md5_matched for receipt in receipts)
    assert all(seen.body == LARGE for seen in server.seen)
