"""Bugs that somebody could make, planted one at a time: the tests catch every one, or they prove nothing.

    python -m verify.planted               all of them
    python -m verify.planted --only NAME   some, by a part of their names

Each is a text in one file that is replaced in a copy of the tree; the named tests must then fail. Prints one
JSON line for each figure; a bug that was not caught, or whose text is not there any more, goes to stderr.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from verify.bugs import BUGS, Bug
from verify.metrics import ROOT, Metrics, note, scratch

_GOAL: Final = 25
_TREES: Final = ("pmsync", "tests", "examples", "schema", "docs")
_FILES: Final = ("pyproject.toml", "README.md", "CHANGELOG.md")
_LONGEST: Final = 240.0
_NO_TESTS_RAN: Final = frozenset({2, 3, 4, 5})
"""pytest's exit codes for everything but failed tests: then nothing was caught."""


def planted(bug: Bug, place: Path) -> str:
    """What became of one bug: empty where it was caught."""
    tree = place / bug.name.replace(" ", "-").replace("/", "-")
    tree.mkdir()
    for name in _TREES:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _FILES:
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, tree / name)
    file = tree / bug.file
    text = file.read_text(encoding="utf-8")
    if text.count(bug.old) != 1:
        return f"its text stands {text.count(bug.old)} times in {bug.file}, not once"
    file.write_text(text.replace(bug.old, bug.new), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *bug.tests],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ""  # tests that never end are noticed by whoever waits for them
    finally:
        shutil.rmtree(tree, ignore_errors=True)
    if done.returncode == 1:
        return ""
    if done.returncode in _NO_TESTS_RAN:
        return f"its tests could not run:\n{done.stdout[-1500:]}{done.stderr[-500:]}"
    return f"not caught by {' '.join(bug.tests)}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="NAME", default="", help="a part of the names")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    metrics, began = Metrics(), time.monotonic()
    bugs = [bug for bug in BUGS if options.only in bug.name]
    caught = 0
    with scratch() as place, ThreadPoolExecutor(options.jobs) as pool:
        for bug, problem in zip(bugs, pool.map(lambda it: planted(it, place), bugs), strict=True):
            caught += not problem
            note(f"NOT CAUGHT {bug.name}: {problem}" if problem else f"caught {bug.name}")
    if not options.only:
        metrics.at_least("planted bugs", len(bugs), _GOAL)
    metrics.at_least("planted bugs, caught", caught, len(bugs))
    metrics.fact("planted bugs, seconds", time.monotonic() - began)
    return metrics.exit_code


if __name__ == "__main__":
    sys.exit(main())
