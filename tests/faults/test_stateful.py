"""Ten thousand steps of random histories (verify/stateful.py takes as many as one likes)."""

from faults.machine import History
from hypothesis import HealthCheck, settings

QUICK = settings(
    max_examples=100,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Replacing(History):
    behaviours = (("replaces", "adds"),)


TestReplacing = Replacing.TestCase
TestReplacing.settings = QUICK
