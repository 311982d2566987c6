"""One repository's environment beside a model tenant: declare, plan, apply as the engine would.

Contents are written `name:rows` (`jan:10`): the text is the identity, the number the rows. What a plan says
is a list of lines like `upload o.events/a.csv changed`, with ` needs KIND` and ` !BLOCK` after it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from planning_tenant import Tenant

from pmsync.diagnostics import Location
from pmsync.model.address import Address, parse_folder
from pmsync.model.consent import Allow, Approval, Consent
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, OnRemoval, SourceSpec
from pmsync.model.outcome import Drop, Entry, Put, Spend, fold
from pmsync.model.plan import (
    Adopt,
    AnyChange,
    CreateDataset,
    CreateDatatable,
    CreateFolder,
    Delete,
    Forget,
    Move,
    NoOp,
    Plan,
    PlanningOptions,
    RecordState,
    Replace,
    Retire,
    Undecided,
    Upload,
    action_of,
)
from pmsync.model.project import (
    CloudTenant,
    Environment,
    Limits,
    OtherName,
    SameName,
    UploadBehaviour,
    Verify,
)
from pmsync.model.source import FileStamp, SourceFile
from pmsync.model.state import (
    Binding,
    DatasetRecord,
    DatatableRecord,
    Evidence,
    FolderRecord,
    Intent,
    IntentKind,
    Origin,
    State,
    UploadRecord,
    recorded_below,
)
from pmsync.planning.consent import needed
from pmsync.planning.diff import plan as planned
from pmsync.planning.edits import accept, take
from pmsync.planning.inputs import Inputs, look_at

HERE = Location("manifests/m.yaml", 1, 1)
BINDING = Binding(tenant_id="t-1", host="api.example")
Files = Mapping[str, str]


def source_file(table: Address, name: str, content: str, *, append: bool = False) -> SourceFile:
    """A source file whose content is `name:rows`, or `name:rows:column,column`."""
    _, rows, *columns = content.split(":")
    return SourceFile(
        address=Address.source(table, name),
        name=name,
        path=f"data/{name}",
        sha256=sha(content),
        rows=int(rows),
        columns=tuple(columns[0].split(",")) if columns else ("case", "activity"),
        stamp=FileStamp(device=1, inode=1, size=100 * int(rows) + 10, mtime_ns=0, ctime_ns=0),
        append=append,
        location=HERE,
    )


def sha(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def line(change: AnyChange) -> str:
    """`ACTION ADDRESS REASON needs KINDS !BLOCK`."""
    words = [action_of(change), change.address, change.reason.code]
    if change.needs:
        words += ["needs", ",".join(change.needs)]
    if change.block:
        words.append(f"!{change.block.code}")
    return " ".join(words)


def says(plan: Plan) -> list[str]:
    """The plan's steps, a line each."""
    return [line(change) for change in plan.steps]


def of(plan: Plan, address: str) -> AnyChange:
    """The only change at this address."""
    (found,) = [change for change in plan.changes if change.address == address]
    return found


def ways(plan: Plan, address: str) -> list[str]:
    """The commands and lines that lead out of a block."""
    block = of(plan, address).block
    assert block is not None
    return [way.command for way in block.ways_out]


class Killed(Exception):
    """The run ended here."""


