"""B3 and B4: a plan in which everything is in sync, with a warm cache of digests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from benchmarks.floors import floor_of_a_plan, keep_listings
from benchmarks.manifests import LARGEST
from benchmarks.measuring import Taken, in_turn
from benchmarks.peers import octodns
from benchmarks.standin import asked
from benchmarks.table import Row, Told
from benchmarks.worlds import PLAN, in_sync

_FLOOR: Final = "events + json.loads + stat"
_PEER: Final = "octodns-sync of as many records"


def b3(told: Told) -> Iterator[Row]:
    """A whole plan against its floor and against octodns-sync."""
    size = 1_000 if told.quick else 10_000
    peer = octodns(told.folder / "octodns", size)
    with in_sync(told.worlds, size) as world:
        plan = world.pmsync(*PLAN)
        plan()
        gets = asked(world.url)["gets"]
        keep_listings(world.folder, world.url)
        works = [plan, floor_of_a_plan(world.folder), *([peer] if peer else [])]
        medians = in_turn(*works, rounds=told.rounds)
    whole, floor, *others = medians
    work, note = f"plan of {size:,} datatables in sync", medians.note
    yield Row("B3", work, f"{_FLOOR}, CPU", whole.cpu / floor.cpu, 6.0, note)
    yield Row("B3", work, f"{_FLOOR}, wall", whole.wall / floor.wall, 6.0, note)
    for other in others:
        yield Row("B3", work, f"{_PEER}, CPU", whole.cpu / other.cpu, 0.15, note)
        yield Row("B3", work, f"{_PEER}, wall", whole.wall / other.wall, 0.15, note)
    if not others:
        yield Row("B3", work, _PEER, None, 0.15, note="peer absent")
    yield Row("B3", work, "GET requests", gets, 2)
    yield Row("B3", work, "MiB", whole.memory, 150)


def b4(told: Told) -> Iterator[Row]:
    """The same at three sizes: what one datatable more costs among many, against among few."""
    sizes = (200, 1_000, 5_000) if told.quick else (1_000, 10_000, LARGEST)
    with ExitStack() as stack:
        worlds = [stack.enter_context(in_sync(told.worlds, size)) for size in sizes]
        medians = in_turn(*(world.pmsync(*PLAN) for world in worlds), rounds=told.rounds)
    small, middle, large = medians
    few = _each(small, middle, sizes[1] - sizes[0])
    many = _each(middle, large, sizes[2] - sizes[1])
    work = f"one datatable more in a plan, {sizes[1]:,} to {sizes[2]:,}"
    yield Row("B4", work, f"{sizes[0]:,} to {sizes[1]:,}, CPU", many / few, 1.1, medians.note)
    yield Row("B4", f"plan of {sizes[2]:,} datatables in sync", "MiB", large.memory, 600, medians.note)


def _each(small: Taken, large: Taken, more: int) -> float:
    return (large.cpu - small.cpu) / more
