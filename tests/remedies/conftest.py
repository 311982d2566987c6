"""Worlds for scenarios: one clock and one emulator of each manner for all tests of a file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.launcher import Launcher

from remedies.clock import Clock
from remedies.following import every_remedy, rows_of
from remedies.scenario import Scenario
from remedies.tenant import Emulators, Manner, emulators
from remedies.world import World

Led = Callable[[Scenario], None]


@pytest.fixture(scope="module")
def _emulators() -> Iterator[Emulators]:
    clock = Clock()
    with emulators(clock) as started, clock.of_the_command():
        yield started


@pytest.fixture
def world_of(tmp_path: Path, _emulators: Emulators, launcher: Launcher) -> Callable[[Manner], World]:
    return lambda manner: World(tmp_path, _emulators.empty(manner), launcher)


@pytest.fixture
def leads_on(world_of: Callable[[Manner], World]) -> Led:
    """Plays a scenario, and follows each remedy of the plan that it ends with."""

    def play(scenario: Scenario) -> None:
        world = world_of(scenario.manner)
        scenario.build(world)
        found = rows_of(world.plan(*scenario.options))
        if found != scenario.rows:
            pytest.fail(f"blocked is {sorted(found)}{world.story}", pytrace=False)
        stuck = list(
            every_remedy(
                world,
                options=scenario.options,
                nothing_comes=scenario.nothing_comes,
                mend=scenario.mend,
            )
        )
        if stuck:
            pytest.fail("\n\n".join(stuck), pytrace=False)

    return play
