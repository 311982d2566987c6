"""What a plan is made from, and the indexes that every rule looks things up in.

Everything here is derived once per plan, in time proportional to what is there. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pmsync.model.address import Address, FolderPath
from pmsync.model.consent import Approval
from pmsync.model.manifest import Manifest
from pmsync.model.plan import PlanningOptions
from pmsync.model.project import Environment
from pmsync.model.snapshot import NOT_SHOWN, NotShown, RemoteDataset, RemoteDatatable, Snapshot
from pmsync.model.source import SourceFile, SourceFiles
from pmsync.model.state import Binding, Intent, IntentKind, State, UploadRecord
from pmsync.planning.consent import Granted


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Manifest, state and snapshot, in this order everywhere, and what the user asked for.

    `sources` is None under `--no-data`. `still_here` are the sha256 of contents that could be loaded
    from here: the declared files and, for what might be deleted, the files once uploaded.
    """

    environment: Environment
    binding: Binding
    emulated: bool
    manifest: Manifest
    sources: SourceFiles | None
    still_here: frozenset[str]
    state: State | None
    snapshot: Snapshot
    options: PlanningOptions = field(default_factory=PlanningOptions)
    approvals: frozenset[Approval] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The inputs with their indexes. `state` is empty, not None, where there is none yet."""

    inputs: Inputs
    state: State
    granted: Granted
    claimed: frozenset[str]
    folder_paths: Mapping[str, FolderPath]
    datasets_named: Mapping[str, tuple[RemoteDataset, ...]]
    datatables_in: Mapping[str, tuple[RemoteDatatable, ...]]
    records_in: Mapping[Address, tuple[Address, ...]]
    uploads_in: Mapping[Address, Mapping[Address, UploadRecord]]
    half_gone: bool = False

    @property
    def snapshot(self) -> Snapshot:
        return self.inputs.snapshot

    def files(self, datatable: Address) -> tuple[SourceFile, ...]:
        """The datatable's source files; none under `--no-data`."""
        return () if self.inputs.sources is None else self.inputs.sources.get(datatable, ())

    def held(self, datatable: Address) -> Mapping[Address, UploadRecord]:
        """The uploads on record for a datatable."""
        return self.uploads_in.get(datatable, {})

    def intent(self, kind: IntentKind, address: Address) -> Intent | None:
        """The open intent of this kind for this address (there is at most one)."""
        found = (one for one in self.state.intents if one.kind is kind and one.address == address)
        return next(found, None)

    def folder_of(self, dataset: RemoteDataset) -> FolderPath | None:
        """The live folder of a dataset; None where the tenant does not show it."""
        match dataset.parent_id:
            case None:
                return ()
            case NotShown():
                return None
            case str() as parent:
                return self.folder_paths.get(parent)

    def candidates(self, display_name: str, folder: FolderPath) -> tuple[RemoteDataset, ...]:
        """Live datasets of this name and folder. A folder that is not shown equals every folder."""
        return tuple(
            live
            for live in self.datasets_named.get(display_name, ())
            if self.folder_of(live) in {None, folder}
        )

    def unclaimed(self, found: tuple[RemoteDataset, ...]) -> tuple[RemoteDataset, ...]:
        return tuple(live for live in found if live.id not in self.claimed)


def look_at(inputs: Inputs, state: State | None = None) -> World:
    """The indexes over these inputs; `state` instead of the inputs' own where moves were folded in."""
    known = state or inputs.state or State(lineage="", serial=0, binding=inputs.binding)
    records_in: dict[Address, list[Address]] = {}
    for address in known.datatables:
        records_in.setdefault(address.dataset_address, []).append(address)
    uploads_in: dict[Address, dict[Address, UploadRecord]] = {}
    for address, upload in known.uploads.items():
        uploads_in.setdefault(address.datatable_address, {})[address] = upload
    folder_ids = {record.id for record in known.folders.values()}
    named: dict[str, list[RemoteDataset]] = {}
    for dataset in inputs.snapshot.datasets.values():
        if dataset.id not in folder_ids:
            named.setdefault(dataset.display_name, []).append(dataset)
    inside: dict[str, list[RemoteDatatable]] = {}
    for datatable in inputs.snapshot.datatables.values():
        inside.setdefault(datatable.dataset_id, []).append(datatable)
    spent = known.spent
    world = World(
        inputs=inputs,
        state=known,
        granted=Granted(
            environment=inputs.environment.name,
            allow=inputs.options.allow,
            approvals=inputs.approvals - spent,
        ),
        claimed=_claimed(known),
        folder_paths=_folder_paths(inputs.snapshot, known),
        datasets_named={name: tuple(found) for name, found in named.items()},
        datatables_in={id_: tuple(found) for id_, found in inside.items()},
        records_in={address: tuple(sorted(found)) for address, found in records_in.items()},
        uploads_in=uploads_in,
    )
    return replace(world, half_gone=_half_gone(world))


def _claimed(state: State) -> frozenset[str]:
    """Ids that some record holds, or that an open intent noted before it was sent."""
    ids = {record.id for record in state.datasets.values()}
    ids |= {record.superseded.id for record in state.datasets.values() if record.superseded}
    ids |= {record.id for record in state.datatables.values()}
    for record in state.datasets.values():
        if record.superseded:
            ids |= {old.id for old in record.superseded.datatables.values()}
    for intent in state.intents:
        ids |= set(intent.ids_before)
    return frozenset(ids)


def _folder_paths(snapshot: Snapshot, state: State) -> dict[str, FolderPath]:
    """Each TreeGroup's path by id. What the state knows of a folder is believed before its live name.

    Where the tenant does not show the tree at all, the recorded folders are all there is. A ring or an
    unknown parent has no path.
    """
    paths: dict[str, FolderPath] = {record.id: address.path for address, record in state.folders.items()}
    for id_ in snapshot.folders:
        trail: list[str] = []
        here: str | None = id_
        while here is not None and here not in paths and here not in trail:
            folder = snapshot.folders.get(here)
            if folder is None or folder.parent_id is NOT_SHOWN or isinstance(folder.parent_id, NotShown):
                break
            trail.append(here)
            here = folder.parent_id
        if here is None or here in paths:
            base = () if here is None else paths[here]
            for step in reversed(trail):
                base = (*base, snapshot.folders[step].display_name)
                paths[step] = base
    return paths


def _half_gone(world: World) -> bool:
    """Whether so much is gone that the listing is doubted: more than half of the known, and at least two.

    Ids with an open intent do not count.
    """
    open_ids = {intent.target_id for intent in world.state.intents}
    known = {record.id for record in world.state.datasets.values()} - open_ids
    gone = known - set(world.snapshot.datasets)
    return len(gone) >= 2 and 2 * len(gone) > len(known)
