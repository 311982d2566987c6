"""Signals: a run ends in order, within seconds, and the next one goes on where it stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault

ONE = "  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n"
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]


@pytest.fixture
def start():
    """Starts pmsync in a repository; what runs at the end of a test is killed."""
    with ExitStack() as stack:

        def begin(repo, *arguments):
            process = subprocess.Popen(
                [sys.executable, "-m", "pmsync", *arguments, "--log-format", "json"],
                cwd=repo.root,
                env={**os.environ, **repo.environ},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process

        yield begin


def seen(process, event):
    """Read what it logs until this event."""
    for line in process.stderr:
        if json.loads(line)["event"] == event:
            return
    raise AssertionError(f"{event} was never logged")


@pytest.fixture
def waiting(make_repo, start_emulator, start, csv):
    """A run that waits for rows that do not come."""
    repo = make_repo(emulator=start_emulator(ingestion_lag=3600))
    repo.project(more="")
    repo.write("pmsync.yaml", (repo.root / "pmsync.yaml").read_text().replace("20s", "10m"))
    repo.write("a.csv", csv(3))
    repo.declare(ONE)
    process = start(repo, "apply", "--auto-approve", "--new-state", "-e", "dev")
    seen(process, "waiting-for-rows")
    return repo, process


@pytest.mark.parametrize(("number", "code"), SIGNALS, ids=["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_run_that_waits_ends_with_its_report_and_nothing_is_lost(waiting, number, code):
    repo, process = waiting
    process.send_signal(number)
    out, _ = process.communicate(timeout=7)
    assert process.returncode == code
    assert "the run was interrupted" in out
    assert not (repo.state_folder / "journal.jsonl").exists()
    state = json.loads((repo.state_folder / "state.json").read_text())
    assert list(state["uploads"]) == ["o2c.events/a.csv"]
    assert (repo.state_folder / "lock").read_bytes() == b""


def test_another_run_is_told_who_holds_the_lock_and_a_plan_says_so_too(waiting):
    repo, process = waiting
    second = repo.pmsync("apply", "--auto-approve")
    assert second.code == 5
    assert f"process {process.pid}" in second.stderr
    plan = repo.pmsync("plan")
    assert "another run holds the lock" in plan.stderr
    assert plan.code == 0


def test_a_second_signal_ends_it_at_once(waiting):
    repo, process = waiting
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=7)
    assert process.returncode == 130
    assert repo.pmsync("state", "list").code == 0


def test_a_run_that_plans_ends_at_once(make_repo, start_emulator, start):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        repo = make_repo(emulator=start_emulator())
        repo.project(api_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        repo.declare("  o2c: {}\n")
        process = start(repo, "apply", "--auto-approve", "--new-state", "-e", "dev")
        seen(process, "reading")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=7)
    assert process.returncode == 143
    assert err == "interrupted\n"


@pytest.mark.parametrize("arguments", [("plan",), ("apply", "--auto-approve", "--new-state")])
def test_a_reader_who_leaves_is_no_traceback(make_repo, start_emulator, start, arguments):
    repo = make_repo(emulator=start_emulator())
    repo.project()
    repo.declare("  o2c: {}\n")
    process = start(repo, *arguments, "-e", "dev")
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=30) == 0
    assert "Traceback" not in err


def test_a_create_that_never_answers_is_left_announced_and_settled_by_the_next_run(repo, start):
    """What is in flight does not hold a run up: seven seconds after the signal it is gone."""
    repo.declare("  o2c: {}\n")
    repo.emulator.faults.add(Fault(action=Pause(), endpoint="datasets.create", phase="after-commit"))
    process = start(repo, "apply", "--auto-approve", "--new-state", "-e", "dev")
    paused = repo.emulator.faults.wait_paused(30)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=7)
    assert process.returncode == 130
    paused.release()

    assert repo.apply("--request-timeout", "0.3").code == 0
    assert len(repo.live.nodes()) == 1
    assert repo.steps() == []
