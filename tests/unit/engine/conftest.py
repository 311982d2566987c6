"""A small user's repository against a real emulator: what is declared, what is live, and a run between them.

All that was run is judged by the checker of the fault tests at the end.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from faults.checker import ALWAYS, violations
from faults.enginestory import applied, wish_of
from faults.memory import memory_in
from faults.recording import Recorder, Sight
from faults.truth import live_of

from pmsync.diagnostics import Location
from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import Settings
from pmsync.engine.apply import apply
from pmsync.engine.propose import Question, propose
from pmsync.engine.tools import Tools
from pmsync.errors import Secret
from pmsync.model.address import Address, parse_folder
from pmsync.model.consent import Allow, Consent
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, SourceSpec
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import Plan, action_of
from pmsync.model.project import (
    CloudTenant,
    Environment,
    OtherName,
    SameName,
    StateBackend,
    UploadBehaviour,
    Verify,
)
from pmsync.model.report import Report
from pmsync.model.source import FileStamp, SourceFile, Sources
from pmsync.model.state import Binding, State
from pmsync.statestore.codec import encode
from pmsync.statestore.interface import StateStore
from pmsync.statestore.local import LocalStateStore, fresh
from pmsync.statestore.memory import MemoryStateStore
from pmsync.tenant.body import Listener
from pmsync.tenant.client import TenantWriter
from pmsync.tenant.hosts import api_address
from pmsync.tenant.retry import Retrier, RetryPolicy, Timing
from pmsync.tenant.session import Session
from pmsync.tenant.uploads import Uploader, upload

HERE = Location("manifests/m.yaml", 1, 1)
TENANT = "t-1"


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def epoch(self) -> float:
        return 1_700_000_000.0 + self.seconds


class Bytes:
    """A file's content as the uploads room wants it."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    @property
    def size(self) -> int:
        return len(self._content)

    def read(self, count: int, /) -> bytes:
        block = self._content[self._at : self._at + count]
        self._at += len(block)
        return block

    def rewind(self) -> None:
        self._at = 0


def rows(count: int, first: int = 1) -> bytes:
    """A CSV of so many rows, numbered from `first`."""
    return b"case,activity\n" + b"".join(b"c%d,go\n" % i for i in range(first, first + count))


@dataclass
class Bench:
    """One environment: `declare` what is wanted, `plan`, `apply`; `by_hand` is ProcessMind's own screen."""

    emulator: RunningEmulator
    writer: TenantWriter
    uploader: Uploader
    store: StateStore
    state_folder: Path
    clock: Clock
    environment: Environment
    files: dict[str, bytes] = field(default_factory=dict)
    specs: dict[Address, DatasetSpec] = field(default_factory=dict)
    sources: dict[Address, tuple[SourceFile, ...]] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    on_event: Callable[[Any], None] = lambda _event: None
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self._look)

    def _look(self) -> Sight:
        if isinstance(self.store, MemoryStateStore) and (state := self.store.read()) is not None:
            self.state_folder.mkdir(exist_ok=True)  # the checker reads files alone
            (self.state_folder / "state.json").write_bytes(encode(state, pmsync_version="0"))
        memory, live = memory_in(self.state_folder), live_of(self.emulator, TENANT)
        return Sight(memory, live, wish_of(self.specs, self.sources), self.emulator.history.last)

    def violations(self) -> list[str]:
        """Whatever the checker finds in all that was run here."""
        requests = (one.as_json() for one in self.emulator.history.since())
        return violations(
            self.recorder.story(requests, rows_are_verified=self.environment.verify.rows), ALWAYS
        )

    @property
    def by_hand(self) -> Any:
        return self.emulator.by_hand(TENANT)

    def declare(
        self,
        key: str,
        tables: Mapping[str, Mapping[str, bytes]],
        *,
        folder: str = "",
        name: str | None = None,
        **more: Any,
    ) -> None:
        """A dataset with its datatables and the contents of their source files by name."""
        address = Address.dataset(key)
        datatables = {}
        for table, files in tables.items():
            one = Address.datatable(key, table)
            specs = tuple(SourceSpec(path=name_, location=HERE) for name_ in files)
            datatables[one] = DatatableSpec(address=one, display_name=table, sources=specs, location=HERE)
            self.sources[one] = tuple(self._file(one, name_, content) for name_, content in files.items())
        self.specs[address] = DatasetSpec(
            address=address,
            display_name=name or key,
            folder=parse_folder(folder),
            datatables=datatables,
            location=HERE,
            **more,
        )

    def _file(self, table: Address, name: str, content: bytes) -> SourceFile:
        sha256 = hashlib.sha256(content).hexdigest()
        self.files[sha256] = content
        return SourceFile(
            address=Address.source(table, name),
            name=name,
            path=name,
            sha256=sha256,
            rows=max(0, content.count(b"\n") - 1),
            columns=("case", "activity"),
            stamp=FileStamp(device=1, inode=1, size=len(content), mtime_ns=0, ctime_ns=0),
            append=False,
            location=HERE,
        )

    def remove(self, key: str) -> None:
        del self.specs[Address.dataset(key)]

    def question(self, **options: Any) -> Question:
        return Question(
            environment=self.environment,
            binding=Binding(tenant_id=TENANT, host="emulator"),
            emulated=True,
            manifest=Manifest(datasets=dict(self.specs)),
            sources=Sources(
                files={one: files for one, files in self.sources.items() if one.dataset_address in self.specs}
            ),
            state=self.store.read(),
            contents_at=lambda paths: {
                path: sha256 for path in paths for sha256 in self.files if path not in self.gone
            },
            options=PlanningOptions(**options),
            now=self.now(),
        )

    def now(self) -> datetime:
        return datetime(2026, 1, 2, tzinfo=UTC) + timedelta(seconds=self.clock.seconds)

    gone: frozenset[str] = frozenset()

    def tools(self, **more: Any) -> Tools:
        def send(task: Any, file: SourceFile, listener: Listener) -> object:
            body = Bytes(self.files[file.sha256])
            return upload(task, body, urls=self.writer, uploader=self.uploader, listener=listener)

        def observe(event: Any) -> None:
            self.events.append(event)
            self.on_event(event)

        effects: dict[str, Any] = {
            "writer": self.writer,
            "send": send,
            "now": self.now,
            "monotonic": self.clock,
            "sleep": self.clock.sleep,
            "observer": observe,
            "parallelism": 4,
            "request_timeout": 30.0,
        }
        return Tools(**(effects | more))

    def plan(self, *allow: str, **options: Any) -> Plan:
        return propose(self.question(allow=allowed(allow), **options), self.writer)

    def apply(self, *allow: str, options: Mapping[str, Any] | None = None, **tools: Any) -> Report:
        question = self.question(allow=allowed(allow), **(options or {}))
        plan = propose(question, self.writer)
        return self.run(plan, question, **tools)

    def run(self, plan: Plan, question: Question, **tools: Any) -> Report:
        begin = fresh(question.binding, "9c0b7a54-0a7e-4f43-9b0e-4a1f1f3f7d10")
        effects = self.tools(**tools)
        return applied(
            self.recorder, plan, question, lambda: apply(plan, question, effects, self.store, fresh=begin)
        )

    def state(self) -> State:
        state = self.store.read()
        assert state is not None
        return state

    def lose_state(self) -> None:
        """Nothing is remembered any more."""
        if isinstance(self.store, MemoryStateStore):
            self.store = MemoryStateStore(Binding(tenant_id=TENANT, host="emulator"))
        for file in self.state_folder.iterdir():
            file.unlink()

    def asked(self, since: int = 0) -> list[str]:
        """What the emulator was asked after so many requests: the methods, in order."""
        return [one.method for one in self.emulator.history.since(since)]

    @property
    def last_request(self) -> int:
        return self.emulator.history.last

    def live(self, name: str) -> int:
        """The row count of the one live datatable of this name."""
        (found,) = [one for one in self.writer.datatables().values() if one.display_name == name]
        return found.row_count

    def dataset_ids(self, name: str) -> list[str]:
        return [one.id for one in self.writer.datasets().datasets.values() if one.display_name == name]

    def fates(self, report: Report) -> dict[str, str]:
        """What became of each change, as `action address: fate`."""
        return {f"{action_of(one.change)} {one.change.address}": one.fate.value for one in report.results}


