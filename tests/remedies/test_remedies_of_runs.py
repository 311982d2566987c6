"""Every remedy of every blocked change that a run left leads on, typed as the plan says it."""

from collections.abc import Callable

import pytest

from remedies.of_runs import scenario
from remedies.scenario import Scenario


@pytest.mark.parametrize("told", scenario.parameters)
def test_every_remedy_leads_on(told: Scenario, leads_on: Callable[[Scenario], None]) -> None:
    leads_on(told)
