from __future__ import annotations

import base64
import gzip
import json
import socket
import ssl
import threading
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest
from scripted_server import Step, cut, says
from tenant_samples import KEY, FakeClock

from pmsync import __version__
from pmsync.errors import AuthenticationFailed, Refused, Rejected, Secret, UnexpectedAnswer, Unreachable
from pmsync.model.project import PUBLIC_KEY
from pmsync.tenant.connection import FRESH, Patience
from pmsync.tenant.explaining import Way, explain
from pmsync.tenant.hosts import api_address
from pmsync.tenant.retry import Failure, Method, Mishap
from pmsync.tenant.session import ANSWER_BYTES, Answer, Request, Session

LOOK = Request(method=Method.GET, path="/tenant/t/datasets")
MAKE = Request(method=Method.POST, path="/tenant/t/datasets", body={"displayName": "Umsätze"})
TLS = Path(__file__).parents[2] / "tls"


def test_a_request_carries_key_and_name_of_the_client(serve, open_session):
    server = serve(says(200, [1]))
    assert open_session(server.url).send(LOOK) == Answer(b"[1]")
    seen = server.seen[0]
    assert (seen.method, seen.target) == ("GET", "/tenant/t/datasets")
    assert seen.headers["x-api-key"] == KEY
    assert seen.headers["user-agent"] == f"pmsync/{__version__}"
    assert "cookie" not in seen.headers
    assert "authorization" not in seen.headers


def test_a_path_before_the_api_is_kept(serve, open_session):
    server = serve(says(200, []))
    open_session(f"{server.url}/v2").send(LOOK)
    assert server.seen[0].target == "/v2/tenant/t/datasets"


def test_query_values_are_encoded(serve, open_session):
    server = serve(says(200, {}))
    query = {"filename": "a b&c=d/ü+%.csv", "filesize": "12"}
    open_session(server.url).send(Request(method=Method.GET, path="/x", query=query))
    assert server.seen[0].target == "/x?filename=a%20b%26c%3Dd%2F%C3%BC%2B%25.csv&filesize=12"


def test_a_body_goes_as_json_with_its_length(serve, open_session):
    server = serve(says(200, {}))
    open_session(server.url).send(MAKE)
    seen = server.seen[0]
    assert seen.body == b'{"displayName": "Ums\\u00e4tze"}'
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["content-length"] == str(len(seen.body))
    assert "transfer-encoding" not in seen.headers


def test_planted_netrc_proxies_and_certificates_have_no_effect(serve, open_session, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login planted password planted\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none.pem"))
    server = serve(says(200, []))
    assert open_session(server.url).send(LOOK) == Answer(b"[]")
    assert "authorization" not in server.seen[0].headers


def test_a_planted_cookie_is_not_sent_back(serve, open_session):
    server = serve(says(200, [], Set_Cookie="a=b"), says(200, []))
    session = open_session(server.url)
    session.send(LOOK)
    session.send(LOOK)
    assert "cookie" not in server.seen[1].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 304])
def test_redirects_are_refused_and_named(serve, open_session, status):
    elsewhere = serve()
    server = serve(says(status, None, Location=elsewhere.url + "/collect"))
    failure = open_session(server.url).send(LOOK)
    assert isinstance(failure.error, Rejected)
    assert "redirects are refused" in failure.error.what
    assert failure.mishap is Mishap.GARBLED
    assert elsewhere.connections == 0


