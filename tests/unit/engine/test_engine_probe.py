"""The probe against real emulators: it finds what they were told to be, and leaves nothing behind."""

from collections.abc import Callable
from contextlib import closing
from itertools import product
from typing import Any

import pytest
from faults.enginestory import call
from msgspec.structs import replace
from watched import Watched

from pmsync.engine.judging import EMPTY, FIRST, OTHER, SAME, SECOND, TABLES, TWICE, Observations, judged
from pmsync.engine.probe import probe
from pmsync.engine.sweeping import Ground
from pmsync.errors import AnswerLost, AuthenticationFailed, PmsyncError, Refused, Rejected, Unreachable
from pmsync.model.address import Address
from pmsync.model.findings import Findings, HeaderOnly, SameBytes
from pmsync.model.outcome import Announce
from pmsync.model.project import OtherName, SameName
from pmsync.model.state import Intent, IntentKind, only_probed
from pmsync.model.waits import unwatched
from pmsync.planning.naming import scratch_name
from pmsync.planning.scratch import scratch_left
from pmsync.statestore.local import LocalStateStore, fresh
from pmsync.tenant.body import InMemory
from pmsync.tenant.uploads import upload
from pmsync.tenant.wire import Listing

CHANGES = ("create_dataset", "create_datatable", "delete_dataset")
LOOKS = ("datasets", "datatables", "dataset")


class Killed(BaseException):
    """The process ended here."""


def run_probe(bench: Any, id_: str = "1", *, writer: Any = None, put: Any = None, **tools: Any) -> Findings:
    """One `doctor --probe` on the bench's tenant and state."""

    def send(task: Any, content: bytes) -> object:
        return upload(task, InMemory(content), urls=bench.writer, uploader=bench.uploader)

    question = bench.question()
    state = question.state or fresh(question.binding, "9c0b7a54-0a7e-4f43-9b0e-4a1f1f3f7d10")
    with call(bench.recorder, "doctor", "--probe"), closing(bench.store.begin(state)) as ledger:
        return probe(
            Ground(
                environment=bench.environment,
                binding=question.binding,
                emulated=True,
                tools=bench.tools(writer=writer or bench.writer, **tools),
                ledger=ledger,
                put=put or send,
                name=scratch_name(id_),
            )
        )


def killed_probe(bench: Any, **how: Any) -> None:
    """A probe whose process ends in the middle: nothing is closed, and the journal stays."""
    real = bench.store.begin

    class Torn:
        """A ledger that nobody closes."""

        def __init__(self, ledger: Any) -> None:
            self._ledger = ledger

        def __getattr__(self, name: str) -> Any:
            return getattr(self._ledger, name)

        def close(self) -> None:
            if isinstance(bench.store, LocalStateStore):
                self._ledger._drop_journal()

    bench.store.begin = lambda state: Torn(real(state))
    try:
        with pytest.raises(Killed):
            run_probe(bench, **how)
    finally:
        bench.store.begin = real


class Faulty:
    """A writer and a sender whose n-th call (and every later one) meets a fault, before or after the call."""

    def __init__(self, bench: Any, n: int, *, after: bool) -> None:
        self._bench, self._n, self._after, self.calls = bench, n, after, 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._bench.writer, name)
        if name not in {*CHANGES, *LOOKS}:
            return method
        return lambda *arguments: self._counted(lambda: method(*arguments))

    def put(self, task: Any, content: bytes) -> object:
        return self._counted(
            lambda: upload(task, InMemory(content), urls=self._bench.writer, uploader=self._bench.uploader)
        )

    def _counted(self, call: Callable[[], Any]) -> Any:
        self.calls += 1
        if self.calls < self._n:
            return call()
        if self._after and self.calls == self._n:
            call()
        raise Killed


def names(bench: Any) -> list[str]:
    return sorted(one.display_name for one in bench.writer.datasets().datasets.values())


# what is found


@pytest.mark.parametrize(
    ("same", "other", "lag", "tree", "unique"),
    list(product(("replaces", "appends"), ("adds", "replaces"), (0.0, 3.0), (True, False), (True, False))),
)
def test_the_findings_are_the_settings(
    make_bench: Any, same: str, other: str, lag: float, tree: bool, unique: bool
) -> None:
    bench = make_bench(
        plays={"same_name": same, "other_name": other},
        ingestion_lag=lag,
        show_tree=tree,
        unique_names=unique,
    )
    found = run_probe(bench)
    replaces = same == "replaces"
    assert found == Findings(
        same_name=SameName(same),
        other_name=OtherName(other),
        header_only=HeaderOnly.EMPTIES if replaces else HeaderOnly.KEEPS,
        same_bytes=SameBytes.ONCE if replaces else SameBytes.TWICE,
        lag=found.lag,
        shows_tree=tree,
        unique_datasets=unique,
        unique_datatables=unique,
    )
    assert found.lag is not None
    assert lag <= found.lag <= 2 * lag + 1
    assert names(bench) == []
    assert scratch_left(bench.state()) == ()


