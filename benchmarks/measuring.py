"""Runs programs and says what each took: wall and CPU seconds, and the most memory.

What is compared is run in turn, so that a busy moment of the machine hits all, after one run to warm up.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PYTHON: Final = sys.executable
PMSYNC: Final = str(Path(PYTHON).with_name("pmsync"))
_AT_MOST: Final = 90.0
"""Seconds that the turns of one comparison may take, the first not counted."""
NOTHING: Final = (PYTHON, "-c", "pass")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one piece of work took: seconds, and MiB (0 where it ran in this process)."""

    wall: float
    cpu: float
    memory: float = 0.0


@dataclass(frozen=True, slots=True)
class Medians:
    """What each work took in the median; `note` says of how many where they are fewer than asked for."""

    taken: Sequence[Taken]
    note: str

    def __iter__(self) -> Iterator[Taken]:
        return iter(self.taken)


@dataclass(frozen=True, kw_only=True)
class Program:
    """A call of a program, what it may say with its exit code, and what is put right before each run."""

    command: Sequence[str]
    environ: Mapping[str, str] | None = None
    folder: Path | None = None
    codes: tuple[int, ...] = (0,)
    before: Callable[[], object] = lambda: None

    def __call__(self) -> Taken:
        """Run it. Raises RuntimeError with what it said, where it did not end as it should."""
        self.before()
        began = time.perf_counter()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                self.command,
                env={**_surroundings(), **(self.environ or {})},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in self.codes:
                said.seek(0)
                end = said.read().decode(errors="replace")[-4000:]
                raise RuntimeError(f"{' '.join(self.command)} ended with {process.returncode}: {end}")
        return Taken(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _surroundings() -> dict[str, str]:
    """Ours, but compiled modules are kept, as where pmsync is installed: the warm-up makes them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def here(work: Callable[[], object]) -> Callable[[], Taken]:
    """Something done in this process."""

    def run() -> Taken:
        began, processor = time.perf_counter(), time.process_time()
        work()
        return Taken(time.perf_counter() - began, time.process_time() - processor)

    return run


def in_turn(*works: Callable[[], Taken], rounds: int) -> Medians:
    """The medians of each, measured in turn; the first turn only warms up.

    Where a turn takes long there are fewer of them, down to the first alone.
    """
    began = time.perf_counter()
    turns = [[work() for work in works]]
    affordable = int(_AT_MOST / (time.perf_counter() - began))
    count = min(rounds, affordable)
    turns += [[work() for work in works] for _ in range(count)]
    medians = [_median(taken) for taken in zip(*turns[1 if count else 0 :], strict=True)]
    return Medians(medians, "" if count >= rounds else f"median of {count or 1}")


def _median(taken: Sequence[Taken]) -> Taken:
    return Taken(
        statistics.median(one.wall for one in taken),
        statistics.median(one.cpu for one in taken),
        statistics.median(one.memory for one in taken),
    )
