"""The emulator's bucket: what it takes, and the matrix of what it refuses as S3 does."""

import hashlib
import re
import socket
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from pmsync.emulator.server import running
from pmsync.emulator.settings import Settings
from pmsync.emulator.signing import AccessKey
from pmsync.emulator.uploads import ACCESS_KEY_ID, UploadTarget, UploadUrls

CSV = b"case_id,activity\n1,create\n2,pay\n"
STARTED = 1_706_000_000.0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: bytes

    @property
    def code(self):
        return ET.fromstring(self.text).findtext("Code")

    @property
    def message(self):
        return ET.fromstring(self.text).findtext("Message")


@dataclass
class Bench:
    """An emulator with one datatable and a clock that tests turn."""

    now: float = STARTED
    emulator: object = None
    table: str = ""
    urls: object = None

    def url(self, file_name="events.csv", valid_for=3600):
        return self.urls.issue(UploadTarget("T", self.table, file_name), valid_for=valid_for)

    @property
    def rows(self):
        return self.emulator.tenant("T").datatable(self.table).row_count

    def send(self, url, body=CSV, method="PUT", headers=None):
        """Send exactly these headers, after Host."""
        parts = urlsplit(url)
        connection = HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.putrequest(method, f"{parts.path}?{parts.query}", skip_accept_encoding=True)
            for name, value in ({"Content-Length": str(len(body))} if headers is None else headers).items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


@pytest.fixture
def bench():
    bench = Bench()
    with running(Settings(), clock=lambda: bench.now) as emulator:
        tenant = emulator.tenant("T")
        bench.emulator = emulator
        bench.table = tenant.create_datatable(tenant.create_node("Sales").id, "Orders").id
        key = AccessKey(ACCESS_KEY_ID, emulator.world.ground.database.secret("bucket"))
        bench.urls = UploadUrls(urlsplit(emulator.bucket_url).netloc, key, lambda: bench.now)
        yield bench


class TestTaking:
    def test_a_file_becomes_rows_and_its_md5_the_etag(self, bench):
        answer = bench.send(
            bench.url(), headers={"Content-Length": str(len(CSV)), "Content-Type": "text/csv"}
        )
        assert (answer.status, answer.text) == (200, b"")
        assert answer.headers["etag"] == f'"{hashlib.md5(CSV).hexdigest()}"'
        assert answer.headers["x-pmsync-emulator"] == "1"
        assert bench.rows == 2

    def test_the_history_knows_the_bytes(self, bench):
        bench.send(bench.url("Aufträge 1/2.csv"))
        (exchange,) = bench.emulator.history.since()
        assert (exchange.host, exchange.method, exchange.status) == ("bucket", "PUT", 200)
        assert exchange.ids == {"tenantId": "T", "datatableId": bench.table}
        assert exchange.file_name == "Aufträge 1/2.csv"
        assert (exchange.size, exchange.sha256) == (len(CSV), hashlib.sha256(CSV).hexdigest())
        assert not exchange.key_at_bucket

    def test_a_file_of_several_blocks_arrives_whole(self, bench):
        content = b"n\n" + b"".join(b"%d\n" % n for n in range(500_000))
        answer = bench.send(bench.url(), content)
        assert answer.headers["etag"] == f'"{hashlib.md5(content).hexdigest()}"'
        assert bench.emulator.history.since()[0].sha256 == hashlib.sha256(content).hexdigest()
        assert bench.rows == 500_000

    def test_a_url_works_until_it_expires_and_more_than_once(self, bench):
        url = bench.url(valid_for=60)
        bench.now = STARTED + 60
        assert [bench.send(url).status, bench.send(url).status] == [200, 200]
        assert bench.rows == 2

    def test_an_announced_size_that_was_wrong_does_not_matter(self, bench):
        assert bench.send(bench.url(), b"a\n").status == 200

    def test_percent_encoding_may_be_spelled_otherwise(self, bench):
        url = bench.url("a~b.csv")
        assert bench.send(url.replace("a~b.csv", "a%7eb.csv")).status == 200

    def test_a_deleted_datatable_takes_a_file_and_forgets_it(self, bench):
        url = bench.url()
        bench.emulator.by_hand("T").delete_datatable(bench.table)
        assert bench.send(url).status == 200
        assert bench.emulator.tenant("T").datatables() == []


@dataclass
class Refusal:
    """One row of the matrix: a request that differs from a good one in one thing."""

    status: int
    code: str
    said: str
    method: str = "PUT"
    headers: dict[str, str] = field(default_factory=dict)
    drop: str = ""
    change: tuple[str, str] = ("", "")


