"""The rows of the one table that `make bench` prints, and the same as JSON."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: `value` is a ratio to what it is measured against, `goal` the most it may be."""

    name: str
    work: str
    against: str
    value: float
    goal: float

    @property
    def met(self) -> bool:
        return self.value <= self.goal


def in_turn(*works: Callable[[], object], rounds: int) -> list[float]:
    """The median seconds of each, in turn, so that a busy moment of the machine hits all; one to warm up."""
    times: list[list[float]] = [[] for _ in works]
    for turn in range(rounds + 1):
        for work, taken in zip(works, times, strict=True):
            began = time.perf_counter()
            work()
            if turn:
                taken.append(time.perf_counter() - began)
    return [statistics.median(taken) for taken in times]


def printed(rows: Iterable[Row]) -> list[Row]:
    """Print each row as soon as it is measured."""
    kept = []
    print(f"{'':6} {'work':58} {'against':34} {'ratio':>7} {'goal':>6}")
    for row in rows:
        mark = "" if row.met else "  MISSED"
        print(
            f"{row.name:6} {row.work:58} {row.against:34} {row.value:7.2f} {row.goal:6.2f}{mark}", flush=True
        )
        kept.append(row)
    return kept


def written(rows: Sequence[Row], path: Path) -> None:
    """The same as JSON."""
    body = [{**asdict(row), "met": row.met} for row in rows]
    path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