def test_rows_that_never_show_tell_nothing_and_the_wait_ends(make_bench: Any) -> None:
    bench = make_bench(ingestion_lag=10_000.0, show_tree=True)
    found = run_probe(bench)
    assert found == Findings(shows_tree=True, unique_datasets=False, unique_datatables=False)
    assert bench.clock.seconds < 70
    assert names(bench) == []


def test_what_else_is_there_is_left_alone(bench: Any, csv: Any) -> None:
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    before = bench.state()
    run_probe(bench)
    after = bench.state()
    assert names(bench) == ["o2c"]
    assert replace(after, serial=0) == replace(before, serial=0)
    assert bench.plan().steps == ()


# what it means


def seen(**after: int) -> Findings:
    return judged(Observations(before=dict.fromkeys(TABLES, FIRST), after=after))


def test_a_count_that_fits_nothing_is_unknown() -> None:
    found = seen(**{SAME: 4, OTHER: 0, EMPTY: 1, TWICE: 5})
    assert found == Findings()


def test_that_nothing_moved_means_nothing_where_nothing_is_loaded() -> None:
    found = seen(**{SAME: FIRST, OTHER: FIRST, EMPTY: FIRST, TWICE: FIRST})
    assert found == Findings()


def test_an_experiment_whose_first_file_was_not_seen_whole_does_not_count() -> None:
    before = {**dict.fromkeys(TABLES, FIRST), SAME: FIRST - 1}
    found = judged(Observations(before=before, after={SAME: SECOND, OTHER: SECOND}))
    assert (found.same_name, found.other_name) == (SameName.UNKNOWN, OtherName.REPLACES)


def test_an_experiment_that_was_not_made_is_unknown() -> None:
    assert seen(**{SAME: SECOND}) == Findings(same_name=SameName.REPLACES)


@pytest.mark.parametrize(
    ("second", "unique"),
    [
        ("D2", False),
        (Rejected("taken", status=409), True),
        (Rejected("invalid", status=400), True),
        (Rejected("too many", status=429), None),
        (Unreachable("no answer"), None),
        (AnswerLost("no answer"), None),
        (None, None),
    ],
)
def test_only_a_clear_no_says_that_names_are_unique(
    second: str | PmsyncError | None, unique: bool | None
) -> None:
    found = judged(Observations(second_dataset=second, second_datatable=second))
    assert (found.unique_datasets, found.unique_datatables) == (unique, unique)


# what is left


def test_an_error_in_the_middle_is_raised_and_leaves_nothing(bench: Any) -> None:
    def refused(_task: Any, _content: bytes) -> object:
        raise AuthenticationFailed("no")

    with pytest.raises(AuthenticationFailed):
        run_probe(bench, put=refused)
    assert names(bench) == []
    assert scratch_left(bench.state()) == ()


def test_a_file_that_the_tenant_does_not_take_is_unknown_and_the_rest_is_found(bench: Any) -> None:
    def send(task: Any, content: bytes) -> object:
        if content.count(b"\n") == 1:
            raise Rejected("no rows", status=400)
        return upload(task, InMemory(content), urls=bench.writer, uploader=bench.uploader)

    found = run_probe(bench, put=send)
    assert (found.header_only, found.same_name) == (HeaderOnly.UNKNOWN, SameName.REPLACES)
    assert names(bench) == []
    assert bench.state().intents == ()


def test_an_upload_whose_answer_is_lost_goes_with_its_dataset(bench: Any) -> None:
    def send(task: Any, content: bytes) -> object:
        upload(task, InMemory(content), urls=bench.writer, uploader=bench.uploader)
        if content.count(b"\n") == 1:
            raise AnswerLost("gone")
        return None

    found = run_probe(bench, put=send)
    assert found.header_only is HeaderOnly.UNKNOWN
    assert names(bench) == []
    assert bench.state().intents == ()


def test_a_create_whose_answer_is_lost_is_found_again(bench: Any) -> None:
    real, lost = bench.writer.create_dataset, []

    def create(name: str, parent: str | None) -> Any:
        made = real(name, parent)
        if not lost:
            lost.append(made)
            raise AnswerLost("gone")
        return made

    bench.writer.create_dataset = create
    found = run_probe(bench)
    bench.writer.create_dataset = real
    assert found.same_name is SameName.REPLACES
    assert names(bench) == []
    assert bench.state().intents == ()


def test_an_interrupted_probe_leaves_its_datasets_to_the_next_run(bench: Any, csv: Any) -> None:
    stop: list[bool] = []

    def send(task: Any, content: bytes) -> object:
        stop.append(True)
        return upload(task, InMemory(content), urls=bench.writer, uploader=bench.uploader)

    assert run_probe(bench, put=send, stopped=lambda: bool(stop)) == Findings()
    assert names(bench) == [scratch_name("1")] * 2
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    assert names(bench) == ["o2c"]


def test_what_somebody_renamed_is_not_deleted_and_stops_the_next_probe(bench: Any) -> None:
    stop: list[bool] = []

    def send(_task: Any, _content: bytes) -> object:
        stop.append(True)
        return None

    run_probe(bench, put=send, stopped=lambda: bool(stop))
    (mine, _) = bench.dataset_ids(scratch_name("1"))
    bench.by_hand.rename_dataset(mine, "mine now")
    with pytest.raises(Refused, match="cannot be taken away: _probe"):
        run_probe(bench, "2")
    assert names(bench) == ["mine now"]


