"""Where results and progress go, and that a signal is answered at once: a terminal, files, and both in one."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from e2e_terminal import at_terminal, everything, in_files, started, terminal

from pmsync.emulator.faultactions import Answer, Pause
from pmsync.emulator.faults import Fault

APPLY = ("apply", "-e", "dev", "--auto-approve", "--new-state", "--parallelism", "1")
TWO = "  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n      notes: {}\n"
DONE = "uploaded o2c.events/a.csv"
FAILED = "failed: create o2c.notes"


@pytest.fixture
def failing(repo: Any, csv: Any) -> Any:
    """One datatable of two cannot be made."""
    repo.write("a.csv", csv(3))
    repo.declare(TWO)
    refuse = Fault(action=Answer(409, {"message": "no"}), endpoint="datatables.create", occurrence=2)
    repo.emulator.faults.add(refuse)
    return repo


def in_words(text: str) -> str:
    """Without colour, and on one line."""
    return " ".join(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", " ", text).split())


def test_both_streams_in_one_pipe_say_each_result_once(failing: Any) -> None:
    process = started(
        failing, *APPLY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = process.communicate(timeout=60)[0].decode()
    assert (said.count("✓ created o2c "), said.count(FAILED)) == (1, 1)


def test_both_streams_at_one_terminal_say_each_result_once(failing: Any) -> None:
    _, screen, _ = at_terminal(failing, *APPLY)
    said = in_words(screen.text())
    assert (said.count("✓ created o2c "), said.count(FAILED)) == (1, 1)


def test_in_two_files_each_has_it_all(failing: Any, tmp_path: Any) -> None:
    _, out, err = in_files(failing, tmp_path, *APPLY)
    for said in (out, err):
        assert (said.count("✓ created o2c "), said.count(FAILED)) == (1, 1)


def test_results_in_a_file_are_whole_beside_bars_at_a_terminal(failing: Any, tmp_path: Any) -> None:
    ours, theirs = terminal(80)
    with (tmp_path / "out").open("wb") as out:
        process = started(failing, *APPLY, stdin=theirs, stdout=out, stderr=theirs)
    os.close(theirs)
    shown = everything(ours)
    process.wait(60)
    said = (tmp_path / "out").read_text()
    assert (said.count("✓ created o2c "), said.count(FAILED)) == (1, 1)
    assert "created o2c " in shown


def test_a_quiet_run_in_one_pipe_has_its_results_in_the_report(failing: Any) -> None:
    process = started(
        failing, "-q", *APPLY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = process.communicate(timeout=60)[0].decode()
    assert (said.count("✓ created o2c "), said.count(FAILED)) == (1, 1)


@pytest.fixture
def paused(repo: Any, csv: Any) -> Any:
    """An upload stands still until the test lets it go."""
    repo.write("a.csv", csv(3))
    repo.declare("  o2c:\n    datatables:\n      events: {sources: [a.csv]}\n")
    repo.emulator.faults.add(Fault(action=Pause(), endpoint="upload.put", phase="after-commit"))
    return repo


def interrupted(repo: Any, *more: int, columns: int = 80) -> tuple[int, str, str]:
    """An apply at a terminal that gets Ctrl-C in its upload (and these signals); the screen and what was written."""

    def stop(process: subprocess.Popen[bytes], wait_for: Callable[[str], None]) -> None:
        request = repo.emulator.faults.wait_paused(30)
        for number in (signal.SIGINT, *more):
            process.send_signal(number)
        if not more:
            wait_for("stopping:")
            request.release()

    code, screen, written = at_terminal(repo, *APPLY, columns=columns, meanwhile=stop)
    assert screen.cursor_shown
    return code, screen.text(), written


def test_ctrl_c_says_what_is_finished_first_on_lines_of_its_own(paused: Any) -> None:
    code, shown, written = interrupted(paused)
    assert code == 130
    (start,) = [i for i, line in enumerate(shown.split("\n")) if "stopping" in line]
    told = in_words(" ".join(shown.split("\n")[start : start + 3]))
    assert told.startswith(
        "stopping: nothing new is started; upload o2c.events/a.csv gets up to 5 s to end "
        "(a second signal stops at once) ✓ uploaded"
    )
    assert written.index("stopping:") < written.index("not converged")


def test_a_second_ctrl_c_leaves_no_bar_and_no_hidden_cursor(paused: Any) -> None:
    code, shown, _ = interrupted(paused, signal.SIGINT)
    assert code == 130
    last = shown.rstrip("\n").split("\n")[-1]
    assert last == "interrupted: the next run finds out what became of what was under way"
    assert "━" not in shown


def test_a_lost_state_is_said_in_one_sentence_before_its_plan(repo: Any, csv: Any) -> None:
    repo.write("a.csv", csv(3))
    repo.declare("  o2c: {datatables: {events: {sources: [a.csv]}}}\n  p2p: {}\n  new: {}\n")
    for name in ("o2c", "p2p"):
        repo.live.create_node(name)
    process = started(
        repo, "plan", "-e", "dev", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    lines = process.communicate(timeout=60)[0].decode().splitlines()
    (at,) = [i for i, line in enumerate(lines) if "no state was found" in line]
    assert lines[at].startswith(
        "warning: no state was found for environment dev, but ProcessMind holds 2 of the 3 declared datasets: "
        "if it was lost, bring it back first (pmsync state push FILE"
    )
    assert "--new-state" in lines[at]
    assert lines[at + 1].startswith("environment dev")


def test_a_first_run_is_told_of_new_state_and_of_nothing_live(repo: Any) -> None:
    repo.declare("  o2c: {}\n")
    ran = repo.pmsync("plan")
    assert "no state was found for environment dev: if it was lost" in ran.stderr
