"""Outcomes: what a step did to the state, as data that can be written ahead and replayed.

An outcome is a list of entries, each saying what now stands (or no longer stands) at an address. Saying
it twice changes nothing, so a journal may be replayed over a state that already has part of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, assert_never

from pmsync.model.address import Address
from pmsync.model.consent import Approval
from pmsync.model.state import (
    AppliedPlan,
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Record,
    State,
    UploadRecord,
)


@dataclass(frozen=True, slots=True)
class Put:
    """A record now stands at this address."""

    address: Address
    record: Record


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing is recorded at this address any more. What is below it has entries of its own."""

    address: Address


@dataclass(frozen=True, slots=True)
class Spend:
    """An approval has been used up."""

    approval: Approval


@dataclass(frozen=True, slots=True)
class Begin:
    """An apply of this plan began; `run` is its number."""

    run: int
    plan: AppliedPlan


Entry = Put | Drop | Spend | Begin


def fold(state: State, entries: Iterable[Entry]) -> State:
    """The state after these entries. Idempotent: folding the same entries again changes nothing."""
    folders, datasets = dict(state.folders), dict(state.datasets)
    datatables, uploads = dict(state.datatables), dict(state.uploads)
    spent, runs, applied = state.spent, state.runs, state.applied
    for entry in entries:
        match entry:
            case Put(address, record):
                match record:
                    case FolderRecord():
                        folders[address] = record
                    case DatasetRecord():
                        datasets[address] = record
                    case DatatableRecord():
                        datatables[address] = record
                    case UploadRecord():
                        uploads[address] = record
                    case _:
                        assert_never(record)
            case Drop(address):
                shelves: tuple[dict[Address, Any], ...] = (folders, datasets, datatables, uploads)
                for shelf in shelves:
                    shelf.pop(address, None)
            case Spend(approval):
                spent |= {approval}
            case Begin(run, plan):
                runs, applied = max(runs, run), plan
            case _:
                assert_never(entry)
    return replace(
        state,
        folders=folders,
        datasets=datasets,
        datatables=datatables,
        uploads=uploads,
        spent=spent,
        runs=runs,
        applied=applied,
    )