@dataclass
class Bench:
    """A repository with one environment, its state, and the tenant that others may share."""

    tenant: Tenant = field(default_factory=Tenant)
    environment: Environment = field(
        default_factory=lambda: Environment(
            name="dev",
            tenant=CloudTenant(tenant_id="t-1"),
            uploads=UploadBehaviour(same_name=SameName.REPLACES, other_name=OtherName.ADDS),
            location=HERE,
        )
    )
    state: State | None = None
    specs: dict[Address, DatasetSpec] = field(default_factory=dict)
    sources: dict[Address, tuple[SourceFile, ...]] = field(default_factory=dict)
    on_disk: set[str] = field(default_factory=set)
    contents: dict[str, str] = field(default_factory=dict)
    approvals: frozenset[Approval] = frozenset()

    # what the repository says

    def behaves(self, same_name: SameName | str, other_name: OtherName | str = OtherName.ADDS) -> None:
        """What pmsync.yaml says about uploads; a tenant does the same unless it is said to be unknown."""
        uploads = UploadBehaviour(same_name=SameName(same_name), other_name=OtherName(other_name))
        self.environment = replace(self.environment, uploads=uploads)
        if uploads.same_name is not SameName.UNKNOWN:
            self.tenant.same_name = uploads.same_name
        if uploads.other_name is not OtherName.UNKNOWN:
            self.tenant.other_name = uploads.other_name

    def verifies(self, *, rows: bool) -> None:
        self.environment = replace(self.environment, verify=Verify(rows=rows))

    def limits(self, **limits: int) -> None:
        self.environment = replace(self.environment, limits=Limits(**limits))

    def declare(
        self,
        key: str,
        tables: Mapping[str, Files | None] | None = None,
        *,
        name: str | None = None,
        folder: str = "",
        named: Mapping[str, str] | None = None,
        append: bool = False,
        protect: bool = False,
        on_removal: OnRemoval | None = None,
    ) -> None:
        """A dataset with the files of its datatables (None: no sources); a second time, its new block."""
        self.undeclare(key, missing_ok=True)
        address = Address.dataset(key)
        datatables = {}
        for table, files in (tables or {}).items():
            one = Address.datatable(key, table)
            specs = tuple(SourceSpec(path=f"data/{file}", location=HERE) for file in files or ())
            display_name = (named or {}).get(table, table)
            datatables[one] = DatatableSpec(
                address=one, display_name=display_name, sources=specs, location=HERE
            )
            if files is not None:
                found = [source_file(one, file, files[file], append=append) for file in sorted(files)]
                self.sources[one] = tuple(found)
                self.contents |= {file.sha256: files[file.name] for file in found}
                self.on_disk |= {file.sha256 for file in found}
        self.specs[address] = DatasetSpec(
            address=address,
            display_name=self.environment.name_prefix + (name or key),
            folder=parse_folder(folder),
            protect=protect or self.environment.protect,
            on_removal=on_removal,
            datatables=datatables,
            location=HERE,
        )

    def undeclare(self, key: str, *, missing_ok: bool = False) -> None:
        if missing_ok and key not in self.specs:
            return
        del self.specs[Address.dataset(key)]
        self.sources = {one: files for one, files in self.sources.items() if one.dataset_address != key}

    # what pmsync does

    def inputs(
        self,
        *allow: str,
        assume: Iterable[str] = (),
        reupload: Iterable[str] = (),
        no_data: bool = False,
        tenant_shows: Callable[[], Any] | None = None,
        **options: Any,
    ) -> Inputs:
        return Inputs(
            environment=self.environment,
            binding=BINDING,
            emulated=False,
            manifest=Manifest(datasets=dict(self.specs)),
            sources=None if no_data else dict(self.sources),
            still_here=frozenset() if no_data else frozenset(self.on_disk),
            state=self.state,
            snapshot=(tenant_shows or self.tenant.snapshot)(),
            options=PlanningOptions(
                allow=tuple(allowed(one) for one in allow),
                assume_uploaded=tuple(assume),
                reupload=tuple(reupload),
                no_data=no_data,
                **options,
            ),
            approvals=self.approvals,
        )

    def plan(self, *allow: str, **options: Any) -> Plan:
        return planned(self.inputs(*allow, **options))

    def says(self, *allow: str, **options: Any) -> list[str]:
        return says(self.plan(*allow, **options))

    def apply(
        self,
        *allow: str,
        safe_only: bool = False,
        killed_before: str = "",
        lost: str = "",
        **options: Any,
    ) -> list[str]:
        """Plan and run it; what the plan said.

        `killed_before`: the run ends before the change whose line begins so. `lost`: it ends when that one
        was done in the tenant and its outcome was not recorded, only announced.
        """
        plan = self.plan(*allow, **options)
        if not safe_only:
            assert not plan.blocked, says(plan)
        if any(change for change in plan.steps if change.block is None):
            self.run(plan, killed_before=killed_before, lost=lost)
        return says(plan)

    def run(self, plan: Plan, *, killed_before: str = "", lost: str = "") -> None:
        state = self.state or State(lineage="l-1", serial=0, binding=BINDING)
        run = Run(self, replace(state, runs=state.runs + 1), killed_before, lost)
        try:
            run.all_of(plan)
        except Killed:
            pass
        else:
            assert not killed_before
            assert not lost
        self.state = run.state

    def accept(self, address: str) -> None:
        """`state accept`, the only edit that scenarios need."""
        self.record(*accept(look_at(self.inputs()), Address(address)))

    def take(self, address: str, live_id: str) -> None:
        """`import ADDRESS ID`."""
        self.record(*take(look_at(self.inputs()), Address(address), live_id))

    def record(self, *entries: Entry) -> None:
        self.state = fold(self.state or State(lineage="l-1", serial=0, binding=BINDING), entries)

    def lose_state(self, *addresses: str) -> None:
        """Lose the whole state, or these records of it."""
        if addresses:
            self.record(*(Drop(Address(one)) for one in addresses))
        else:
            self.state = None

    def intend(self, kind: IntentKind, address: str, **fields: Any) -> None:
        """Leave an intent in the journal."""
        state = self.state or State(lineage="l-1", serial=0, binding=BINDING)
        intent = Intent(kind=kind, address=Address(address), **fields)
        self.state = replace(state, intents=(*state.intents, intent))

    # what is where

    def rows_of(self, table: str) -> list[str]:
        """What the rows of a managed datatable are."""
        assert self.state is not None
        return sorted(self.tenant.tables[self.state.datatables[Address(table)].id].contents)

    def id_of(self, address: str) -> str:
        assert self.state is not None
        one = Address(address)
        found = self.state.datasets.get(one) or self.state.datatables.get(one) or self.state.folders[one]
        return found.id

    def is_in_sync(self, **options: Any) -> bool:
        """Nothing is left to do, and every declared datatable holds just what is declared."""
        assert self.says(**options) == []
        for one, files in self.sources.items():
            declared = {self.contents[file.sha256] for file in files if file.rows}
            assert self.rows_of(one) == sorted(declared)
        return True


