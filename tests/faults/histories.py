"""Runs the state machine: so many histories from a seed, and what came of them."""

from __future__ import annotations

from collections import Counter
from typing import Final

from faults.machine import History
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

Behaviours = tuple[tuple[str, str], ...]
KNOWN: Final[Behaviours] = (("replaces", "adds"),)
UNSURE: Final[Behaviours] = (("appends", "adds"), ("unknown", "unknown"), ("replaces", "unknown"))
_STEPS_EACH: Final = 50


def histories_of(
    behaviours: Behaviours, *, examples: int, number: int | None = None, shrink: bool = True
) -> tuple[int, Counter[str]]:
    """Run so many histories; how many steps that were, and how their applies ended.

    `number` is the seed; without one the same histories come each time. Raises what a broken one raises, with
    its steps as notes.
    """

    class Histories(History):
        pass

    Histories.behaviours = behaviours
    wanted = settings(
        max_examples=examples,
        stateful_step_count=_STEPS_EACH,
        deadline=None,
        database=None,
        derandomize=number is None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    machine = Histories if number is None else seed(number)(Histories)
    run_state_machine_as_test(machine, settings=wanted)
    return Histories.steps.total(), Histories.endings
