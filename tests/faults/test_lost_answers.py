"""A sample of what `python -m verify.lost_answers` does two thousand times: creates that are never answered."""

import pytest

from faults.ground import SETUPS
from faults.losing import Size, lose_all


@pytest.mark.parametrize("setup", ["replaces", "appends"])
def test_creates_whose_answers_are_lost_are_made_once(launcher, tmp_path, setup):
    result = lose_all(3, SETUPS[setup], tmp_path, launcher, size=Size(names=1, places=3, tables=3))
    assert result.broken == (), f"python -m verify.lost_answers --only 3:{setup}\n{result.told}"
    assert result.duplicates == 0
    assert result.lost >= 14
