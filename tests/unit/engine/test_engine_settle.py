"""Answers that were lost: what a run does until it knows, and what the next run does with what is left open."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from watched import Watched

from pmsync.engine.apply import exit_code
from pmsync.engine.settle import QUIET, found_again, let_settle
from pmsync.engine.waiting import Patience
from pmsync.errors import AnswerLost, Refused, Rejected, StalePlan, Unconfirmed, Unreachable
from pmsync.model.address import Address
from pmsync.model.report import Convergence
from pmsync.model.state import Binding, Intent, IntentKind, State
from pmsync.planning.edits import forget
from pmsync.tenant.wire import Listing
from pmsync.views.remedies import CommandLines

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
BINDING = Binding(tenant_id="t-1", host="h")


class Looks:
    """What a tenant lists, look after look; the last stays."""

    def __init__(self, *looks):
        self.looks = list(looks)
        self.count = 0

    def __call__(self):
        self.count += 1
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


@pytest.fixture
def patience(bench):
    return Patience(30.0, bench.clock, bench.clock.sleep, lambda: False)


def opened(*ages, kind=IntentKind.CREATE_DATASET):
    intents = tuple(
        Intent(kind=kind, address=Address(f"o{i}"), at=(NOW - timedelta(seconds=age)).isoformat())
        for i, age in enumerate(ages)
    )
    return State(lineage="l", serial=1, binding=BINDING, intents=intents)


def watching(watched):
    return Patience(30.0, watched.monotonic, watched.sleep, lambda: False, watched.waits)


# the listing until quiet


def test_the_listing_until_quiet_says_what_it_waits_for_and_until_when():
    watched = Watched()
    assert found_again(Looks(()), watching(watched), what="hr.employees") is None
    assert watched.first.what == "the tenant to show whether hr.employees was made, as the answer was lost"
    assert watched.first.left == pytest.approx(25.0, abs=1)


def test_what_is_found_at_once_is_not_waited_for_aloud():
    watched = Watched()
    assert found_again(Looks(("d-1",)), watching(watched), what="hr") == "d-1"
    assert watched.told == []


def test_one_match_is_taken_once_it_stayed_the_only_one(bench, patience):
    assert found_again(Looks(("d-1",)), patience) == "d-1"
    assert QUIET <= bench.clock.seconds < 10


def test_nothing_is_believed_before_the_request_can_arrive_no_more(bench, patience):
    assert found_again(Looks(()), patience) is None
    assert bench.clock.seconds >= 30


def test_a_match_that_comes_late_is_taken(patience):
    assert found_again(Looks((), (), (), ("d-1",)), patience) == "d-1"


def test_one_cut_listing_at_the_end_of_the_wait_does_not_say_that_nothing_was_made(bench, patience):
    cut = []

    def looks():
        at = bench.clock.seconds
        if at >= patience.timeout and not cut:
            cut.append(at)
            return ()
        return ("d-1",) if at >= patience.timeout - 1 else ()

    assert found_again(looks, patience) == "d-1"
    assert cut


def test_several_matches_stop_with_their_ids(patience):
    with pytest.raises(Unconfirmed, match="d-1, d-2"):
        found_again(Looks((), ("d-1", "d-2")), patience)


def test_a_second_match_that_shows_while_it_is_quiet_is_several(patience):
    with pytest.raises(Unconfirmed, match="d-1, d-2"):
        found_again(Looks(("d-1",), ("d-1", "d-2")), patience)


def test_a_run_that_is_to_stop_leaves_it_open(bench):
    stopping = Patience(30.0, bench.clock, bench.clock.sleep, lambda: True)
    with pytest.raises(Unconfirmed, match="the next run finds out"):
        found_again(Looks(()), stopping)
    assert bench.clock.seconds == 0


# what an earlier run left open


@pytest.mark.parametrize(
    ("ages", "waited"),
    [
        ((), 0),
        ((5,), 25),
        ((40,), 0),
        ((40, 10), 20),
        ((-3600,), 30),
    ],
    ids=["none", "young", "old", "the youngest counts", "a clock that goes ahead"],
)
def test_a_run_waits_until_nothing_of_an_earlier_one_can_arrive(bench, patience, ages, waited):
    let_settle(opened(*ages), patience, NOW)
    assert bench.clock.seconds == pytest.approx(waited)


def test_it_says_what_it_waits_for_and_until_when():
    watched = Watched()
    let_settle(opened(5), watching(watched), NOW)
    assert watched.first.what == "requests of an earlier run to end, which was cut off"
    assert watched.first.left == pytest.approx(20.0)


def test_a_first_run_waits_for_nothing(bench, patience):
    let_settle(None, patience, NOW)
    assert bench.clock.seconds == 0


def test_a_time_that_makes_no_sense_waits_for_nothing(bench, patience):
    state = State(
        lineage="l",
        serial=1,
        binding=BINDING,
        intents=(
            Intent(kind=IntentKind.CREATE_DATASET, address=Address("a"), at="yesterday"),
            Intent(kind=IntentKind.CREATE_DATASET, address=Address("b"), at="2026-01-02T12:00:00"),
        ),
    )
    let_settle(state, patience, NOW)
    assert bench.clock.seconds == 0


# in a run


class Losing:
    """A writer whose creates and deletes lose their answers, after or before they are carried out."""

    def __init__(self, writer, *lost):
        self.writer = writer
        self.lost = list(lost)

    def __getattr__(self, name):
        return getattr(self.writer, name)

    def _call(self, method, *args):
        how = self.lost.pop(0) if self.lost else "answered"
        if isinstance(how, Exception):
            raise how
        if how != "not carried out":
            result = getattr(self.writer, method)(*args)
        if how == "answered":
            return result
        raise AnswerLost("no answer came", where=method)

    def create_dataset(self, *args):
        return self._call("create_dataset", *args)

    def create_datatable(self, *args):
        return self._call("create_datatable", *args)

    def create_folder(self, *args):
        return self._call("create_folder", *args)

    def delete_dataset(self, *args):
        return self._call("delete_dataset", *args)


@pytest.mark.parametrize("show_tree", [False, True])
@pytest.mark.parametrize("how", ["carried out", "not carried out"])
def test_a_lost_answer_doubles_nothing_and_loses_nothing(make_bench, csv, how, show_tree):
    bench = make_bench(show_tree=show_tree)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}, "lookup": {}}, folder="Fin")

    losses = [how, "answered"] * 4
    if not show_tree:  # a folder could be there twice without anybody seeing it
        losses.insert(0, "answered")
    if show_tree:  # an empty tenant does not say whether it would show a folder
        bench.emulator.tenant("t-1").create_node("theirs")
    report = bench.apply(writer=Losing(bench.writer, *losses))

    assert report.convergence is Convergence.CONVERGED, report.remaining
    assert len(bench.dataset_ids("o2c")) == 1
    assert len(bench.writer.datatables()) == 2
    assert bench.state().intents == ()
    assert bench.plan().steps == ()


@pytest.mark.parametrize("how", ["carried out", "not carried out"])
def test_a_lost_folder_that_nobody_could_see_is_a_question_and_not_made_twice(bench, how):
    bench.declare("o2c", {}, folder="Fin")
    report = bench.apply(writer=Losing(bench.writer, how))
    assert exit_code(report) == 4
    plan = bench.plan()
    change, commands = plan.blocked[0], CommandLines.of(plan)
    assert [commands.line(one, change).text for one in change.block.remedies] == [
        "pmsync import folder:Fin ID -e dev",
        "pmsync state forget folder:Fin -e dev",
    ]


def test_a_lost_folder_that_is_forgotten_is_made(bench):
    bench.declare("o2c", {}, folder="Fin")
    bench.apply(writer=Losing(bench.writer, "not carried out"))
    state = bench.state()
    with closing(bench.store.begin(state)) as ledger:
        ledger.record(forget(state, Address("folder:Fin")))
    assert bench.apply().convergence is Convergence.CONVERGED


def test_two_equal_names_in_two_hidden_folders_are_never_taken_for_each_other(bench):
    bench.declare("a", {}, name="Same", folder="A")
    bench.declare("b", {}, name="Same", folder="B")

    report = bench.apply(writer=Losing(bench.writer, "answered", "answered", "carried out", "carried out"))

    assert report.convergence is Convergence.CONVERGED
    assert len({record.id for record in bench.state().datasets.values()}) == 2
    assert len(bench.dataset_ids("Same")) == 2


def test_what_bore_the_name_before_is_not_taken_for_what_a_lost_create_made(bench):
    bench.declare("keep", {})
    bench.declare("o2c", {})
    bench.apply()
    bench.writer.delete_dataset(bench.state().datasets[Address("o2c")].id)
    theirs = bench.writer.create_dataset("o2c", None).id

    report = bench.apply("recreate:o2c", writer=Losing(bench.writer, "carried out"))

    assert report.convergence is Convergence.CONVERGED, report
    assert len(bench.dataset_ids("o2c")) == 2
    assert bench.state().datasets[Address("o2c")].id != theirs


def test_several_matches_leave_it_open_and_name_the_ids(bench):
    bench.declare("o2c", {})
    losing = Losing(bench.writer, "carried out")
    twin = []

    def act(_event):
        if len(bench.emulator.tenant("t-1").nodes()) == 1 and not twin:
            twin.append(bench.emulator.tenant("t-1").create_node("o2c"))

    bench.on_event = act
    listing = bench.writer.datasets

    def with_twin():
        act(None)
        return listing()

    losing.datasets = with_twin
    report = bench.apply(writer=losing)

    assert exit_code(report) == 4
    (result,) = report.results
    assert all(one.id in result.problem for one in bench.emulator.tenant("t-1").nodes())
    assert [one.kind for one in bench.state().intents] == [IntentKind.CREATE_DATASET]


def make_and_fill_theirs_meanwhile(bench, losing):
    """Somebody makes a dataset of the name, with a datatable, while the answer to ours is lost."""
    listing, looks = bench.writer.datasets, []

    def with_theirs():
        looks.append(1)
        if len(looks) == 2:  # the first look after the answer was lost
            tenant = bench.emulator.tenant("t-1")
            tenant.create_datatable(tenant.create_node("o2c").id, "events")
        return listing()

    losing.datasets = with_theirs


def test_what_somebody_made_and_filled_meanwhile_is_not_what_a_lost_create_made(bench, steps):
    bench.declare("o2c", {"events": {}})
    losing = Losing(bench.writer, "not carried out")
    make_and_fill_theirs_meanwhile(bench, losing)
    assert exit_code(bench.apply(writer=losing)) == 4
    assert steps(bench.plan()) == ["adopt o2c", "adopt o2c.events"]


def test_of_two_of_a_name_the_empty_one_is_what_a_lost_create_made(bench):
    bench.declare("o2c", {})
    losing = Losing(bench.writer, "carried out")
    make_and_fill_theirs_meanwhile(bench, losing)
    bench.apply(writer=losing)
    theirs = {one.dataset_id for one in bench.writer.datatables().values()}
    assert {bench.state().datasets[Address("o2c")].id} == set(bench.dataset_ids("o2c")) - theirs


def test_a_clear_no_crosses_the_announcement_out(bench):
    bench.declare("o2c", {})
    report = bench.apply(writer=Losing(bench.writer, Rejected("no", status=400)))
    assert exit_code(report) == 1
    assert bench.state().intents == ()


def test_a_no_after_a_lost_answer_leaves_it_open(bench):
    bench.declare("o2c", {})
    losing = Losing(bench.writer, "not carried out", Rejected("name taken", status=409))
    report = bench.apply(writer=losing)
    assert exit_code(report) == 4
    assert [one.kind for one in bench.state().intents] == [IntentKind.CREATE_DATASET]


def blind_after_a_lost_create(bench):
    """A writer that loses the answer to a create and cannot list the tenant from then on."""
    losing = Losing(bench.writer, "carried out")
    looks = [bench.writer.datasets]

    def listing():
        if not looks:
            raise Unreachable("no network")
        return looks.pop()()

    losing.datasets = listing
    return losing


def test_a_tenant_that_cannot_be_listed_after_a_lost_answer_leaves_it_open(bench):
    bench.declare("o2c", {})
    report = bench.apply(writer=blind_after_a_lost_create(bench))
    assert exit_code(report) == 4
    assert bench.apply().convergence is Convergence.CONVERGED
    assert len(bench.dataset_ids("o2c")) == 1


@pytest.mark.parametrize("also", ["keep", "new"])
def test_what_one_cut_listing_lacks_did_not_come_to_nothing(bench, also):
    bench.declare("keep", {})
    bench.apply()
    bench.declare("o2c", {})
    bench.apply(writer=blind_after_a_lost_create(bench))
    bench.remove("o2c")
    bench.declare(also, {})
    whole = bench.writer.datasets
    looks = iter([Listing({}, {})])
    bench.writer.datasets = lambda: next(looks, None) or whole()

    with pytest.raises(StalePlan, match="o2c"):
        bench.apply()

    assert [one.kind for one in bench.state().intents] == [IntentKind.CREATE_DATASET]
    assert bench.apply("delete:o2c").convergence is Convergence.CONVERGED
    assert bench.dataset_ids("o2c") == []


def test_what_is_lost_again_and_again_is_made_at_most_once(bench):
    bench.declare("o2c", {})
    report = bench.apply(writer=Losing(bench.writer, *["not carried out"] * 9))
    assert exit_code(report) == 4
    assert bench.dataset_ids("o2c") == []
    assert bench.apply().convergence is Convergence.CONVERGED


def test_a_lost_delete_is_found_gone_by_the_next_run_without_a_question(bench):
    bench.declare("keep", {})
    bench.declare("old", {})
    bench.apply()
    bench.remove("old")
    report = bench.apply("delete:old", writer=Losing(bench.writer, "carried out"))
    assert exit_code(report) == 4
    assert [one.kind for one in bench.state().intents] == [IntentKind.DELETE]
    assert bench.apply().convergence is Convergence.CONVERGED
    assert list(bench.state().datasets) == ["keep"]
    assert bench.state().intents == ()


def test_a_delete_that_was_announced_and_never_arrived_asks_again(bench):
    bench.declare("keep", {})
    bench.declare("old", {})
    bench.apply()
    bench.remove("old")
    bench.apply("delete:old", writer=Losing(bench.writer, "not carried out"))
    assert [change.block is not None for change in bench.plan().steps] == [True]
    assert bench.apply("delete:old").convergence is Convergence.CONVERGED


def test_what_came_to_nothing_is_crossed_out_by_the_next_run_that_changes_something(bench):
    bench.declare("o2c", {})
    bench.apply(writer=Losing(bench.writer, *["not carried out"] * 9))
    bench.remove("o2c")
    bench.declare("other", {})
    bench.apply()
    assert bench.state().intents == ()


def test_everything_sent_was_announced_on_the_disk_before(bench, csv):
    """A process that dies with the request leaves it in the journal."""
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, folder="Fin")
    seen = []

    class Watching(Losing):
        def _call(self, method, *args):
            seen.append((method, [one.kind.value for one in bench.store.read().intents]))
            return super()._call(method, *args)

    bench.apply(writer=Watching(bench.writer), parallelism=1)
    assert seen == [
        ("create_folder", ["create-folder"]),
        ("create_dataset", ["create-dataset"]),
        ("create_datatable", ["create-datatable"]),
    ]


def test_uploads_and_deletes_are_announced_on_the_disk_before_they_are_sent(bench, csv):
    bench.declare("keep", {"t": {"k.csv": csv(2)}})
    bench.declare("old", {})
    question, plan = bench.question(), bench.plan()
    seen = []

    def send(task, file, listener):
        seen.append((task.name, [(one.kind, one.sha256) for one in bench.store.read().intents]))
        return real.send(task, file, listener)

    real = bench.tools()
    bench.run(plan, question, send=send)
    assert seen == [("k.csv", [(IntentKind.UPLOAD, bench.sources[Address("keep.t")][0].sha256)])]

    class Watching(Losing):
        def delete_dataset(self, live_id):
            seen.append((live_id, [(one.kind, one.target_id) for one in bench.store.read().intents]))
            return super().delete_dataset(live_id)

    (old,) = bench.dataset_ids("old")
    bench.remove("old")
    bench.apply("delete:old", writer=Watching(bench.writer))
    assert seen[1:] == [(old, [(IntentKind.DELETE, old)])]


def test_nothing_is_sent_once_the_lock_may_be_another_runs(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    question, plan = bench.question(), bench.plan()
    before = bench.last_request

    def broken():
        raise Refused("the lock of this run was broken by hand")

    with pytest.raises(Refused):
        bench.run(plan, question, must_hold_lock=broken)
    assert set(bench.asked(before)) == {"GET"}


def test_a_delete_of_an_old_half_is_crossed_out_when_its_dataset_is_built_anew(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.declare("keep", {})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, name="New")
    losses = ["answered", "answered", "carried out"]
    bench.apply("replace:o2c", writer=Losing(bench.writer, *losses))
    assert [one.kind for one in bench.state().intents] == [IntentKind.DELETE]
    bench.writer.delete_dataset(bench.state().datasets[Address("o2c")].id)

    report = bench.apply("recreate:o2c")

    assert report.convergence is Convergence.CONVERGED
    assert bench.state().intents == ()