@pytest.fixture
def csv() -> Callable[..., bytes]:
    """Makes a CSV of so many rows, numbered from `first`."""
    return rows


@pytest.fixture(name="steps")
def steps_of() -> Callable[[Plan], list[str]]:
    """The plan's steps as `action address`."""
    return steps


def allowed(flags: tuple[str, ...]) -> tuple[Allow, ...]:
    pairs = (flag.split(":", 1) for flag in flags)
    return tuple(Allow(consent=Consent(kind), glob=glob) for kind, glob in pairs)


def steps(plan: Plan) -> list[str]:
    """The plan's steps as `action address`."""
    return [f"{action_of(change)} {change.address}" for change in plan.steps]


MakeBench = Callable[..., Bench]


@pytest.fixture(params=["file", "memory"])
def make_bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[MakeBench]:
    """On each store, as no engine may know which it has."""
    with ExitStack() as stack:
        yield lambda **choices: stack.enter_context(
            _bench(tmp_path, in_memory=request.param == "memory", **choices)
        )


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()


def _store(folder: Path, clock: Clock, *, in_memory: bool) -> StateStore:
    binding = Binding(tenant_id=TENANT, host="emulator")
    if in_memory:
        return MemoryStateStore(binding)
    return LocalStateStore(str(folder), binding, pmsync_version="0", clock=clock)


@contextmanager
def _bench(
    folder: Path,
    *,
    in_memory: bool = False,
    same_name: SameName = SameName.REPLACES,
    other_name: OtherName = OtherName.ADDS,
    verify: Verify | None = None,
    plays: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Iterator[Bench]:
    """`same_name` and `other_name` are what pmsync.yaml says; what the emulator does is in `plays`."""
    clock = Clock()
    with running(Settings(**settings, **(plays or {})), clock=clock.epoch) as emulator:
        retrier = Retrier(RetryPolicy(attempts=1), timing=Timing(clock.sleep, clock, lambda: 0.0))
        session = Session(api_address(emulator.api_url, None), Secret("pmsync-local"), monotonic=clock)
        uploader = Uploader(retrier=retrier, outbound=session.outbound)
        try:
            bench = Bench(
                emulator=emulator,
                writer=TenantWriter(session, TENANT, retrier=retrier),
                uploader=uploader,
                store=_store(folder / "state", clock, in_memory=in_memory),
                state_folder=folder / "state",
                clock=clock,
                environment=Environment(
                    name="dev",
                    tenant=CloudTenant(tenant_id=TENANT),
                    state=StateBackend.FILE,
                    uploads=UploadBehaviour(same_name=same_name, other_name=other_name),
                    verify=verify or Verify(timeout=60),
                    location=HERE,
                ),
            )
            yield bench
        finally:
            uploader.close()
            session.close()
    assert bench.violations() == []
