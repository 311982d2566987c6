"""Both hosts through the operator's proxy, and with the operator's certificates, on real sockets."""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
import ssl
from pathlib import Path

import pytest
from scripted_server import says
from tenant_samples import KEY
from test_tenant_uploads import SMALL, Opened, Urls, stored, task_for
from tunnel_proxy import OPENED

from pmsync.errors import AuthenticationFailed, Refused, Secret, Unreachable, UsageProblem
from pmsync.tenant.connection import TUNNEL_ANSWER, NoTunnel, Patience, exchange
from pmsync.tenant.hosts import UploadUrl, api_address, upload_address
from pmsync.tenant.outbound import Certificates, Outbound, Setting
from pmsync.tenant.retry import Method, Mishap, Retrier, RetryPolicy, RetryQuota
from pmsync.tenant.session import Answer, Request, Session
from pmsync.tenant.uploads import Uploader, upload

TLS = Path(__file__).parents[2] / "tls"
CA = Certificates(path=str(TLS / "ca.pem"), variable="SSL_CERT_FILE")
API = "https://api.example.test"
BUCKET = "https://files.s3.eu-west-1.amazonaws.com"
LOOK = Request(method=Method.GET, path="/tenant/t/datasets")
MAKE = Request(method=Method.POST, path="/tenant/t/datasets", body={"displayName": "x"})
CA_HASH = "2a82b4d2"
"""Of the CA's name, as OpenSSL names files by it."""
USER = "me:s3cret%40corp"
BASIC = f"Basic {base64.b64encode(b'me:s3cret@corp').decode()}"


