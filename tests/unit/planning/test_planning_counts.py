"""Planning takes work in proportion to what there is: nothing is searched through for each thing.

Counted are calls, not seconds, so that the outcome is the same on every machine.
"""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from planning_bench import Bench

from pmsync.loading.manifests import fault_of_display_name, fault_of_folder
from pmsync.planning.exporting import Rules, exported
from pmsync.planning.inputs import look_at

FEW, MANY = 40, 160
"""Datasets, each with two datatables of one file."""

RULES = Rules(display_name=fault_of_display_name, folder=fault_of_folder)

Work = Callable[[], object]


def managed(datasets: int) -> Bench:
    """So many datasets, all in sync."""
    bench = Bench()
    declare(bench, datasets)
    bench.apply()
    assert bench.is_in_sync()
    return bench


def declare(bench: Bench, datasets: int, *, key: str = "set", table: str = "table", first: int = 0) -> None:
    for number in range(first, first + datasets):
        names = {f"{table}{one}": f"table {one}" for one in range(2)}
        files = {one: {f"{number}-{one[-1]}.csv": f"content {number} {one[-1]}:10"} for one in names}
        bench.declare(f"{key}{number}", files, name=f"dataset {number}", named=names)


def undeclare(bench: Bench, datasets: int) -> None:
    for number in range(datasets):
        bench.undeclare(f"set{number}")


def nothing_changed(bench: Bench, _: int) -> Work:
    return bench.plan


def adding(bench: Bench, datasets: int) -> Work:
    """As many more as there are."""
    declare(bench, datasets, first=datasets)
    return bench.plan


def adding_one(bench: Bench, datasets: int) -> Work:
    declare(bench, 1, first=datasets)
    return bench.plan


def dataset_keys_changed(bench: Bench, datasets: int) -> Work:
    undeclare(bench, datasets)
    declare(bench, datasets, key="other")
    return bench.plan


def table_keys_changed(bench: Bench, datasets: int) -> Work:
    declare(bench, datasets, table="other")
    return bench.plan


def all_removed(bench: Bench, datasets: int) -> Work:
    undeclare(bench, datasets - 1)
    return bench.plan


def all_gone(bench: Bench, datasets: int) -> Work:
    """From the tenant, which then may only have been listed in part."""
    for dataset in list(bench.tenant.datasets):
        bench.tenant.delete_dataset(dataset)
    return bench.plan


def all_adopted(bench: Bench, _: int) -> Work:
    bench.state = None
    return lambda: bench.plan("adopt:*", assume=["*"])


def all_claimed(bench: Bench, datasets: int) -> Work:
    """Each name is declared once more under another key."""
    declared = dict(bench.specs)
    declare(bench, datasets, key="other")
    bench.specs |= declared
    return bench.plan


def an_export(bench: Bench, _: int) -> Work:
    inputs = bench.inputs()
    return lambda: exported(look_at(inputs), RULES)


SITUATIONS = (
    nothing_changed,
    adding,
    adding_one,
    dataset_keys_changed,
    table_keys_changed,
    all_removed,
    all_gone,
    all_adopted,
    all_claimed,
    an_export,
)


def calls(work: Work) -> int:
    """How many functions are called and generators entered while it works, those written in C included."""
    count = 0

    def profile(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.__name__)
def test_calls_grow_with_what_there_is_and_no_faster(situation: Callable[[Bench, int], Work]) -> None:
    few, many = (calls(situation(managed(size), size)) for size in (FEW, MANY))
    assert many / few <= 1.15 * MANY / FEW
