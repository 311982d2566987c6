"""A sample of what `python -m verify.kill_points` tries at every moment of every request.

A failure names its point: `python -m verify.kill_points --only POINT` tells the whole story of it.
"""

import pytest

from faults.killing import Point, tried

POINTS = (
    # each phase of the scenario, each moment of a request
    "appends/whole/1:receive/1",
    "replaces/create/3:after-commit/1",
    "appends/upload/5:after-commit/1",
    "appends/upload/31:receive/4",
    "replaces/change/9:mid-response/1",
    "appends/replace/4:after-commit/1",
    "replaces/replace/20:receive/4",
    "replaces/resume/22:before-commit/4",
    "appends/resume/17:after-commit/4",
    # what the whole proof once found
    "appends/create/4:mid-response/1",  # a folder that the tenant does not show is never made twice
    "replaces/replace/24:mid-response/1",  # the deleted old half of a REPLACE leaves nothing announced
    "replaces/delete/4:before-commit/1",  # nor does a dataset that was deleted
)

CHAINS = (
    "replaces/replace/15:after-commit+4:mid-response+3:mid-response/1",  # what may be there stays so when it is begun anew
    "replaces/whole/30:after-commit+12:before-commit+6:receive/4",
    "appends/replace/9:before-commit+5:after-commit+4:mid-response/1",
)


@pytest.mark.parametrize("text", [*POINTS, *CHAINS])
def test_a_killed_run_is_gone_on_with_and_nothing_is_lost_or_doubled(ground, text):
    point = Point.parse(text)
    outcome = tried(ground(point.setup), point)
    assert outcome.reached == len(point.kills)
    assert outcome.broken == (), f"python -m verify.kill_points --only {point}\n{outcome.told}"
