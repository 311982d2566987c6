"""One repository's environment beside a model tenant: declare, plan, apply as the engine would.

Contents are written `name:rows` (`jan:10`): the text is the identity, the number the rows. What a plan says
is a list of lines like `upload o.events/a.csv changed`, with ` needs KIND` and ` !BLOCK` after it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from planning_run import Killed, Run, line, sha
from planning_tenant import Tenant

from pmsync.diagnostics import Diagnostic, Location
from pmsync.model.address import Address, parse_folder
from pmsync.model.consent import Allow, Approval, Consent
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, OnRemoval, SourceSpec
from pmsync.model.options import PlanningOptions
from pmsync.model.outcome import Drop, Entry, fold
from pmsync.model.plan import AnyChange, Plan
from pmsync.model.project import (
    CloudTenant,
    Environment,
    Limits,
    OtherName,
    SameName,
    StateBackend,
    UploadBehaviour,
    Verify,
)
from pmsync.model.source import FileStamp, SourceFile
from pmsync.model.state import (
    Binding,
    Intent,
    IntentKind,
    State,
)
from pmsync.planning.diff import plan as planned
from pmsync.planning.edits import accept
from pmsync.planning.importing import take
from pmsync.planning.inputs import Inputs, look_at
from pmsync.views.remedies import CommandLines

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


def says(plan: Plan) -> list[str]:
    """The plan's steps, a line each."""
    return [line(change) for change in plan.steps]


def of(plan: Plan, address: str) -> AnyChange:
    """The only change at this address."""
    (found,) = [change for change in plan.changes if change.address == address]
    return found


def ways(plan: Plan, address: str) -> list[str]:
    """The commands and lines that lead out of a block."""
    return typed(plan, of(plan, address))


def typed(plan: Plan, change: AnyChange) -> list[str]:
    """The remedies of a change as they are typed or written; ` → ` stands between the steps of one."""
    assert change.block is not None
    commands = CommandLines.of(plan)
    lines = [commands.line(remedy, change) for remedy in change.block.remedies]
    return [" → ".join(step.text or step.act for step in (one, *one.then)) for one in lines]


@dataclass
class Bench:
    """A repository with one environment, its state, and the tenant that others may share."""

    tenant: Tenant = field(default_factory=Tenant)
    environment: Environment = field(
        default_factory=lambda: Environment(
            name="dev",
            tenant=CloudTenant(tenant_id="t-1"),
            state=StateBackend.FILE,
            uploads=UploadBehaviour(same_name=SameName.REPLACES, other_name=OtherName.ADDS),
            location=HERE,
        )
    )
    state: State | None = None
    specs: dict[Address, DatasetSpec] = field(default_factory=dict)
    sources: dict[Address, tuple[SourceFile, ...]] = field(default_factory=dict)
    problems: dict[Address, tuple[Diagnostic, ...]] = field(default_factory=dict)
    on_disk: set[str] = field(default_factory=set)
    contents: dict[str, str] = field(default_factory=dict)
    approvals: frozenset[Approval] = frozenset()
    forgotten: set[str] = field(default_factory=set)
    """Contents that are somewhere in the tenant and on no record any more."""

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

    def limits(self, **limits: Any) -> None:
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

    def spoil(self, address: str, code: str = "PM221") -> None:
        """A source that is declared, and whose file cannot be sent."""
        source = Address(address)
        table = source.datatable_address
        self.sources[table] = tuple(one for one in self.sources[table] if one.address != source)
        place = Location(f"data/{source.key}", 3, 9)
        problem = Diagnostic(place, code, f"'data/{source.key}' is no table", "mend it", declared=HERE)
        self.problems[source] = (problem,)

    def mend(self) -> None:
        """No file is in a bad way any more; what they hold is declared again."""
        self.problems = {}

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
        emulated: bool = False,
        now: datetime | None = None,
        tenant_shows: Callable[[], Any] | None = None,
        **options: Any,
    ) -> Inputs:
        return Inputs(
            environment=self.environment,
            binding=BINDING,
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
            problems={} if no_data else dict(self.problems),
            emulated=emulated,
            now=now,
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

    def run(self, plan: Plan, *, killed_before: str = "", lost: str = "", must_end: bool = True) -> None:
        """Run what is ready; `must_end`: it has to come as far as where it is to be killed."""
        state = self.state or State(lineage="l-1", serial=0, binding=BINDING)
        run = Run(
            self.tenant,
            replace(state, runs=state.runs + 1),
            self.contents,
            approvals=self.approvals,
            verify=self.environment.verify.rows,
            killed_before=killed_before,
            lost=lost,
        )
        try:
            run.all_of(plan)
        except Killed:
            must_end = False
        self.state = run.state
        assert not (must_end and (killed_before or lost))

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
        uploads = self.state.uploads if self.state else {}
        lost = (uploads[Address(one)] for one in addresses or uploads if one in uploads)
        self.forgotten |= {self.contents[upload.sha256] for upload in lost}
        if addresses:
            self.record(*(Drop(Address(one)) for one in addresses))
        else:
            self.state = None

    def intend(self, kind: IntentKind, address: str, **fields: Any) -> None:
        """Leave an intent in the journal."""
        state = self.state or State(lineage="l-1", serial=0, binding=BINDING)
        if kind is IntentKind.UPLOAD:
            home = state.datatables.get(Address(address).datatable_address)
            fields.setdefault("parent_id", home.id if home else None)
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
