"""The same remedies in other hands: as processes at no terminal, as lines of approvals.yaml, as what notes say."""

import re
from collections.abc import Callable

import pytest

from remedies import of_datasets, of_runs, of_sources
from remedies.following import blocked, every_remedy, measure
from remedies.scenario import Scenario
from remedies.tenant import Manner
from remedies.world import APPROVALS, ENVIRONMENT, World

Begin = Callable[[Manner], World]
SCENARIOS = {one.name: one for book in (of_datasets, of_sources, of_runs) for one in book.scenario.scenarios}
APART = [
    "three datasets of their names are there and nobody manages them",
    "a dataset of an odd name is renamed in the manifest and by hand",
    "a protected dataset is declared no more",
    "a limit of deletions is reached",
    "a file of an odd name comes from an earlier upload",
    "the state is lost",
    "a nightly job finds all sorts of things",
]
"""Of every kind of remedy one, and what a shell could get wrong."""

TO_APPROVE = [
    one
    for one in SCENARIOS.values()
    if any(row.endswith((" consent", " pending")) for row in one.rows) and not one.options
]
NOTED = {
    "a twin of our dataset is there": lambda world: world.live.create("o"),
    "an entry is removed from the manifest": lambda world: world.events(append=False, feb="feb:9"),
}


@pytest.mark.parametrize("told", [SCENARIOS[name] for name in APART], ids=APART)
def test_every_remedy_leads_on_in_a_process_of_its_own(told: Scenario, world_of: Begin) -> None:
    world = world_of(told.manner)
    told.build(world)
    world.apart = True
    assert list(every_remedy(world, nothing_comes=told.nothing_comes, mend=told.mend)) == []


@pytest.mark.parametrize("told", TO_APPROVE, ids=lambda one: one.name)
def test_the_block_for_approvals_leads_on(told: Scenario, world_of: Begin) -> None:
    """What a plan prints to be pasted, pasted; then apply does what waited for that."""
    world = world_of(told.manner)
    told.build(world)
    before = world.plan()
    _paste_approvals(world)
    approved = world.plan()
    assert not [
        one for one in blocked(approved, pending=True) if one["block"]["code"] in {"consent", "pending"}
    ]
    world.apply(safe_only=bool(blocked(approved)), exits=None)
    assert measure(world.plan()) < measure(before), world.story


def _paste_approvals(world: World) -> None:
    text = world.call("plan", "-e", ENVIRONMENT).out
    (found,) = re.findall(r"^  (apiVersion: pmsync/v1\n(?:  .*\n)+)", text, re.MULTILINE)
    world.write(APPROVALS, found.replace("\n  ", "\n"))


@pytest.mark.parametrize("name", NOTED)
def test_what_a_note_says_takes_the_note_away(name: str, world_of: Begin) -> None:
    """What a run converges except for is gone once the command that is printed with it was typed."""
    world = world_of(Manner())
    world.events(jan="jan:10")
    world.apply()
    NOTED[name](world)
    world.apply("add-rows:*", exits=None)
    said = world.call("plan", "-e", ENVIRONMENT)
    commands = set(re.findall(r"pmsync state accept \S+ -e dev", said.out + said.err))
    assert commands, f"{said}"
    for command in commands:
        assert world.type(command).code == 0
    after = world.call("plan", "-e", ENVIRONMENT)
    assert not re.findall(r"pmsync state accept", after.out + after.err), f"{after}"
    assert "converged" in world.apply().out
