"""Every row of both tables that can be blocked is followed by a scenario, and nothing else is said of the rest."""

import pytest

from pmsync.model.reason import BlockCode, ReasonCode
from remedies import of_datasets, of_runs, of_sources
from remedies.scenario import Scenario

SCENARIOS = [one for book in (of_datasets, of_runs, of_sources) for one in book.scenario.scenarios]
ROWS = {row for one in SCENARIOS for row in one.rows}

NEVER_BLOCKED = {
    ReasonCode.SETTLED: "state only: what an earlier run made is there",
    ReasonCode.PARENT_ADOPTED: "agreed to with the dataset that it is in",
    ReasonCode.KEY_CHANGED: "state only",
    ReasonCode.IN_SYNC: "nothing to do",
    ReasonCode.RENAMED_EVERYWHERE: "state only",
    ReasonCode.RENAMED_LIVE: "drift: nothing is done about it",
    ReasonCode.SETTINGS_CHANGED: "state only",
    ReasonCode.SAME_CONTENT: "nothing to do",
    ReasonCode.ROWS_SEEN: "state only",
    ReasonCode.NAME_CHANGED: "state only",
}
"""Rows whose change is never held back, and why not."""


def test_there_are_more_than_a_hundred_and_twenty_scenarios() -> None:
    assert len(SCENARIOS) >= 120
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("code", ReasonCode)
def test_a_row_is_blocked_in_a_scenario_or_never_is(code: ReasonCode) -> None:
    blocked = any(row.split()[0] == code for row in ROWS)
    assert blocked != (code in NEVER_BLOCKED)


@pytest.mark.parametrize("code", BlockCode)
def test_whatever_blocks_a_change_does_so_in_a_scenario(code: BlockCode) -> None:
    assert any(row.split()[1] == code for row in ROWS)


@pytest.mark.parametrize("told", [one for one in SCENARIOS if not one.rows], ids=lambda one: one.name)
def test_a_scenario_without_a_blocked_row_says_so(told: Scenario) -> None:
    assert not told.mend
    assert not told.nothing_comes