@pytest.mark.parametrize("key", ["", " ", "a b", "a\nb", "a\r\nx: y", "ü", "a\x00"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key):
    with pytest.raises(AuthenticationFailed) as caught:
        Session(api_address(None, None), Secret(key), monotonic=lambda: 0.0)
    assert caught.value.exit_code == 8
    assert repr(key) not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_an_authentication_failure(serve, open_session, status):
    server = serve(says(status, {"message": "unknown key"}))
    failure = open_session(server.url).send(LOOK)
    assert isinstance(failure.error, AuthenticationFailed)
    assert "unknown key" in failure.error.what
    assert "PMSYNC_API_KEY" in failure.error.hint
    assert failure.mishap is Mishap.REFUSED


@pytest.mark.parametrize(
    ("status", "mishap"),
    [(400, Mishap.REFUSED), (404, Mishap.REFUSED), (409, Mishap.REFUSED), (413, Mishap.REFUSED), (422, Mishap.REFUSED),
     (408, Mishap.BROKEN), (429, Mishap.BUSY), (500, Mishap.BROKEN), (502, Mishap.BROKEN), (503, Mishap.BROKEN),
     (504, Mishap.BROKEN), (599, Mishap.BROKEN)],
)  # fmt: skip
def test_an_error_answer_says_status_and_the_tenants_words(serve, open_session, status, mishap):
    server = serve(says(status, {"message": "the tenant's own words"}, Retry_After="7"))
    failure = open_session(server.url).send(MAKE)
    assert isinstance(failure.error, Rejected)
    assert failure.error.status == failure.status == status
    assert failure.error.where == "POST /tenant/t/datasets"
    assert "the tenant's own words" in failure.error.what
    assert failure.mishap is mishap
    assert failure.wait == 7.0


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>no</html>", b"[]", b"{", b'{"message": 7}', b'{"message": null}', b"\xff\xfe", b'"x"'],
)
def test_an_error_answer_of_another_shape_still_says_its_status(serve, open_session, body):
    server = serve(says(418, body))
    failure = open_session(server.url).send(LOOK)
    assert failure.error.status == 418
    assert "418" in failure.error.what


@pytest.mark.parametrize(
    ("body", "believed"),
    [(b"", True), (b'{"message": "gone"}', True), (b"{}", True), (b"<html>404</html>", False), (b"404", False),
     (b"[]", False)],
)  # fmt: skip
def test_only_the_api_itself_can_say_404(serve, open_session, body, believed):
    failure = open_session(serve(says(404, body)).url).send(LOOK)
    assert failure.status == (404 if believed else None)


SPELLINGS = [
    KEY,
    KEY.upper(),
    KEY[:12],
    KEY[-12:],
    KEY[::-1],
    quote(KEY, safe="").replace("-", "%2D"),
    "".join(f"%{ord(character):02X}" for character in KEY),
    "".join(f"%25{ord(character):02x}" for character in KEY),
    "".join(f"&#{ord(character)};" for character in KEY),
    "".join(f"\\u{ord(character):04x}" for character in KEY),
    base64.b64encode(KEY.encode()).decode(),
    base64.b64encode(f"x:{KEY}".encode()).decode(),
    base64.b64encode(f"xy:{KEY};z".encode()).decode(),
    base64.urlsafe_b64encode(KEY.encode()).decode().lower(),
    KEY.encode().hex(),
    " ".join(KEY),
    "\u200b".join(KEY),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_message_that_repeats_the_key_in_any_spelling_is_left_out(serve, open_session, spelling, status):
    failure = open_session(serve(says(status, {"message": f"your key {spelling} is not for this"})).url).send(
        LOOK
    )
    assert "your key" not in failure.error.what
    assert "left out" in failure.error.what


# Other characters between those of the key are looked for in messages alone, which are short.
WHOLE = [spelling for spelling in SPELLINGS if spelling not in {KEY[:12], KEY[-12:], "\u200b".join(KEY)}]


@pytest.mark.parametrize("spelling", WHOLE)
def test_an_answer_that_repeats_the_key_is_not_used(serve, open_session, spelling):
    failure = open_session(serve(says(200, [{"id": spelling, "displayName": "a"}])).url).send(MAKE)
    assert isinstance(failure.error, UnexpectedAnswer)
    assert "repeats the API key" in failure.error.what
    assert failure.mishap is Mishap.GARBLED


def test_a_message_that_repeats_a_part_of_an_upload_url_is_left_out(serve, open_session):
    signature = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    session = open_session(serve(says(400, {"message": f"not for {signature[20:40].upper()}"})).url)
    session.echoes.add(Secret(f"https://s3.amazonaws.com/k?X-Amz-Signature={signature}"))
    assert "not for" not in session.send(LOOK).error.what


def test_a_message_that_quotes_any_signed_url_is_left_out(serve, open_session):
    session = open_session(serve(says(400, {"message": "see https://x/?x%2Damz-signature=00"})).url)
    assert "see" not in session.send(LOOK).error.what


def test_the_public_key_is_no_secret(serve):
    server = serve(says(200, [PUBLIC_KEY]))
    session = Session(api_address(server.url, None), Secret(PUBLIC_KEY), monotonic=lambda: 0.0)
    assert isinstance(session.send(LOOK), Answer)
    session.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}", "http://localhost:{}", "http://127.9.9.9:{}/base"])
def test_a_real_key_does_not_go_where_only_the_repository_says(serve, url):
    server = serve()
    with pytest.raises(Refused, match="only pmsync") as caught:
        Session(api_address(url.format(server.port), None), Secret(KEY), monotonic=lambda: 0.0)
    assert KEY not in str(caught.value)
    assert server.connections == 0


def test_a_long_message_is_cut_and_an_echoed_key_taken_out(serve, open_session):
    server = serve(says(400, {"message": f"key {KEY} " + "x" * 9000}))
    failure = open_session(server.url).send(LOOK)
    assert KEY not in failure.error.what
    assert len(failure.error.what) < 600


def test_an_empty_answer_is_empty(serve, open_session):
    assert open_session(serve(says(204)).url).send(LOOK) == Answer(b"")


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)], ids=["gzip", "deflate"]
)
def test_compressed_answers_are_read_and_bombs_are_not(serve, open_session, encoding, pack):
    bomb = pack(b'"' + b"0" * ANSWER_BYTES + b'"')
    server = serve(
        says(200, pack(b"[1]"), Content_Encoding=encoding),
        says(200, bomb, Content_Encoding=encoding),
        says(500, bomb, Content_Encoding=encoding),
    )
    session = open_session(server.url)
    assert session.send(LOOK) == Answer(b"[1]")
    failure = session.send(LOOK)
    assert "longer than 64 MiB" in failure.error.what
    assert failure.mishap is Mishap.GARBLED
    assert session.send(LOOK).mishap is Mishap.BROKEN


