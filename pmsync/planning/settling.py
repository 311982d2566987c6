"""Creates whose answer was lost: found again and written down before any other rule looks.

An announced create that has exactly one new match made it; of none nothing can be seen, so it is planned
again; several are for the user, as the API takes no idempotency key and promises no unique names. A match
must not be claimed: the ids that bore the name before were noted ahead of the request. Nor may it hold
anything: whoever loses the answer does not know the id to fill it. The name of a scratch dataset is drawn for
it alone, so of several each is ours: one is taken now, the others by the next plans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, OnRemoval
from pmsync.model.outcome import Drop, Entry, Put, Settle
from pmsync.model.plan import RecordState, Undecided
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.snapshot import NotShown
from pmsync.model.state import (
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Intent,
    IntentKind,
    Origin,
)
from pmsync.planning.announced import never_arrived
from pmsync.planning.inputs import World
from pmsync.planning.naming import canonical, canonical_path
from pmsync.planning.replacing import superseded
from pmsync.planning.wording import Ways, and_list


class Settled(Struct, frozen=True):
    """The world in which the creates that were found again are on record, and what writes them down."""

    world: World
    found: tuple[RecordState, ...] = ()


Matches = Callable[[World, Intent], list[str]]
Records = Callable[[World, Intent, str], tuple[Entry, ...]]


def settle_creates(world: World) -> Settled:
    """Folders first, then datasets, then datatables: each needs the ids of the one above."""
    found: list[RecordState] = []
    unsettled: dict[Address, Undecided] = {}
    for kind, matches, records in _KINDS:
        for intent in [one for one in world.state.intents if one.kind is kind]:
            ids = matches(world, intent)
            if len(ids) > 1 and not intent.address.reserved:
                unsettled[intent.address] = _several(world, intent, ids)
            elif not ids and _cannot_be_seen(world, intent):
                unsettled[intent.address] = _hidden(world, intent)
            elif ids:
                entries = records(world, intent, ids[0])
                change = _found(world, intent, ids[0], (*entries, *_settled(intent, ids)))
                found.append(change)
                world = world.after((change,))
    return Settled(replace(world, unsettled=unsettled), tuple(found))


def _found(world: World, intent: Intent, live_id: str, entries: tuple[Entry, ...]) -> RecordState:
    spec = world.inputs.manifest.datasets.get(intent.address.dataset_address)
    return RecordState(
        address=intent.address,
        reason=Reason(ReasonCode.SETTLED, "an earlier run made it; its answer was lost"),
        live_id=live_id,
        location=spec.location if spec else None,
        entries=entries,
    )


def _settled(intent: Intent, ids: list[str]) -> tuple[Entry, ...]:
    return (Settle(intent.kind, intent.address),) if len(ids) == 1 else ()


def _several(world: World, intent: Intent, ids: list[str]) -> Undecided:
    ways = Ways(world.inputs.environment.name)
    sentence = f"an earlier run made one of {len(ids)} of this name that are there: {and_list(ids)}"
    block = Block(
        BlockCode.UNSETTLED,
        sentence,
        tuple(ways.command(f"take {id_}", "import", intent.address, id_) for id_ in ids),
    )
    return Undecided(address=intent.address, reason=Reason(ReasonCode.AMBIGUOUS, sentence), block=block)


def _cannot_be_seen(world: World, intent: Intent) -> bool:
    """A folder in a tenant that shows none may have been made or not: made twice, nobody here could tell."""
    unknown = intent.address not in world.state.folders
    return intent.kind is IntentKind.CREATE_FOLDER and unknown and not world.snapshot.shows_tree


def _hidden(world: World, intent: Intent) -> Undecided:
    ways = Ways(world.inputs.environment.name)
    sentence = (
        "an earlier run asked for this folder and saw no answer, and ProcessMind's listing shows no folders: "
        "only a look there tells whether it was made"
    )
    there = ways.command("it is there: use it, by its id", "import", intent.address, "ID")
    absent = ways.command("it is not there: make it", "state", "forget", intent.address)
    block = Block(BlockCode.UNSETTLED, sentence, (there, absent))
    return Undecided(address=intent.address, reason=Reason(ReasonCode.ANSWER_LOST, sentence), block=block)


def _folders(world: World, intent: Intent) -> list[str]:
    if _is_live(world.state.folders.get(intent.address), world.snapshot.folders):
        return []
    wanted = canonical_path(intent.address.path)
    known = {record.id for record in world.state.folders.values()} | set(intent.ids_before)
    return sorted(
        id_ for id_ in world.snapshot.folders.keys() - known if world.folder_paths.get(id_) == wanted
    )


def _folder_record(_world: World, intent: Intent, live_id: str) -> tuple[Entry, ...]:
    return (Put(intent.address, FolderRecord(id=live_id, origin=Origin.CREATED)),)


def _datasets(world: World, intent: Intent) -> list[str]:
    half = world.state.datasets.get(intent.address)
    if world.is_replacing(intent.address) and _is_live(half, world.snapshot.datasets):
        return []  # a REPLACE has its new half already
    named = world.datasets_named.get(canonical(intent.display_name), ())
    return [
        live.id
        for live in world.unclaimed(named)
        if (isinstance(live.parent_id, NotShown) or live.parent_id == intent.parent_id)
        and (intent.address.reserved or not world.datatables_in.get(live.id))
    ]


def dataset_record(world: World, intent: Intent, live_id: str) -> tuple[Entry, ...]:
    """The new record. The create of a REPLACE says what it was to replace."""
    spec = world.inputs.manifest.datasets.get(intent.address)
    origin = _replaced(world, intent)
    earlier = world.state.datasets.get(origin or intent.address)
    old = superseded(world, origin) if origin else None
    record = DatasetRecord(
        id=live_id,
        display_name=intent.display_name,
        folder=world.folder_paths.get(
            intent.parent_id or "", spec.folder if spec and intent.parent_id else ()
        ),
        origin=Origin.CREATED,
        protect=bool(spec and spec.protect) or bool(earlier and earlier.protect),
        on_removal=_on_removal(spec),
        superseded=old,
    )
    drops = (Drop(one) for one in world.everything_below(origin or intent.address))
    return (*drops, Put(intent.address, record))


def _replaced(world: World, intent: Intent) -> Address | None:
    """Where the dataset is on record that this create was to replace; None if it was no REPLACE's."""
    records = world.state.datasets.items()
    return next((one for one, record in records if record.id == intent.target_id), None)


