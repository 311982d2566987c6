"""Random histories of tenants that add where a name comes again, or of which nobody said what uploads do."""

from faults.histories import UNSURE, histories_of


def test_two_thousand_steps_break_nothing():
    steps, _ = histories_of(UNSURE, examples=60)
    assert steps >= 2000