@pytest.mark.parametrize(
    ("status", "heads"),
    [
        (206, {}),
        (200, {"Content_Range": "items 0-99/250"}),
        (200, {"Link": '</tenant/t/datasets?page=2>; rel="next"'}),
        (200, {"Link": "<a>; rel=prev, <b>; rel=next"}),
        (200, {"Link": '<b>; rel="last next"'}),
    ],
)
def test_a_part_of_an_answer_is_not_taken_for_all_of_it(serve, open_session, status, heads):
    failure = open_session(serve(says(status, [1], **heads)).url).send(LOOK)
    assert failure.mishap is Mishap.GARBLED
    assert "one part of it only" in failure.error.what


def test_a_link_to_anything_but_the_next_part_says_nothing(serve, open_session):
    server = serve(says(200, [1], Link='<a>; rel="self", <nextcloud>; rel=describedby; title="next"'))
    assert open_session(server.url).send(LOOK) == Answer(b"[1]")


@pytest.mark.parametrize("packed", ["gzip, gzip", "deflate,gzip", "br", "zstd", "x-gzip", "identity, gzip"])
@pytest.mark.parametrize("status", [200, 404])
def test_an_answer_packed_twice_or_otherwise_is_not_unpacked(serve, open_session, packed, status):
    body = gzip.compress(gzip.compress(b"[" + b" " * 1_000_000 + b"]"))
    failure = open_session(serve(says(status, body, Content_Encoding=packed)).url).send(LOOK)
    assert failure.mishap is (Mishap.GARBLED if status == 200 else Mishap.REFUSED)
    assert failure.status is None
    assert status == 404 or "packed in a way" in failure.error.what


