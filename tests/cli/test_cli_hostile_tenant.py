"""A tenant that answers anything at all: a command ends soon, with one sentence and its exit code."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

KEY = "a-real-key-5b1c9e"
DATASET = {"id": "d1", "displayName": "o2c", "createdAt": "2026-01-01T00:00:00Z", "datatableCount": 0}
OTHER = {"id": "d2", "displayName": "theirs", "datatableCount": 1}
TABLE = {"id": "x1", "displayName": "events", "datasetId": "d2", "rowCount": 3}

Answers = dict[str, Any]


class Tenant(BaseHTTPRequestHandler):
    """Answers each path's last segment as `answers` says; bytes go out as they are."""

    answers: ClassVar[Answers]
    packed: ClassVar[str]
    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        answer = self.answers.get(self.path.rsplit("/", 1)[-1])
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(404 if answer is None else 200)
        if self.packed:
            self.send_header("content-encoding", self.packed)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Nothing on stderr, which the tests read."""


@pytest.fixture
def plan(tmp_path: Path, pmsync: Any) -> Iterator[Callable[..., Any]]:
    """Plans one declared dataset, `o2c`, against a tenant that answers so; what the command said."""
    servers: list[ThreadingHTTPServer] = []

    def start(datasets: Any, datatables: Any = (), *words: str, packed: str = "", **more: Any) -> Any:
        answers = {"datasets": datasets, "datatables": datatables, **more}
        handler = type("Host", (Tenant,), {"answers": answers, "packed": packed, "asked": []})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        (tmp_path / "manifests").mkdir(exist_ok=True)
        (tmp_path / "manifests" / "m.yaml").write_text("apiVersion: pmsync/v1\ndatasets: {o2c: {}}\n")
        (tmp_path / "pmsync.yaml").write_text(
            "apiVersion: pmsync/v1\nproject: p\nenvironments: {dev: {tenantId: t-1}}\n"
        )
        return pmsync(*(words or ("plan",)), env={"PMSYNC_API_KEY": KEY, "PMSYNC_API_URL": url})

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


BOMB = b"[" + b"{}," * 3_000_000 + b"{}]"
ANSWERS: dict[str, tuple[Any, Any]] = {
    "empty objects": (BOMB, []),
    "deep nesting": (b"[" * 1_000_000, []),
    "a huge number": ([DATASET], [TABLE | {"rowCount": 10**300}]),
    "NaN": (b'[{"id":"a","displayName":"b","datatableCount":NaN}]', []),
    "half a surrogate pair": (b'[{"id":"a","displayName":"\\ud800"}]', []),
    "nothing": (b"", []),
    "null": (None, []),
    "a page": (b"<html>", []),
    "an object": ({"datasets": []}, []),
    "an id twice": ([OTHER, OTHER], []),
    "an id twice, as folder and dataset": ([OTHER, OTHER | {"treeNodeType": "TreeGroup"}], []),
    "a datatable twice": ([OTHER], [TABLE, TABLE]),
    "no listing of datatables": ([OTHER], b""),
    "the key as an id": ([OTHER | {"id": KEY}], []),
    "the key in a name": ([OTHER | {"displayName": f"a {KEY.upper()}"}], []),
    "the name of ours with no id": ([DATASET | {"id": ".."}], []),
}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_cannot_be_used_is_exit_1_and_one_sentence(plan, answers, form):
    ended = plan(*answers, "plan", "--format", form)
    assert ended.code == 1
    said = ended.out + ended.err
    assert "error: " in ended.err
    assert "bug" not in said
    assert KEY.lower() not in said.lower()
    assert len(said) < 2000


@pytest.mark.parametrize(
    ("packed", "body"),
    [("gzip", gzip.compress(BOMB)), ("gzip, gzip", gzip.compress(gzip.compress(b"[]"))), ("br", b"[]")],
    ids=["bomb", "twice", "another"],
)
def test_a_packed_answer_is_unpacked_once_and_no_further_than_its_first_fault(plan, packed, body):
    ended = plan(body, [], packed=packed)
    assert ended.code == 1
    assert "error: " in ended.err


USED: dict[str, tuple[Any, Any]] = {
    "a datatable of an unknown dataset": ([], [TABLE | {"datasetId": "nobody"}]),
    "no row count": ([OTHER], [{"id": "x1", "displayName": "events", "datasetId": "d2"}]),
    "null as row count": ([OTHER], [TABLE | {"rowCount": None}]),
    "an odd time": ([OTHER | {"createdAt": {"$date": 1}}], [TABLE | {"createdAt": 17}]),
    "unknown fields": ([OTHER | {"x": [{}] * 1000}], [TABLE | {"y": {"z": None}}]),
    "a folder in itself": (
        [{"id": "f", "displayName": "F", "treeNodeType": "TreeGroup", "treeParentId": "f"}],
        [],
    ),
    "folders in a circle": (
        [
            {"id": "f", "displayName": "F", "treeNodeType": "TreeGroup", "treeParentId": "g"},
            {"id": "g", "displayName": "G", "treeNodeType": "TreeGroup", "treeParentId": "f"},
        ],
        [],
    ),
    "a folder that nobody knows": ([OTHER | {"treeParentId": "..", "datatableCount": 0}], []),
    "an id of a dataset and a datatable": ([OTHER], [TABLE | {"id": "d2"}]),
    "odd ids": ([OTHER | {"id": id_, "displayName": f"theirs {id_!r}"} for id_ in ("..", "", "a/b")], []),
    "a datatable without an id": ([OTHER], [TABLE | {"id": "%2e%2e"}]),
}


@pytest.mark.parametrize("command", [("plan",), ("ls",), ("plan", "--format", "json")], ids=" ".join)
@pytest.mark.parametrize("answers", USED.values(), ids=USED)
def test_what_is_odd_and_not_ours_stops_nothing(plan, answers, command):
    ended = plan(*answers, *command)
    assert ended.code == 0, ended.err
    assert "bug" not in ended.err


def test_what_is_left_out_is_said_once(plan):
    ended = plan([OTHER | {"id": f"../{n}", "displayName": "theirs"} for n in range(1000)])
    assert ended.code == 0
    assert ended.err.count("is left out") == 1
    assert "999 more like it" in ended.err


def test_without_progress_what_is_left_out_is_said_all_the_same(plan):
    assert "is left out" in plan([OTHER | {"id": ".."}], [], "-q", "plan").err
