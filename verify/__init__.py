"""Proofs at full length: each module prints a JSON line for each metric, with its goal.

`make verify` runs all. A small sample of each is in tests/faults; docs/reliability.md has the last figures.
"""

import sys
from pathlib import Path

# The rig that the proofs and their samples share is in tests/faults, the models it uses beside the unit tests.
_TESTS = Path(__file__).parents[1] / "tests"
sys.path += [str(_TESTS), str(_TESTS / "unit" / "planning"), str(_TESTS / "unit" / "statestore")]
