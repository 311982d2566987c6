"""Saved plans under fire: a killed run goes on with the same file, what is stale says why, a forgery does nothing."""

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault

TWO = """\
  o2c:
    datatables:
      events: {sources: [a.csv]}
      items: {sources: [b.csv]}
"""


@pytest.fixture
def planned(repo, csv):
    """A first plan, saved and not yet applied."""
    repo.write("a.csv", csv(3))
    repo.write("b.csv", csv(2))
    repo.declare(TWO)
    assert repo.pmsync("plan", "--new-state", "--out", "plan.json").code == 0
    return repo


@pytest.fixture
def killed():
    """Applies the saved plan and kills it with SIGKILL at the n-th request of an endpoint."""
    with ExitStack() as stack:

        def run(repo, endpoint, phase, *, drop, occurrence=1):
            pause = Fault(action=Pause(), endpoint=endpoint, phase=phase, occurrence=occurrence)
            repo.emulator.faults.add(pause)
            repo.recorder.begin()
            arguments = ("apply", "plan.json", "--request-timeout", "0.3", "-e", "dev")
            process = subprocess.Popen(
                [sys.executable, "-m", "pmsync", *arguments],
                cwd=repo.root,
                env={**os.environ, **repo.environ},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            paused = repo.emulator.faults.wait_paused(30)
            process.send_signal(signal.SIGKILL)
            process.wait()
            paused.drop() if drop else paused.release()
            repo.recorder.end(arguments, process.returncode, "")

        yield run


@pytest.mark.parametrize(
    ("endpoint", "phase", "drop"),
    [
        ("datasets.create", "before-commit", True),
        ("datasets.create", "after-commit", False),
        ("datatables.create", "after-commit", False),
        ("upload.put", "after-commit", False),
    ],
)
def test_a_killed_run_goes_on_with_the_same_file(planned, killed, endpoint, phase, drop):
    killed(planned, endpoint, phase, drop=drop)

    again = planned.pmsync("apply", "plan.json", "--request-timeout", "0.3")

    assert again.code == 0, again.text
    assert (planned.rows_of("events"), planned.rows_of("items")) == (3, 2)
    assert len(planned.live.nodes()) == 1
    assert planned.pmsync("apply", "plan.json").code == 0
    assert planned.steps() == []


def test_a_killed_run_does_not_go_on_with_a_file_that_changed(planned, killed, csv):
    killed(planned, "upload.put", "before-commit", drop=True)
    planned.write("b.csv", csv(20))
    planned.write("a.csv", csv(30))

    before = planned.emulator.history.last
    again = planned.pmsync("apply", "plan.json", "--request-timeout", "0.3")

    assert again.code == 6
    assert "a.csv" in again.stderr
    assert {one.method for one in planned.emulator.history.since(before)} == {"GET"}


def test_a_plan_that_waited_while_a_colleague_worked_says_what_is_different(planned):
    planned.live.create_node("o2c")
    stale = planned.pmsync("apply", "plan.json")
    assert stale.code == 6
    assert "o2c" in stale.stderr
    assert "plan again" in stale.stderr


def test_the_structure_that_was_approved_runs_with_tomorrows_extract(repo, csv):
    repo.write("data/2024-06-01.csv", csv(3))
    repo.declare('  o2c: {datatables: {events: {sources: [{path: "data/*.csv", mode: append}]}}}\n')
    assert repo.apply("--new-state").code == 0
    repo.write("data/2024-06-02.csv", csv(2, 10))
    approved = repo.plan()
    repo.write("data/2024-06-02.csv", csv(5, 10))
    repo.write("data/2024-06-03.csv", csv(1, 100))

    assert repo.apply("--expect", approved["digest"]).code == 6
    ran = repo.apply("--expect", approved["structureDigest"])

    assert ran.code == 0, ran.text
    assert repo.rows_of("events") == 9


def test_a_structure_says_nothing_about_what_needs_a_consent(repo, csv):
    repo.write("a.csv", csv(3))
    repo.declare("  o2c: {datatables: {events: {sources: [a.csv]}}}\n  old: {}\n")
    assert repo.apply("--new-state").code == 0
    approved = repo.plan()
    repo.declare("  o2c: {datatables: {events: {sources: [a.csv]}}}\n")

    refused = repo.apply("--expect", approved["structureDigest"], "--allow", "delete:old")

    assert refused.code == 6
    assert len(repo.live.nodes()) == 2


FIELDS = [
    ("tenantId", "another"),
    ("host", "evil.example"),
    ("lineage", "another"),
    ("environment", "prod"),
    ("changes", []),
    ("digest", "sha256:" + "0" * 64),
    ("structureDigest", "sha256:" + "0" * 64),
]


@pytest.mark.parametrize(("field", "value"), FIELDS, ids=lambda one: one if isinstance(one, str) else "")
def test_one_forged_field_changes_nothing_that_runs(planned, field, value):
    """What a file shows does not matter: only the digest of what would run now does."""
    plan = json.loads((planned.root / "plan.json").read_text())
    assert field in plan
    planned.write("plan.json", json.dumps(plan | {field: value}))

    before = planned.emulator.history.last
    ran = planned.pmsync("apply", "plan.json")

    if field == "digest":
        assert ran.code == 6
        assert {one.method for one in planned.emulator.history.since(before)} == {"GET"}
    else:
        assert ran.code == 0, ran.text
        assert (planned.rows_of("events"), planned.rows_of("items")) == (3, 2)


@pytest.mark.parametrize(
    "options",
    [
        {"allow": ["delete:*"]},
        {"destroy": True},
        {"newState": False},
        {"select": ["o2c.items"]},
        {"assumeUploaded": ["*"]},
        {"variables": [["x", "y"]]},
    ],
    ids=lambda one: next(iter(one)),
)
def test_forged_options_are_not_what_was_approved(planned, options):
    plan = json.loads((planned.root / "plan.json").read_text())
    plan["options"] = plan["options"] | options
    planned.write("plan.json", json.dumps(plan))

    before = planned.emulator.history.last
    ran = planned.pmsync("apply", "plan.json")

    assert ran.code in {3, 6, 7, 64}, ran.text
    assert {one.method for one in planned.emulator.history.since(before)} <= {"GET"}
