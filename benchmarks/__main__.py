"""Measure what pmsync costs and print one table: `python -m benchmarks --only B3,B13 --quick`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from benchmarks import creating, growth, loading, planning, source_checks, starting
from benchmarks.table import Row, Told, printed, written

BENCHMARKS: Final[dict[str, Callable[[Told], Iterator[Row]]]] = {
    "B1": starting.b1,
    "B2": loading.b2,
    "B3": planning.b3,
    "B4": planning.b4,
    "B8": source_checks.b8,
    "B10": creating.b10,
    "B12": growth.b12,
    "B13": growth.b13,
    "B14": starting.b14,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, help=f"some of {', '.join(BENCHMARKS)}, with commas")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try whether all goes well")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken (default: 5)")
    parser.add_argument("--json", type=Path, help="write the rows there as well")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    told = parser.parse_args()
    if told.quick:
        print("Small sizes: the goals are not for these.\n")
    rows = printed(_measured(told))
    if told.json:
        written(rows, told.json)


def _names(text: str) -> list[str]:
    names = text.upper().split(",")
    if unknown := set(names) - set(BENCHMARKS):
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}")
    return names


def _measured(told: argparse.Namespace) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(dir=told.folder) as name:
        folder = Path(name).resolve()
        for benchmark in told.only or BENCHMARKS:
            own = folder / benchmark
            own.mkdir()
            yield from BENCHMARKS[benchmark](
                Told(folder=own, worlds=folder / "worlds", rounds=told.rounds, quick=told.quick)
            )


if __name__ == "__main__":
    main()
