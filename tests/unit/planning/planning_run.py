"""One run over a plan: each change does to tenant and state what the engine's would.

It is the engine without requests, threads and time. It ends in the middle where a test wants it to.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from planning_tenant import Tenant

from pmsync.model.address import Address
from pmsync.model.consent import Approval
from pmsync.model.manifest import OnRemoval
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
    RecordState,
    Replace,
    Retire,
    Undecided,
    Upload,
    action_of,
)
from pmsync.model.state import (
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
from pmsync.planning.replacing import alone_after


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


class Killed(Exception):
    """The run ended here."""


class Run:
    """One run over a plan: each change does to tenant and state what the engine's does."""

    def __init__(
        self,
        tenant: Tenant,
        state: State,
        contents: Mapping[str, str],
        *,
        approvals: frozenset[Approval] = frozenset(),
        verify: bool = True,
        killed_before: str = "",
        lost: str = "",
    ) -> None:
        self.tenant, self.state, self.contents = tenant, state, contents
        self.approvals, self.verify = approvals, verify
        self.killed_before, self.lost = killed_before, lost
        self.environment = ""
        known = (*state.folders.items(), *state.datasets.items(), *state.datatables.items())
        self.ids = {address: record.id for address, record in known}
        self.skipped: set[Address] = set()
        self.touched: dict[str, int] = {}
        """Row counts before the first upload to each datatable."""
        self.sent: dict[str, list[Upload]] = {}
        self.stopped: set[str] = set()
        """Datatables whose rows contradict what was said of them: nothing more is sent there."""

    def all_of(self, plan: Plan) -> None:
        clean = True
        self.environment = plan.environment
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
                same = (one for one in self.tenant.datasets.values() if one.name == change.display_name)
                hidden = not self.tenant.shows_tree
                self.must_be_known(change, {one.id for one in same if hidden or one.parent == parent})
                self.made(change, self.tenant.create_dataset(change.display_name, parent))
            case CreateDatatable():
                home = self.ids[change.address.dataset_address]
                inside = (one for one in self.tenant.tables.values() if one.dataset_id == home)
                self.must_be_known(change, {one.id for one in inside if one.name == change.display_name})
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
                self.record(change, (Put(change.address, alone_after(change, record)),))
            case NoOp() | Undecided():
                raise AssertionError(change)

    def must_be_known(self, change: CreateDataset | Replace | CreateDatatable, bearers: set[str]) -> None:
        """Nothing is made beside something of its name that the plan did not know of."""
        ours = {record.id for record in (*self.state.datasets.values(), *self.state.datatables.values())}
        ours |= {one.superseded.id for one in self.state.datasets.values() if one.superseded}
        assert bearers <= ours | set(change.beside)

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
                replaced = {}
                if isinstance(change, Replace):
                    replaced = {"target_id": change.live_id}
                self.maybe_lost(change, IntentKind.CREATE_DATASET, parent_id=parent, **replaced)
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
        before = table.rows
        if table.id in self.stopped:
            return
        if table.id not in self.touched:
            assert change.rows_before in {None, before}
            self.touched[table.id] = before
        self.tenant.upload(table.id, change.name, self.contents[change.file.sha256], change.file.rows)
        if self.lost and line(change).startswith(self.lost):
            intent = Intent(
                kind=IntentKind.UPLOAD,
                address=change.address,
                parent_id=table.id,
                display_name=change.name,
                sha256=change.file.sha256,
                size=change.file.size,
                rows=change.file.rows,
                rows_before=before,
            )
            others = (one for one in self.state.intents if one.address != change.address)
            self.state = replace(self.state, intents=(*others, intent))
            raise Killed
        entries: list[Entry] = [Drop(one) for one in change.drops]
        home = change.address.datatable_address
        if change.baseline is not None:
            entries.append(Put(home, replace(self.state.datatables[home], baseline=change.baseline)))
        self.record(change, (*entries, Put(change.address, self.uploaded(change, Evidence.STORED))))
        self.sent.setdefault(table.id, []).append(change)
        if change.confirm_first and self.verify and not self.seen([change], before, table.rows):
            self.stopped.add(table.id)

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
        retiring = {change.address for change in plan.changes if isinstance(change, Retire)}
        clean = not self.stopped
        for table_id, sent in self.sent.items():
            live = self.tenant.tables.get(table_id)
            awaited = self.verify or sent[0].address.dataset_address in retiring
            if awaited and live is not None and table_id not in self.stopped:
                clean &= self.seen(sent, self.touched[table_id], live.rows)
        return clean

    def seen(self, sent: list[Upload], before: int, live: int) -> bool:
        """Whether these uploads are in the rows; if so, that is on record."""
        expected = before + sum(change.file.rows - change.rows_leaving for change in sent)
        told = expected != before
        for change in sent if live == expected else ():
            evidence = Evidence.ROWS if told else Evidence.STORED
            record = replace(self.uploaded(change, evidence), rows_tell=told)
            self.state = fold(self.state, (Put(change.address, record),))
        return live == expected

    def delete(self, change: Delete | Retire) -> None:
        self.must_be_ours(change)
        if isinstance(change, Retire):
            self.confirm_before_retiring(change)
        self.tenant.delete_dataset(change.live_id)
        if self.lost and line(change).startswith(self.lost):
            intent = Intent(kind=IntentKind.DELETE, address=change.address, target_id=change.live_id)
            self.state = replace(self.state, intents=(*self.state.intents, intent))
            raise Killed

    def must_be_ours(self, change: Delete | Retire) -> None:
        """Nothing is ever deleted that the records do not prove to be ours, or that is protected."""
        record = self.state.datasets[change.address]
        assert not record.protect
        if record.id == change.live_id:
            assert record.origin is Origin.CREATED or record.on_removal is OnRemoval.DELETE
        else:
            assert record.superseded is not None
            assert record.superseded.id == change.live_id
            assert not record.superseded.retain

    def confirm_before_retiring(self, change: Retire) -> None:
        """The old half goes only if the new one is full: the engine has waited for that."""
        for address, upload in self.state.uploads.items():
            if address.dataset_address == change.address and upload.rows:
                live = self.tenant.tables[self.ids[address.datatable_address]]
                assert self.contents[upload.sha256] in live.contents

    def record(self, change: AnyChange, entries: tuple[Entry, ...]) -> None:
        """What a change came to: its entries, its spent approvals, and no announcement any more."""
        if isinstance(change, Adopt | Move | RecordState | Forget) and self.lost:
            assert not line(change).startswith(self.lost)
        used = [one for one in needed(change, self.environment) if one in self.approvals]
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