def test_one_cut_listing_does_not_make_a_scratch_dataset_nobodys(bench: Any) -> None:
    killed_probe(bench, writer=Faulty(bench, 2, after=True))  # its first create was carried out
    assert names(bench) == [scratch_name("1")]
    whole = bench.writer.datasets
    looks = iter([Listing({}, {})])
    bench.writer.datasets = lambda: next(looks, None) or whole()
    run_probe(bench, "2")
    assert names(bench) == []


def test_a_scratch_create_that_arrives_late_is_waited_for(bench: Any) -> None:
    create, whole = bench.writer.create_dataset, bench.writer.datasets
    late: list[Any] = []

    def lost(*wanted: Any) -> object:
        late.append(wanted)
        bench.writer.create_dataset, bench.writer.datasets = create, blind
        raise AnswerLost("no answer came")

    def blind() -> object:
        bench.writer.datasets = whole
        raise Unreachable("no network")

    def sleep(seconds: float) -> None:
        bench.clock.sleep(seconds)
        if late:
            create(*late.pop())

    bench.writer.create_dataset = lost
    with pytest.raises(PmsyncError):
        run_probe(bench, sleep=sleep)
    for wanted in late:  # nobody waited
        create(*wanted)
    run_probe(bench, "2")
    assert names(bench) == []


def test_a_probe_that_finds_no_scratch_waits_for_nothing_that_an_apply_announced(bench: Any) -> None:
    run_probe(bench)
    young = Intent(kind=IntentKind.CREATE_DATASET, address=Address("o2c"), at=bench.tools().now().isoformat())
    with closing(bench.store.begin(bench.state())) as ledger:
        ledger.record((Announce(young),))
    seen: list[Any] = []

    def waited(what: str, most: float) -> Any:
        seen.append(what)
        return unwatched(what, most)

    run_probe(bench, "2", waits=waited, observer=seen.append)
    assert "earlier run" not in str(seen[0])


def test_rows_of_a_probe_that_do_not_come_are_told_of(bench: Any) -> None:
    bench.writer.datatables = dict
    watched = Watched()
    bench.clock.sleep = watched.sleep
    run_probe(bench, waits=watched.waits, monotonic=watched.monotonic, sleep=watched.sleep)
    assert watched.first.what == "the rows of the scratch datatables to be loaded and to stay"


def test_a_state_that_only_a_probe_used_counts_as_none(bench: Any) -> None:
    run_probe(bench)
    assert only_probed(bench.state())
    bench.declare("o2c", {})
    bench.apply()
    assert not only_probed(bench.state())


# killed


def steps_of_a_probe(bench: Any) -> int:
    counting = Faulty(bench, 10_000, after=False)
    run_probe(bench, "0", writer=counting, put=counting.put)
    return counting.calls


@pytest.fixture(params=[False, True], ids=["before", "after"])
def after(request: pytest.FixtureRequest) -> bool:
    """Whether the process ends before its request is sent, or after it was carried out."""
    return bool(request.param)


@pytest.mark.parametrize("make_bench", ["file"], indirect=True)  # no memory outlives a kill
def test_a_probe_killed_at_any_call_is_swept_up_by_the_next_probe(bench: Any, after: bool) -> None:
    for n in range(1, steps_of_a_probe(bench) + 1):
        faulty = Faulty(bench, n, after=after)
        killed_probe(bench, id_=f"k{n}", writer=faulty, put=faulty.put)
        assert run_probe(bench, f"n{n}").same_name is SameName.REPLACES
        assert names(bench) == [], f"killed at call {n}"
        assert scratch_left(bench.state()) == (), f"killed at call {n}"


@pytest.mark.parametrize("make_bench", ["file"], indirect=True)  # no memory outlives a kill
def test_a_probe_killed_at_any_call_is_swept_up_by_the_next_apply(bench: Any, csv: Any, after: bool) -> None:
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.environment = replace(bench.environment, protect=True)
    for n in range(1, steps_of_a_probe(bench) + 1):
        faulty = Faulty(bench, n, after=after)
        killed_probe(bench, id_=f"k{n}", writer=faulty, put=faulty.put)
        bench.apply()
        assert names(bench) == ["o2c"], f"killed at call {n}"
        assert not any(one.reserved for one in bench.state().datasets), f"killed at call {n}"
        assert bench.plan().steps == (), f"killed at call {n}"


def test_every_change_of_a_probe_was_announced_before(bench: Any) -> None:
    announced: list[set[str]] = []

    class Watching(Faulty):
        def _counted(self, call: Callable[[], Any]) -> Any:
            announced.append({one.address for one in bench.store.read().intents})
            return call()

        def __getattr__(self, name: str) -> Any:
            return super().__getattr__(name) if name in CHANGES else getattr(bench.writer, name)

    watching = Watching(bench, 10_000, after=False)
    run_probe(bench, writer=watching, put=watching.put)
    assert len(announced) == 2 + 5 + 8 + 2
    assert all(announced)
