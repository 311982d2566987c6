"""Uploads whose answer was lost: announced before the first byte and before the last block, and settled by both."""

import pytest
from msgspec.structs import replace

from pmsync.engine.apply import exit_code
from pmsync.engine.settle import let_rows_show
from pmsync.errors import AnswerLost, Refused
from pmsync.model.address import Address
from pmsync.model.events import WaitingForRows
from pmsync.model.project import SameName
from pmsync.model.state import Sent

FILE = Address("o2c.events/a.csv")


@pytest.fixture
def appends(make_bench, csv):
    """A tenant that appends, and one file for it."""
    bench = make_bench(same_name=SameName.APPENDS, plays={"same_name": "appends"})
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    return bench


def lost(bench, *, whole, arrives=False):
    """An apply whose only upload gets no answer, after its last block was announced or before."""
    real = bench.tools()

    def send(task, file, listener):
        if arrives:
            real.send(task, file, listener)
        elif whole:
            listener.before_last()
        raise AnswerLost("no answer", where=task.name)

    report = bench.apply(send=send)
    assert exit_code(report) == 4


def shows_within(bench, seconds):
    uploads = replace(bench.environment.uploads, ingests_within=seconds)
    bench.environment = replace(bench.environment, uploads=uploads)


def waited(bench):
    """Wait as an apply does, for at most a minute; the seconds that took."""
    before = bench.clock.seconds
    let_rows_show(bench.state(), bench.environment.uploads, bench.tools(), at_most=60)
    return bench.clock.seconds - before


def test_an_upload_is_announced_before_its_first_byte_and_again_before_its_last_block(appends):
    seen = []
    real = appends.tools()

    def stage():
        (intent,) = appends.store.read().intents
        return intent.sent

    def send(task, file, listener):
        def before_last():
            listener.before_last()
            seen.append(stage())

        seen.append(stage())
        return real.send(task, file, replace(listener, before_last=before_last))

    appends.apply(send=send)
    assert seen == [Sent.BEGUN, Sent.WHOLE]
    assert appends.state().intents == ()


def test_what_may_be_there_stays_so_though_it_is_begun_anew_and_cut_off(make_bench, csv, steps):
    bench = make_bench(same_name=SameName.REPLACES)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    lost(bench, whole=True, arrives=True)
    lost(bench, whole=False)
    (intent,) = bench.state().intents
    assert intent.sent is Sent.WHOLE
    assert steps(bench.plan()) == ["upload o2c.events/a.csv"]
    assert exit_code(bench.apply()) == 0
    assert bench.live("events") == 3


def test_where_names_append_what_may_be_there_is_a_question_though_it_is_begun_anew(appends, steps):
    lost(appends, whole=True, arrives=True)

    def send(task, file, listener):
        raise AnswerLost("cut off before the last block", where=task.name)

    appends.apply("add-rows:*", options={"reupload": (FILE,)}, send=send)
    assert steps(appends.plan()) == ["blocked o2c.events/a.csv"]


def test_what_may_be_there_stays_announced_though_it_is_refused_when_it_is_sent_again(make_bench, csv, steps):
    bench = make_bench(same_name=SameName.REPLACES)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    lost(bench, whole=True, arrives=True)

    def send(task, file, listener):
        raise Refused("the bucket says no", where=task.name)

    assert exit_code(bench.apply(send=send)) == 3
    assert steps(bench.plan()) == ["upload o2c.events/a.csv"]
    assert exit_code(bench.apply()) == 0
    assert bench.live("events") == 3


def test_where_the_second_announcement_fails_nothing_is_stored(appends):
    real = appends.tools()

    def refuses():
        raise Refused("the disk is full")

    def send(task, file, listener):
        return real.send(task, file, replace(listener, before_last=refuses))

    assert exit_code(appends.apply(send=send)) == 3
    assert appends.live("events") == 0
    assert appends.state().intents == ()


def test_what_never_got_to_its_last_block_is_sent_again_without_a_question(appends, steps):
    lost(appends, whole=False)
    assert steps(appends.plan()) == ["upload o2c.events/a.csv"]
    assert exit_code(appends.apply()) == 0
    assert appends.live("events") == 3
    assert appends.state().intents == ()


def test_what_may_have_arrived_is_a_question_where_nobody_says_how_long_rows_take(appends, steps):
    lost(appends, whole=True)
    assert steps(appends.plan()) == ["blocked o2c.events/a.csv"]
    assert waited(appends) == 0


def test_what_is_not_there_in_time_is_sent_again_without_a_question(appends, steps):
    shows_within(appends, 30)
    lost(appends, whole=True)
    assert steps(appends.plan()) == ["blocked o2c.events/a.csv"]
    assert waited(appends) >= 30
    assert steps(appends.plan()) == ["upload o2c.events/a.csv"]
    assert exit_code(appends.apply()) == 0
    assert appends.live("events") == 3


def test_what_is_there_ends_the_wait_and_is_recorded(appends, steps):
    shows_within(appends, 30)
    lost(appends, whole=True, arrives=True)
    assert waited(appends) == 0
    assert steps(appends.plan()) == ["record o2c.events/a.csv"]


def test_what_shows_up_after_it_was_planned_to_be_sent_again_stops_the_run(appends):
    shows_within(appends, 30)
    lost(appends, whole=True)
    waited(appends)
    question, plan = appends.question(), appends.plan()
    appends.by_hand.add_rows(appends.state().datatables[Address("o2c.events")].id, 3)
    with pytest.raises(Exception, match="an earlier run announced it"):
        appends.run(plan, question)
    assert appends.live("events") == 3


def test_nobody_waits_longer_than_rows_are_waited_for_at_all(appends):
    shows_within(appends, 3600)
    lost(appends, whole=True)
    assert 60 <= waited(appends) <= 70


def test_while_it_waits_it_says_for_what(appends):
    shows_within(appends, 30)
    lost(appends, whole=True)
    appends.events.clear()
    waited(appends)
    (first, *_) = [event for event in appends.events if isinstance(event, WaitingForRows)]
    assert (first.address, first.seen, first.expected) == (FILE, 0, 3)


def test_where_the_same_name_replaces_nobody_waits(make_bench, csv, steps):
    bench = make_bench(same_name=SameName.REPLACES)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    shows_within(bench, 30)
    lost(bench, whole=True)
    assert waited(bench) == 0
    assert steps(bench.plan()) == ["upload o2c.events/a.csv"]


def test_without_a_state_or_with_another_clock_nobody_waits_for_ever(appends):
    shows_within(appends, 30)
    let_rows_show(None, appends.environment.uploads, appends.tools(), at_most=60)
    assert appends.clock.seconds == 0
    lost(appends, whole=True)
    appends.clock.seconds -= 100_000
    assert 60 <= waited(appends) <= 70
