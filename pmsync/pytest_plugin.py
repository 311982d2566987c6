"""Fixtures for tests of any client of the API: an emulator, a tenant of it, and its fault script.

pytest loads this in every run of everybody who has pmsync installed: nothing may be imported here that costs
time, and the emulator only by a test that asks for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pmsync.emulator.byhand import ByHand
    from pmsync.emulator.script import Script
    from pmsync.emulator.server import RunningEmulator

_MARKER = "pm_emulator"


@dataclass(frozen=True, slots=True)
class PmTenant:
    """A tenant of a running emulator: what a client must be told, and a way behind the API."""

    id: str
    api_url: str
    key: str
    emulator: RunningEmulator

    @property
    def url(self) -> str:
        """Where the tenant's endpoints begin."""
        return f"{self.api_url}/tenant/{self.id}"

    @property
    def by_hand(self) -> ByHand:
        """The tenant as people change it in ProcessMind itself, behind the back of a client."""
        return self.emulator.by_hand(self.id)


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line(
        "markers", f"{_MARKER}(**settings): the settings of the emulator that pm_emulator starts."
    )


@pytest.fixture
def pm_emulator(request: pytest.FixtureRequest) -> Iterator[RunningEmulator]:
    """An emulator of this test's own, in memory; `@pytest.mark.pm_emulator(same_name="appends")` sets it."""
    from pmsync.emulator import server, settings  # noqa: PLC0415 - starlette and uvicorn

    marker = request.node.get_closest_marker(_MARKER)
    with server.running(settings.Settings(**(marker.kwargs if marker else {}))) as emulator:
        yield emulator


@pytest.fixture
def pm_tenant(pm_emulator: RunningEmulator) -> PmTenant:
    """A tenant nobody has used before."""
    from pmsync.emulator.settings import LOCAL_KEY  # noqa: PLC0415 - only where it is wanted

    return PmTenant(str(uuid.uuid4()), pm_emulator.api_url, LOCAL_KEY, pm_emulator)


@pytest.fixture
def pm_faults(pm_emulator: RunningEmulator) -> Script:
    """What is to go wrong in the emulator; empty at first."""
    return pm_emulator.faults
