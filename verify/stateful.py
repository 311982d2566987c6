"""Random histories of people, tenants, networks, disks and kills against a model: nothing is ever broken.

    python -m verify.stateful           200,000 steps from seed 1: of one commit it always says the same
        --steps N --seed S              others
        --only SEED                     the histories of one seed again; a broken one is made short

Prints one JSON line for each figure; what went wrong goes to stderr, with the SEED that replays it.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from multiprocessing import get_context
from typing import Final

from faults.histories import KNOWN, UNSURE, histories_of

from verify.metrics import Metrics, note

_GOAL: Final = 200_000
_EXAMPLES: Final = 100
"""Histories of one seed: some four thousand steps."""
_AT_A_TIME: Final = 8
"""So many seeds are taken before the steps are counted, whatever the number of jobs."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of the histories of one seed; `broken` is how one of them broke."""

    seed: int
    steps: int
    endings: Counter[str]
    broken: str = ""


def _histories(seed: int, *, shrink: bool = False) -> Found:
    behaviours = UNSURE if seed % 2 else KNOWN
    try:
        steps, endings = histories_of(behaviours, examples=_EXAMPLES, number=seed, shrink=shrink)
    except Exception as error:  # noqa: BLE001 - whatever it is, it broke
        return Found(seed, 0, Counter(), _told(error))
    return Found(seed, steps, endings)


def _told(error: Exception) -> str:
    """The steps that led there, then where it broke and how: the last lines are what one looks for."""
    where = "".join(traceback.format_tb(error.__traceback__)[-4:])
    return "\n".join((*getattr(error, "__notes__", ()), f"{where}{type(error).__name__}: {error}"))


def _all(first: int, steps: int, jobs: int) -> Iterator[Found]:
    """Seed after seed until it is enough; a broken one counts no steps.

    Each in a process of its own: what is drawn depends on what was drawn and imported before.
    """
    seeds, done = count(first), 0
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        while done < steps:
            for found in pool.map(_histories, islice(seeds, _AT_A_TIME)):
                done += found.steps or _EXAMPLES
                yield found
            note(f"{done:,} steps")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=int, metavar="SEED", help="one seed, as a failure names it")
    parser.add_argument("--steps", type=int, default=_GOAL)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if options.only is not None:
        found = _histories(options.only, shrink=True)
        print(found.broken or f"seed {found.seed}: {found.steps} steps, all well: {dict(found.endings)}")
        return 1 if found.broken else 0
    note(f"seeds from {options.seed} on")
    metrics, began = Metrics(), time.monotonic()
    steps, broken, endings = 0, 0, Counter[str]()
    for found in _all(options.seed, options.steps, options.jobs):
        steps, endings = steps + found.steps, endings + found.endings
        if found.broken:
            broken += 1
            note(f"BROKEN seed {found.seed} (--only {found.seed})\n{found.broken}")
    metrics.at_least("stateful model test, steps", steps, options.steps)
    metrics.at_most("stateful model test, seeds with a broken history", broken, 0)
    metrics.fact("stateful model test, first seed", options.seed)
    metrics.fact("stateful model test, applies", endings.total())
    metrics.fact("stateful model test, applies killed", endings["killed"])
    metrics.fact("stateful model test, steps a second", steps / (time.monotonic() - began))
    return metrics.exit_code


if __name__ == "__main__":
    sys.exit(main())
