"""B12 and B13: what must not cost more for each thing the more things there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.manifests import LARGEST, add_manifest, write_manifests
from benchmarks.measuring import Program, in_turn
from benchmarks.standin import as_at_first
from benchmarks.table import Row, Told
from benchmarks.worlds import ADOPT, PLAN, World, in_sync

_HOOKS: Final = Path(__file__).parent / "hooks"
_APPLY: Final = ("apply", "-q", "--auto-approve", "--parallelism", "16")
_FEW: Final = 10
_CHANGED: Final = (0, 2, 3)
"""What a plan ends with where there is something to do."""


def b12(told: Told) -> Iterator[Row]:
    """Adding datatables to a tenant where few and where many are managed: CPU for each create."""
    new = 100 if told.quick else 1_000
    first, *others = (200, 1_000) if told.quick else (1_000, 10_000, LARGEST)
    least, _ = _for_each_create(told, first, new)
    for size in others:
        each, note = _for_each_create(told, size, new)
        yield Row(
            "B12", f"a create among {size:,} datatables", f"among {first:,}, CPU", each / least, 1.5, note
        )


def _for_each_create(told: Told, size: int, new: int) -> tuple[float, str]:
    """CPU seconds: what an apply with so many creates takes beyond one with a few; and a note.

    Both plan, look again at the end and rewrite the state: what that costs in a large tenant is B4's.
    """
    with in_sync(told.worlds, size) as world:
        apply = world.pmsync(*_APPLY)

        def to_create(count: int) -> None:
            world.put_back()
            write_manifests(world.folder, size)
            add_manifest(world.folder, count)
            as_at_first(world.url)

        few = replace(apply, before=partial(to_create, _FEW))
        many = replace(apply, before=partial(to_create, _FEW + new))
        medians = in_turn(few, many, rounds=told.rounds)
        world.put_back()
        write_manifests(world.folder, size)
    idle, busy = medians
    return (busy.cpu - idle.cpu) / new, medians.note


def b13(told: Told) -> Iterator[Row]:
    """Work on everything at two sizes, start-up taken off; and how often it flushes to the disk."""
    sizes = (200, 1_000) if told.quick else (2_000, 10_000)
    with ExitStack() as stack:
        tiny, small, large = (stack.enter_context(in_sync(told.worlds, size)) for size in (1, *sizes))
        for work, prepared in _WORKS.items():
            works = tiny.pmsync(*PLAN), prepared(small), prepared(large)
            medians = in_turn(*works, rounds=told.rounds)
            start, few, many = medians
            ratio = (many.cpu - start.cpu) / (few.cpu - start.cpu)
            yield Row(
                "B13", f"{work}: {sizes[1]:,} datatables", f"{sizes[0]:,}, CPU", ratio, 6.0, medians.note
            )
        for work in _FLUSHED:
            count = _flushes(_WORKS[work](large), told.folder)
            yield Row("B13", f"{work}: {sizes[1]:,} datatables", "fsyncs", count, 100)
        for world in (small, large):
            world.put_back()
            write_manifests(world.folder, world.datatables)


def _plan(prepare: Callable[[World], object]) -> Callable[[World], Program]:
    return lambda world: replace(world.pmsync(*PLAN, codes=_CHANGED), before=lambda: _begin(world, prepare))


def _apply(prepare: Callable[[World], object]) -> Callable[[World], Program]:
    return lambda world: replace(world.pmsync(*_APPLY), before=lambda: _begin(world, prepare))


def _begin(world: World, prepare: Callable[[World], object]) -> None:
    world.put_back()
    write_manifests(world.folder, world.datatables)
    prepare(world)


def _other_dataset_keys(world: World) -> None:
    write_manifests(world.folder, world.datatables, dataset_key="renamed")


def _other_table_keys(world: World) -> None:
    write_manifests(world.folder, world.datatables, table_key="renamed")


def _nearly_nothing(world: World) -> None:
    """All but one dataset removed: a project without any is an error."""
    write_manifests(world.folder, 1)


def _adopting(world: World) -> Program:
    return replace(world.pmsync(*ADOPT), before=lambda: _begin(world, World.forget))


def _exporting(world: World) -> Program:
    return replace(world.pmsync("export", "-q"), before=lambda: _begin(world, lambda _: None))


_WORKS: Final[dict[str, Callable[[World], Program]]] = {
    "plan, all dataset keys changed": _plan(_other_dataset_keys),
    "plan, all table keys changed": _plan(_other_table_keys),
    "plan, all removed": _plan(_nearly_nothing),
    "apply, all dataset keys changed": _apply(_other_dataset_keys),
    "apply, all table keys changed": _apply(_other_table_keys),
    "apply, all adopted": _adopting,
    "export": _exporting,
}
_FLUSHED: Final = (
    "apply, all dataset keys changed",
    "apply, all table keys changed",
    "apply, all adopted",
)


def _flushes(program: Program, folder: Path) -> int:
    """How often the program flushes to the disk."""
    counted = folder / "flushes"
    hooks = {"PYTHONPATH": str(_HOOKS), "BENCH_FLUSHES": str(counted)}
    replace(program, environ={**(program.environ or {}), **hooks})()
    return int(counted.read_text())
