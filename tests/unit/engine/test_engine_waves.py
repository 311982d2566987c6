"""What is announced together: once for a level, and never so long ago that the next run could misjudge it."""

from contextlib import closing
from datetime import datetime

import pytest

from pmsync.engine.course import Course
from pmsync.engine.run import Run
from pmsync.engine.settle import let_settle
from pmsync.engine.wave import SENT_WITHIN, Wave
from pmsync.errors import Rejected
from pmsync.model.address import Address
from pmsync.model.report import Fate
from pmsync.model.state import Intent, IntentKind
from pmsync.statestore.local import fresh

INTENTS = tuple(
    Intent(kind=IntentKind.DELETE, address=Address(f"d{i}"), target_id=f"id-{i}") for i in range(3)
)


@pytest.fixture
def run(bench):
    question = bench.question()
    tools = bench.tools()
    with closing(
        bench.store.begin(fresh(question.binding, "9c0b7a54-0a7e-4f43-9b0e-4a1f1f3f7d10"))
    ) as ledger:
        yield Run(
            tools=tools,
            ledger=ledger,
            course=Course(ledger.state, tools.observer, fail_fast=False, stopped=tools.stopped),
            environment="dev",
            approvals=frozenset(),
            verify=bench.environment.verify,
            uploads=bench.environment.uploads,
        )


class Counted:
    """A store whose journal lines are counted."""

    def __init__(self, store):
        self._store = store
        self.announced = []
        self.recorded = 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    def begin(self, state):
        ledger = self._store.begin(state)
        counted, announce, record = self, ledger.announce, ledger.record

        def announcing(intents):
            counted.announced.append([one.address for one in intents])
            announce(intents)

        def recording(entries, *, hard=False):
            counted.recorded += 1
            record(entries, hard=hard)

        ledger.announce = announcing
        ledger.record = recording
        return ledger


def at(bench):
    return {one.address: datetime.fromisoformat(one.at) for one in bench.store.read().intents}


def test_a_wave_says_by_when_all_of_it_is_sent(bench, run):
    Wave(run, INTENTS)
    assert {(one - bench.now()).total_seconds() for one in at(bench).values()} == {SENT_WITHIN}


def test_what_is_sent_late_was_announced_anew_with_all_that_still_waits(bench, run):
    wave = Wave(run, INTENTS)
    wave.sends(INTENTS[0])
    first = at(bench)
    bench.clock.sleep(SENT_WITHIN + 1)
    wave.sends(INTENTS[1])
    second = at(bench)
    assert second["d0"] == first["d0"]
    assert second["d1"] == second["d2"] > bench.now()


def test_the_next_run_never_judges_too_early_what_was_sent_last(bench, run):
    """Whenever it went out, it had its whole time before the next run looked."""
    wave = Wave(run, INTENTS)
    bench.clock.sleep(SENT_WITHIN)
    wave.sends(INTENTS[0])
    sent = bench.clock.seconds
    bench.clock.sleep(1)
    let_settle(bench.store.read(), bench.tools().request_patience, bench.now())
    assert bench.clock.seconds >= sent + bench.tools().request_timeout


def test_what_was_never_sent_is_announced_no_more(bench, run):
    wave = Wave(run, INTENTS)
    wave.sends(INTENTS[0])
    wave.end()
    assert list(at(bench)) == ["d0"]


def test_a_level_is_announced_in_one_write(bench, csv):
    for key in ("a", "b", "c"):
        bench.declare(key, {"events": {}, "cases": {}})
    bench.store = store = Counted(bench.store)
    bench.apply()
    assert sorted(map(len, store.announced)) == [3, 6]
    assert bench.apply("delete:*").results == ()


def test_deletions_are_announced_in_one_write(bench):
    for key in ("a", "b", "c", "d", "e"):
        bench.declare(key, {})
    bench.apply()
    bench.remove("a")
    bench.remove("b")
    bench.store = store = Counted(bench.store)
    bench.apply("delete:*")
    assert store.announced == [["a", "b"]]
    assert not bench.state().intents


def test_adoptions_are_recorded_in_one_write(bench):
    for key in ("a", "b", "c"):
        bench.writer.create_dataset(key, None)
        bench.declare(key, {})
    bench.store = store = Counted(bench.store)
    report = bench.apply("adopt:*")
    assert [one.fate for one in report.results] == [Fate.DONE] * 3
    assert store.recorded == 2  # that the run began, and the adoptions


def test_of_two_of_one_name_only_one_is_announced_at_a_time(bench):
    bench.declare("a", {}, folder="A", name="Same")
    bench.declare("b", {}, folder="B", name="Same")
    bench.store = store = Counted(bench.store)
    bench.apply()
    assert sorted(map(len, store.announced[1:])) == [1, 1]


def test_a_run_that_is_stopped_leaves_nothing_announced_that_it_did_not_send(bench):
    bench.declare("a", {})
    bench.declare("b", {})
    refused = []

    class Refusing:
        def __getattr__(self, name):
            return getattr(bench.writer, name)

        def create_dataset(self, name, parent):
            refused.append(name)
            raise Rejected("no", status=400)

    report = bench.apply(writer=Refusing(), stopped=lambda: bool(refused), parallelism=1)
    assert [one.fate for one in report.results] == [Fate.FAILED, Fate.SKIPPED]
    assert refused == ["a"]
    assert not bench.state().intents
