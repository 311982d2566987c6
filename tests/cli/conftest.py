"""Calls pmsync as a program: a process of its own, a folder of its own, an environment without surprises."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The variables of a call: nothing of the caller's but what a process needs to run."""
    kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


@pytest.fixture
def pmsync(tmp_path: Path, environ: dict[str, str]) -> Call:
    """Calls pmsync in the test's folder. `env=` adds variables, `stdin=` is what can be read."""

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
        return Ended(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def project(tmp_path: Path, pmsync: Call) -> Path:
    """A folder with the sample project in it."""
    assert pmsync("init").code == 0
    return tmp_path
