"""B10: an apply that creates, against a bare client that posts the same to the same emulator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from threading import local
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from benchmarks.manifests import PER_DATASET, add_manifest, write_project
from benchmarks.measuring import PMSYNC, Program, Taken, in_turn
from benchmarks.standin import TENANT, dataset_name, datatable_name
from benchmarks.table import Row, Told
from benchmarks.worlds import World

_AT_ONCE: Final = 16
_APPLY: Final = ("apply", "-q", "--auto-approve", "--new-state", "--parallelism", str(_AT_ONCE))


def b10(told: Told) -> Iterator[Row]:
    """The creates alone, as the emulator saw them, and the whole apply."""
    size = 100 if told.quick else 1_000
    with _emulator() as url:
        world = World(told.folder, size, url)
        write_project(told.folder, url)
        (told.folder / "manifests").mkdir()
        add_manifest(told.folder, size)

        def afresh() -> None:
            world.forget()
            _control(url, "reset", {})

        def bare() -> Taken:
            afresh()
            _post_everything(url, size)
            return _seen(url)

        apply: Program = replace(world.pmsync(*_APPLY), before=afresh)
        medians = in_turn(bare, apply, lambda: _seen(url), rounds=told.rounds)
    floor, whole, creates = medians
    work, against = f"apply of {size:,} new datatables", "a bare client, wall"
    yield Row("B10", f"{work}, the creates", against, creates.wall / floor.wall, 1.5, medians.note)
    yield Row("B10", f"{work}, all of it", against, whole.wall / floor.wall, 2.5, medians.note)


def _seen(url: str) -> Taken:
    """From the first create to the last, as the emulator saw them since it was reset."""
    with urlopen(f"{url}/_pmsync/history") as answer:
        posts = [one for one in json.load(answer)["requests"] if one["method"] == "POST"]
    return Taken(max(one["ended"] for one in posts) - min(one["began"] for one in posts), 0.0)


def _post_everything(url: str, size: int) -> None:
    """All datasets, then all datatables: a thread each connection."""
    mine, root = local(), f"/tenant/{TENANT}/datasets"

    def post(path: str, body: dict[str, Any]) -> str:
        if not hasattr(mine, "connection"):
            mine.connection = HTTPConnection(urlsplit(url).netloc)
        headers = {"x-api-key": "pmsync-local", "Content-Type": "application/json"}
        mine.connection.request("POST", path, json.dumps(body), headers)
        answer = mine.connection.getresponse()
        made: dict[str, Any] = json.loads(answer.read())
        return str(made["id"])

    def dataset(number: int) -> str:
        body = {"displayName": dataset_name(number), "treeNodeType": "Dataset", "treeParentId": None}
        return post(root, body)

    def datatable(of: tuple[str, int]) -> str:
        dataset_id, number = of
        body = {"displayName": datatable_name(*divmod(number, PER_DATASET))}
        return post(f"{root}/{dataset_id}/datatables", body)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ids = list(pool.map(dataset, range(size // PER_DATASET)))
        list(pool.map(datatable, [(ids[number // PER_DATASET], number) for number in range(size)]))


@contextmanager
def _emulator() -> Iterator[str]:
    """An emulator in a process of its own; its URL."""
    command = (PMSYNC, "emulator", "start")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None, "it is a pipe"
        try:
            yield next(line.split()[1] for line in process.stdout if line.startswith("API:"))
        finally:
            process.terminate()


def _control(url: str, what: str, body: dict[str, Any]) -> None:
    with urlopen(Request(f"{url}/_pmsync/{what}", json.dumps(body).encode(), method="POST")):
        pass
