"""A sample of what `python -m verify.concurrent` does two hundred times: applies of one environment at once."""

import pytest

from faults.racing import race, track


@pytest.mark.parametrize("first", [0, 10])
def test_applies_at_once_go_one_after_another_or_are_told_that_they_cannot(launcher, tmp_path, first):
    with track(tmp_path, launcher) as scene:
        for seed in range(first, first + 3):
            outcome = race(scene, seed)
            assert outcome.broken == (), f"python -m verify.concurrent --only {first}\n{outcome.broken}"
            assert outcome.won >= 1
