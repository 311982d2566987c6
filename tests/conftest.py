"""Calls pmsync in a folder of its own and an environment without surprises: as a program, or as a function."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from canary import KEY, must_not_hold, must_not_tell
from faults.launcher import Launcher
from whereabouts import folders_in

from pmsync.cli.main import run

ROOT = Path(__file__).parents[1]

# A shared machine may be slow at any moment, and no test here is about time.
hypothesis.settings.register_profile(
    "pmsync", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("pmsync")

# Under nohup a SIGHUP is ignored, here and in every process that is started: pmsync then leaves it so.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Starts the command as real processes that have imported everything."""
    with Launcher() as started:
        yield started


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test starts without saying where it remembers, remembers neither in a home nor in the cache of one."""
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in folders_in(tmp_path_factory.mktemp("stray")).items():
            patch.setenv(name, folder)
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with a committed file beside the test.

    With PMSYNC_WRITE_GOLDEN=1 in the environment it writes the file.
    """

    def compare(name: str, text: str) -> None:
        path = request.path.parent / "golden" / name
        if os.environ.get("PMSYNC_WRITE_GOLDEN") == "1":
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the calls of one test remember: outside every project."""
    return tmp_path_factory.mktemp("memory")


@pytest.fixture
def environ(tmp_path: Path, memory: Path) -> dict[str, str]:
    """The variables of a call: nothing of the caller's but what a process needs to run, and a key to hide."""
    kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_CONFIG") if name in os.environ}
    hidden = {"PMSYNC_API_KEY_ELSEWHERE": KEY}
    home = {"HOME": str(tmp_path), **folders_in(memory)}
    return {**kept, **hidden, **home, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


@pytest.fixture
def program(tmp_path: Path, environ: dict[str, str]) -> Call:
    """Calls pmsync as a process of its own. `env=` adds variables, `stdin=` is what can be read."""

    def call(*arguments: str, env: dict[str, str] | None = None, stdin: str = "", cwd: Any = None) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "pmsync", *arguments],
            cwd=cwd or tmp_path,
            env={**environ, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        must_not_tell(done.stdout + done.stderr)
        return Ended(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture(scope="session")
def in_process() -> Call:
    """Calls pmsync as its `main` would, in a folder and an environment of its own: faster than a program."""
    return _called


def _called(folder: Path, *arguments: str, environ: Mapping[str, str], stdin: str = "") -> Ended:
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        stray = {name: os.environ[name] for name in folders_in(folder)}
        for name in os.environ:
            patch.delenv(name)
        for name, value in {**stray, **environ}.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        # Where a temporary folder goes is remembered by the process.
        patch.setattr(tempfile, "tempdir", None)
        code = run(arguments)
    must_not_tell(out.getvalue() + err.getvalue())
    return Ended(code, out.getvalue(), err.getvalue())


@pytest.fixture
def nothing_secret_is_left(tmp_path: Path, memory: Path) -> Iterator[None]:
    """Whatever the test makes pmsync write, no secret is in it."""
    yield
    must_not_hold(tmp_path)
    must_not_hold(memory)
