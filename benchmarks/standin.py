"""A stand-in for a large tenant, in a process of its own: it answers listings from bytes made before.

It knows just enough of the API for a plan, and for an apply that creates. `python -m benchmarks.standin
PORT DATASETS TABLES ROWS` prints its port when it is ready; TABLES are those of each dataset.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.request import urlopen

TENANT: Final = "bench"
MADE_AT: Final = "2026-01-01T00:00:00.000Z"
ROOT: Final = Path(__file__).parent.parent


def dataset_name(dataset: int) -> str:
    """The display name of a dataset by its number."""
    return f"Dataset {dataset:05} of the benchmark"


def datatable_name(dataset: int, datatable: int) -> str:
    """The display name of a datatable by the numbers of its dataset and its own."""
    return f"Datatable {datatable:05} of dataset {dataset:05}"


class Things:
    """What the tenant holds: the entries of both listings as bytes, and how many requests there were."""

    def __init__(self, datasets: int, datatables: int, rows: int) -> None:
        self._lock = Lock()
        self.gets = self.posts = 0
        self.datasets: list[bytes] = []
        self.datatables: list[bytes] = []
        for dataset in range(datasets):
            self._dataset(f"ds-{dataset:05}", dataset_name(dataset), datatables)
            for datatable in range(datatables):
                name = datatable_name(dataset, datatable)
                self._datatable(f"dt-{dataset:05}-{datatable:05}", name, f"ds-{dataset:05}", rows)
        self._ready: dict[str, bytes] = {}
        self._at_first = len(self.datasets), len(self.datatables)

    def listing(self, kind: str) -> bytes:
        """One of the two listings."""
        with self._lock:
            self.gets += 1
            entries = self.datasets if kind == "datasets" else self.datatables
            if kind not in self._ready:
                self._ready[kind] = b"[" + b",".join(entries) + b"]"
            return self._ready[kind]

    def one(self, kind: str, id_: str) -> bytes | None:
        """A dataset with its datatables, or a datatable with its columns; None: there is none."""
        wanted = json.dumps({"id": id_})[:-1].encode()
        with self._lock:
            self.gets += 1
            entries = self.datasets if kind == "datasets" else self.datatables
            found = next((entry for entry in entries if entry.startswith(wanted + b",")), None)
            if found is None:
                return None
            if kind != "datasets":
                return found[:-1] + b', "columns": []}'
            inside = b'"datasetId": ' + json.dumps(id_).encode() + b","
            datatables = b",".join(entry for entry in self.datatables if inside in entry)
            return found[:-1] + b', "datatables": [' + datatables + b"]}"

    def made(self, path: list[str], body: dict[str, Any]) -> bytes:
        """A new dataset, or a new datatable in the dataset that the path names."""
        with self._lock:
            self.posts += 1
            self._ready.clear()
            if path[-1] == "datatables":
                return self._datatable(f"new-{self.posts}", body["displayName"], path[-2], None)
            return self._dataset(f"new-{self.posts}", body["displayName"], 0)

    def asked(self) -> bytes:
        """How many requests there were since this was asked last."""
        with self._lock:
            counts = {"gets": self.gets, "posts": self.posts}
            self.gets = self.posts = 0
        return json.dumps(counts).encode()

    def as_at_first(self) -> bytes:
        """What was made is forgotten."""
        with self._lock:
            self._ready.clear()
            del self.datasets[self._at_first[0] :], self.datatables[self._at_first[1] :]
        return b"{}"

    def _dataset(self, id_: str, name: str, datatables: int) -> bytes:
        entry = {"id": id_, "displayName": name, "createdAt": MADE_AT, "datatableCount": datatables}
        self.datasets.append(json.dumps({**entry, "treeNodeType": "Dataset", "treeParentId": None}).encode())
        return self.datasets[-1]

    def _datatable(self, id_: str, name: str, dataset_id: str, rows: int | None) -> bytes:
        entry = {"id": id_, "displayName": name, "datasetId": dataset_id, "rowCount": rows}
        self.datatables.append(json.dumps({**entry, "createdAt": MADE_AT}).encode())
        return self.datatables[-1]


class Answering(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    things: Things

    def do_GET(self) -> None:
        path = self.path.split("/")
        if path[-1] in {"datasets", "datatables"}:
            self._answer(self.things.listing(path[-1]))
        elif path[-1] == "asked":
            self._answer(self.things.asked())
        elif path[-1] == "as-at-first":
            self._answer(self.things.as_at_first())
        elif one := self.things.one(*path[-2:]):
            self._answer(one)
        else:
            self._answer(b'{"message": "no such thing"}', 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(self.things.made(self.path.split("/"), body), 201)

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: what is asked is counted."""


class Server(ThreadingHTTPServer):
    """Ends without waiting for its connections."""

    daemon_threads = True
    request_queue_size = 256


@contextmanager
def tenant(port: int, datasets: int, datatables: int, rows: int) -> Iterator[str]:
    """A fresh tenant at this port (0: a free one); its URL."""
    numbers = map(str, (port, datasets, datatables, rows))
    command = [sys.executable, "-m", "benchmarks.standin", *numbers]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None, "it is a pipe"
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def asked(url: str) -> dict[str, int]:
    """How many requests of each kind the tenant got since this was asked last."""
    with urlopen(f"{url}/asked") as answer:
        counts: dict[str, int] = json.load(answer)
    return counts


def as_at_first(url: str) -> None:
    """Let the tenant forget what was made."""
    with urlopen(f"{url}/as-at-first"):
        pass


def main() -> None:
    """Answer until ended."""
    port, *numbers = map(int, sys.argv[1:])
    Answering.things = Things(*numbers)
    with Server(("127.0.0.1", port), Answering) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever(poll_interval=60)


if __name__ == "__main__":
    main()
