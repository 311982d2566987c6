"""A tenant for attacks on a checkout, and the name by which the tests of this folder find each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from canary import KEY

from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import Settings


@pytest.fixture
def start_emulator() -> Iterator[Callable[..., RunningEmulator]]:
    with ExitStack() as stack:
        yield lambda **choices: stack.enter_context(running(Settings(**{"extra_key": KEY, **choices})))
