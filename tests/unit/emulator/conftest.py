"""A bench for faults: an emulator, a clock that tests turn, and a client that shows what came over the line."""

import json
import socket
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import pytest

from pmsync.emulator.server import running
from pmsync.emulator.settings import Settings

TENANT = "T"
CSV = b"case_id,activity\n1,create\n2,pay\n"


@dataclass
class Wire:
    """What a client got: the bytes until the line ended or the answer was whole, and how the line ended."""

    raw: bytes
    end: str
    """`whole` (an answer of its full length), `closed` (FIN before that), `reset` (RST)."""

    @property
    def status(self):
        return int(self.raw.split(b" ", 2)[1]) if b"\r\n" in self.raw else None

    @property
    def headers(self):
        lines = self.raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines}

    @property
    def body(self):
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One connection, written to and read from in steps."""

    def __init__(self, netloc):
        host, _, port = netloc.partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)

    def send(self, method, path, body=b"", *, length=None, headers=()):
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: {}:{}".format(*self.socket.getpeername()),
            f"Content-Length: {len(body) if length is None else length}",
            *headers,
        ]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return self

    def read(self):
        """Read until the answer is whole or the line is over."""
        raw = b""
        while not _is_whole(raw):
            try:
                part = self.socket.recv(65536)
            except ConnectionResetError:
                return Wire(raw, "reset")
            if not part:
                return Wire(raw, "closed")
            raw += part
        return Wire(raw, "whole")

    def leave(self):
        self.socket.close()


def _is_whole(raw):
    head, end, body = raw.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and len(body) >= (int(lengths[0].split(b":")[1]) if lengths else 0)


@dataclass
class Bench:
    emulator: object
    clock: object
    clients: list = field(default_factory=list)

    @property
    def faults(self):
        return self.emulator.faults

    @property
    def tenant(self):
        return self.emulator.tenant(TENANT)

    @property
    def names(self):
        """The display names of the datasets that are really there."""
        return [node.name for node in self.tenant.nodes()]

    def until(self, is_so):
        """Let requests go by until something in the emulator has become so."""
        for _ in range(1000):
            if is_so():
                return
            self.ask("GET", "/datasets")
        raise AssertionError("it never became so")

    @property
    def last(self):
        """The latest exchange."""
        return self.emulator.history.since()[-1]

    def client(self, url):
        client = Client(urlsplit(url).netloc)
        self.clients.append(client)
        return client

    def begin(self, method, path, body=None):
        """Send a request of the API and do not wait for the answer."""
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        client = self.client(self.emulator.api_url)
        return client.send(method, f"/tenant/{TENANT}{path}", sent, headers=["x-api-key: pmsync-local"])

    def ask(self, method, path, body=None):
        return self.begin(method, path, body).read()

    def create(self, name="A"):
        return self.begin("POST", "/datasets", {"displayName": name})

    def new_table(self, dataset="A", name="t"):
        """A dataset with a datatable, made behind the API."""
        node = self.tenant.create_node(dataset)
        return self.tenant.create_datatable(node.id, name)

    def url(self, table, name="t.csv"):
        query = urlencode(
            {"datasetid": table.dataset_id, "filename": name, "filesize": 1, "filelastmodified": 0}
        )
        answer = self.ask("GET", f"/datatable/{table.id}/uploads/presignedurl?{query}")
        return answer.json["PreSignedUploadUrl"]

    def put(self, url, body=CSV, *, length=None):
        parts = urlsplit(url)
        return self.client(url).send("PUT", f"{parts.path}?{parts.query}", body, length=length)

    def rows(self, table):
        return self.tenant.datatable(table.id).row_count


class TurnedClock:
    def __init__(self):
        self.now = 1_706_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def csv():
    return CSV


@pytest.fixture
def bench():
    clock = TurnedClock()
    with running(Settings(), clock=clock) as emulator:
        bench = Bench(emulator, clock)
        yield bench
        for client in bench.clients:
            client.leave()