def shows(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{certificate}.pem")
    return context


def out_by(proxy, *, user: str = "", scheme: str = "http", certificates=(CA,), **other) -> Outbound:
    url = f"{scheme}://{user}{'@' if user else ''}127.0.0.1:{proxy.port}"
    setting = Setting(variable="HTTPS_PROXY", value=Secret(url))
    return Outbound(proxy=setting, certificates=certificates, **other)


@pytest.fixture
def put(clock):
    """Sends a small file to the bucket by a way out."""
    made: list[Uploader] = []

    def send(outbound: Outbound, *, attempts: int = 1, url: str = BUCKET, api: str = API):
        retrier = Retrier(RetryPolicy(attempts=attempts), RetryQuota(), clock.timing)
        made.append(Uploader(retrier=retrier, outbound=outbound))
        address = upload_address(f"{url}/b/k?X-Amz-Signature=5ec2e7", api=api_address(None, api))
        urls = Urls(UploadUrl(address, 1e9))
        return upload(task_for(SMALL), Opened(SMALL), urls=urls, uploader=made[-1])

    yield send
    for uploader in made:
        uploader.close()


@pytest.fixture
def names(monkeypatch):
    """Every name of another host is this machine's, and each of its ports the one that is given."""

    def lead_to(port: int) -> list[str]:
        asked: list[str] = []
        really = socket.getaddrinfo

        def resolved(host, *args, **options):
            if host == "127.0.0.1":
                return really(host, *args, **options)
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        return asked

    return lead_to


# the proxy lets through


def test_the_api_is_asked_through_a_tunnel_and_the_key_goes_to_the_host_alone(serve, proxy, open_session):
    server = serve(says(200, [1]), context=shows("hosts"))
    between = proxy(server)
    assert open_session(API, outbound=out_by(between)).send(LOOK) == Answer(b"[1]")
    assert server.seen[0].headers["x-api-key"] == KEY
    assert between.asked == ["CONNECT api.example.test:443 HTTP/1.1\r\nHost: api.example.test:443\r\n\r\n"]


def test_one_tunnel_serves_many_requests(serve, proxy, open_session):
    server = serve(says(200, []), says(200, []), context=shows("hosts"))
    between = proxy(server)
    session = open_session(API, outbound=out_by(between))
    session.send(LOOK)
    session.send(LOOK)
    assert len(server.seen) == 2
    assert len(between.asked) == 1


def test_a_tunnel_that_ended_is_asked_for_again(serve, proxy, open_session):
    first = says(200, [], Connection="close")
    first.close = True
    server = serve(first, says(200, [2]), context=shows("hosts"))
    between = proxy(server)
    session = open_session(API, outbound=out_by(between))
    session.send(LOOK)
    assert session.send(LOOK) == Answer(b"[2]")
    assert len(between.asked) == 2


def test_a_file_goes_to_the_bucket_through_a_tunnel(serve, proxy, put):
    server = serve(stored(SMALL), context=shows("hosts"))
    between = proxy(server)
    assert put(out_by(between)).sha256 == hashlib.sha256(SMALL).hexdigest()
    assert server.seen[0].body == SMALL
    assert between.asked[0].startswith("CONNECT files.s3.eu-west-1.amazonaws.com:443 ")
    assert "Signature" not in between.asked[0]


def test_user_and_password_go_to_the_proxy_alone(serve, proxy, open_session, put, caplog):
    caplog.set_level(logging.DEBUG)
    server = serve(says(200, []), stored(SMALL), context=shows("hosts"))
    between = proxy(server, wants=BASIC)
    assert open_session(API, outbound=out_by(between, user=USER)).send(LOOK) == Answer(b"[]")
    put(out_by(between, user=USER))
    assert all(f"\r\nProxy-Authorization: {BASIC}\r\n" in head for head in between.asked)
    assert all("proxy-authorization" not in seen.headers for seen in server.seen)
    assert all("authorization" not in seen.headers for seen in server.seen)
    assert "s3cret" not in caplog.text
    assert BASIC.removeprefix("Basic ") not in caplog.text


def test_a_proxy_behind_tls_is_asked_inside_of_it(serve, proxy, open_session, put):
    server = serve(says(200, [1]), stored(SMALL), context=shows("hosts"))
    between = proxy(server, context=shows("proxy"), wants=BASIC)
    way = out_by(between, user=USER, scheme="https")
    assert open_session(API, outbound=way).send(LOOK) == Answer(b"[1]")
    assert put(way).md5_matched


@pytest.mark.parametrize(
    "answer",
    [
        OPENED.replace(b"\r\n\r\n", b"\r\nVia: 1.1 x\r\nContent-Length: 5\r\n\r\n"),
        b"HTTP/1.0 200 \r\n\r\n",
        b"HTTP/1.1 200\n\n",
    ],
    ids=["headers", "old", "bare"],
)
def test_any_answer_of_success_opens_a_tunnel(serve, proxy, open_session, answer):
    server = serve(says(200, []), context=shows("hosts"))
    between = proxy(server, answer=answer)
    assert open_session(API, outbound=out_by(between)).send(LOOK) == Answer(b"[]")


def test_a_host_that_no_proxy_names_is_reached_without(serve, proxy, open_session, put, names):
    server = serve(says(200, []), stored(SMALL), context=shows("hosts"))
    between = proxy(server)
    way = out_by(between, no_proxy=("example.test", ".amazonaws.com"))
    asked = names(server.port)
    assert open_session(API, outbound=way).send(LOOK) == Answer(b"[]")
    put(way)
    assert between.asked == []
    assert asked == ["api.example.test", "files.s3.eu-west-1.amazonaws.com"]


def test_loopback_is_reached_without_the_proxy(serve, proxy, open_session, put):
    server = serve(says(200, []), stored(SMALL))
    between = proxy(server)
    assert open_session(server.url, outbound=out_by(between)).send(LOOK) == Answer(b"[]")
    put(out_by(between), url=server.url, api=server.url)
    assert between.asked == []


def test_loopback_over_http_looks_at_no_variable(serve, open_session):
    server = serve(says(200, []))
    setting = Setting(variable="HTTPS_PROXY", value=Secret("nonsense://"))
    gone = Certificates(path="gone.pem", variable="SSL_CERT_FILE")
    session = open_session(server.url, outbound=Outbound(proxy=setting, certificates=(gone,)))
    assert session.send(LOOK) == Answer(b"[]")


def test_a_netrc_with_the_proxys_name_has_no_effect(serve, proxy, open_session, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login planted password planted\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve(says(200, []), context=shows("hosts"))
    between = proxy(server)
    open_session(API, outbound=out_by(between)).send(LOOK)
    assert "uthorization" not in between.asked[0]
    assert "authorization" not in server.seen[0].headers


def test_a_proxy_changes_nothing_about_which_hosts_may_be_asked(proxy, put):
    between = proxy()
    with pytest.raises(Refused):
        put(out_by(between), url="https://files.example.test")
    with pytest.raises(Refused):
        put(out_by(between), url="https://127.0.0.1:1")
    assert between.asked == []


def test_a_proxy_without_a_tunnel_is_never_talked_to(proxy, open_session):
    between = proxy(context=shows("proxy"))
    session = open_session(API, outbound=out_by(between, scheme="https"))
    connection = session._adapter._pool._new_conn()
    with exchange(Patience(), lambda: 0.0, longest=1000), pytest.raises(NoTunnel):
        connection.request("GET", "/", headers={"x-api-key": KEY})
    assert between.asked == []


# the proxy says no, or nothing


def refused_by(proxy, open_session, request=LOOK, **options):
    user = options.pop("user", "")
    patience = options.pop("patience", Patience())
    between = proxy(**options)
    session = open_session(API, outbound=out_by(between, user=user), patience=patience)
    return between, session.send(request)


@pytest.mark.parametrize("request_", [LOOK, MAKE], ids=["GET", "POST"])
@pytest.mark.parametrize(
    ("status", "mishap", "says_"),
    [
        (407, Mishap.REFUSED, "wants a user and a password before it lets anybody to api.example.test (407 "),
        (
            403,
            Mishap.REFUSED,
            "does not let pmsync through to api.example.test (403 Forbidden); the host itself was not",
        ),
        (302, Mishap.REFUSED, "does not let pmsync through to api.example.test (302 Found)"),
        (101, Mishap.REFUSED, "does not let pmsync through to api.example.test (101 "),
        (429, Mishap.NOT_SENT, "does not let pmsync through to api.example.test (429 "),
        (502, Mishap.NOT_SENT, "was asked for api.example.test and did not reach it (502 Bad Gateway)"),
        (503, Mishap.NOT_SENT, "was asked for api.example.test and did not reach it (503 "),
        (504, Mishap.NOT_SENT, "was asked for api.example.test and did not reach it (504 "),
        (599, Mishap.NOT_SENT, "was asked for api.example.test and did not reach it (599)"),
    ],
)
def test_a_proxys_no_says_who_said_it_and_leaves_nothing_in_doubt(
    proxy, open_session, status, mishap, says_, request_
):
    answer = f"HTTP/1.1 {status} Secret Words\r\nLocation: http://secret.test\r\n\r\n<html>secret".encode()
    between, failure = refused_by(proxy, open_session, request_, answer=answer)
    assert isinstance(failure.error, Unreachable)
    assert failure.error.what.startswith(f"the proxy http://127.0.0.1:{between.port} (HTTPS_PROXY) {says_}")
    assert (failure.mishap, failure.status) == (mishap, None)
    assert "ecret" not in str(failure.error)
    assert len(between.asked) == 1


def test_a_password_that_the_proxy_refuses_is_named_by_its_variable_alone(proxy, open_session):
    _, failure = refused_by(proxy, open_session, wants="Basic other", user=USER)
    assert (
        "refuses the user or the password of HTTPS_PROXY, so api.example.test was not" in failure.error.what
    )
    assert "s3cret" not in str(failure.error)
    assert failure.mishap is Mishap.REFUSED


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 2000 x\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
    ],
)
def test_what_is_no_proxy_is_said_to_be_none(proxy, open_session, answer):
    between, failure = refused_by(proxy, open_session, MAKE, answer=answer)
    assert failure.error.what == (
        f"api.example.test was not reached: the proxy http://127.0.0.1:{between.port} (HTTPS_PROXY) does not "
        "answer as a proxy does"
    )
    assert failure.error.hint == "is what HTTPS_PROXY names a proxy for https?"
    assert failure.mishap is Mishap.REFUSED


