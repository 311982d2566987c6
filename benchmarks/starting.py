"""B1 and B14: what a start costs, before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.measuring import NOTHING, PMSYNC, Program, in_turn
from benchmarks.table import Row, Told
from benchmarks.worlds import PLAN, in_sync

_PASS: Final = "python -c pass, CPU"
_MORE: Final = 3
"""Times as many rounds: each is short, and the spread is wide."""


def b1(told: Told) -> Iterator[Row]:
    """The version, the help, and what a shell is told while somebody types."""
    starts = {
        "pmsync --version": Program(command=(PMSYNC, "--version")),
        "pmsync --help": Program(command=(PMSYNC, "--help")),
        "completion of a command": _completing("pmsync pl", 1),
        "completion of an option": _completing("pmsync plan --sel", 2),
    }
    nothing = Program(command=NOTHING)
    medians = in_turn(nothing, *starts.values(), rounds=told.rounds * _MORE)
    floor, *others = medians
    for work, taken in zip(starts, others, strict=True):
        yield Row("B1", work, _PASS, taken.cpu / floor.cpu, 4.0, medians.note)


def b14(told: Told) -> Iterator[Row]:
    """A plan of one dataset: everything that a real command imports."""
    with in_sync(told.worlds, 1) as world:
        works = Program(command=NOTHING), world.pmsync(*PLAN)
        medians = in_turn(*works, rounds=told.rounds * _MORE)
    floor, plan = medians
    yield Row("B14", "plan of one datatable in sync", _PASS, plan.cpu / floor.cpu, 20.0, medians.note)


def _completing(words: str, word: int) -> Program:
    environ = {"_PMSYNC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(word)}
    return Program(command=(PMSYNC,), environ={**environ, "COMP_LINE": words})
