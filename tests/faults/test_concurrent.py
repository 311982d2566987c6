"""A sample of what `python -m verify.concurrent` does two hundred times: applies of one environment at once."""

from faults.apart import race_apart
from faults.racing import race, track


def test_applies_at_once_go_one_after_another_or_are_told_that_they_cannot(launcher, tmp_path):
    with track(tmp_path, launcher) as scene:
        for seed in range(4):
            outcome = race(scene, seed)
            assert outcome.broken == (), f"python -m verify.concurrent --only 0\n{outcome.broken}"
            assert outcome.won >= 1


def test_what_two_machines_make_twice_is_named_by_who_ends_last_and_ever_after(launcher, tmp_path):
    for seed in range(3):
        outcome = race_apart(tmp_path / str(seed), launcher, seed)
        assert outcome.broken == ()
