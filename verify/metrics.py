"""How every proof says what it measured: one JSON line for each figure, with its goal."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
MEMORY: Final = Path("/dev/shm")


class Metrics:
    """The figures of one proof; each is printed as it is told."""

    def __init__(self) -> None:
        self._missed = 0

    def at_least(self, name: str, value: float, goal: float) -> None:
        self._tell(name, value, f">= {goal:g}", ok=value >= goal)

    def at_most(self, name: str, value: float, goal: float) -> None:
        self._tell(name, value, f"<= {goal:g}", ok=value <= goal)

    def fact(self, name: str, value: float) -> None:
        """A figure without a goal."""
        self._tell(name, value, None, ok=True)

    def _tell(self, name: str, value: float, goal: str | None, *, ok: bool) -> None:
        self._missed += not ok
        print(json.dumps({"metric": name, "value": round(value, 3), "goal": goal, "ok": ok}), flush=True)

    @property
    def exit_code(self) -> int:
        return 1 if self._missed else 0


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards; in memory where there is such a place: a disk proves nothing here."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="pmsync-", dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def note(text: str) -> None:
    """For people, beside the figures."""
    print(text, file=sys.stderr, flush=True)
