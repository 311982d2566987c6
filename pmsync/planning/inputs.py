"""What a plan is made from, and the indexes that every rule looks things up in.

Everything here is derived once per plan, in time proportional to what is there. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter

from msgspec import Struct, field
from msgspec.structs import replace

from pmsync.diagnostics import Diagnostic
from pmsync.model.address import Address, FolderPath
from pmsync.model.consent import Allow, Approval, Consent
from pmsync.model.manifest import Manifest
from pmsync.model.options import PlanningOptions
from pmsync.model.outcome import fold
from pmsync.model.plan import Move, RecordState, Undecided
from pmsync.model.project import Environment
from pmsync.model.snapshot import NotShown, RemoteDataset, RemoteDatatable, Snapshot
from pmsync.model.source import SourceFile, SourceFiles, SourceProblems
from pmsync.model.state import Binding, State
from pmsync.planning.consent import Granted
from pmsync.planning.naming import canonical, canonical_path
from pmsync.planning.onrecord import OnRecord, grouped, in_order


class Inputs(Struct, frozen=True, kw_only=True):
    """Manifest, state and snapshot, in this order everywhere, and what the user asked for.

    `sources` is None under `--no-data`. `still_here` are the sha256 of contents that could be loaded
    from here: the declared files and, for what might be deleted, the files once uploaded. `problems` are
    of sources that cannot be sent, `warnings` of others. `now`: with its time zone; None: nobody knows it.
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
    problems: SourceProblems = field(default_factory=dict)
    warnings: tuple[tuple[Address, Diagnostic], ...] = ()
    now: datetime | None = None


class World(OnRecord, frozen=True, kw_only=True, dict=True):
    """The inputs with their indexes. `state` is empty, not None, where there is none yet.

    What was found under one key is in the order of the ids, whatever order it was listed in. `doubted`:
    so much is gone that the listing may be incomplete, and nobody said that it is really gone.
    `unsettled`: creates whose answer was lost and that could have made any of several live things.
    """

    inputs: Inputs
    granted: Granted
    claimed: frozenset[str]
    folder_paths: Mapping[str, FolderPath]
    recorded_folders: Mapping[str, FolderPath]
    datasets_named: Mapping[str, tuple[RemoteDataset, ...]]
    datatables_in: Mapping[str, tuple[RemoteDatatable, ...]]
    datatables_named: Mapping[tuple[str, str], tuple[RemoteDatatable, ...]]
    seekers: Mapping[str, tuple[Address, ...]]
    """Declared datasets without a record, or whose recorded one is gone, by canonical name."""

    troubled: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)
    """The sources that cannot be sent, by their datatable."""

    doubted: bool = False
    unsettled: Mapping[Address, Undecided] = field(default_factory=dict)

    @property
    def snapshot(self) -> Snapshot:
        return self.inputs.snapshot

    def after(self, changes: Iterable[Move | RecordState]) -> World:
        """The world in which these are on record."""
        state = fold(self.state, (entry for change in changes for entry in change.entries))
        return replace(look_at(self.inputs, state), unsettled=self.unsettled)

    def files(self, datatable: Address) -> tuple[SourceFile, ...]:
        """The datatable's source files; none under `--no-data`."""
        return () if self.inputs.sources is None else self.inputs.sources.get(datatable, ())

    def expected_rows(self, datatable: Address) -> int:
        """The rows that a recorded datatable should show: what was accepted, and what is on record."""
        uploads = self.held(datatable).values()
        return self.state.datatables[datatable].baseline + sum(upload.rows for upload in uploads)

    def unseen(self, datatable: Address) -> tuple[Address, ...]:
        """The uploads on record of which the row count was to show the rows, and nobody saw it yet."""
        return tuple(sorted(one for one, upload in self.held(datatable).items() if upload.is_unseen))

    def is_replacing(self, dataset: Address) -> bool:
        """Whether the dataset on record there is half of an unfinished REPLACE, going on or back."""
        record = self.state.datasets.get(dataset)
        return record is not None and record.superseded is not None

    def folder_of(self, dataset: RemoteDataset) -> FolderPath | None:
        """The live folder of a dataset, in canonical names; None where the tenant does not show it."""
        parent = dataset.parent_id
        if parent is None:
            return ()
        return None if isinstance(parent, NotShown) else self.folder_paths.get(parent)

    def candidates(self, display_name: str, folder: FolderPath) -> tuple[RemoteDataset, ...]:
        """Live datasets of this name and folder.

        Where the tenant does not show a folder, a record's is believed; one that nobody knows equals every
        folder.
        """
        fitting = {None, canonical_path(folder)}
        named = self.datasets_named.get(canonical(display_name), ())
        return tuple(live for live in named if self.believed_folder(live) in fitting)

    def believed_folder(self, dataset: RemoteDataset) -> FolderPath | None:
        """Where it is; where that is not shown, where the state says; None: nobody knows."""
        shown = self.folder_of(dataset)
        return self.recorded_folders.get(dataset.id) if shown is None else shown

    def tables_named(self, dataset_id: str, display_name: str) -> tuple[RemoteDatatable, ...]:
        """Live datatables of this name in one dataset."""
        return self.datatables_named.get((dataset_id, canonical(display_name)), ())

    def contenders(self, live: RemoteDataset) -> tuple[Address, ...]:
        """Declared datasets that are not there and could be this: several where its folder is not shown."""
        declared = self.inputs.manifest.datasets
        return tuple(
            address
            for address in self.seekers.get(canonical(live.display_name), ())
            if live in self.candidates(declared[address].display_name, declared[address].folder)
        )

    def unclaimed(self, found: tuple[RemoteDataset, ...]) -> tuple[RemoteDataset, ...]:
        return tuple(live for live in found if live.id not in self.claimed)