MATRIX = {
    "another method": Refusal(405, "MethodNotAllowed", "not allowed", method="POST"),
    "reading": Refusal(405, "MethodNotAllowed", "not allowed", method="GET"),
    "an API key": Refusal(400, "InvalidRequest", "x-api-key", headers={"x-api-key": "pmsync-local"}),
    "a login from .netrc": Refusal(
        400, "InvalidArgument", "auth mechanism", headers={"Authorization": "Basic eA=="}
    ),
    "chunked encoding": Refusal(
        501,
        "NotImplemented",
        "not implemented",
        headers={"Transfer-Encoding": "chunked"},
        drop="Content-Length",
    ),
    "no length": Refusal(411, "MissingContentLength", "Content-Length", drop="Content-Length"),
    "too large": Refusal(400, "EntityTooLarge", "exceeds", headers={"Content-Length": str(5 * 1024**3 + 1)}),
    "no signature": Refusal(403, "AccessDenied", "Access Denied", change=(r"&X-Amz-Signature=\w+", "")),
    "no query": Refusal(403, "AccessDenied", "Access Denied", change=(r"\?.*", "")),
    "another signature": Refusal(
        403, "SignatureDoesNotMatch", "does not match", change=(r"Signature=\w+", "Signature=" + "0" * 64)
    ),
    "another file": Refusal(
        403, "SignatureDoesNotMatch", "does not match", change=("events.csv", "other.csv")
    ),
    "another datatable": Refusal(
        403, "SignatureDoesNotMatch", "does not match", change=("/uploads/T/", "/uploads/U/")
    ),
    "a longer life": Refusal(
        403, "SignatureDoesNotMatch", "does not match", change=("Expires=3600", "Expires=9999")
    ),
    "one more parameter": Refusal(403, "SignatureDoesNotMatch", "does not match", change=("$", "&x=1")),
    "no date": Refusal(403, "SignatureDoesNotMatch", "does not match", change=(r"X-Amz-Date=\w+&", "")),
    "another access key": Refusal(
        403, "InvalidAccessKeyId", "does not exist", change=("PMSYNCEMULATOR", "OTHER")
    ),
    "an unsigned checksum": Refusal(
        403, "AccessDenied", "not signed", headers={"x-amz-checksum-crc32": "AAAAAA=="}
    ),
    "an unsigned MD5": Refusal(
        403, "AccessDenied", "not signed", headers={"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}
    ),
    "an unsigned owner": Refusal(403, "AccessDenied", "not signed", headers={"x-amz-acl": "public-read"}),
}


class TestRefusing:
    @pytest.mark.parametrize("refusal", MATRIX.values(), ids=MATRIX.keys())
    def test_a_request_with_one_thing_wrong(self, bench, refusal):
        url = re.sub(*refusal.change, bench.url(), count=1) if refusal.change[0] else bench.url()
        headers = {"Content-Length": str(len(CSV)), **refusal.headers}
        headers.pop(refusal.drop, None)
        body = b"0\r\n\r\n" if "Transfer-Encoding" in headers else b"" if refusal.drop else CSV
        answer = bench.send(url, body, refusal.method, headers)
        assert (answer.status, answer.code) == (refusal.status, refusal.code)
        assert refusal.said in answer.message
        assert answer.headers["content-type"] == "application/xml"
        assert ET.fromstring(answer.text).findtext("RequestId") == answer.headers["x-amz-request-id"]
        assert bench.rows == 0

    def test_after_its_time(self, bench):
        url = bench.url(valid_for=60)
        bench.now = STARTED + 61
        answer = bench.send(url)
        assert (answer.status, answer.code, answer.message) == (403, "AccessDenied", "Request has expired")
        assert ET.fromstring(answer.text).findtext("Expires") == "2024-01-23T08:54:20Z"
        assert bench.rows == 0

    def test_long_before_its_time(self, bench):
        url = bench.url()
        bench.now = STARTED - 3600
        assert bench.send(url).message == "Request is not valid yet"

    def test_the_unsigned_headers_are_named(self, bench):
        headers = {"Content-Length": str(len(CSV)), "Content-MD5": "x", "x-amz-acl": "private"}
        answer = bench.send(bench.url(), headers=headers)
        assert ET.fromstring(answer.text).findtext("HeadersNotSigned") == "content-md5, x-amz-acl"

    def test_a_key_that_reached_the_bucket_is_in_the_history(self, bench):
        bench.send(bench.url(), headers={"Content-Length": str(len(CSV)), "X-API-Key": "anything"})
        (exchange,) = bench.emulator.history.since()
        assert (exchange.status, exchange.key_at_bucket, exchange.sha256) == (400, True, None)

    def test_the_connection_is_good_for_the_next_request(self, bench):
        good, bad = urlsplit(bench.url()), urlsplit(bench.url() + "0")
        connection = HTTPConnection(good.netloc, timeout=10)
        statuses = []
        for parts in (bad, good):
            connection.request("PUT", f"{parts.path}?{parts.query}", CSV)
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()
        assert statuses == [403, 200]


class TestCutUploads:
    def test_a_body_shorter_than_announced_stores_nothing(self, bench):
        parts = urlsplit(bench.url())
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 5000000\r\n\r\n"
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as client:
            client.sendall(head.encode() + CSV + b"x" * 2_000_000)
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1000) == b""
        (exchange,) = bench.emulator.history.since()
        assert (exchange.status, exchange.sha256) == (None, None)
        assert bench.rows == 0

    def test_a_full_disk_is_an_internal_error_of_the_bucket(self, bench, monkeypatch):
        def full(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(type(bench.emulator.world.ground.files), "receive", full)
        answer = bench.send(bench.url())
        assert (answer.status, answer.code) == (500, "InternalError")
