"""How an apply looks from its first line to its last: at terminals of three widths, and in files.

With PMSYNC_WRITE_GOLDEN=1 in the environment the golden files are written anew.
"""

import re
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from e2e_terminal import at_terminal, in_files

from pmsync.emulator.faultactions import Answer, Pause
from pmsync.emulator.faults import Fault

APPLY = ("apply", "-e", "dev", "--auto-approve", "--new-state", "--parallelism", "1")
MANIFEST = """  order-to-cash:
    displayName: Order to Cash
    datatables:
      events:
        displayName: Order events
        sources:
          - {path: data/events-2023.csv, mode: append}
          - {path: data/events-2024-of-all-plants.csv, mode: append}
      notes: {}
"""


@dataclass(frozen=True)
class Scene:
    """What goes wrong, whether Ctrl-C comes in the middle, and the exit code."""

    fault: Fault | None
    code: int
    stopped: bool = False
    lag: float = 0.0


SCENES = {
    "success": Scene(None, 0),
    "failure": Scene(Fault(Answer(409, {"message": "Name is taken"}), endpoint="datatables.create"), 1),
    "stuck": Scene(None, 4, lag=3600),
    "ctrl-c": Scene(Fault(Pause(), endpoint="upload.put", phase="after-commit"), 130, stopped=True),
}


@pytest.fixture
def stage(make_repo: Any, start_emulator: Any, csv: Any) -> Callable[[Scene], Any]:
    def make(scene: Scene) -> Any:
        repo = make_repo(emulator=start_emulator(ingestion_lag=scene.lag))
        repo.project()
        project = (repo.root / "pmsync.yaml").read_text()
        repo.write("pmsync.yaml", project.replace("20s", "1s" if scene.lag else "20s"))
        repo.write("data/events-2023.csv", csv(12))
        repo.write("data/events-2024-of-all-plants.csv", csv(8, 13))
        repo.declare(MANIFEST)
        if scene.fault:
            repo.emulator.faults.add(scene.fault)
        return repo

    return make


def _meanwhile(repo: Any, scene: Scene) -> Callable[[subprocess.Popen[bytes], Callable[[str], None]], None]:
    """Ctrl-C while an upload is under way, which may end once it was answered."""

    def stop(process: subprocess.Popen[bytes], wait_for: Callable[[str], None]) -> None:
        if scene.stopped:
            request = repo.emulator.faults.wait_paused(30)
            process.send_signal(signal.SIGINT)
            wait_for("stopping:")
            request.release()

    return stop


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("columns", [40, 80, 160])
def test_at_a_terminal_it_looks_as_it_did(stage: Any, golden: Any, name: str, columns: int) -> None:
    scene = SCENES[name]
    repo = stage(scene)
    code, screen, _ = at_terminal(repo, *APPLY, columns=columns, meanwhile=_meanwhile(repo, scene))
    assert code == scene.code
    golden(f"apply-{name}-{columns}-colour.txt", screen.text(colour=True))
    golden(f"apply-{name}-{columns}.txt", screen.text())


@pytest.mark.parametrize("name", SCENES)
def test_in_files_it_looks_as_it_did(stage: Any, golden: Any, tmp_path: Any, name: str) -> None:
    scene = SCENES[name]
    repo = stage(scene)
    code, out, err = in_files(repo, tmp_path, *APPLY, meanwhile=_meanwhile(repo, scene))
    assert code == scene.code
    golden(f"apply-{name}-file.txt", out)
    golden(f"apply-{name}-log.txt", err)


def test_without_colour_it_is_the_same_in_one_colour(stage: Any, golden: Any) -> None:
    _, screen, written = at_terminal(stage(SCENES["success"]), *APPLY, colour=False)
    golden("apply-success-80.txt", screen.text())
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", written)


def test_colour_may_be_had_in_a_file(stage: Any, tmp_path: Any) -> None:
    _, out, _ = in_files(stage(SCENES["success"]), tmp_path, "--color", "always", *APPLY)
    assert out.endswith("\x1b[32mconverged\x1b[0m\n")
