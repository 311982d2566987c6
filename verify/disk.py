"""The N-th system call under the state killed or failing, and a full disk: never torn, always gone on with.

    python -m verify.disk                  N = 1, 2, … of each call, until a run passes untouched; full disks
    python -m verify.disk --way files      without strace, through the seam under the state store
    python -m verify.disk --only STRIKE    one strike again, with everything that was said and sent

Prints one JSON line for each figure; what went wrong goes to stderr, with the STRIKE that replays it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Final

from faults.disks import CALLS, HOWS, Strike, Struck, Way, full, may_mount, strikes, struck, way_here
from faults.ground import SETUPS, Ground
from faults.launcher import Launcher
from faults.scenario import PhaseName

from verify.metrics import Metrics, note, scratch

_SETUP: Final = "replaces"
_PHASES: Final[tuple[PhaseName, ...]] = ("create", "replace", "delete")
"""A first run that makes everything; one that has the most kinds of steps; one that deletes."""

_GOAL: Final = 300
_FINE: Final = 4 * 1024
"""A page: a small disk is so many of them."""

_COARSE: Final = 32 * 1024
_LARGEST: Final = 512 * 1024
_GROUNDS: dict[str, Ground] = {}
"""Of one worker process, which tries one strike after another."""

_STACK: Final = ExitStack()


def _prepare(place: str) -> None:
    folder = Path(place) / multiprocessing.current_process().name
    folder.mkdir(parents=True)
    _GROUNDS[_SETUP] = Ground(SETUPS[_SETUP], folder, _STACK.enter_context(Launcher()))


def _all_of(what: tuple[PhaseName, str, str], way: Way) -> list[Struck]:
    phase, call, how = what
    return list(strikes(_GROUNDS[_SETUP], phase, call, how, way=way))


def _full(size: int, mounting: bool) -> Struck:  # noqa: FBT001 - as a pool calls it
    return full(_GROUNDS[_SETUP], "whole", size, mounting=mounting)


def _sizes() -> list[int]:
    """Page by page where it is too small, in larger steps above."""
    fine = range(_FINE, 128 * 1024, _FINE)
    return [*fine, *range(128 * 1024, _LARGEST + 1, _COARSE)]


def _broken(outcomes: Iterable[Struck]) -> int:
    found = [one for one in outcomes if one.broken]
    for one in found:
        note(f"BROKEN {one.what}\n  " + "\n  ".join(one.broken))
    return len(found)


def _judge_strikes(found: list[Struck], metrics: Metrics, way: Way) -> None:
    hit = [one for one in found if one.hit]
    name = f"disk ({way}), system calls killed or failing"
    metrics.at_least(f"{name}, distinct", len({one.what for one in hit}), _GOAL)
    metrics.at_most(f"{name}, violations", _broken(found), 0)
    metrics.at_most(f"{name}, applies to converge, most", max((one.applies for one in hit), default=9), 2)
    metrics.at_least(f"{name}, loops that ended untouched", sum(not one.hit for one in found), _loops())


def _loops() -> int:
    return len(_PHASES) * len(CALLS) * len(HOWS)


def _judge_sizes(found: list[Struck], metrics: Metrics, *, mounting: bool) -> None:
    name = f"full disk ({'small tmpfs' if mounting else 'RLIMIT_FSIZE'})"
    metrics.at_least(f"{name}, sizes up to 512 KiB", len(found), len(_sizes()))
    metrics.at_least(f"{name}, sizes that were too small", sum(one.hit for one in found), 3)
    metrics.at_most(f"{name}, violations", _broken(found), 0)
    metrics.at_most(f"{name}, applies to converge, most", max(one.applies for one in found), 2)


def _replay(text: str, way: Way) -> int:
    _prepare(str(_STACK.enter_context(scratch())))
    what, _, rest = text.rpartition("/")[2].partition(":")
    if what in {"tmpfs", "limit"}:
        outcome = _full(int(rest), what == "tmpfs")
    else:
        outcome = struck(_GROUNDS[_SETUP], Strike.parse(text), way=way)
    print(
        outcome.told or f"{outcome.what}: hit {outcome.hit}, exit {outcome.code}, {outcome.applies} applies"
    )
    for one in outcome.broken:
        print(f"BROKEN {one}")
    return 1 if outcome.broken else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--way", choices=("strace", "files"), help="the first that works here")
    parser.add_argument("--only", metavar="STRIKE", help="one strike, as a failure names it")
    parser.add_argument("--jobs", type=int, default=3)
    options = parser.parse_args()
    with scratch() as place, _STACK:
        way = options.way or way_here(place)
        if options.only:
            return _replay(options.only, way)
        metrics, began, mounting = Metrics(), time.monotonic(), may_mount()
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(options.jobs, context, initializer=_prepare, initargs=(str(place),)) as pool:
            loops = list(product(_PHASES, CALLS, HOWS))
            # The longest first, so that no worker is left alone with one in the end.
            loops.sort(key=lambda one: one[1] not in {"fsync", "write", "openat"})
            found = [one for some in pool.map(_all_of, loops, [way] * len(loops)) for one in some]
            _judge_strikes(found, metrics, way)
            sizes = _sizes()
            _judge_sizes(list(pool.map(_full, sizes, [mounting] * len(sizes))), metrics, mounting=mounting)
        metrics.fact("disk, seconds", time.monotonic() - began)
    return metrics.exit_code


if __name__ == "__main__":
    sys.exit(main())