@pytest.mark.parametrize(
    "rubbish", [b"x" * 65536, b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10000], ids=["line", "headers"]
)
def test_an_answer_without_end_is_left_after_its_first_bytes(proxy, open_session, rubbish):
    _, failure = refused_by(proxy, open_session, endless=rubbish)
    assert "does not answer as a proxy does" in failure.error.what
    assert len(rubbish) > TUNNEL_ANSWER - 6000


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 2", b"HTTP/1.1 407 No\r\nA: b\r\n"], ids=len)
def test_a_proxy_that_hangs_up_is_a_request_that_was_not_sent(proxy, open_session, answer):
    _, failure = refused_by(proxy, open_session, MAKE, answer=answer)
    assert failure.error.what.startswith("api.example.test was not reached: the proxy http://127.0.0.1:")
    assert failure.error.what.endswith("hung up when asked for it")
    assert failure.mishap is Mishap.NOT_SENT


def test_a_proxy_that_says_nothing_is_not_waited_for(proxy, open_session):
    _, failure = refused_by(proxy, open_session, MAKE, hangs=True, patience=Patience(read=0.05))
    assert "did not answer in time when asked for it" in failure.error.what
    assert failure.mishap is Mishap.NOT_SENT


def test_a_proxy_that_drips_is_bounded_as_a_whole(proxy, open_session, clock):
    def later() -> float:
        clock.now += 1.0
        return clock.now

    between = proxy(endless=b"H")
    session = open_session(API, outbound=out_by(between), monotonic=later)
    failure = session.send(MAKE)
    assert "did not answer in time" in failure.error.what


