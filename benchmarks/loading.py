"""B2: to load and validate manifests, against one pass over the events of the same text.

`python -m benchmarks.loading WHAT FOLDER` does one of the two once and prints what it took, without imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks.floors import events
from benchmarks.manifests import write_manifests, write_project
from benchmarks.measuring import PYTHON, Taken, here, in_turn
from benchmarks.standin import ROOT
from benchmarks.table import Row, Told
from pmsync.loading.repository import Wish, load


def b2(told: Told) -> Iterator[Row]:
    """Both in processes of their own: what one leaves behind must not slow down the other."""
    for size in (1_000, 2_000) if told.quick else (1_000, 10_000):
        folder = told.folder / str(size)
        write_project(folder, "http://127.0.0.1:1")
        write_manifests(folder, size)
        works = partial(_apart, "events", folder), partial(_apart, "load", folder)
        medians = in_turn(*works, rounds=told.rounds)
        floor, loading = medians
        work = f"load manifests of {size:,} datatables"
        yield Row("B2", work, "C events of the same text, CPU", loading.cpu / floor.cpu, 2.5, medians.note)


def _apart(what: str, folder: Path) -> Taken:
    command = (PYTHON, "-m", "benchmarks.loading", what, str(folder))
    said = subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout
    return Taken(**json.loads(said))


def main() -> None:
    """One of the two, once."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    config = str(folder / "pmsync.yaml")
    wish = Wish(environment=None, may_default=True, variables={}, environ={})
    work = partial(events, folder) if what == "events" else partial(load, config, wish)
    print(json.dumps(asdict(here(work)())))


if __name__ == "__main__":
    main()
