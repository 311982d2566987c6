"""Second live things of a managed name in the same place: what two runs with a state each leave behind.

Nothing is done about them, since only somebody who looks into both can say which is to stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from pmsync.model.address import Address
from pmsync.model.notes import Duplicate
from pmsync.model.state import DatasetRecord, DatatableRecord
from pmsync.planning.inputs import World
from pmsync.planning.wording import Ways, and_list


def duplicates(world: World) -> tuple[Duplicate, ...]:
    """Every managed dataset and datatable beside which others of its name are live, by address.

    What nobody accepted counts; the old half of a REPLACE is on record and none.
    """
    return (*_datasets(world), *_datatables(world))


def twins_in_words(found: Duplicate, ways: Ways) -> str:
    """What is there twice, and what to do about it."""
    kind, others = found.address.kind, and_list(found.others)
    sentence = f"duplicate {kind}: {found.live_id} is managed, {others} is not"
    if found.certain:
        delete = "look into both in ProcessMind, and delete the wrong one there"
        return f"{sentence}; {delete}, or let both stay: {ways.typed('state', 'accept', found.address)}"
    return f"{sentence}, and ProcessMind does not show whether it is in the same folder"


def _datasets(world: World) -> Iterator[Duplicate]:
    for address, record in sorted(world.state.datasets.items()):
        if record.id in world.snapshot.datasets:
            named = world.candidates(record.display_name, record.folder)
            yield from _duplicate(world, address, record, [live.id for live in named])


def _datatables(world: World) -> Iterator[Duplicate]:
    for address, record in sorted(world.state.datatables.items()):
        live = world.snapshot.datatables.get(record.id)
        if live is not None:
            named = world.tables_named(live.dataset_id, record.display_name)
            yield from _duplicate(world, address, record, [one.id for one in named])


def _duplicate(
    world: World, address: Address, record: DatasetRecord | DatatableRecord, named: list[str]
) -> Iterator[Duplicate]:
    others = {one for one in named if one not in world.claimed} - {*record.accepted_duplicates}
    if others:
        shown = all(
            one not in world.snapshot.datasets or world.folder_of(world.snapshot.datasets[one]) is not None
            for one in others
        )
        yield Duplicate(address, record.id, tuple(sorted(others)), certain=shown)
