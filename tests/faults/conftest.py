"""One prepared scenario for all samples of a session; preparing takes seconds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from faults.ground import SETUPS, Ground
from faults.launcher import Launcher


@pytest.fixture(scope="session")
def ground(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ground]:
    """The scenario on a tenant of that name, prepared once."""
    grounds: dict[str, Ground] = {}

    def of(setup: str) -> Ground:
        if setup not in grounds:
            folder: Path = tmp_path_factory.mktemp(setup)
            grounds[setup] = Ground(SETUPS[setup], folder, launcher)
        return grounds[setup]

    return of