def test_a_proxy_that_is_not_there_is_named_with_its_variable_and_the_host(open_session, proxy):
    between = proxy()
    between.stop()
    failure = open_session(API, outbound=out_by(between, user=USER)).send(MAKE)
    assert failure.error.what == (
        f"api.example.test was not reached: the proxy http://127.0.0.1:{between.port} (HTTPS_PROXY) refused the "
        "connection"
    )
    assert failure.error.hint.startswith("is HTTPS_PROXY right, and that proxy up?")
    assert failure.mishap is Mishap.NOT_SENT


def test_a_proxy_whose_name_nobody_knows_is_said_to_be_so(open_session, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    setting = Setting(variable="https_proxy", value=Secret("http://proxy.example.test:3128"))
    failure = open_session(API, outbound=Outbound(proxy=setting, certificates=(CA,))).send(LOOK)
    assert (
        "the name of the proxy http://proxy.example.test:3128 (https_proxy) cannot be" in failure.error.what
    )


def test_a_host_that_hangs_up_behind_the_proxy_is_no_fault_of_the_proxy(serve, proxy, open_session):
    server = serve()  # speaks no TLS
    failure = open_session(API, outbound=out_by(proxy(server))).send(LOOK)
    assert failure.error.what.startswith("TLS with api.example.test failed")
    assert "(through the proxy http://127.0.0.1:" in failure.error.what


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_host_that_says_nothing_behind_the_proxy_is_not_waited_for(proxy, open_session, scheme):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        between = proxy(context=shows("proxy") if scheme == "https" else None)
        between.leads_to = silent.getsockname()[1]
        patience = Patience(connect=1.0, read=1.0)
        failure = open_session(API, outbound=out_by(between, scheme=scheme), patience=patience).send(MAKE)
        between.stop()
    assert failure.error.what.startswith("api.example.test took no connection in time (through the proxy")
    assert failure.mishap is Mishap.NOT_SENT


def test_an_answer_that_is_lost_behind_the_proxy_is_lost_as_ever(serve, proxy, open_session):
    server = serve(context=shows("hosts"))
    server.script.append(says(200, []))
    server.script[0].reset = True
    failure = open_session(API, outbound=out_by(proxy(server))).send(MAKE)
    assert failure.mishap is Mishap.LOST
    assert "(through the proxy" in failure.error.what


def test_an_upload_is_tried_again_where_the_proxy_may_yet_reach_the_bucket(proxy, put):
    between = proxy(answer=b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
    with pytest.raises(
        Unreachable, match=r"amazonaws\.com and did not reach it \(502 Bad Gateway\) \(attempt 3"
    ):
        put(out_by(between), attempts=3)
    assert len(between.asked) == 3


def test_an_upload_is_not_tried_again_where_the_proxy_says_no(proxy, put):
    between = proxy(answer=b"HTTP/1.1 403 Forbidden\r\n\r\n")
    with pytest.raises(Unreachable, match="does not let pmsync through") as caught:
        put(out_by(between), attempts=3)
    assert "5ec2e7" not in str(caught.value)
    assert len(between.asked) == 1


def test_what_repeats_the_proxys_password_is_not_shown(serve, proxy, open_session):
    server = serve(
        says(400, {"message": f"you sent {BASIC}"}),
        says(400, {"message": "s3cret@corp?"}),
        context=shows("hosts"),
    )
    session = open_session(API, outbound=out_by(proxy(server), user=USER))
    for _ in range(2):
        assert "left out" in session.send(LOOK).error.what


# certificates


def untrusted(open_session, serve, proxy, certificate: str, *certificates: Certificates):
    server = serve(says(200, []), context=shows(certificate))
    failure = open_session(API, outbound=out_by(proxy(server), certificates=certificates)).send(MAKE)
    assert failure.mishap is Mishap.UNTRUSTED
    assert server.seen == []
    return failure.error


def test_a_certificate_of_an_unknown_ca_names_the_variable_to_set(open_session, serve, proxy):
    error = untrusted(open_session, serve, proxy, "hosts")
    assert "the certificate of api.example.test does not verify: unable to get local issuer" in error.what
    assert error.hint.endswith("name its CA in SSL_CERT_FILE (a file in PEM)")


def test_where_a_file_is_named_the_hint_names_it(open_session, serve, proxy):
    other = Certificates(path=str(TLS / "other.pem"), variable="REQUESTS_CA_BUNDLE")
    error = untrusted(open_session, serve, proxy, "hosts", other)
    assert error.hint == (
        f"believed is what REQUESTS_CA_BUNDLE={TLS / 'other.pem'} holds: is the CA of that certificate in it?"
    )


def test_a_certificate_for_another_host_is_no_matter_of_the_ca(open_session, serve, proxy):
    error = untrusted(open_session, serve, proxy, "proxy", CA)
    assert "Hostname mismatch" in error.what
    assert "made out to another host" in error.hint


def test_an_expired_certificate_is_no_matter_of_the_ca(open_session, serve, proxy):
    error = untrusted(open_session, serve, proxy, "expired", CA)
    assert "certificate has expired" in error.what
    assert "clock" in error.hint


def test_a_proxys_own_certificate_is_named_as_the_proxys(proxy, open_session):
    between = proxy(context=shows("loopback"))
    failure = open_session(API, outbound=out_by(between, scheme="https")).send(LOOK)
    assert failure.mishap is Mishap.UNTRUSTED
    assert (
        f"the certificate of the proxy https://127.0.0.1:{between.port} (HTTPS_PROXY)" in failure.error.what
    )
    assert between.asked == []


def test_what_is_named_takes_the_place_of_what_came_along(serve, proxy, open_session):
    server = serve(says(200, []), context=shows("hosts"))
    session = open_session(API, outbound=out_by(proxy(server)))
    session.send(LOOK)
    believed = session._adapter._pool.conn_kw["ssl_context"].get_ca_certs()
    assert [one["subject"] for one in believed] == [((("commonName", "pmsync test CA"),),)]


def test_a_file_beside_text_and_other_certificates_is_read(serve, proxy, open_session, tmp_path):
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(
        "# Größe\n".encode() + b"\n".join((TLS / f"{one}.pem").read_bytes() for one in ("other", "ca"))
    )
    server = serve(says(200, []), context=shows("hosts"))
    named = Certificates(path=str(bundle), variable="SSL_CERT_FILE")
    session = open_session(API, outbound=out_by(proxy(server), certificates=(named,)))
    assert session.send(LOOK) == Answer(b"[]")


def test_a_folder_of_certificates_under_their_hashes_is_believed(serve, proxy, open_session, tmp_path):
    (tmp_path / f"{CA_HASH}.0").write_bytes((TLS / "ca.pem").read_bytes())
    server = serve(says(200, []), context=shows("hosts"))
    named = Certificates(path=str(tmp_path), variable="SSL_CERT_DIR")
    session = open_session(API, outbound=out_by(proxy(server), certificates=(named,)))
    assert session.send(LOOK) == Answer(b"[]")


@pytest.mark.parametrize(
    ("content", "says_"),
    [
        (None, "cannot be read: no such file"),
        (b"", "holds no certificate in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no certificate in PEM"),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "holds a certificate that cannot be read",
        ),
        (b"\x30\x82\x01\x01", "holds no certificate in PEM (this is DER)"),
        (b"x" * (16 * 1024 * 1024 + 1), "cannot be read: it is larger than 16 MiB"),
    ],
    ids=["missing", "empty", "a key", "broken", "der", "large"],
)
def test_a_file_of_no_use_is_a_sentence_with_its_variable_and_nothing_is_sent(
    open_session, tmp_path, content, says_
):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageProblem) as caught:
        open_session(
            API, outbound=Outbound(certificates=(Certificates(path=str(path), variable="SSL_CERT_FILE"),))
        )
    assert caught.value.where == "SSL_CERT_FILE"
    assert caught.value.what.startswith(f"{path} {says_}")


