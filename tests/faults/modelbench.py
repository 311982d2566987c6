"""One repository, the real engine and the real state store, beside a model tenant and a disk in memory.

A run is what the command makes of it: settle, plan, apply, look again; it ends with a report, an error, or
killed. What must never happen is asserted at the request that would do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from planning_bench import BINDING, Bench, allowed, says
from planning_tenant import Load
from statestore_samples import Killed

from faults.checker import ALWAYS, violations
from faults.enginestory import Ending, call, wish_of
from faults.memory import FILES, memory_of
from faults.modelhistory import live_of
from faults.modelled import REQUEST_TIMEOUT, Clock, Disk, DiskMishap, Kept, Life, Mishap, ModelWriter, Watch
from faults.recording import Recorder, Sight
from pmsync.engine.apply import apply
from pmsync.engine.propose import Question, propose
from pmsync.engine.settle import let_settle
from pmsync.engine.tools import Tools
from pmsync.errors import PmsyncError
from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.events import silent
from pmsync.model.manifest import Manifest, OnRemoval
from pmsync.model.options import PlanningOptions
from pmsync.model.outcome import Entry
from pmsync.model.plan import Delete, Plan, Replace, Retire
from pmsync.model.report import Report
from pmsync.model.source import SourceFile
from pmsync.model.state import Origin, State, UploadRecord
from pmsync.statestore.local import LocalStateStore, fresh

T = TypeVar("T")
_FOLDER = "/repo/.pmsync/dev"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


class InTurn(Tools):
    """A run's tools that do what may be done at once one after another, in an order that is drawn."""

    def in_parallel(self, items: Iterable[T], work: Callable[[T], None]) -> None:
        listed = list(items)
        for item in reversed(listed) if self.parallelism % 2 else listed:
            work(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What goes wrong in one run."""

    requests: tuple[Mishap, ...] = ()
    disk: DiskMishap | None = None
    power: Kept | None = None
    """Where the run is killed: what a disk keeps that loses its power too. None: the power stays on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended: killed, or with an error, or with a report; `plan` is None where none was made."""

    plan: Plan | None = None
    report: Report | None = None
    error: PmsyncError | None = None
    killed: bool = False


@dataclass
class ModelBench(Bench):
    """The planning bench whose runs are the engine's, and whose state is on a disk."""

    clock: Clock = field(default_factory=Clock)
    disk: Disk = field(default_factory=Disk)
    watch: Watch = field(default_factory=Watch)
    replaced: set[str] = field(default_factory=set)
    """Ids of datasets whose REPLACE was agreed to in a run that began."""

    lossy: set[str] = field(default_factory=set)
    """Those of them whose rows somebody agreed to lose: that holds until the old half is gone."""

    adopted: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    """Ids that were on record at some time."""

    excused: set[str] = field(default_factory=set)
    """Ids made before somebody lost what was known of them."""

    lost_at: int = 0
    """The last request that was sent before that: what it makes may come late."""

    mistakable: set[str] = field(default_factory=set)
    """Ids of a colleague's that nobody could tell from what a lost create of ours would have made."""

    lineages: int = 0
    turn: int = 0
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self._look)

    @property
    def store(self) -> LocalStateStore:
        return LocalStateStore(_FOLDER, BINDING, pmsync_version="0", clock=self.clock, files=self.disk)

    def refresh(self) -> None:
        """Read the state anew, as the next command will."""
        before, self.state = self.state, self.store.read()
        self.forgotten |= self._left_behind(before)
        if self.state is not None:
            records = (
                *self.state.folders.values(),
                *self.state.datasets.values(),
                *self.state.datatables.values(),
            )
            self.ever |= {record.id for record in records}
            self.ever |= {one.superseded.id for one in self.state.datasets.values() if one.superseded}

    def _left_behind(self, before: State | None) -> set[str]:
        """Contents of datasets that were on record before, are no more, and stay where they are."""
        now = set(_uploads_by_dataset(self.state))
        return {
            self.contents[upload.sha256]
            for id_, uploads in _uploads_by_dataset(before).items()
            for upload in uploads
            if id_ not in now and id_ in self.tenant.datasets
        }

    def places(self) -> dict[str, tuple[str, str | None]]:
        """What everything in the tenant is called and where it is, by id."""
        tenant = self.tenant
        inside = {
            one.id: (one.name, one.parent) for one in (*tenant.folders.values(), *tenant.datasets.values())
        }
        return inside | {one.id: (one.name, one.dataset_id) for one in tenant.tables.values()}

    def may_be_mistaken(self, changed: set[str]) -> None:
        """A colleague made, named or moved these.

        While a create of ours is lost, its name's next bearer is ours; and what it made, and somebody renamed
        or moved before it was on record, nobody can find.
        """
        self.excused |= changed & self.watch.made - self.ever
        names = {one: name for one, (name, _) in self.places().items()}
        lost = {one.display_name for one in (self.state.intents if self.state else ())}
        found = {one for one in changed if names[one] in lost}
        self.mistakable |= found
        self.excused |= found
        self.watch.made |= found

    # what users do with the state

    def record(self, *entries: Entry) -> None:
        self.disk.begin(Life())
        ledger = self.store.begin(self.state or self._fresh())
        ledger.record(entries)
        ledger.close()
        self.refresh()

    def lose_state(self, *addresses: str) -> None:
        self.excused |= self.watch.made
        self.lost_at = self.watch.requests.last
        if addresses:
            super().lose_state(*addresses)
            return
        uploads = self.state.uploads.values() if self.state else ()
        self.forgotten |= {self.contents[upload.sha256] for upload in uploads}
        self.disk.wipe()
        self.refresh()

    @property
    def unknowable(self) -> set[str]:
        """Ids of ours that nobody can find: what was known of them is lost, or somebody changed them first."""
        late = (one for one in self.watch.requests.told if one["sequence"] <= self.lost_at)
        return self.excused.union(id_ for one in late for id_ in one["made"])

    def _fresh(self) -> State:
        self.lineages += 1
        return fresh(BINDING, f"lineage-{self.lineages}")

    # what pmsync does

    def question(self, *allow: str, **options: Any) -> Question:
        return Question(
            environment=self.environment,
            binding=BINDING,
            emulated=True,
            manifest=Manifest(datasets=dict(self.specs)),
            sources=dict(self.sources),
            state=self.store.read(),
            contents_at=lambda paths: {path: sha for path in paths for sha in self.on_disk},
            options=PlanningOptions(allow=tuple(allowed(one) for one in allow), **options),
            approvals=self.approvals,
        )

    def proposed(self, *allow: str, **options: Any) -> Plan:
        """A plan, made twice: it changes nothing and says the same again."""
        before, disk = self.watch.mutations, {name: one.cached for name, one in self.disk.names.items()}
        life = Life()
        self.disk.begin(life)
        writer = ModelWriter(self.tenant, self.clock, Watch(self.watch.made), life=life)
        plan = propose(self.question(*allow, **options), writer)
        again = propose(self.question(*allow, **options), writer)
        assert plan == again, (says(plan), says(again))
        assert writer.watch.mutations == 0
        assert self.watch.mutations == before
        assert disk == {name: one.cached for name, one in self.disk.names.items()}
        return plan

    def go(
        self, *allow: str, trouble: Trouble | None = None, safe_only: bool = True, **options: Any
    ) -> Ended:
        """One `pmsync apply` from its start to its end, whichever that is."""
        trouble = trouble or Trouble()
        life = Life()
        self.disk.begin(life, trouble.disk)
        self.watch.seen = set()
        writer = ModelWriter(self.tenant, self.clock, self.watch, life=life, mishaps=trouble.requests)
        plan: Plan | None = None
        try:
            with self._recorded(allow, options, trouble) as ending:
                tools = self._tools(writer, life, safe_only=safe_only)
                question = self.question(*allow, **options)
                let_settle(question.state, tools.request_patience, tools.now(), silent)
                plan = propose(question, writer)
                self._watch_over(writer, plan, allow)
                report = apply(plan, question, tools, self.store, fresh=self._fresh())
                ending.of(report)
            return Ended(plan=plan, report=report)
        except PmsyncError as error:
            return Ended(plan=plan, error=error)
        except Killed:
            return Ended(plan=plan, killed=True)
        finally:
            life.dead = True
            self.disk.begin(Life())
            self.refresh()

    @contextmanager
    def _recorded(
        self, allow: tuple[str, ...], options: Mapping[str, Any], trouble: Trouble
    ) -> Iterator[Ending]:
        answers = (
            part
            for option, addresses in options.items()
            for address in addresses
            for part in (f"--{option.replace('_', '-')}", address)
        )
        flags = (part for one in allow for part in ("--allow", one))
        disk_failed = trouble.disk is not None and trouble.disk.code != 0
        with call(self.recorder, "apply", *flags, *answers, disk_failed=disk_failed) as ending:
            try:
                yield ending
            except Killed:
                if trouble.power:
                    ending.lost_power = True
                    self.disk.lose_power(trouble.power)
                raise

    def _look(self) -> Sight:
        files = {name: self.disk.names.get(f"{_FOLDER}/{name}") for name in FILES}
        memory = memory_of({name: inode and inode.cached for name, inode in files.items()})
        return Sight(
            memory, live_of(self.tenant), wish_of(self.specs, self.sources), self.watch.requests.last
        )

    def violations(self) -> list[str]:
        """Whatever the checker finds in all that was run here."""
        return violations(self.recorder.story(self.watch.requests.told, secrets=()), ALWAYS)

    def _tools(self, writer: ModelWriter, life: Life, *, safe_only: bool) -> Tools:
        def send(task: Any, file: SourceFile, _on_bytes: Any) -> None:
            writer.upload(task.datatable_id, Load(task.name, self.contents[file.sha256], file.rows))

        def sleep(seconds: float) -> None:
            life.must_live()
            self.clock.sleep(seconds)

        self.turn += 1
        return InTurn(
            writer=writer,  # type: ignore[arg-type]  # its methods are TenantWriter's
            send=send,
            now=lambda: NEW_YEAR + timedelta(seconds=self.clock.seconds),
            monotonic=self.clock,
            sleep=sleep,
            request_timeout=REQUEST_TIMEOUT,
            parallelism=self.turn,
            safe_only=safe_only,
        )

    # what must never be sent

    def _watch_over(self, writer: ModelWriter, plan: Plan, allow: tuple[str, ...]) -> None:
        flags = tuple(allowed(one) for one in allow)
        going = {one.live_id: one for one in plan.changes if isinstance(one, Delete | Retire)}
        for change in plan.changes:
            if isinstance(change, Replace) and change.block is None:
                assert any(flag.covers(Consent.REPLACE, change.address) for flag in flags)
                self.replaced.add(change.live_id)
                if Consent.LOSS in change.needs:
                    self.lossy.add(change.live_id)

        def before_delete(dataset_id: str) -> None:
            change = going[dataset_id]
            assert dataset_id in self.watch.seen, "deleted without a look"
            record = self.store.read().datasets[change.address]  # type: ignore[union-attr]  # there is one by now
            assert not record.protect, "protected"
            if isinstance(change, Retire) and Consent.DELETE not in change.needs:
                assert dataset_id in self.replaced, "nobody agreed to replace it"
                self._must_be_full(change.address)
                return
            assert any(flag.covers(Consent.DELETE, change.address) for flag in flags), "nobody agreed"
            adopted = record.origin is Origin.ADOPTED
            assert dataset_id in self.watch.made or (adopted and record.on_removal is OnRemoval.DELETE)

        def before_upload(table_id: str) -> None:
            assert table_id in self.watch.made | self.adopted | self._adopted_now(), "not ours"

        writer.before_delete, writer.before_upload = before_delete, before_upload

    def _adopted_now(self) -> set[str]:
        state = self.store.read()
        records = state.datatables.values() if state else ()
        self.adopted |= {one.id for one in records if one.origin is Origin.ADOPTED}
        return self.adopted

    def _must_be_full(self, address: Address) -> None:
        """The old half of a REPLACE goes only if everything declared is in the new one.

        Content that takes the place of as many rows may be on its way: no count can show that it arrived.
        """
        state = self.store.read()
        assert state is not None
        for table, files in self.sources.items():
            if table.dataset_address == address:
                live = self.tenant.tables[state.datatables[table].id]
                full = live.rows >= sum(file.rows for file in files)
                held = [*live.contents, *(load.content for load in live.on_the_way if full)]
                lacking = [
                    file.name for file in files if file.rows and self.contents[file.sha256] not in held
                ]
                assert not lacking, (
                    f"{table} ({live.rows} rows of {live.loads}, {live.on_the_way}) lacks {lacking}"
                )


def _uploads_by_dataset(state: State | None) -> dict[str, list[UploadRecord]]:
    """What is on record of each dataset's contents, old halves included, by the dataset's id."""
    found: dict[str, list[UploadRecord]] = {}
    for address, record in state.datasets.items() if state else ():
        uploads = [upload for at, upload in state.uploads.items() if at.dataset_address == address]
        found[record.id] = uploads
        if record.superseded:
            found[record.superseded.id] = list(record.superseded.uploads.values())
    return found
