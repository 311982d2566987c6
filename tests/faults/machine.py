"""Whatever people, tenants, networks, disks and kills do, in whatever order: what always holds.

A Hypothesis state machine. Each step is an act of somebody; after each the invariants are checked. What is
wrong at the moment of a request is asserted where it is sent (modelbench).
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any, ClassVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from planning_acts import (
    HARMLESS,
    accept,
    colleague,
    declare,
    edit_files,
    is_taken,
    lose,
    rekey,
    tenant_mood,
    undeclare,
    vandal,
)
from planning_bench import says

from faults.endings import CLEAN_APPLIES
from faults.modelbench import Ended, ModelBench, Trouble
from faults.modelhost import DISK_ERRORS, DiskMishap
from faults.modelled import Mishap
from pmsync.errors import UsageProblem
from pmsync.model.address import Address, Kind
from pmsync.model.outcome import Entry, fold
from pmsync.model.plan import Adopt, Move, Plan, RecordState
from pmsync.model.report import Convergence
from pmsync.model.state import State

REBUILDING = [*HARMLESS, "loss:*"]
ADDING = ["adopt:*", "delete:*", "recreate:*", "loss:*", "add-rows:*"]
HOWS = st.sampled_from(
    ["killed before", "killed after", "killed, arrives late", "lost before", "lost after", "lost, arrives late",
     "refused", "unreachable", "short"]
)  # fmt: skip
MISHAPS = st.builds(Mishap, st.integers(1, 30), HOWS, st.sampled_from([1.0, 12.0, 29.0]))
DISKS = st.builds(DiskMishap, st.integers(1, 60), st.sampled_from([0, 0, *DISK_ERRORS]), st.booleans())
POWER = st.sampled_from([None, None, "nothing", "names", "content"])
TROUBLES = st.builds(
    Trouble,
    requests=st.lists(MISHAPS, min_size=1, max_size=4).map(tuple),
    disk=st.none() | DISKS,
    power=POWER,
) | st.builds(Trouble, disk=DISKS, power=POWER)
CONSENTS = st.sampled_from([[], HARMLESS, HARMLESS, REBUILDING, ADDING]) | st.lists(
    st.sampled_from([*REBUILDING, "add-rows:*"]), unique=True
)

_MOST_QUESTIONS = 3
"""So many times answers are given anew: a datatable has no more sources, and one is sent at a time."""


def by_hand(bench: ModelBench) -> int:
    """Rows in the tenant that a colleague put there."""
    tables = (one for one in bench.tenant.tables.values() if not {one.id, one.dataset_id} & bench.mistakable)
    loads = (load for table in tables for load in table.loads)
    return sum(load.rows for load in loads if load.content == "by hand")


def doubled(bench: ModelBench) -> list[str]:
    """Contents that some datatable holds twice though nobody lost what was known of them."""
    return [
        f"{table.id}: {content}"
        for table in bench.tenant.tables.values()
        for content, count in Counter(table.contents).items()
        if count > 1 and content != "by hand" and content not in bench.forgotten
    ]


def lose_everything(bench: ModelBench, draw: Any) -> None:
    """Somebody removes the whole folder of the state, now and then."""
    if draw(st.integers(0, 3)) == 0:
        bench.lose_state()


def _written_first(plan: Plan) -> list[Entry]:
    """What a plan writes down before it asks: its questions are about the datatables that are on record then."""
    known = (one for one in plan.changes if isinstance(one, RecordState | Move | Adopt) and not one.block)
    return [entry for one in known for entry in one.entries]


def _told(ended: Ended) -> str:
    if ended.report is None:
        return str(ended.error or "killed")
    fates = ", ".join(
        f"{one.change.address} {one.fate} {one.problem}".strip() for one in ended.report.results
    )
    return f"{ended.report.convergence} {ended.report.remaining}: {fates}"


class History(RuleBasedStateMachine):
    """One environment from its first apply on. `behaviours`: what pmsync.yaml says of uploads."""

    behaviours: ClassVar[tuple[tuple[str, str], ...]] = (("replaces", "adds"),)
    steps: ClassVar[Counter[str]] = Counter()
    endings: ClassVar[Counter[str]] = Counter()

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.bench = ModelBench()
        self.told: set[str] = set()  # ids that a run named because it could not know
        self.bench.behaves(*data.draw(st.sampled_from(self.behaviours)))
        self.bench.declare("a", {"t": {"x.csv": "a:5", "y.csv": "b:6"}})
        self.bench.declare("b", {"t": {"x.csv": "c:7"}, "u": None}, folder="F")
        self._count("begin")

    def _count(self, what: str) -> None:
        self.steps[what] += 1

    # people

    def __init_subclass__(cls) -> None:
        cls.steps, cls.endings = Counter(), Counter()

    @rule(data=st.data(), act=st.sampled_from([declare, edit_files, edit_files, undeclare, rekey]))
    def edit_repository(self, data: Any, act: Any) -> None:
        self._count(act.__name__)
        act(self.bench, data.draw)

    @rule(data=st.data(), act=st.sampled_from([colleague, colleague, vandal, tenant_mood]))
    def change_tenant(self, data: Any, act: Any) -> None:
        self._count(act.__name__)
        before = self.bench.places()
        act(self.bench, data.draw)
        self.bench.may_be_mistaken(
            {one for one, place in self.bench.places().items() if before.get(one) != place}
        )

    @rule(data=st.data(), act=st.sampled_from([accept, lose, lose_everything]))
    def edit_state(self, data: Any, act: Any) -> None:
        self._count(act.__name__)
        act(self.bench, data.draw)

    # pmsync

    @rule(consents=CONSENTS)
    def plan(self, consents: list[str]) -> None:
        self._count("plan")
        with suppress(UsageProblem):  # two flags that choose differently
            self.bench.proposed(*consents)

    @rule(consents=CONSENTS, trouble=st.none() | TROUBLES)
    def apply(self, consents: list[str], trouble: Trouble | None) -> None:
        self._count("apply in trouble" if trouble else "apply")
        self._run(consents, trouble)

    @rule(consents=st.sampled_from([HARMLESS, REBUILDING]), trouble=TROUBLES)
    def change_and_apply_in_trouble(self, consents: list[str], trouble: Trouble) -> None:
        """What matters most happens most: something is to be done, and it goes wrong."""
        self._count("change and apply in trouble")
        if not is_taken(self.bench, "a", (), but_for="a"):
            new = f"new{self.bench.turn}:{5 + self.bench.turn % 3}"
            self.bench.declare("a", {"t": {"x.csv": new}, "u": {}})
        self._run(consents, trouble)

    @rule(consents=st.sampled_from([REBUILDING, ADDING]))
    def recover(self, consents: list[str]) -> None:
        """After the last fault two clean applies are enough, not counting those that are given answers."""
        self._count("recover")
        self.bench.tenant.lags = False
        self.bench.tenant.arrive()
        asked = clean = 0
        while clean < CLEAN_APPLIES:
            answers = self._answers() if consents is ADDING else {}
            ended = self._run([*consents] if not answers else consents[:-1], answers=answers)
            if answers and asked < _MOST_QUESTIONS:
                asked += 1  # what was answered may show what else there is to ask
            else:
                clean += 1
        assert ended.report is not None, ended.error
        open_question = bool(self.bench.proposed().blocked or self.bench.proposed(*consents).blocked)
        assert ended.report.convergence is not Convergence.NOT or open_question, _told(ended)
        if not open_question:
            self._must_have_made_nothing_unknown()

    def _answers(self) -> dict[str, Any]:
        """Somebody looks at the rows and answers in truth which lost upload arrived."""
        plan = self.bench.proposed(*ADDING)
        asked = [one.address for one in plan.blocked if one.address.kind is Kind.SOURCE]
        if not asked:
            return {}
        known = fold(self.bench.state, _written_first(plan)) if self.bench.state else None
        there = tuple(one for one in asked if self._arrived(one, known))
        return {"assume_uploaded": there, "reupload": tuple(one for one in asked if one not in there)}

    def _arrived(self, address: Address, known: State | None) -> bool:
        bench = self.bench
        (file,) = [
            one for one in bench.sources.get(address.datatable_address, ()) if one.address == address
        ] or (None,)
        record = known.datatables.get(address.datatable_address) if known else None
        table = bench.tenant.tables.get(record.id) if record else None
        return bool(
            file
            and table
            and (file.name, bench.contents[file.sha256])
            in {(load.name, load.content) for load in table.loads}
        )

    def _run(self, consents: list[str], trouble: Trouble | None = None, answers: Any = None) -> Ended:
        bench = self.bench
        rows, late = by_hand(bench), bench.clock.something_is_late
        ended = bench.go(*consents, trouble=trouble, **(answers or {}))
        note(f"{consents} {trouble} {answers}: {ended.plan and says(ended.plan)} -> {_told(ended)}")
        self.endings[self._how(ended)] += 1
        if ended.report is not None:
            self.told |= {
                id_
                for id_ in bench.watch.made
                for one in ended.report.results
                if id_ in one.problem.split(": ")[-1]
            }
        if "loss:*" not in consents and not late:
            assert by_hand(bench) == rows, "a colleague's rows went"
        if ended.report is not None and ended.report.convergence is not Convergence.NOT:
            self._must_be_as_declared()
        return ended

    @staticmethod
    def _how(ended: Ended) -> str:
        if ended.killed:
            return "killed"
        return ended.report.convergence.value if ended.report else type(ended.error).__name__

    # what always holds

    def teardown(self) -> None:
        broken = self.bench.violations() if hasattr(self, "bench") else []
        assert not broken, "\n".join(broken)

    def _must_be_as_declared(self) -> None:
        """Converged means: each declared content is in its datatable."""
        bench = self.bench
        assert bench.state is not None or not bench.specs
        for table, files in bench.sources.items():
            record = bench.state.datatables[table]
            live = bench.tenant.tables[
                record.id
            ]  # what the bucket took and no count could show may be on its way
            held = Counter([*live.contents, *(load.content for load in live.on_the_way)])
            for file in files:
                content = bench.contents[file.sha256]
                assert not file.rows or held[content] >= 1, f"{table} lacks {content}"

    def _must_have_made_nothing_unknown(self) -> None:
        """Whatever we made and is there was on record at some time: a lost answer's thing was found again.

        Not so a folder that nobody declares any more: the API can remove none. Nor what is in a dataset that was
        left to others in the run that found it.
        """
        bench = self.bench
        live = {*bench.tenant.datasets, *bench.tenant.tables}
        strays = bench.watch.made.intersection(live) - bench.ever - self.told - bench.unknowable
        now = {one.id for one in bench.state.datasets.values()} if bench.state else set()
        left = {one.id for one in bench.tenant.tables.values() if one.dataset_id in bench.ever - now}
        assert not strays - left, f"made and on nobody's record: {strays}"

    @invariant()
    def nothing_is_doubled(self) -> None:
        if hasattr(self, "bench"):
            assert not doubled(self.bench)
            ours = self.bench.watch.made - self.bench.unknowable - self.told
            folders = [one for one in self.bench.tenant.folders.values() if one.id in ours]
            assert len({(one.name, one.parent) for one in folders}) == len(folders), folders

    @invariant()
    def the_state_can_be_read(self) -> None:
        if hasattr(self, "bench"):
            assert self.bench.store.read() == self.bench.state