def test_a_folder_without_hashes_says_how_to_make_them(open_session, tmp_path):
    (tmp_path / "ca.pem").write_bytes((TLS / "ca.pem").read_bytes())
    with pytest.raises(UsageProblem, match="openssl rehash"):
        open_session(
            API, outbound=Outbound(certificates=(Certificates(path=str(tmp_path), variable="SSL_CERT_DIR"),))
        )


def test_a_folder_without_hashes_beside_a_file_does_no_harm(open_session, tmp_path):
    folder = Certificates(path=str(tmp_path), variable="SSL_CERT_DIR")
    open_session(API, outbound=Outbound(certificates=(CA, folder)))


def test_a_way_that_cannot_be_is_said_before_anything_is_sent(open_session):
    setting = Setting(variable="ALL_PROXY", value=Secret("socks5://127.0.0.1:1"))
    with pytest.raises(UsageProblem, match="ALL_PROXY"):
        open_session(API, outbound=Outbound(proxy=setting, certificates=(CA,)))


def test_where_only_a_proxy_for_http_is_set_the_hint_says_so(open_session, names):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    names(port)
    failure = open_session(API, outbound=Outbound(certificates=(CA,), unused="http_proxy")).send(LOOK)
    assert "http_proxy is for http only: set HTTPS_PROXY if a proxy is needed" in failure.error.hint


# the key


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_says_where_it_came_from(serve, status):
    server = serve(says(status, {"message": "no"}))
    key = Secret(KEY, origin="PMSYNC_API_KEY_DEV")
    session = Session(api_address(None, server.url), key, monotonic=lambda: 0.0)
    error = session.send(LOOK).error
    session.close()
    assert isinstance(error, AuthenticationFailed)
    assert error.hint == "the key is from PMSYNC_API_KEY_DEV: may it use this tenant?"


def test_a_page_instead_of_the_apis_answer_may_be_somebody_elses_no(serve, open_session):
    server = serve(says(403, b"<html>Blocked by policy</html>"))
    assert "something on the way" in open_session(server.url).send(LOOK).error.hint
