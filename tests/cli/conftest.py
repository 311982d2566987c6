"""The program, called in the test's folder, and the sample project in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from whereabouts import only_state_folder_in

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def searched(nothing_secret_is_left: None) -> None:
    """Every test here is searched for secrets."""


@pytest.fixture
def pmsync(tmp_path: Path, environ: dict[str, str], in_process: Call) -> Call:
    """Calls pmsync in this process, in the test's folder."""

    def call(*arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> Any:
        return in_process(tmp_path, *arguments, environ={**environ, **(env or {})}, stdin=stdin)

    return call


@pytest.fixture
def state_folder(memory: Path) -> Callable[[str], Path]:
    """Finds where the state of an environment is, once there is one."""
    return lambda environment: only_state_folder_in(memory, environment)


@pytest.fixture
def project(tmp_path: Path, pmsync: Call) -> Path:
    """A folder with the sample project in it."""
    assert pmsync("init").code == 0
    return tmp_path
