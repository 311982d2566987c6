"""What a person at a terminal sees and is asked. A pseudo terminal sits at both ends."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(project: Path, environ: dict[str, str]) -> Typed:
    """Runs pmsync at a terminal, types these lines, and gives the exit code and all that was shown."""

    def run(*arguments: str, lines: tuple[str, ...] = (), columns: int = 80, **env: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "pmsync", *arguments],
            cwd=project,
            env={**environ, "TERM": "xterm-256color", **env},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        os.write(ours, "".join(f"{line}\n" for line in lines).encode())
        shown = _everything(ours)
        os.close(ours)
        return process.wait(timeout=60), shown

    return run


def _everything(ours: int) -> str:
    shown = b""
    while True:
        try:
            block = os.read(ours, 65_536)
        except OSError:  # the last one who had the other end open is gone
            block = b""
        if not block:
            return shown.decode()
        shown += block


@pytest.fixture
def applied(project: Path, pmsync: Any) -> Path:
    assert pmsync("apply", "--auto-approve").code == 0
    return project


def test_apply_shows_the_plan_and_asks(typed: Typed) -> None:
    code, shown = typed("apply", lines=("y",))
    assert code == 0
    assert "Apply this plan?" in shown
    assert shown.rstrip().endswith("converged\x1b[0m")


@pytest.mark.parametrize("answer", ["n", "", "yes please"])
def test_anything_but_yes_is_no(typed: Typed, pmsync: Any, answer: str) -> None:
    code, shown = typed("apply", lines=(answer,))
    assert code == 3
    assert "declined" in shown
    assert "5 to create" in pmsync("plan").out


def test_the_end_of_the_input_is_no(typed: Typed) -> None:
    code, _ = typed("apply", lines=("\x04",))
    assert code == 3


def test_what_deletes_is_typed(applied: Path, typed: Typed) -> None:
    (applied / "manifests" / "returns.yaml").unlink()
    code, shown = typed("apply", lines=("returns", "y"))
    assert code == 0
    assert "type the address (returns) to delete it" in shown
    assert "deleted returns" in shown


@pytest.mark.parametrize("answer", ["y", "yes", "return", ""])
def test_a_nod_deletes_nothing(applied: Path, typed: Typed, pmsync: Any, answer: str) -> None:
    (applied / "manifests" / "returns.yaml").unlink()
    code, _ = typed("apply", lines=(answer, "y"))
    assert code == 3
    assert "Returns" in pmsync("ls").out


def test_bars_are_drawn_at_a_terminal_and_taken_away(typed: Typed) -> None:
    _, shown = typed("apply", "--auto-approve")
    assert "\x1b[?25l" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")


@pytest.mark.parametrize("env", [{"CI": "true"}, {"TERM": "dumb"}])
def test_nothing_live_is_drawn_in_ci_or_on_a_dumb_terminal(typed: Typed, env: dict[str, str]) -> None:
    _, shown = typed("apply", "--auto-approve", **env)
    assert "\x1b[?25l" not in shown
    assert "uploaded" in shown


def test_nothing_is_asked_in_ci(typed: Typed) -> None:
    code, shown = typed("apply", lines=("y",), CI="true")
    assert code == 3
    assert "Apply this plan?" not in shown


@pytest.mark.parametrize("columns", [80, 160])
def test_the_plan_fits_the_terminal(typed: Typed, columns: int) -> None:
    _, shown = typed("plan", "--color", "never", columns=columns)
    assert max(len(line) for line in shown.splitlines()) <= columns
    assert ("in Finance · nothing of this name and folder is there" in shown) is (columns == 160)


def test_colour_is_for_a_terminal_unless_no_color_is_set(typed: Typed) -> None:
    assert "\x1b[32m+" in typed("plan")[1]
    assert "\x1b[" not in typed("plan", NO_COLOR="1")[1]


def test_a_line_that_makes_no_sense_is_told_within_the_width(typed: Typed) -> None:
    code, shown = typed("plan", "--fromat", "x", columns=40)
    assert code == 64
    assert "error: there is no option '--fromat':\r\n  did you mean '--format' or '--report'?\r\n" in shown


def test_a_warning_is_told_within_the_width(typed: Typed) -> None:
    _, shown = typed("plan", "--allow", "delete:no-such-dataset", columns=40)
    lines = shown.split("\r\n")
    (at,) = [i for i, one in enumerate(lines) if one.startswith("warning: ")]
    assert all(len(one) <= 40 for one in lines[at : at + 2])
    assert "delete:no-such-dataset" in " ".join(lines[at : at + 2])


def test_help_keeps_to_a_narrow_terminal(typed: Typed) -> None:
    _, shown = typed("state", "--help", columns=40)
    assert [one for one in shown.split("\r\n") if len(one) > 40 and " pmsync " not in one] == []
