"""Proofs at full length: each module prints one JSON line for each metric, with its goal.

`make verify` runs all. A small sample of each is in tests/faults. Figures of the last full run are in
docs/reliability.md.
"""

import sys
from pathlib import Path

# The rig that the proofs and their samples share is in tests/faults.
sys.path.append(str(Path(__file__).parents[1] / "tests"))
