"""The least that a plan of a manifest can cost: reading what it is made from, and doing nothing with it.

`python -m benchmarks.floors FOLDER` reads manifests, listings and the size of all sources of a project there.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import yaml

from benchmarks.measuring import PYTHON, Program
from benchmarks.standin import ROOT, TENANT

LISTINGS = ("datasets", "datatables")


def events(folder: Path) -> int:
    """One pass over PyYAML's C events of all manifests; how many there are."""
    count = 0
    for path in sorted((folder / "manifests").iterdir()):
        text = path.read_text()
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            count += 1
    return count


def keep_listings(folder: Path, url: str) -> None:
    """Both listings of the tenant as files."""
    for name in LISTINGS:
        with urlopen(Request(f"{url}/tenant/{TENANT}/{name}")) as answer:
            (folder / name).write_bytes(answer.read())


def floor_of_a_plan(folder: Path) -> Program:
    """The floor as a program, as the plan is one."""
    return Program(command=(PYTHON, "-m", "benchmarks.floors", str(folder)), folder=ROOT)


def main() -> None:
    """Read everything."""
    folder = Path(sys.argv[1])
    events(folder)
    for name in LISTINGS:
        json.loads((folder / name).read_bytes())
    for place, _, names in os.walk(folder / "data"):
        for name in names:
            os.stat(os.path.join(place, name))


if __name__ == "__main__":
    main()
