"""The operator's proxy and certificates: read from their environment, told by `doctor`, and used by every command.

The tenant stands behind a proxy and TLS with a CA of its own, under names that only the proxy can lead to.
"""

import base64
import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tunnel_proxy import TunnelProxy

from pmsync.cli.failure import redacted
from pmsync.cli.network import outbound, proxy_secrets
from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import Settings

Call = Callable[..., Any]

TLS = Path(__file__).parents[1] / "tls"
API, BUCKET = "https://api.example.test", "https://files.example.test"
USER = "me:s3cret%40corp"
BASIC = f"Basic {base64.b64encode(b'me:s3cret@corp').decode()}"
KEY = {"PMSYNC_API_KEY_DEV": "pmsync-local"}
NAMED = {"PMSYNC_API_URL": API, "PMSYNC_UPLOAD_HOSTS": "files.example.test"}


class Front(BaseHTTPRequestHandler):
    """Stands before the emulator under both of its names, and passes all on but what it changes in URLs."""

    emulator: ClassVar[RunningEmulator]

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        is_api = self.headers["host"] == API.removeprefix("https://")
        behind = self.emulator.api_url if is_api else self.emulator.bucket_url
        connection = http.client.HTTPConnection(behind.removeprefix("http://"))
        kept = {
            name: value
            for name, value in self.headers.items()
            if name.lower() in {"x-api-key", "content-type"}
        }
        connection.request(self.command, self.path, body, kept)
        answer = connection.getresponse()
        content = answer.read().replace(self.emulator.bucket_url.encode(), BUCKET.encode())
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() in {"etag", "content-type"}:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on

    def log_message(self, *words: Any) -> None:
        """Nothing on stderr, which the test reads."""


@pytest.fixture
def behind_tls() -> Iterator[int]:
    """The port of a tenant that speaks TLS only."""
    with running(Settings(show_tree=True)) as emulator:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Front,), {"emulator": emulator}))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "hosts.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def proxy(behind_tls: int) -> Iterator[TunnelProxy]:
    one = TunnelProxy(leads_to=behind_tls, wants=BASIC)
    yield one
    one.stop()


@pytest.fixture
def way(proxy: TunnelProxy) -> dict[str, str]:
    """The operator's environment."""
    url = f"http://{USER}@127.0.0.1:{proxy.port}"
    return {**KEY, **NAMED, "HTTPS_PROXY": url, "SSL_CERT_FILE": str(TLS / "ca.pem")}


@pytest.fixture
def cloud(tmp_path: Path) -> Path:
    (tmp_path / "pmsync.yaml").write_text(
        "apiVersion: pmsync/v1\nproject: p\nenvironments:\n  dev: {tenantId: t-1, state: file, verify: {timeout: 20s}}\n"
    )
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "m.yaml").write_text(
        "apiVersion: pmsync/v1\ndatasets:\n  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n"
    )
    (tmp_path / "a.csv").write_text("case,activity\nc1,go\nc2,stop\n")
    return tmp_path


def checks(ended: Any) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(ended.out)["checks"]}


def without_a_word_of_the_password(ended: Any) -> str:
    said = ended.out + ended.err
    assert "s3cret" not in said
    assert BASIC.removeprefix("Basic ") not in said
    return said


# every command takes the way


def test_apply_reaches_tenant_and_bucket_through_the_proxy(
    cloud: Path, pmsync: Call, way: dict[str, str], proxy: TunnelProxy
) -> None:
    ended = pmsync("apply", "--new-state", "--auto-approve", "-vv", env=way)
    assert ended.code == 0, ended.err
    assert pmsync("plan", env=way).code == 0
    without_a_word_of_the_password(ended)
    asked = {head.split()[1] for head in proxy.asked}
    assert asked == {"api.example.test:443", "files.example.test:443"}


