"""One repository and the real engine beside a model tenant.

A run is what the command makes of it: settle, plan, apply, look again; it ends with a report, an error, or
killed. What must never happen is asserted at the request that would do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace
from planning_bench import BINDING, allowed, says
from planning_tenant import Load
from statestore_samples import Killed

from faults.checker import ALWAYS, violations
from faults.enginestory import Ending, call, wish_of
from faults.memory import FILES, memory_of
from faults.modelhistory import live_of
from faults.modelhost import DiskMishap, Kept, Life
from faults.modelled import REQUEST_TIMEOUT, Mishap, ModelWriter, Watch
from faults.modelstate import FOLDER, RememberingBench
from faults.recording import Recorder, Sight
from pmsync.engine.apply import apply
from pmsync.engine.propose import Question, propose
from pmsync.engine.settle import let_rows_show, let_settle
from pmsync.engine.tools import Tools
from pmsync.errors import PmsyncError
from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import Manifest, OnRemoval
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import Delete, Plan, Replace, Retire
from pmsync.model.report import Report
from pmsync.model.source import SourceFile, Sources
from pmsync.model.state import Origin
from pmsync.tenant.body import Listener

T = TypeVar("T")
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
class ModelBench(RememberingBench):
    """The planning bench whose runs are the engine's."""

    adopted: set[str] = field(default_factory=set)
    turn: int = 0
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self._look)

    # what pmsync does

    def question(self, *allow: str, **options: Any) -> Question:
        return Question(
            environment=self.environment,
            binding=BINDING,
            emulated=True,
            manifest=Manifest(datasets=dict(self.specs)),
            sources=Sources(files=dict(self.sources)),
            state=self.store.read(),
            contents_at=lambda paths: {path: sha for path in paths for sha in self.on_disk},
            options=PlanningOptions(allow=tuple(allowed(one) for one in allow), **options),
            approvals=self.approvals,
            now=self._now(),
        )

    def _now(self) -> datetime:
        return NEW_YEAR + timedelta(seconds=self.clock.seconds)

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
                let_settle(question.state, tools.request_patience, tools.now())
                timeout = self.environment.verify.timeout
                let_rows_show(question.state, self.environment.uploads, tools, at_most=timeout)
                question = replace(question, now=self._now())
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
            self.ever |= self._replaced_in(plan)

    def _replaced_in(self, plan: Plan | None) -> set[str]:
        """Ids in whose place another is on record: a run may find one, replace it and leave it before it ends."""
        on_record = self.state.datasets if self.state else {}
        retired = [one for one in plan.changes if isinstance(one, Retire)] if plan else []
        return {
            one.live_id
            for one in retired
            if one.address in on_record and on_record[one.address].id != one.live_id
        }

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
        sees = {"disk_failed": disk_failed, "hides_tree": not self.tenant.shows_tree}
        with call(self.recorder, "apply", *flags, *answers, **sees) as ending:
            try:
                yield ending
            except Killed:
                if trouble.power:
                    ending.lost_power = True
                    self.disk.lose_power(trouble.power)
                raise

    def _look(self) -> Sight:
        files = {name: self.disk.names.get(f"{FOLDER}/{name}") for name in FILES}
        memory = memory_of({name: inode and inode.cached for name, inode in files.items()})
        return Sight(
            memory, live_of(self.tenant), wish_of(self.specs, self.sources), self.watch.requests.last
        )

    def violations(self) -> list[str]:
        """Whatever the checker finds in all that was run here."""
        return violations(self.recorder.story(self.watch.requests.told, secrets=()), ALWAYS)

    def _tools(self, writer: ModelWriter, life: Life, *, safe_only: bool) -> Tools:
        def send(task: Any, file: SourceFile, listener: Listener) -> None:
            listener.before_last()
            writer.upload(task.datatable_id, Load(task.name, self.contents[file.sha256], file.rows))

        def sleep(seconds: float) -> None:
            life.must_live()
            self.clock.sleep(seconds)

        self.turn += 1
        return InTurn(
            writer=writer,  # type: ignore[arg-type]  # its methods are TenantWriter's
            send=send,
            now=self._now,
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

        def before_delete(dataset_id: str) -> None:
            change = going[dataset_id]
            assert dataset_id in self.watch.seen, "deleted without a look"
            record = self.store.read().datasets[change.address]  # type: ignore[union-attr]  # there is one by now
            assert not record.protect, "protected"
            if isinstance(change, Retire) and Consent.DELETE not in change.needs:
                agreed = any(flag.covers(Consent.REPLACE, change.address) for flag in flags)
                assert agreed, "nobody agreed in this run that it is replaced"
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