def endless(head: bytes) -> Step:
    """A server that goes on for ever after this, as fast as it is read."""
    return Step(send=head + b"0" * (ANSWER_BYTES + 4 * 1024 * 1024), close=True)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nTrailer: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
    ids=["chunk-length", "trailer", "body"],
)
def test_what_comes_over_the_wire_has_an_end(serve, open_session, head):
    result = open_session(serve(endless(head)).url).send(MAKE)
    assert isinstance(result, Failure)
    assert result.mishap in {Mishap.GARBLED, Mishap.LOST}


def test_an_answer_with_broken_compression_is_lost(serve, open_session):
    failure = open_session(serve(says(200, b"junk", Content_Encoding="gzip")).url).send(LOOK)
    assert failure.mishap is Mishap.LOST


def outcome(serve, open_session, step: Step, request: Request = MAKE, **options) -> Failure:
    server = serve(step)
    result = open_session(server.url, **options).send(request)
    assert isinstance(result, Failure)
    assert isinstance(result.error, Unreachable)
    assert result.error.__context__ is None
    return result


@pytest.mark.parametrize(
    "step",
    [
        cut(),
        Step(reset=True),
        Step(read_body=0, reset=True),
        Step(read_body=5, reset=True),
        Step(send=b"HTTP/1.1 200 OK\r\nContent-Le", close=True),
        Step(send=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1]", close=True),
        Step(send=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1", close=True),
        Step(send=b"nonsense\r\n\r\n", close=True),
    ],
    ids=["cut", "reset", "reset-early", "reset-in-body", "cut-head", "cut-body", "cut-chunk", "no-http"],
)
def test_an_answer_that_does_not_come_whole_is_lost(serve, open_session, step):
    assert outcome(serve, open_session, step).mishap is Mishap.LOST


@pytest.mark.parametrize(
    "step",
    [Step(hang=True), Step(send=b"HTTP/1.1 200", hang=True),
     Step(send=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1", hang=True)],
    ids=["no-answer", "half-head", "half-body"],
)  # fmt: skip
def test_a_server_that_hangs_is_left(serve, open_session, step):
    failure = outcome(serve, open_session, step, patience=Patience(read=0.05))
    assert failure.mishap is Mishap.LOST
    assert "in time" in failure.error.what


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Drip: 1\r\n" * 90,
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + b" " * 200,
    ],
    ids=["headers", "body"],
)
def test_a_server_that_drips_is_left_when_the_time_for_the_whole_is_over(serve, open_session, head):
    clock = FakeClock(tick=30.0)
    patience = Patience(total=100.0, read=5.0)
    failure = outcome(
        serve, open_session, Step(send=head, hang=True), patience=patience, monotonic=clock.monotonic
    )
    assert failure.mishap is Mishap.LOST
    assert "in time" in failure.error.what


def test_nobody_at_the_port_is_said_to_refuse(open_session):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    failure = open_session(f"http://127.0.0.1:{port}").send(MAKE)
    assert failure.mishap is Mishap.NOT_SENT
    assert failure.error.what == f"127.0.0.1:{port} refused the connection"


def test_time_that_is_over_before_connecting_sends_nothing(serve, open_session):
    clock = FakeClock(tick=200.0)
    server = serve()
    failure = open_session(server.url, monotonic=clock.monotonic).send(MAKE)
    assert failure.mishap is Mishap.NOT_SENT
    assert "took no connection in time" in failure.error.what
    assert server.connections == 0


def test_an_idle_connection_that_the_peer_closed_is_not_used(serve, open_session):
    closed = threading.Event()
    answer = says(200, [])
    server = serve(Step(send=answer.send, close=True, after=closed.set), says(200, {}))
    session = open_session(server.url)
    session.send(LOOK)
    closed.wait(5)
    session_socket_is_readable(session)
    assert session.send(MAKE) == Answer(b"{}")
    assert server.connections == 2


def session_socket_is_readable(session: Session) -> None:
    """Wait for the peer's FIN: the pool's idle connection becomes readable."""
    pool = session._adapter._pool
    connection = pool.pool.queue[-1]
    connection.sock.settimeout(5)
    assert connection.sock.recv(1, socket.MSG_PEEK) == b""


def test_a_connection_is_used_again_while_it_is_fresh_and_no_longer(serve, open_session, clock):
    server = serve(says(200, []), says(200, []), says(200, {}))
    session = open_session(server.url)
    session.send(LOOK)
    session.send(LOOK)
    clock.now += FRESH + 1
    session.send(MAKE)
    assert [seen.connection for seen in server.seen] == [1, 1, 2]


def test_thirty_two_threads_may_use_one_session(serve, open_session):
    server = serve(*[says(200, [n]) for n in range(320)])
    session = open_session(server.url, parallelism=32)
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.extend(session.send(LOOK) for _ in range(10)))
        for _ in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(json.loads(answer.body)[0] for answer in answers) == list(range(320))