def test_doctor_says_which_proxy_and_which_certificates(
    cloud: Path, pmsync: Call, way: dict[str, str], proxy: TunnelProxy
) -> None:
    ended = pmsync("doctor", "--format", "json", env=way)
    without_a_word_of_the_password(ended)
    assert checks(ended)["network"]["says"] == (
        f"to api.example.test through the proxy http://127.0.0.1:{proxy.port} (HTTPS_PROXY); "
        f"certificates: SSL_CERT_FILE={TLS / 'ca.pem'}"
    )
    assert checks(ended)["connection"]["verdict"] == "ok"


def test_a_proxy_that_refuses_the_password_ends_a_run_in_a_sentence(
    cloud: Path, pmsync: Call, way: dict[str, str], proxy: TunnelProxy
) -> None:
    proxy.wants = "Basic other"
    said = without_a_word_of_the_password(ended := pmsync("plan", "-vv", env=way))
    assert ended.code == 1
    assert "refuses the user or the password of HTTPS_PROXY, so api.example.test was not reached (407" in said
    assert "Traceback" not in said


def test_without_the_ca_the_hint_names_the_variable(cloud: Path, pmsync: Call, way: dict[str, str]) -> None:
    del way["SSL_CERT_FILE"]
    ended = pmsync("plan", env=way)
    assert ended.code == 1
    assert "the certificate of api.example.test does not verify" in ended.err
    assert "SSL_CERT_FILE" in ended.err


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_each_variable_of_certificates_is_enough(
    cloud: Path, pmsync: Call, way: dict[str, str], variable: str
) -> None:
    others = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(TLS / "other.pem"))
    ended = pmsync("plan", env={**way, **others, variable: way["SSL_CERT_FILE"]})
    assert ended.code == 0, ended.err


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("HTTPS_PROXY", "socks5://me:s3cret@127.0.0.1:1", "only proxies over http:// and https:// will do"),
        ("HTTPS_PROXY", "http://me:s3cret/x@127.0.0.1:1", "it is no URL of a proxy"),
        ("SSL_CERT_FILE", "gone.pem", "gone.pem cannot be read: no such file"),
        ("REQUESTS_CA_BUNDLE", "a.csv", "a.csv holds no certificate in PEM"),
    ],
)
def test_a_variable_of_no_use_is_named_and_nothing_is_sent(
    cloud: Path, pmsync: Call, way: dict[str, str], proxy: TunnelProxy, variable: str, value: str, says: str
) -> None:
    for command in ("plan", "doctor"):
        ended = pmsync(command, env={**way, variable: value})
        said = without_a_word_of_the_password(ended)
        assert ended.code == 64
        assert variable in said
        assert says in " ".join(said.split())
    assert proxy.asked == []


def test_the_emulated_tenant_looks_at_no_variable(project: Path, pmsync: Call) -> None:
    bad = {"HTTPS_PROXY": "nonsense://", "SSL_CERT_FILE": "gone.pem", "NO_PROXY": "x"}
    assert pmsync("apply", "--new-state", "--auto-approve", env=bad).code == 0
    assert checks(pmsync("doctor", "--format", "json", env=bad))["network"]["verdict"] == "ok"


def test_the_repository_cannot_name_a_proxy(cloud: Path, pmsync: Call) -> None:
    (cloud / ".env").write_text("HTTPS_PROXY=http://127.0.0.1:9\n")
    config = (cloud / "pmsync.yaml").read_text()
    for line in ("proxy: http://127.0.0.1:9", "caBundle: ca.pem"):
        (cloud / "pmsync.yaml").write_text(config.replace("tenantId: t-1", f"tenantId: t-1, {line}"))
        assert pmsync("plan", env=KEY).code == 7
    (cloud / "pmsync.yaml").write_text(config)
    assert "no proxy is set" in checks(pmsync("doctor", "--format", "json", env={}))["network"]["says"]


# a refused key


