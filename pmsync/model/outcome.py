"""Outcomes: what a step did to the state, as data that can be written ahead and replayed.

An outcome is a list of entries, each saying what now stands (or no longer stands) at an address. Saying
it twice changes nothing, so a journal may be replayed over a state that already has part of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from msgspec.structs import force_setattr, replace

from pmsync.model.address import Address, AnyAddress
from pmsync.model.consent import Approval
from pmsync.model.state import (
    AppliedPlan,
    AppliedRun,
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Intent,
    IntentKind,
    Record,
    State,
    UploadRecord,
)
from pmsync.model.written import Addressed, Count, Written


class Put(Addressed, frozen=True):
    """A record now stands at this address."""

    record: Record


class Drop(Addressed, frozen=True, tag_field="entry", tag="drop"):
    """Nothing is recorded at this address any more. What is below it has entries of its own."""


class Spend(Written, frozen=True, tag_field="entry", tag="spend"):
    """An approval has been used up."""

    approval: Approval


class Begin(Written, frozen=True, tag_field="entry", tag="begin"):
    """An apply of this plan began; `run` is its number. `last_apply`: when, and from which commit."""

    run: Count
    plan: AppliedPlan
    last_apply: AppliedRun | None = None


class Announce(Written, frozen=True, tag_field="entry", tag="announce"):
    """A mutation is about to be sent: on the disk before the request goes out."""

    intent: Intent


class Settle(Written, frozen=True, tag_field="entry", tag="settle"):
    """What became of the announced mutation of this kind at this address is known."""

    kind: IntentKind
    address: AnyAddress

    def __post_init__(self) -> None:
        """A file says it as a plain text."""
        force_setattr(self, "address", Address(self.address))


Entry = Put | Drop | Spend | Begin | Announce | Settle


def fold(state: State, entries: Iterable[Entry]) -> State:
    """The state after these entries. Idempotent: folding the same entries again changes nothing."""
    shelves: dict[type[Record], dict[Address, Any]] = {
        FolderRecord: dict(state.folders),
        DatasetRecord: dict(state.datasets),
        DatatableRecord: dict(state.datatables),
        UploadRecord: dict(state.uploads),
    }
    intents = {(intent.kind, intent.address): intent for intent in state.intents}
    spent, runs, applied, last_apply = state.spent, state.runs, state.applied, state.last_apply
    for entry in entries:
        match entry:
            case Put(address, record):
                shelves[type(record)][address] = record
            case Drop(address):
                for shelf in shelves.values():
                    shelf.pop(address, None)
            case Spend(approval):
                spent |= {approval}
            case Begin(run, plan, began):
                runs, applied, last_apply = max(runs, run), plan, began or last_apply
            case Announce(intent):
                intents[intent.kind, intent.address] = intent
            case Settle(kind, address):
                intents.pop((kind, address), None)
            case _:
                assert_never(entry)
    return replace(
        state,
        folders=shelves[FolderRecord],
        datasets=shelves[DatasetRecord],
        datatables=shelves[DatatableRecord],
        uploads=shelves[UploadRecord],
        intents=tuple(intents.values()),
        spent=spent,
        runs=runs,
        applied=applied,
        last_apply=last_apply,
    )
