"""Nothing waits in silence: the real command on every kind of fault that makes it wait.

All of them run at the same time, as each needs more than the five seconds after which a wait is told.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from pmsync.disk.private import Files
from pmsync.emulator.faultactions import Answer, Drop, Hang
from pmsync.emulator.faults import Fault
from pmsync.statestore.folder import StateFolder
from pmsync.statestore.interface import Holder, Waiting
from pmsync.statestore.lock import LockFile

ONE = "  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n"
PLAN = ("plan",)
APPLY = ("apply", "--auto-approve", "--new-state")


@dataclass(frozen=True)
class Kind:
    """One kind of wait: what goes wrong, what is run, and what the line says."""

    name: str
    says: str
    faults: tuple[Fault, ...] = ()
    run: tuple[str, ...] = APPLY
    emulator: dict[str, Any] = field(default_factory=dict)
    locked: bool = False


ME = Holder(
    id="me", who="dev", host=os.uname().nodename, pid=os.getpid(), since="2026-01-02", command="pmsync apply"
)
AT_ONCE = Waiting(timeout=0, monotonic=lambda: 0.0, sleep=lambda _: None)


def _always(endpoint: Any, action: Any) -> Fault:
    return Fault(action=action, endpoint=endpoint, occurrence="every")


KINDS = [
    Kind("a listing that hangs", "an answer to GET /", (_always("datasets.list", Hang()),), PLAN),
    Kind(
        "a listing of ls that hangs",
        "an answer to GET /",
        (_always("datatables.list", Hang()),),
        ("ls",),
    ),
    Kind(
        "a tenant that doctor cannot reach",
        "an answer to GET /",
        (_always("tenant.get", Hang()),),
        ("doctor",),
    ),
    Kind(
        "Retry-After of a 429",
        "attempt 2 of 5",
        (_always("datasets.list", Answer(429, headers={"Retry-After": "30"})),),
        PLAN,
    ),
    Kind(
        "Retry-After of a 503",
        "attempt 2 of 5",
        (_always("datasets.list", Answer(503, headers={"Retry-After": "30"})),),
        PLAN,
    ),
    Kind(
        "a create whose answer is lost",
        "the tenant to show whether o2c was made",
        (_always("datasets.create", Drop()),),
    ),
    Kind(
        "a create that fails",
        "the tenant to show whether o2c.events was made",
        (_always("datatables.create", Answer(500, {"message": "boom"})),),
    ),
    Kind("a bucket that hangs", "an answer to PUT ", (_always("upload.put", Hang()),)),
    Kind(
        "rows that do not come",
        "rows of o2c.events, 0 of 3 shown (a.csv: ProcessMind may still be loading it",
        emulator={"ingestion_lag": 3600},
    ),
    Kind(
        "the read-back at the end",
        "an answer to GET /",
        (Fault(action=Hang(), endpoint="datasets.list", occurrence=3),),
    ),
    Kind("a lock", "the lock, held by dev at ", run=(*APPLY, "--lock-timeout", "60s"), locked=True),
]


@pytest.fixture
def start(make_repo: Any, start_emulator: Any, csv: Any) -> Iterator[Callable[[Kind], subprocess.Popen[str]]]:
    with ExitStack() as stack:

        def begin(kind: Kind) -> subprocess.Popen[str]:
            repo = make_repo(kind.name.replace(" ", "-"), emulator=start_emulator(**kind.emulator))
            repo.project()
            repo.write("pmsync.yaml", (repo.root / "pmsync.yaml").read_text().replace("20s", "10m"))
            repo.write("a.csv", csv(3))
            repo.declare(ONE)
            if kind.locked:
                stack.enter_context(LockFile(StateFolder(str(repo.state_folder), Files())).held(ME, AT_ONCE))
            for fault in kind.faults:
                repo.emulator.faults.add(fault)
            process = subprocess.Popen(
                [sys.executable, "-m", "pmsync", *kind.run, "-e", "dev", "--log-format", "json"],
                cwd=repo.root,
                env={**os.environ, **repo.environ},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process

        yield begin


def waits_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The first wait that it tells."""
    assert process.stderr is not None
    for text in process.stderr:
        line = json.loads(text)
        if line["event"] == "waiting":
            return dict(line)
    raise AssertionError("it never said that it waits")


def test_every_kind_of_wait_says_what_for_since_when_and_until_when(start: Any) -> None:
    processes = [start(kind) for kind in KINDS]
    for kind, process in zip(KINDS, processes, strict=True):
        told = waits_of(process)
        assert kind.says in told["for"], kind.name
        assert told["seconds"] >= 5.0, kind.name
        assert told["secondsLeft"] > 0, kind.name


def test_a_run_that_need_not_wait_says_nothing_of_waiting(repo: Any, csv: Any) -> None:
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    ran = repo.apply("--new-state", "--log-format", "json")
    assert ran.code == 0
    assert 'waiting"' not in ran.stderr
