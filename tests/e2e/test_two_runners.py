"""Two clones of one repository: on one machine they share state and lock, on two they see each other's work."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults.launcher import Process

from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault

ONE = "  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n"
AGAIN = ("apply", "-e", "dev", "--auto-approve")
APPLY = (*AGAIN, "--new-state")


@dataclass(frozen=True)
class Clone:
    """A clone on a machine: what stands in `machine` is where that machine keeps its memory."""

    repo: object
    machine: dict

    def run(self, *words):
        ran = self.repo.pmsync(*words, env=self.machine)
        return ran.code, ran.text

    def start(self, *words):
        output = self.repo.root.parent / f"said-{self.repo.root.name}"
        env = {**os.environ, **self.repo.environ, "NO_COLOR": "1", "COLUMNS": "200", **self.machine}
        return Going(self.repo.launcher.start(*words, cwd=self.repo.root, env=env, output=output), output)


@dataclass(frozen=True)
class Going:
    """A run under way."""

    process: Process
    output: Path

    def end(self):
        return self.process.wait(120), self.output.read_text(encoding="utf-8")


@pytest.fixture
def emulator(start_emulator):
    return start_emulator(show_tree=True)


@pytest.fixture
def on(make_repo, emulator, csv, tmp_path):
    """Makes a clone on the machine of this name."""

    def clone(name, machine):
        repo = make_repo(name, emulator)
        repo.project()
        repo.write("a.csv", csv(3))
        repo.declare(ONE)
        return Clone(repo, {"PMSYNC_STATE_DIR": str(tmp_path / machine)})

    return clone


def _made(clone):
    return [node for node in clone.repo.live.nodes() if node.name == "o2c"]


def _hold(emulator, method):
    """Hold up the next such request of whoever sends it."""
    emulator.faults.add(Fault(Pause(), method=method, occurrence=1, phase="before-commit"))


def test_two_clones_on_one_machine_make_one_dataset_one_after_the_other(on):
    one, two = on("one", "here"), on("two", "here")
    assert one.run(*APPLY)[0] == 0
    code, said = two.run(*AGAIN)
    assert code == 0, said
    assert "converged" in said.splitlines()
    assert len(_made(one)) == 1
    assert one.repo.rows_of("events") == 3


def test_two_clones_on_one_machine_at_once_are_one_run_and_a_locked_one(on, emulator):
    one, two = on("one", "here"), on("two", "here")
    _hold(emulator, "POST")
    first = one.start(*APPLY)
    paused = emulator.faults.wait_paused()
    code, said = two.run(*APPLY)
    paused.release()
    assert code == 5, said
    assert first.end()[0] == 0
    assert len(_made(one)) == 1


def test_a_duplicate_of_two_machines_is_named_by_who_ends_last_and_ever_after(on, emulator):
    one, two = on("one", "here"), on("two", "there")
    _hold(emulator, "POST")
    first = one.start(*APPLY)
    paused = emulator.faults.wait_paused()
    two.run(*APPLY)
    paused.release()
    code, said = first.end()
    _are_both_named(code, said, one, two)


def test_a_duplicate_of_two_machines_is_named_also_where_who_began_last_ends_last(on, emulator):
    one, two = on("one", "here"), on("two", "there")
    _hold(emulator, "POST")
    first = one.start(*APPLY)
    held = emulator.faults.wait_paused()
    _hold(emulator, "PUT")
    second = two.start(*APPLY)
    uploading = emulator.faults.wait_paused()
    held.release()
    first.end()
    uploading.release()
    code, said = second.end()
    _are_both_named(code, said, one, two)


def _are_both_named(code, said, one, two):
    ids = [node.id for node in _made(one)]
    assert len(ids) == 2
    assert code == 0
    assert "converged, except o2c: duplicate dataset" in said
    for clone in (one, two):
        for words in (("plan", "-e", "dev"), AGAIN):
            code, said = clone.run(*words)
            assert code == 0, said
            assert all(one_id in said for one_id in ids)
            assert "is in sync" not in said
            assert "converged" not in said.splitlines()


def test_a_duplicate_that_somebody_deleted_is_said_no_more(on, emulator):
    one = on("one", "here")
    assert one.run(*APPLY)[0] == 0
    twin = one.repo.live.create_node("o2c")
    assert "1 duplicate" in one.run("plan", "-e", "dev")[1]
    one.repo.live.delete_node(twin.id)
    assert "is in sync" in one.run("plan", "-e", "dev")[1]
