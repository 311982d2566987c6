"""Uploads that an earlier run announced: which of them cannot be there, and from when on that is known."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from planning_bench import Bench, of, says
from planning_run import sha

from pmsync.model.address import Address
from pmsync.model.outcome import Settle
from pmsync.model.state import Intent, IntentKind, Sent

JAN = Address("o.events/jan.csv")
SENT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
LONG_AFTER = SENT + timedelta(hours=9)
UPLOADED = "upload o.events/jan.csv new"
ASKED = "blocked o.events/jan.csv answer-lost !unconfirmed"
CROSSED_OUT = (Settle(IntentKind.UPLOAD, JAN),)


@pytest.fixture
def killed(bench: Bench) -> Bench:
    """A run was killed after it had sent the last block of a file of 10 rows, and nothing of it is there."""
    bench.behaves("appends")
    bench.declare("o", {"events": {}})
    bench.apply()
    bench.declare("o", {"events": {"jan.csv": "jan:10"}})
    announced(bench)
    return bench


def announced(
    bench: Bench, sent: Sent = Sent.WHOLE, *, before: int = 0, at: str = SENT.isoformat(), size: int = 0
) -> None:
    assert bench.state is not None
    intent = Intent(
        kind=IntentKind.UPLOAD,
        address=JAN,
        display_name="jan.csv",
        parent_id=bench.tenant.table("o", "events").id,
        sha256=sha("jan:10"),
        size=size,
        rows=10,
        rows_before=before,
        at=at,
        sent=sent,
    )
    bench.state = replace(bench.state, intents=(intent,))


def within(bench: Bench, seconds: float) -> None:
    """pmsync.yaml says by when this tenant shows rows."""
    uploads = replace(bench.environment.uploads, ingests_within=seconds)
    bench.environment = replace(bench.environment, uploads=uploads)


@pytest.mark.parametrize("same_name", ["replaces", "appends", "unknown"])
def test_a_file_whose_last_block_was_not_announced_was_never_sent(killed: Bench, same_name: str) -> None:
    killed.behaves(same_name)
    announced(killed, Sent.BEGUN)
    plan = killed.plan()
    assert says(plan) == [UPLOADED]
    assert plan.void == CROSSED_OUT


def test_what_is_no_longer_declared_and_was_never_sent_is_crossed_out(killed: Bench) -> None:
    announced(killed, Sent.BEGUN)
    killed.declare("o", {"events": {}})
    plan = killed.plan()
    assert says(plan) == []
    assert plan.void == CROSSED_OUT


def test_rows_of_somebody_else_are_not_those_of_a_file_that_was_never_sent(killed: Bench) -> None:
    announced(killed, Sent.BEGUN)
    killed.tenant.add_rows("o", "events", 10)
    assert killed.says() == ["blocked o.events/jan.csv lost-state !decision"]


def test_where_nobody_says_how_long_rows_take_what_was_sent_whole_is_asked_about(killed: Bench) -> None:
    plan = killed.plan(now=LONG_AFTER)
    assert says(plan) == [ASKED]
    assert plan.void == ()


def test_rows_that_are_not_there_in_time_were_never_sent(killed: Bench) -> None:
    within(killed, 600)
    plan = killed.plan(now=SENT + timedelta(seconds=600))
    assert says(plan) == [UPLOADED]
    assert plan.void == CROSSED_OUT


def test_a_large_file_is_given_more_time(killed: Bench) -> None:
    within(killed, 600)
    announced(killed, size=5 * 1024 * 1024 * 30)
    assert killed.says(now=SENT + timedelta(seconds=629)) == [ASKED]
    assert killed.says(now=SENT + timedelta(seconds=630)) == [UPLOADED]


@pytest.mark.parametrize("now", [None, SENT - timedelta(hours=1), SENT + timedelta(seconds=599)])
def test_before_that_the_way_out_says_until_when_to_wait(killed: Bench, now: datetime | None) -> None:
    within(killed, 600)
    plan = killed.plan(now=now)
    assert says(plan) == [ASKED]
    block = of(plan, JAN).block
    assert block is not None
    assert block.remedies[0].meaning == (
        "wait until 2026-11-30 03:10:00 UTC: by then its rows show (uploads.ingestsWithin)"
    )


def test_what_nobody_knows_the_stage_of_is_judged_as_if_it_had_been_sent_whole(killed: Bench) -> None:
    announced(killed, Sent.UNKNOWN)
    assert killed.says(now=LONG_AFTER) == [ASKED]
    within(killed, 600)
    assert killed.says(now=LONG_AFTER) == [UPLOADED]


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-30T03:00:00"])
def test_what_does_not_say_when_it_was_sent_is_asked_about(killed: Bench, at: str) -> None:
    within(killed, 600)
    announced(killed, at=at)
    assert killed.says(now=LONG_AFTER) == [ASKED]


@pytest.mark.parametrize("rows", [4, 11, 14])
def test_where_the_count_moved_by_something_else_nobody_knows(killed: Bench, rows: int) -> None:
    within(killed, 600)
    killed.tenant.add_rows("o", "events", rows)
    assert killed.says(now=LONG_AFTER) == [ASKED]


def test_an_absent_row_count_tells_nothing_however_late(killed: Bench) -> None:
    within(killed, 600)
    killed.tenant.shows_rows = False
    assert killed.says(now=LONG_AFTER) == [ASKED]


def test_rows_that_are_there_are_recorded_at_any_time(killed: Bench) -> None:
    within(killed, 600)
    killed.tenant.add_rows("o", "events", 10)
    assert killed.says(now=SENT) == ["record o.events/jan.csv settled"]


@pytest.mark.parametrize("other_name", ["replaces", "unknown"])
def test_where_another_name_may_replace_as_many_rows_tell_nothing(killed: Bench, other_name: str) -> None:
    within(killed, 600)
    killed.tenant.add_rows("o", "events", 10)
    killed.behaves("appends", other_name)
    announced(killed, before=10)
    assert killed.says(now=LONG_AFTER) == [ASKED]


def test_what_was_said_of_it_goes_before_the_time(killed: Bench) -> None:
    within(killed, 600)
    assert killed.says(now=LONG_AFTER, assume=[JAN]) == ["record o.events/jan.csv assumed"]
