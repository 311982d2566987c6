"""kill -9 of the real process at every moment of every request of the reference scenario.

    python -m verify.kill_points                every point, tenants that replace and that append, and chains
    python -m verify.kill_points --chain 3      only kills during the recovery of a kill, three in a row
    python -m verify.kill_points --only POINT   one point again, with everything that was said and sent

Prints one JSON line for each figure; what went wrong goes to stderr, each with the POINT that replays it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from faults.ground import SETUPS, Ground
from faults.killing import MOMENTS, Kill, Outcome, Point, points, tried
from faults.launcher import Launcher
from faults.scenario import PhaseName

from verify.metrics import Metrics, note, scratch

_GROUNDS: dict[str, Ground] = {}
"""Of one worker process, which tries one point after another."""

_STACK: Final = ExitStack()
_APPENDS: Final = "appends"
_LATE: Final = "late"


def _prepare(place: str) -> None:
    """Once in each worker: its own helper process, its own emulators, its own copies of every phase."""
    folder = Path(place) / multiprocessing.current_process().name
    launcher = _STACK.enter_context(Launcher())
    for setup in SETUPS.values():
        (folder / setup.name).mkdir(parents=True)
        _GROUNDS[setup.name] = Ground(setup, folder / setup.name, launcher)


def _requests(setup: str, phase: PhaseName) -> int:
    return _GROUNDS[setup].requests(phase)


def _try(point: Point) -> Outcome:
    return tried(_GROUNDS[point.setup], point)


def _chains(
    rng: random.Random, setup: str, phase: PhaseName, requests: int, *, length: int
) -> Iterator[Point]:
    """Kills in a row without end. A recovery is shorter than what was killed: later ones strike early."""
    while True:
        last = [0.7 * requests, *[max(4.0, 0.3 * requests)] * (length - 1)]
        kills = tuple(Kill(rng.randint(1, int(most)), rng.choice(MOMENTS)) for most in last)
        yield Point(setup, phase, kills, parallelism=rng.choice((1, 4)))


def _late_points(options: argparse.Namespace, pool: ProcessPoolExecutor) -> list[Point]:
    """Kills around uploads, where rows show only when no run waits for them any more."""
    phases: tuple[PhaseName, ...] = ("upload", "change", "whole")
    found = [
        one for phase in phases for one in points(_LATE, phase, pool.submit(_requests, _LATE, phase).result())
    ]
    return random.Random(options.seed).sample(found, options.late)


Counts = dict[tuple[str, PhaseName], int]


def _all_points(options: argparse.Namespace, counts: Counts) -> list[Point]:
    found = [point for (setup, phase), n in counts.items() for point in points(setup, phase, n)]
    random.Random(options.seed).shuffle(found)  # so that a part of them is a fair sample
    return found[: options.most or None]


def _some_chains(options: argparse.Namespace, counts: Counts, length: int) -> list[Point]:
    rng = random.Random(options.seed)
    sources = [_chains(rng, s, p, n, length=length) for (s, p), n in counts.items() if n > 10]
    return [next(sources[i % len(sources)]) for i in range(options.most or 240)]


def _judge(outcomes: Iterable[Outcome], metrics: Metrics, name: str, *, chain: int = 1, fewest: int) -> None:
    reached: set[tuple[object, ...]] = set()
    applies: Counter[int] = Counter()
    tried_on: Counter[str] = Counter()
    asked_on: Counter[str] = Counter()
    broken, began, seen = 0, time.monotonic(), 0
    for outcome in outcomes:
        seen += 1
        if outcome.reached >= chain:
            reached.add((outcome.point.setup, outcome.point.phase, outcome.point.kills))
        if outcome.reached:
            applies[outcome.applies] += 1
            tried_on[outcome.point.setup] += 1
            asked_on[outcome.point.setup] += outcome.asked
        if outcome.broken:
            broken += 1
            note(f"BROKEN {outcome.point}\n  " + "\n  ".join(outcome.broken))
        if seen % 200 == 0:
            note(f"{seen} tried, {broken} broken, {seen / (time.monotonic() - began):.1f} a second")
    metrics.at_least(f"{name}, distinct", len(reached), fewest)
    metrics.at_most(f"{name}, violations", broken, 0)
    metrics.at_most(f"{name}, applies to converge, most", max(applies, default=0), 2)
    metrics.fact(f"{name}, applies to converge, median", median(applies.elements()) if applies else 0)
    metrics.fact(f"{name}, answered with an honest question", asked_on.total())
    if chain == 1 and tried_on[_APPENDS]:
        share = asked_on[_APPENDS] / tried_on[_APPENDS]
        metrics.at_most(f"{name}, share that ends in a question where names append", share, 0.05)
    metrics.fact(f"{name}, a second", seen / (time.monotonic() - began))


def _replay(point: Point) -> int:
    with scratch() as place, _STACK:
        _prepare(str(place))
        outcome = _try(point)
    print(outcome.told or f"{point}: {outcome.reached} kills struck, {outcome.applies} applies, all well")
    for text in outcome.broken:
        print(f"BROKEN {text}")
    return 1 if outcome.broken else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="POINT", help="one point, as a failure names it")
    parser.add_argument("--chain", type=int, default=0, metavar="N", help="kills in a row")
    parser.add_argument(
        "--tenants", default="replaces,appends", help="of replaces, appends, unsaid, slow, late"
    )
    parser.add_argument("--most", type=int, default=0, metavar="N", help="a sample of so many")
    parser.add_argument("--late", type=int, default=40, metavar="N", help="kills where rows come late")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.only:
        return _replay(Point.parse(options.only))
    metrics = Metrics()
    context = multiprocessing.get_context("spawn")
    with (
        scratch() as place,
        ProcessPoolExecutor(options.jobs, context, initializer=_prepare, initargs=(str(place),)) as pool,
    ):
        setups = options.tenants.split(",")
        counts = {(s, p): pool.submit(_requests, s, p).result() for s in setups for p in SETUPS[s].phases}
        if not options.chain:
            _judge(
                pool.map(_try, _all_points(options, counts), chunksize=4), metrics, "kill points", fewest=1000
            )
        length, name = options.chain or 3, f"kill chains of {options.chain or 3}"
        chains = _some_chains(options, counts, length)
        _judge(pool.map(_try, chains, chunksize=4), metrics, name, chain=length, fewest=100)
        if options.late:
            name = "kill points, rows later than every timeout"
            _judge(pool.map(_try, _late_points(options, pool)), metrics, name, fewest=options.late)
    return metrics.exit_code


if __name__ == "__main__":
    sys.exit(main())