@pytest.mark.parametrize("variable", ["PMSYNC_API_KEY", "PMSYNC_API_KEY_FILE"])
def test_a_key_that_the_tenant_refuses_is_named_by_its_variable(
    cloud: Path, pmsync: Call, way: dict[str, str], variable: str
) -> None:
    del way["PMSYNC_API_KEY_DEV"]
    (cloud / "key").write_text("wrong-key-of-a-file")
    value = str(cloud / "key") if variable.endswith("FILE") else "wrong-key"
    ended = pmsync("plan", env={**way, variable: value})
    assert ended.code == 8
    assert f"the key is from {'the file that ' if variable.endswith('FILE') else ''}{variable} " in ended.err
    assert "PMSYNC_API_KEY_DEV" in ended.err
    assert "wrong-key" not in ended.err


def test_the_environments_own_key_is_named_alone(cloud: Path, pmsync: Call, way: dict[str, str]) -> None:
    ended = pmsync("plan", env={**way, "PMSYNC_API_KEY_DEV": "wrong-key", "PMSYNC_API_KEY": "other-key"})
    assert ended.code == 8
    assert "the key is from PMSYNC_API_KEY_DEV: may it use this tenant?" in " ".join(ended.err.split())


# what the environment says


def proxy_named(**environ: str) -> str:
    found = outbound(environ).proxy
    return f"{found.variable}={found.value.reveal()}" if found else ""


def test_lower_case_goes_before_upper_case_and_https_before_all() -> None:
    every = {"https_proxy": "a", "HTTPS_PROXY": "b", "all_proxy": "c", "ALL_PROXY": "d"}
    said = []
    while every:
        said.append(proxy_named(**every))
        every.pop(next(iter(every)))
    assert said == ["https_proxy=a", "HTTPS_PROXY=b", "all_proxy=c", "ALL_PROXY=d"]


def test_an_empty_lower_case_variable_takes_the_upper_case_one_away() -> None:
    assert proxy_named(https_proxy="", HTTPS_PROXY="b") == ""
    assert proxy_named(https_proxy=" ", HTTPS_PROXY="b", ALL_PROXY="d") == "ALL_PROXY=d"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_a_proxy_for_http_is_none_for_https_and_is_remembered_for_the_hint(name: str) -> None:
    assert proxy_named(**{name: "http://p.test:1"}) == ""
    assert outbound({name: "http://p.test:1"}).unused == name
    assert outbound({name: "http://p.test:1", "https_proxy": "http://q.test:1"}).unused == ""


def test_no_proxy_is_split_at_commas_and_blanks() -> None:
    assert outbound({"NO_PROXY": "a.test, .b.test 10.0.0.0/8"}).no_proxy == (
        "a.test",
        ".b.test",
        "10.0.0.0/8",
    )
    assert outbound({"no_proxy": "a.test", "NO_PROXY": "b.test"}).no_proxy == ("a.test",)


def test_all_variables_of_certificates_count_together_and_each_path_once() -> None:
    every = {"REQUESTS_CA_BUNDLE": "a", "CURL_CA_BUNDLE": "b", "SSL_CERT_FILE": "a", "SSL_CERT_DIR": "d:e:"}
    assert [str(one) for one in outbound(every).certificates] == [
        "SSL_CERT_FILE=a",
        "CURL_CA_BUNDLE=b",
        "SSL_CERT_DIR=d",
        "SSL_CERT_DIR=e",
    ]
    assert outbound({"SSL_CERT_FILE": "", "REQUESTS_CA_BUNDLE": ""}).certificates == ()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"])
def test_a_trace_holds_no_password_of_a_proxy_however_it_is_spelt(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"http://{USER}@p.test:1")
    shown = redacted(f"http://{USER}@p.test:1 s3cret@corp s3cret%40corp {BASIC}")
    assert shown == "http://***@p.test:1 *** *** Basic ***"


def test_without_a_password_there_is_nothing_to_hide() -> None:
    assert proxy_secrets({"HTTPS_PROXY": "http://p.test:1", "NO_PROXY": "a@b"}) == ()
