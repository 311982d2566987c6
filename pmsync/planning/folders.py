"""Folders (TreeGroups): which must be made, which are used as they are.

A folder holds no data and the API deletes none alone, so an existing one of the right path is used and
recorded as adopted without a question. Where the listing shows no TreeGroup at all, the record is
believed: the vendor's API reference does not promise that listings show the tree.
"""

from __future__ import annotations

from collections.abc import Iterable

from pmsync.model.address import Address, FolderPath
from pmsync.model.outcome import Put
from pmsync.model.plan import (
    AnyChange,
    Block,
    BlockCode,
    CreateFolder,
    NoOp,
    Reason,
    ReasonCode,
    RecordState,
    Undecided,
)
from pmsync.model.snapshot import RemoteFolder
from pmsync.model.state import FolderRecord, IntentKind, Origin
from pmsync.planning.inputs import World
from pmsync.planning.wording import Ways, and_list


def folder_changes(world: World) -> tuple[AnyChange, ...]:
    """One change for each folder that a declared dataset is in, from the root down."""
    wanted = sorted(_wanted(spec.folder for spec in world.inputs.manifest.datasets.values()))
    live_by_path: dict[FolderPath, list[RemoteFolder]] = {}
    for id_, folder in world.snapshot.folders.items():
        path = world.folder_paths.get(id_)
        if path is not None:
            live_by_path.setdefault(path, []).append(folder)
    return tuple(_folder_change(world, path, live_by_path.get(path, [])) for path in wanted)


def _wanted(declared: Iterable[FolderPath]) -> set[FolderPath]:
    return {path[:depth] for path in declared for depth in range(1, len(path) + 1)}


def _folder_change(world: World, path: FolderPath, live: list[RemoteFolder]) -> AnyChange:
    address = Address.folder(path)
    record = world.state.folders.get(address)
    if record is not None:
        if not world.snapshot.shows_folders:
            return NoOp(address=address, reason=Reason(ReasonCode.IN_SYNC, "on record"), live_id=record.id)
        shown = world.snapshot.folders.get(record.id)
        if shown is not None:
            return _kept(address, shown)
    elif settled := _settled(world, address, live):
        return settled
    match live:
        case []:
            return _create(world, address, path)
        case [folder]:
            entry = Put(address, FolderRecord(id=folder.id, origin=Origin.ADOPTED))
            sentence = "this folder is there already and is used as it is"
            reason = Reason(ReasonCode.LIVE_UNCLAIMED, sentence)
            return RecordState(address=address, reason=reason, live_id=folder.id, entries=(entry,))
        case _:
            return _ambiguous(world, address, tuple(folder.id for folder in live))


def _kept(address: Address, shown: RemoteFolder) -> NoOp:
    """A recorded folder that is live: datasets go into it by id, whatever it is called by now."""
    drift = ""
    if shown.display_name != address.path[-1]:
        drift = f"it is called '{shown.display_name}' in ProcessMind now"
    reason = Reason(ReasonCode.IN_SYNC if not drift else ReasonCode.RENAMED_LIVE, "used by its id")
    return NoOp(address=address, reason=reason, live_id=shown.id, drift=drift)


def _settled(world: World, address: Address, live: list[RemoteFolder]) -> AnyChange | None:
    """What became of a folder whose create was announced and never confirmed; None: nothing to be seen."""
    intent = world.intent(IntentKind.CREATE_FOLDER, address)
    if intent is None:
        return None
    new = [folder for folder in live if folder.id not in intent.ids_before]
    match new:
        case []:
            return None
        case [folder]:
            entry = Put(address, FolderRecord(id=folder.id, origin=Origin.CREATED))
            reason = Reason(ReasonCode.SETTLED, "an earlier run made it; its answer was lost")
            return RecordState(address=address, reason=reason, live_id=folder.id, entries=(entry,))
        case _:
            return _ambiguous(world, address, tuple(folder.id for folder in new), BlockCode.UNSETTLED)


def _create(world: World, address: Address, path: FolderPath) -> CreateFolder:
    parent = Address.folder(path[:-1]) if len(path) > 1 else None
    known = parent is None or parent in world.state.folders
    return CreateFolder(
        address=address,
        reason=Reason(ReasonCode.NEW, "no folder of this path is there"),
        requires=() if known or parent is None else (parent,),
        display_name=path[-1],
        parent=parent,
    )


def _ambiguous(
    world: World, address: Address, ids: tuple[str, ...], code: BlockCode = BlockCode.DECISION
) -> Undecided:
    ways = Ways(world.inputs.environment.name)
    block = Block(
        code,
        f"{len(ids)} folders of this path are there: {and_list(ids)}",
        tuple(ways.command(f"use {id_}", "import", address, id_) for id_ in ids),
    )
    reason = Reason(ReasonCode.AMBIGUOUS, "several folders have this path")
    return Undecided(address=address, reason=reason, block=block)
