"""Two to four applies of one environment at once: they never interleave, and none is forgotten.

And two machines with a state each: what they make twice, whoever ends last and every later plan names.

    python -m verify.concurrent              200 rounds
    python -m verify.concurrent --only SEED  the ten rounds that begin with that one

Prints one JSON line for each figure; what went wrong goes to stderr, with what replays it.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from faults.apart import Apart, race_apart
from faults.launcher import Launcher
from faults.racing import Round, race, track

from verify.metrics import Metrics, note, scratch

_ROUNDS: Final = 200
_ON_ONE_TENANT: Final = 10
_APART: Final = 60


def _some_rounds(first: int, place: Path, launcher: Launcher) -> list[Round]:
    """Ten rounds on a new tenant: the first of them creates everything."""
    with track(place / f"track-{first}", launcher) as scene:
        return [race(scene, seed) for seed in range(first, first + _ON_ONE_TENANT)]


def _apart(seed: int, place: Path, launcher: Launcher) -> Apart:
    return race_apart(place / f"apart-{seed}", launcher, seed)


def _judge_apart(found: list[Apart], metrics: Metrics) -> None:
    for one in found:
        if one.broken:
            note(f"BROKEN two machines, round {one.seed}\n  " + "\n  ".join(one.broken))
    metrics.at_least("two machines at once, rounds", len(found), _APART)
    metrics.at_least("two machines at once, names made twice", sum(one.doubled for one in found), 1)
    metrics.at_most("two machines at once, violations", sum(bool(one.broken) for one in found), 0)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=int, metavar="SEED", help="the ten rounds from this one on")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    metrics, began = Metrics(), time.monotonic()
    with scratch() as place, Launcher() as launcher, ThreadPoolExecutor(options.jobs) as pool:
        firsts = [options.only] if options.only is not None else range(0, _ROUNDS, _ON_ONE_TENANT)
        found = [
            one for some in pool.map(lambda it: _some_rounds(it, place, launcher), firsts) for one in some
        ]
        seeds = range(_APART) if options.only is None else range(0)
        apart = list(pool.map(lambda it: _apart(it, place, launcher), seeds))
    if options.only is None:
        _judge_apart(apart, metrics)
    broken = [one for one in found if one.broken]
    for one in broken:
        begin = one.seed - one.seed % _ON_ONE_TENANT
        note(f"BROKEN round {one.seed} (--only {begin})\n  " + "\n  ".join(one.broken))
    interleaved = [
        one for one in broken if any("interleave" in text or "stood still" in text for text in one.broken)
    ]
    metrics.at_least("concurrent applies, rounds", len(found), _ROUNDS if options.only is None else 1)
    metrics.at_most("concurrent applies, interleavings", len(interleaved), 0)
    metrics.at_most("concurrent applies, violations (lost updates among them)", len(broken), 0)
    metrics.at_least("concurrent applies, runs", sum(one.runners for one in found), 1)
    metrics.at_least("concurrent applies, locked out with exit 5", sum(one.locked_out for one in found), 1)
    metrics.at_least(
        "concurrent applies, served one after another", sum(one.won for one in found), len(found)
    )
    metrics.fact("concurrent applies, seconds", time.monotonic() - began)
    return metrics.exit_code


if __name__ == "__main__":
    sys.exit(main())
