"""Random histories where it is known what uploads do (verify/stateful.py takes as many steps as one likes)."""

from faults.histories import KNOWN, histories_of


def test_two_thousand_steps_break_nothing():
    steps, _ = histories_of(KNOWN, examples=60)
    assert steps >= 2000