def allowed(text: str) -> Allow:
    kind, glob = text.split(":", 1)
    return Allow(consent=Consent(kind), glob=glob)


class Run:
    """One run over a plan: each change does to tenant and state what the engine's does."""

    def __init__(self, bench: Bench, state: State, killed_before: str, lost: str) -> None:
        self.bench, self.tenant, self.state = bench, bench.tenant, state
        self.killed_before, self.lost = killed_before, lost
        known = (*state.folders.items(), *state.datasets.items(), *state.datatables.items())
        self.ids = {address: record.id for address, record in known}
        self.skipped: set[Address] = set()
        self.touched: dict[str, int] = {}
        """Row counts before the first upload to each datatable."""

    def all_of(self, plan: Plan) -> None:
        clean = True
        for change in plan.changes:
            if isinstance(change, Delete | Retire):
                clean = self.confirm(plan)
            if change.block is not None or self.skipped.intersection(change.requires):
                self.skipped.add(change.address)
            elif isinstance(change, NoOp) or (isinstance(change, Delete | Retire) and not clean):
                continue
            elif self.killed_before and line(change).startswith(self.killed_before):
                raise Killed
            else:
                self.one(change)
        self.confirm(plan)

    def one(self, change: AnyChange) -> None:
        match change:
            case Move() | RecordState() | Adopt() | Forget():
                self.record(change, change.entries)
            case CreateFolder():
                parent = self.ids[change.parent] if change.parent else None
                self.made(change, self.tenant.create_folder(change.display_name, parent))
            case CreateDataset() | Replace():
                parent = self.ids[Address.folder(change.folder)] if change.folder else None
                self.made(change, self.tenant.create_dataset(change.display_name, parent))
            case CreateDatatable():
                home = self.ids[change.address.dataset_address]
                self.made(change, self.tenant.create_table(home, change.display_name))
            case Upload():
                self.upload(change)
            case Delete():
                self.delete(change)
                self.record(change, change.entries)
            case Retire():
                if not change.retain:
                    self.delete(change)
                record = self.state.datasets[change.address]
                self.record(change, (Put(change.address, replace(record, superseded=None)),))
            case NoOp() | Undecided():
                raise AssertionError(change)

    def made(self, change: CreateFolder | CreateDataset | Replace | CreateDatatable, live_id: str) -> None:
        drops: set[Address] = set()
        record: FolderRecord | DatasetRecord | DatatableRecord
        match change:
            case CreateFolder():
                self.maybe_lost(
                    change, IntentKind.CREATE_FOLDER, parent_id=self.tenant.folders[live_id].parent
                )
                record = FolderRecord(id=live_id, origin=Origin.CREATED)
            case CreateDatatable():
                home = self.ids[change.address.dataset_address]
                self.maybe_lost(change, IntentKind.CREATE_DATATABLE, parent_id=home)
                record = DatatableRecord(id=live_id, display_name=change.display_name, origin=Origin.CREATED)
                drops = set(recorded_below(self.state, change.address))
            case CreateDataset() | Replace():
                parent = self.tenant.datasets[live_id].parent
                self.maybe_lost(change, IntentKind.CREATE_DATASET, parent_id=parent)
                drops = set(recorded_below(self.state, change.address))
                superseded = None
                if isinstance(change, Replace):
                    superseded = change.superseded
                    drops |= set(recorded_below(self.state, superseded.address))
                record = DatasetRecord(
                    id=live_id,
                    display_name=change.display_name,
                    folder=change.folder,
                    origin=Origin.CREATED,
                    protect=change.protect,
                    on_removal=change.on_removal,
                    superseded=superseded,
                )
        self.record(change, (*(Drop(one) for one in sorted(drops)), Put(change.address, record)))

    def maybe_lost(self, change: Any, kind: IntentKind, **fields: Any) -> None:
        """End here, with only the announcement in the journal."""
        if not self.lost or not line(change).startswith(self.lost):
            return
        others = {**self.tenant.folders, **self.tenant.datasets, **self.tenant.tables}
        before = [one.id for one in others.values() if one.name == change.display_name]
        intent = Intent(
            kind=kind,
            address=change.address,
            display_name=change.display_name,
            ids_before=tuple(before[:-1]),
            **fields,
        )
        self.state = replace(self.state, intents=(*self.state.intents, intent))
        raise Killed

    def upload(self, change: Upload) -> None:
        table = self.tenant.tables[self.ids[change.address.datatable_address]]
        if change.rows_before is not None and table.id not in self.touched:
            assert table.rows == change.rows_before
        self.touched.setdefault(table.id, table.rows)
        before = table.rows
        self.tenant.upload(table.id, change.name, self.bench.contents[change.file.sha256], change.file.rows)
        if self.lost and line(change).startswith(self.lost):
            intent = Intent(
                kind=IntentKind.UPLOAD,
                address=change.address,
                display_name=change.name,
                sha256=change.file.sha256,
                size=change.file.size,
                rows=change.file.rows,
                rows_before=before,
            )
            self.state = replace(self.state, intents=(*self.state.intents, intent))
            raise Killed
        entries: list[Entry] = [Drop(one) for one in change.drops]
        home = change.address.datatable_address
        if change.baseline is not None:
            entries.append(Put(home, replace(self.state.datatables[home], baseline=change.baseline)))
        self.record(change, (*entries, Put(change.address, self.uploaded(change, Evidence.STORED))))

    def uploaded(self, change: Upload, evidence: Evidence, *, told: bool = True) -> UploadRecord:
        return UploadRecord(
            name=change.name,
            path=change.file.path,
            sha256=change.file.sha256,
            size=change.file.size,
            rows=change.file.rows,
            evidence=evidence,
            append=change.file.append,
            run=self.state.runs,
            uploaded_at="2024-01-01T00:00:00+00:00",
            rows_tell=told and change.file.rows != change.rows_leaving,
        )

    def confirm(self, plan: Plan) -> bool:
        """Rows are looked at once all is sent, as one sum for each datatable; whether all are there."""
        clean = True
        retiring = {change.address for change in plan.changes if isinstance(change, Retire)}
        for table_id, before in self.touched.items():
            sent = [
                change
                for change in plan.changes
                if isinstance(change, Upload)
                and change.block is None
                and self.ids.get(change.address.datatable_address) == table_id
                and change.address in self.state.uploads
            ]
            if not self.bench.environment.verify.rows and not any(
                change.address.dataset_address in retiring for change in sent
            ):
                continue
            expected = before + sum(change.file.rows - change.rows_leaving for change in sent)
            live = self.tenant.tables.get(table_id)
            if live is None or live.rows != expected:
                clean = False
                continue
            told = expected != before
            for change in sent:
                evidence = Evidence.ROWS if told else Evidence.STORED
                record = replace(self.uploaded(change, evidence), rows_tell=told)
                self.state = fold(self.state, (Put(change.address, record),))
        return clean

    def delete(self, change: Delete | Retire) -> None:
        if isinstance(change, Retire):
            self.confirm_before_retiring(change)
        self.tenant.delete_dataset(change.live_id)
        if self.lost and line(change).startswith(self.lost):
            intent = Intent(kind=IntentKind.DELETE, address=change.address, target_id=change.live_id)
            self.state = replace(self.state, intents=(*self.state.intents, intent))
            raise Killed

    def confirm_before_retiring(self, change: Retire) -> None:
        """The old half goes only if the new one is full: the engine has waited for that."""
        for address, upload in self.state.uploads.items():
            if address.dataset_address == change.address and upload.rows:
                live = self.tenant.tables[self.ids[address.datatable_address]]
                assert self.bench.contents[upload.sha256] in live.contents

    def record(self, change: AnyChange, entries: tuple[Entry, ...]) -> None:
        """What a change came to: its entries, its spent approvals, and no announcement any more."""
        if isinstance(change, Adopt | Move | RecordState | Forget) and self.lost:
            assert not line(change).startswith(self.lost)
        used = [one for one in needed(change, self.bench.environment.name) if one in self.bench.approvals]
        self.state = fold(self.state, (*entries, *(Spend(one) for one in used)))
        for entry in entries:
            if isinstance(entry, Put) and not isinstance(entry.record, UploadRecord):
                self.ids[entry.address] = entry.record.id
        open_ = [one for one in self.state.intents if one.address != change.address]
        if isinstance(change, Move):
            open_ = [_under_new_address(one, change) for one in open_]
        if isinstance(change, Delete | Forget):
            below = (f"{change.address}.", f"{change.address}/")
            open_ = [one for one in open_ if not one.address.startswith(below)]
        self.state = replace(self.state, intents=tuple(open_))


def _under_new_address(intent: Intent, move: Move) -> Intent:
    if not f"{intent.address}.".startswith((f"{move.origin}.", f"{move.origin}/")):
        return intent
    return replace(intent, address=Address(move.address + intent.address.removeprefix(move.origin)))