def _on_removal(spec: DatasetSpec | None) -> OnRemoval:
    """As for everything that pmsync makes: it goes with its block unless the manifest says otherwise."""
    return (spec.on_removal if spec else None) or OnRemoval.DELETE


def _datatables(world: World, intent: Intent) -> list[str]:
    dataset = world.state.datasets.get(intent.address.dataset_address)
    if dataset is None or dataset.id != intent.parent_id:
        return []
    if _is_live(world.state.datatables.get(intent.address), world.snapshot.datatables):
        return []
    named = world.tables_named(dataset.id, intent.display_name)
    return [one.id for one in named if one.id not in world.claimed and not one.row_count]


def _datatable_record(world: World, intent: Intent, live_id: str) -> tuple[Entry, ...]:
    record = DatatableRecord(id=live_id, display_name=intent.display_name, origin=Origin.CREATED)
    drops = (Drop(one) for one in world.everything_below(intent.address))
    return (*drops, Put(intent.address, record))


def _is_live(record: FolderRecord | DatasetRecord | DatatableRecord | None, live: Iterable[str]) -> bool:
    return record is not None and record.id in live


def came_to_nothing(world: World) -> tuple[Settle, ...]:
    """Announced mutations that did nothing, or whose effect is gone: a run that begins crosses them out.

    Right only once nothing of the earlier run can still arrive. What must still be decided stays open, and
    everything while the listing is doubted: what it lacks may be there.
    """
    if world.doubted:
        return ()
    return tuple(Settle(one.kind, one.address) for one in world.state.intents if _is_void(world, one))


def _is_void(world: World, intent: Intent) -> bool:
    match intent.kind:
        case IntentKind.DELETE:
            return intent.target_id in world.snapshot.datasets or intent.target_id not in world.claimed
        case IntentKind.UPLOAD:
            return never_arrived(world, intent)
        case IntentKind.CREATE_FOLDER | IntentKind.CREATE_DATASET | IntentKind.CREATE_DATATABLE:
            return intent.address not in world.unsettled and not _one_more(world, intent)
        case _:
            assert_never(intent.kind)


def _one_more(world: World, intent: Intent) -> bool:
    """Whether another scratch thing is there that this create could have made."""
    return intent.address.reserved and any(
        matches(world, intent) for kind, matches, _ in _KINDS if kind is intent.kind
    )


_KINDS: tuple[tuple[IntentKind, Matches, Records], ...] = (
    (IntentKind.CREATE_FOLDER, _folders, _folder_record),
    (IntentKind.CREATE_DATASET, _datasets, dataset_record),
    (IntentKind.CREATE_DATATABLE, _datatables, _datatable_record),
)
