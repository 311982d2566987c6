"""Hosts that talk too much: whatever they answer, neither the key nor a signature reaches an output or a file.

A host stands before the emulator that passes requests on, and answers some of them as a broken or curious
one would. Every output is searched where pmsync is called, every file when a test ends.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from canary import KEY

URL_ENDPOINT = "/uploads/presignedurl"
UNUSED = "http://127.0.0.1:9"  # the discard port: nobody listens there


class Chatty(BaseHTTPRequestHandler):
    """Passes requests on to `api`, but for what `answers` says about a path's end or a method."""

    api: ClassVar[str]
    answers: ClassVar[dict[str, Callable[[str, str], tuple[int, str]]]]

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        status, text = self._asked(body)
        for end, answer in self.answers.items():
            if end in (self.command, "*") or urlsplit(self.path).path.endswith(end):
                status, text = answer(f"http://127.0.0.1:{self.server.server_address[1]}{self.path}", text)
        content = text.encode()
        self.send_response(status, f"No {self.headers.get('x-api-key')}")
        if 300 <= status < 400:
            self.send_header("location", text)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on

    def _asked(self, body: bytes) -> tuple[int, str]:
        if self.command == "PUT":
            return 200, ""
        connection = http.client.HTTPConnection(urlsplit(self.api).netloc)
        headers = {name: self.headers[name] for name in ("x-api-key", "content-type") if name in self.headers}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode()
        connection.close()
        return found

    def log_message(self, *words: Any) -> None:
        """Nothing on stderr, which the test reads."""


def _elsewhere(host: str) -> Callable[[str, str], tuple[int, str]]:
    """The upload URL, with another host in it."""

    def answer(_url: str, text: str) -> tuple[int, str]:
        url = json.loads(text)["PreSignedUploadUrl"]
        return 200, json.dumps({"PreSignedUploadUrl": host + url[url.index("/uploads/") :]})

    return answer


def _here(url: str, text: str) -> tuple[int, str]:
    """The upload URL, leading to the chatty host."""
    return _elsewhere(f"http://{urlsplit(url).netloc}")(url, text)


def _quoting(status: int) -> Callable[[str, str], tuple[int, str]]:
    """An error that quotes the request: its URL, and the key."""
    return lambda url, _text: (status, json.dumps({"message": f"{url} with x-api-key: {KEY} is not for you"}))


def _in_xml(url: str, _text: str) -> tuple[int, str]:
    return 403, f"<Error><Code>AccessDenied</Code><Message>{url}</Message><Resource>{url}</Resource></Error>"


CURIOUS = {
    "the upload URL leads to another host": {URL_ENDPOINT: _elsewhere("https://bucket.example")},
    "the upload URL leads to nobody": {URL_ENDPOINT: _elsewhere(UNUSED)},
    "the upload URL is no JSON": {URL_ENDPOINT: lambda _url, text: (200, text[:-2])},
    "the upload URL has another name": {URL_ENDPOINT: lambda _url, text: (200, text.replace("PreS", "s"))},
    "the API refuses it and quotes the key": {URL_ENDPOINT: _quoting(403)},
    "the API redirects and quotes the key": {URL_ENDPOINT: lambda url, _text: (302, f"{url}&key={KEY}")},
    "the bucket quotes the URL in its error": {URL_ENDPOINT: _here, "PUT": _in_xml},
    "the bucket quotes the URL where it stored": {URL_ENDPOINT: _here, "PUT": lambda url, _text: (200, url)},
    "the bucket redirects to the URL": {URL_ENDPOINT: _here, "PUT": lambda url, _text: (307, url)},
    "every answer quotes the key": {"*": _quoting(400)},
    "the key is refused and quoted": {"*": _quoting(401)},
}


@pytest.fixture
def chatty(start_emulator: Any) -> Iterator[Callable[..., str]]:
    """Starts a host that answers so; its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(answers: dict[str, Any]) -> str:
        handler = type("Host", (Chatty,), {"api": start_emulator().api_url, "answers": answers})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("answers", CURIOUS.values(), ids=CURIOUS)
def test_what_a_host_quotes_is_not_repeated(chatty, make_repo, in_process, csv, answers, form):
    repo = make_repo()
    repo.project(api_url=chatty(answers))
    config = (repo.root / "pmsync.yaml").read_text()
    repo.write("pmsync.yaml", config.replace("timeout: 20s", "timeout: 1s"))
    repo.write("a.csv", csv(3))
    repo.declare("  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n")
    said = ("-vv", "--log-format", form, "--timings")
    ended = in_process(
        repo.root,
        *said,
        *("apply", "--new-state", "--auto-approve", "--format", form, "--report", "json=report.json"),
        environ=repo.environ,
    )
    assert ended.code in {1, 3, 4, 8}, ended.err
    assert ended.err


def test_very_verbose_commands_print_and_write_no_secret(repo, csv):
    """Each command of the main job, where all goes well."""
    repo.write("a.csv", csv(3))
    repo.declare("  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n")
    for words in (
        ("validate",),
        ("plan", "--new-state", "--out", "plan.json", "--report", "json=again.json"),
        ("show", "plan.json"),
        ("apply", "plan.json", "--report", "text=report.txt"),
        ("plan", "--format", "json"),
        ("ls",),
        ("export", "--out", "exported.txt"),
        ("state", "list"),
        ("state", "show", "o2c.events/a.csv"),
        ("state", "accept", "o2c.events"),
        ("destroy", "--confirm", "dev"),
    ):
        ran = repo.pmsync("-vv", *words)
        assert ran.code == 0, ran.text
