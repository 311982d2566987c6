"""Measure everything and print one table."""

from __future__ import annotations

import argparse
from itertools import chain
from pathlib import Path

from benchmarks import source_checks
from benchmarks.table import printed, written

MODULES = (source_checks,)
"""Each has `options(parser)`, which adds what it can be told, and `rows(told)`, which measures."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the rows there as well")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken")
    for module in MODULES:
        module.options(parser)
    told = parser.parse_args()
    rows = printed(chain.from_iterable(module.rows(told) for module in MODULES))
    if told.json:
        written(rows, told.json)


if __name__ == "__main__":
    main()