def look_at(inputs: Inputs, state: State | None = None) -> World:
    """The indexes over these inputs; `state` instead of the inputs' own where moves were folded in."""
    known = state or inputs.state or State(lineage="", serial=0, binding=inputs.binding)
    tables = [live for _, live in sorted(inputs.snapshot.datatables.items())]
    world = World(
        inputs=inputs,
        state=known,
        granted=Granted(
            environment=inputs.environment.name,
            allow=inputs.options.allow,
            approvals=inputs.approvals - known.spent,
        ),
        claimed=_claimed(known),
        folder_paths=_folder_paths(inputs.snapshot, known),
        recorded_folders=_recorded_folders(known),
        datasets_named=_datasets_named(inputs.snapshot, known),
        datatables_in=in_order(tables, attrgetter("dataset_id")),
        datatables_named=in_order(tables, lambda live: (live.dataset_id, canonical(live.display_name))),
        seekers=_seekers(inputs, known),
        troubled=grouped(inputs.problems, attrgetter("datatable_address")),
    )
    return replace(world, doubted=_half_gone(world))


_RECREATE_ALL = Allow(consent=Consent.RECREATE, glob="*")


def _datasets_named(snapshot: Snapshot, state: State) -> dict[str, tuple[RemoteDataset, ...]]:
    """Live datasets by name. A folder of ours is none, even where the tenant does not say what it is."""
    folder_ids = {record.id for record in state.folders.values()}
    live = (snapshot.datasets[id_] for id_ in sorted(snapshot.datasets.keys() - folder_ids))
    return in_order(live, lambda dataset: canonical(dataset.display_name))


def _seekers(inputs: Inputs, state: State) -> dict[str, tuple[Address, ...]]:
    named: dict[str, list[Address]] = {}
    for address, spec in sorted(inputs.manifest.datasets.items()):
        record = state.datasets.get(address)
        if record is None or record.id not in inputs.snapshot.datasets:
            named.setdefault(canonical(spec.display_name), []).append(address)
    return {name: tuple(found) for name, found in named.items()}


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


def _recorded_folders(state: State) -> dict[str, FolderPath]:
    """Where each dataset on record is believed to be, by id, in canonical names."""
    found = {record.id: canonical_path(record.folder) for record in state.datasets.values()}
    olds = [record.superseded for record in state.datasets.values() if record.superseded]
    return {old.id: canonical_path(old.folder) for old in olds} | found


def _folder_paths(snapshot: Snapshot, state: State) -> dict[str, FolderPath]:
    """Each TreeGroup's path by id. What the state knows of a folder is believed before its live name.

    Where the tenant does not show the tree at all, the recorded folders are all there is. A ring or an
    unknown parent has no path.
    """
    paths = {record.id: canonical_path(address.path) for address, record in state.folders.items()}
    for id_ in snapshot.folders:
        trail: list[str] = []
        here: str | None = id_
        while here is not None and here not in paths and here not in trail:
            folder = snapshot.folders.get(here)
            if folder is None or isinstance(folder.parent_id, NotShown):
                break
            trail.append(here)
            here = folder.parent_id
        if here is None or here in paths:
            base = () if here is None else paths[here]
            for step in reversed(trail):
                base = (*base, canonical(snapshot.folders[step].display_name))
                paths[step] = base
    return paths


def _half_gone(world: World) -> bool:
    """Whether so much is gone that the listing is doubted, and nobody said that it is really gone.

    Ids with an open intent do not count, nor do scratch datasets of pmsync's own.
    """
    open_ids = {intent.target_id for intent in world.state.intents}
    known = {
        record.id: one
        for one, record in world.state.datasets.items()
        if not one.reserved and record.id not in open_ids
    }
    gone = known.keys() - world.snapshot.datasets.keys()
    if not is_more_than_half(len(gone), len(known)) or _RECREATE_ALL in world.granted.allow:
        return False
    approvals = (world.granted.approval(Consent.RECREATE, known[id_], id_) for id_ in gone)
    return not world.granted.approvals.issuperset(approvals)


def is_more_than_half(gone: int, known: int) -> bool:
    """Whether so many of the known are gone at once that it is more likely a mistake: at least two."""
    return gone >= 2 and 2 * gone > known
