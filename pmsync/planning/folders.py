"""Folders (TreeGroups): which must be made, which are used as they are.

A folder holds no data and the API deletes none alone, so an existing one of the right path is used and
recorded as adopted without a question. Where the listing shows no TreeGroup at all, the record is
believed: the vendor's API reference does not promise that listings show the tree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pmsync.model.address import Address, FolderPath, matches_any
from pmsync.model.outcome import Put
from pmsync.model.plan import AnyChange, CreateDataset, CreateFolder, NoOp, RecordState, Replace, Undecided
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.snapshot import RemoteFolder
from pmsync.model.state import FolderRecord, Origin
from pmsync.planning.inputs import World
from pmsync.planning.naming import canonical, canonical_path
from pmsync.planning.wording import Ways, and_list


def folder_changes(world: World, told: Collection[Address] = ()) -> tuple[AnyChange, ...]:
    """One change for each folder that a declared dataset is in, from the root down.

    `told`: addresses whose records this plan is to write down first.
    """
    wanted = sorted(_wanted(spec.folder for spec in world.inputs.manifest.datasets.values()))
    live_by_path: dict[FolderPath, list[RemoteFolder]] = {}
    for id_ in sorted(world.snapshot.folders):
        path = world.folder_paths.get(id_)
        if path is not None:
            live_by_path.setdefault(path, []).append(world.snapshot.folders[id_])
    changes: list[AnyChange] = []
    awaited = set(told)
    for path in wanted:
        change = _folder_change(world, path, live_by_path.get(canonical_path(path), []), awaited)
        changes.append(change)
        if not isinstance(change, NoOp):
            awaited.add(change.address)
    return tuple(changes)


def needed_folders(changes: Iterable[AnyChange], named: tuple[str, ...] = ()) -> tuple[AnyChange, ...]:
    """The changes without the folders that nothing is made in (and that are not `named` by a glob).

    A folder is declared by being some dataset's place; a dataset that is there already needs none made.
    """
    found = tuple(changes)
    wanted: set[Address] = set()
    for change in reversed(found):
        in_use = isinstance(change, CreateFolder) and change.address in wanted
        if in_use or isinstance(change, CreateDataset | Replace):
            wanted.update(change.requires)
    return tuple(
        change
        for change in found
        if not isinstance(change, CreateFolder)
        or change.address in wanted
        or matches_any(change.address, named)
    )


def _wanted(declared: Iterable[FolderPath]) -> set[FolderPath]:
    return {path[:depth] for path in declared for depth in range(1, len(path) + 1)}


def _folder_change(
    world: World, path: FolderPath, live: list[RemoteFolder], awaited: Collection[Address]
) -> AnyChange:
    address = Address.folder(path)
    if address in world.unsettled:
        return world.unsettled[address]
    record = world.state.folders.get(address)
    if record is not None:
        if not world.snapshot.shows_folders:
            return NoOp(address=address, reason=Reason(ReasonCode.IN_SYNC, "in the state"), live_id=record.id)
        shown = world.snapshot.folders.get(record.id)
        if shown is not None:
            return _kept(address, shown)
    match live:
        case []:
            return _create(world, address, path, awaited)
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
    if canonical(shown.display_name) != canonical(address.path[-1]):
        drift = f"it is called '{shown.display_name}' in ProcessMind now"
    reason = Reason(ReasonCode.IN_SYNC if not drift else ReasonCode.RENAMED_LIVE, "used by its id")
    return NoOp(address=address, reason=reason, live_id=shown.id, drift=drift)


def _create(world: World, address: Address, path: FolderPath, awaited: Collection[Address]) -> CreateFolder:
    parent = Address.folder(path[:-1]) if len(path) > 1 else None
    sentence = "no folder of this path is there"
    if not world.snapshot.shows_tree and not world.inputs.emulated:
        what_then = if_unseen(world.inputs.environment.name, address)
        sentence = f"no folder is shown: one of this name may be there unseen; {what_then}"
    return CreateFolder(
        address=address,
        reason=Reason(ReasonCode.NEW, sentence),
        requires=(parent,) if parent is not None and parent in awaited else (),
        display_name=path[-1],
        parent=parent,
    )


def if_unseen(environment: str, address: Address) -> str:
    """What to do about a folder that may be there although the tenant does not show it."""
    known = Ways(environment).typed("import", address, "ID")
    return f"if so, {known} (if its id is known), or leave out folder: and move the dataset by hand"


def _ambiguous(world: World, address: Address, ids: tuple[str, ...]) -> Undecided:
    ways = Ways(world.inputs.environment.name)
    block = Block(
        BlockCode.DECISION,
        f"{len(ids)} folders of this path are there: {and_list(ids)}",
        tuple(ways.command(f"use {id_}", "import", address, id_) for id_ in ids),
    )
    reason = Reason(ReasonCode.AMBIGUOUS, "several folders have this path")
    return Undecided(address=address, reason=reason, block=block)
