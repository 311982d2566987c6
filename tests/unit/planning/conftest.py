"""A bench for each test: one environment beside a model tenant (planning_bench.py, planning_tenant.py)."""

import pytest
from planning_bench import Bench


@pytest.fixture
def bench() -> Bench:
    """Nothing declared, nothing live, no state; uploads replace the same name and add under another."""
    return Bench()


@pytest.fixture
def settled() -> Bench:
    """`o` with one datatable `events` of ten January rows, applied: in sync."""
    one = Bench()
    one.declare("o", {"events": {"jan.csv": "jan:10"}})
    one.apply()
    assert one.is_in_sync()
    return one