def server_context(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    return context


def test_a_bundle_of_ones_own_is_trusted(serve, open_session):
    server = serve(says(200, []), context=server_context("loopback"))
    assert open_session(server.url, ca_bundle=str(TLS / "loopback.pem")).send(LOOK) == Answer(b"[]")


@pytest.mark.parametrize(
    ("certificate", "bundle", "reason"),
    [
        ("loopback", None, "self-signed"),
        ("other", "other", "IP address mismatch"),
        ("other", "loopback", "self-signed"),
    ],
)
def test_a_certificate_that_does_not_verify_is_not_asked_twice(
    serve, open_session, certificate, bundle, reason
):
    server = serve(says(200, []), context=server_context(certificate))
    failure = open_session(server.url, ca_bundle=bundle and str(TLS / f"{bundle}.pem")).send(MAKE)
    assert failure.mishap is Mishap.UNTRUSTED
    assert "does not verify" in failure.error.what
    assert reason in failure.error.what
    assert server.seen == []


def test_an_old_tls_is_a_handshake_that_failed(serve, open_session):
    context = server_context("loopback")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    server = serve(says(200, []), context=context)
    failure = open_session(server.url, ca_bundle=str(TLS / "loopback.pem")).send(MAKE)
    assert failure.mishap is Mishap.NOT_SENT
    assert "TLS with" in failure.error.what


def test_http_on_a_tls_port_is_a_handshake_that_failed(serve, open_session):
    server = serve()
    failure = open_session(server.url.replace("http", "https")).send(MAKE)
    assert failure.mishap is Mishap.NOT_SENT
    assert "TLS with" in failure.error.what


@pytest.mark.parametrize(
    ("caught", "sent", "mishap", "sentence"),
    [
        (socket.gaierror(-2, "secret?query"), False, Mishap.NOT_SENT, "the name h cannot be resolved"),
        (OSError(101, "secret?query"), False, Mishap.NOT_SENT, "h took no connection"),
        (ValueError("secret?query"), True, Mishap.LOST, "the connection broke before the whole answer came from h"),
        (ssl.SSLError(1, "secret?query"), False, Mishap.NOT_SENT, "TLS with h failed: broken off"),
        (ssl.SSLError(1, "secret?query"), True, Mishap.LOST, "the connection broke before the whole answer came from h"),
        (ssl.SSLCertVerificationError(), False, Mishap.UNTRUSTED, "the certificate of h does not verify: unknown reason"),
        (ValueError(ValueError(TimeoutError())), False, Mishap.NOT_SENT, "h took no connection in time"),
    ],
)  # fmt: skip
def test_causes_are_told_apart_in_clean_sentences(caught, sent, mishap, sentence):
    if isinstance(caught, ssl.SSLCertVerificationError):
        caught.verify_message = ""
    trouble = explain(caught, Way(host="h"), sent=sent)
    assert (trouble.mishap, trouble.what) == (mishap, sentence)


def test_a_circle_of_causes_ends():
    first, second = ValueError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    assert explain(first, Way(host="h"), sent=False).mishap is Mishap.NOT_SENT
