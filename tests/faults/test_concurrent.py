"""A sample of what `python -m verify.concurrent` does two hundred times: applies of one environment at once."""

from faults.racing import race, track


def test_applies_at_once_go_one_after_another_or_are_told_that_they_cannot(launcher, tmp_path):
    with track(tmp_path, launcher) as scene:
        for seed in range(4):
            outcome = race(scene, seed)
            assert outcome.broken == (), f"python -m verify.concurrent --only 0\n{outcome.broken}"
            assert outcome.won >= 1
