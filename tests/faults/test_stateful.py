"""Random histories where it is known what uploads do (verify/stateful.py takes as many steps as one likes)."""

from faults.histories import KNOWN, histories_of


def test_five_thousand_steps_break_nothing():
    steps, _ = histories_of(KNOWN, examples=140)
    assert steps >= 5000
