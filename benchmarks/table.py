"""The rows of the one table that `make bench` prints, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a benchmark is told: a folder of its own, the worlds that all share, and how much to do."""

    folder: Path
    worlds: Path
    rounds: int
    quick: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: `value` is a ratio to what it is measured against, `goal` the most it may be.

    Where `against` is a unit (MiB, fsyncs), value and goal are so many of them. Value None: it could not be
    measured, `note` says why, and the goal is not met.
    """

    name: str
    work: str
    against: str
    value: float | None
    goal: float
    note: str = ""

    @property
    def met(self) -> bool:
        return self.value is not None and self.value <= self.goal


def printed(rows: Iterable[Row]) -> list[Row]:
    """Print each row as soon as it is measured."""
    kept = []
    print(f"{'':6} {'work':58} {'against':46} {'ratio':>8} {'goal':>7}")
    for row in rows:
        value = "-" if row.value is None else f"{row.value:.2f}"
        end = " ".join(filter(None, ("" if row.met else " MISSED", row.note and f" {row.note}")))
        print(
            f"{row.name:6} {row.work:58} {row.against:46} {value:>8} {row.goal:7.2f} {end}".rstrip(),
            flush=True,
        )
        kept.append(row)
    return kept


def written(rows: Sequence[Row], path: Path) -> None:
    """The same as JSON."""
    body = [{**asdict(row), "met": row.met} for row in rows]
    path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
