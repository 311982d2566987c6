"""Creates whose answers are lost after they were carried out: not one is made twice.

    python -m verify.lost_answers                 2,000 of them, folders shown and hidden
    python -m verify.lost_answers --only SEED:TENANT

Prints one JSON line for each figure; what went wrong goes to stderr, with what replays it.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Final

from faults.ground import SETUPS
from faults.launcher import Launcher
from faults.losing import Lost, lose_all

from verify.metrics import Metrics, note, scratch

_GOAL: Final = 2000
_TENANTS: Final = ("replaces", "appends")


def _lose(seed: int, tenant: str, place: Path, launcher: Launcher) -> Lost:
    return lose_all(seed, SETUPS[tenant], place / f"{tenant}-{seed}", launcher)


def _judge(results: list[Lost], seconds: float) -> Metrics:
    metrics = Metrics()
    broken = [one for one in results if one.broken]
    for one in broken:
        note(f"BROKEN {one.seed}:{one.setup}\n  " + "\n  ".join(one.broken))
    metrics.at_least("lost answers to creates", sum(one.lost for one in results), _GOAL)
    metrics.at_most("lost answers, things created twice", sum(one.duplicates for one in results), 0)
    metrics.at_most("lost answers, violations", len(broken), 0)
    shown = [one.applies for one in results if one.setup == "replaces"]
    metrics.at_most("lost answers, applies needed where folders are shown, most", max(shown), 2)
    metrics.fact("lost answers, seconds", seconds)
    return metrics


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="SEED:TENANT", help="one repository, as a failure names it")
    parser.add_argument("--jobs", type=int, default=6)
    options = parser.parse_args()
    began = time.monotonic()
    with scratch() as place, Launcher() as launcher:
        if options.only:
            seed, _, tenant = options.only.partition(":")
            one = _lose(int(seed), tenant, place, launcher)
            print("\n".join((one.told, *one.broken)) or f"{one.lost} lost, all well")
            return 1 if one.broken else 0
        results: list[Lost] = []
        seeds = count(1)
        with ThreadPoolExecutor(options.jobs) as pool:
            while sum(one.lost for one in results) < _GOAL:
                batch = [(next(seeds), tenant) for _ in range(options.jobs) for tenant in _TENANTS]
                results += pool.map(lambda it: _lose(*it, place, launcher), batch)
    return _judge(results, time.monotonic() - began).exit_code


if __name__ == "__main__":
    sys.exit(main())
