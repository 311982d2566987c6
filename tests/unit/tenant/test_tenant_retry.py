from __future__ import annotations

import contextlib
import threading

import pytest
from watched import Watched

from pmsync.errors import AnswerLost, AuthenticationFailed, PmsyncError, Rejected, Unreachable
from pmsync.tenant.retry import (
    Failure,
    Method,
    Mishap,
    Retrier,
    RetryPolicy,
    RetryQuota,
    Timing,
    asked_wait,
    backoff,
)

NEW_YEAR = "Thu, 01 Jan 2026 00:00:00 GMT"


def failing(mishap: Mishap, *, wait: float | None = None) -> Failure:
    error = (
        Rejected("no", status=500, where="X /y")
        if mishap is Mishap.BROKEN
        else Unreachable("down", where="X /y")
    )
    return Failure(error, mishap, wait=wait)


def play(*results):
    """An attempt that gives these one after another, and remembers what it was told."""
    left, doubts = list(results), []

    def attempt(doubt):
        doubts.append(doubt)
        return left.pop(0)

    return attempt, doubts


def make(clock, **policy) -> Retrier:
    return Retrier(RetryPolicy(**policy), RetryQuota(), clock.timing)


REPEATED = {
    Method.GET: {Mishap.NOT_SENT, Mishap.LOST, Mishap.BUSY, Mishap.BROKEN},
    Method.DELETE: {Mishap.NOT_SENT, Mishap.LOST, Mishap.BUSY, Mishap.BROKEN},
    Method.PUT: {Mishap.NOT_SENT, Mishap.LOST, Mishap.BUSY, Mishap.BROKEN},
    Method.POST: {Mishap.NOT_SENT, Mishap.BUSY},
}


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("mishap", Mishap)
def test_only_what_the_matrix_allows_is_repeated(clock, method, mishap):
    attempt, doubts = play(failing(mishap), "worked")
    if mishap in REPEATED[method]:
        assert make(clock).run(method, attempt) == "worked"
        assert len(doubts) == 2
    else:
        with pytest.raises((Unreachable, AnswerLost)):
            make(clock).run(method, attempt)
        assert len(doubts) == 1


@pytest.mark.parametrize("method", [Method.DELETE, Method.PUT, Method.POST])
@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.BROKEN, Mishap.GARBLED])
def test_what_may_have_been_carried_out_ends_in_answer_lost(clock, method, mishap):
    attempt, _ = play(*[failing(mishap)] * 9)
    with pytest.raises(AnswerLost, match="may have been carried out") as caught:
        make(clock).run(method, attempt)
    assert caught.value.where == "X /y"


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.BROKEN, Mishap.GARBLED])
def test_a_get_is_never_in_doubt(clock, mishap):
    attempt, doubts = play(*[failing(mishap)] * 9)
    with pytest.raises((Unreachable, Rejected)):
        make(clock).run(Method.GET, attempt)
    assert not any(doubts)


def test_a_doubt_outlives_a_later_clear_no(clock):
    no = Failure(AuthenticationFailed("key revoked"), Mishap.REFUSED)
    attempt, doubts = play(failing(Mishap.LOST), failing(Mishap.NOT_SENT), no)
    with pytest.raises(AnswerLost, match="key revoked"):
        make(clock).run(Method.PUT, attempt)
    assert doubts == [False, True, True]


def test_an_answer_that_is_lost_already_is_raised_as_it_is(clock):
    lost = AnswerLost("somewhere", hint="look")
    attempt, _ = play(Failure(lost, Mishap.LOST))
    with pytest.raises(AnswerLost) as caught:
        make(clock).run(Method.POST, attempt)
    assert caught.value is lost


def test_attempts_are_counted_and_the_last_error_says_so(clock):
    attempt, doubts = play(*[failing(Mishap.NOT_SENT)] * 9)
    with pytest.raises(Unreachable, match="attempt 5, the last"):
        make(clock, attempts=5).run(Method.POST, attempt)
    assert len(doubts) == 5


def test_the_pauses_grow_with_full_jitter_up_to_the_longest(clock):
    attempt, _ = play(*[failing(Mishap.BROKEN)] * 7, "worked")
    make(clock, attempts=8).run(Method.GET, attempt)
    assert clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


@pytest.mark.parametrize(
    ("retry", "chance", "seconds"), [(0, 0.0, 0.0), (0, 1.0, 1.0), (3, 0.5, 4.0), (40, 1.0, 20.0)]
)
def test_backoff_is_full_jitter(retry, chance, seconds):
    assert backoff(RetryPolicy(), retry, chance) == seconds


@pytest.mark.parametrize(("asked", "slept"), [(0.0, 0.0), (7.0, 7.0), (60.0, 60.0), (1e12, 60.0)])
def test_what_the_server_asks_for_is_honoured_up_to_a_minute(clock, asked, slept):
    attempt, _ = play(failing(Mishap.BUSY, wait=asked), "worked")
    make(clock).run(Method.POST, attempt)
    assert clock.slept == [slept]


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("0", None, 0.0),
        ("5", None, 5.0),
        (" 5 ", None, 5.0),
        ("1000000000000", None, 1e11),
        ("9" * 5000, None, 999999999999.0),
        ("-1", None, None),
        ("1.5", None, None),
        ("soon", None, None),
        ("²", None, None),
        ("", None, None),
        (None, None, None),
        ("Thu, 01 Jan 2026 00:00:30 GMT", NEW_YEAR, 30.0),
        ("Wed, 31 Dec 2025 23:59:00 GMT", NEW_YEAR, 0.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", None, None),
        ("Thu, 01 Jan 2026 00:00:30 GMT", "yesterday", None),
        ("Thu, 99 Jan 2026 00:00:30 GMT", NEW_YEAR, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_anything_else_is_ignored(header, date, seconds):
    assert asked_wait(header, date) == seconds


def test_a_call_stops_at_its_deadline(clock):
    attempt, doubts = play(*[failing(Mishap.BUSY, wait=60.0)] * 9)
    with pytest.raises(Unreachable):
        make(clock, deadline=150.0).run(Method.GET, attempt)
    assert len(doubts) == 3


def test_all_attempts_may_take_twice_as_long_as_one(clock):
    attempt, doubts = play(*[failing(Mishap.BUSY, wait=60.0)] * 9)
    with pytest.raises(Unreachable):
        make(clock, deadline=150.0).run(Method.GET, attempt, longest=5.0)
    assert len(doubts) == 1


def test_retries_of_a_run_are_bounded_over_all_calls(clock):
    retrier = Retrier(RetryPolicy(attempts=100), RetryQuota(25), clock.timing)
    attempt, doubts = play(*[failing(Mishap.BROKEN)] * 9)
    with pytest.raises(Rejected):
        retrier.run(Method.GET, attempt)
    assert len(doubts) == 6  # one attempt and five retries of five tokens
    attempt, doubts = play(failing(Mishap.BROKEN), "worked")
    with pytest.raises(Rejected):
        retrier.run(Method.GET, attempt)


def test_a_lost_answer_costs_twice_as_much(clock):
    retrier = Retrier(RetryPolicy(attempts=100), RetryQuota(25), clock.timing)
    attempt, doubts = play(*[failing(Mishap.LOST)] * 9)
    with pytest.raises(Unreachable):
        retrier.run(Method.GET, attempt)
    assert len(doubts) == 3


def test_success_gives_back_what_the_last_retry_cost():
    quota = RetryQuota(5)
    retrier = Retrier(RetryPolicy(), quota, Timing(sleep=lambda _s: None, random=lambda: 0.0))
    for _ in range(20):
        attempt, _ = play(failing(Mishap.BROKEN), "worked")
        assert retrier.run(Method.GET, attempt) == "worked"
    assert quota.take(5)
    assert not quota.take(1)


def test_a_first_success_gives_one_token_back_and_never_more_than_there_were(clock):
    quota = RetryQuota(5)
    retrier = Retrier(RetryPolicy(), quota, clock.timing)
    assert quota.take(5)
    retrier.run(Method.GET, play("worked")[0])
    assert quota.take(1)
    assert not quota.take(1)
    for _ in range(9):
        retrier.run(Method.GET, play("worked")[0])
    assert quota.take(5)
    assert not quota.take(1)


def test_the_quota_is_exact_over_threads():
    quota, taken = RetryQuota(500), []
    threads = [
        threading.Thread(target=lambda: taken.extend(quota.take(5) for _ in range(50))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 100


def test_the_error_has_no_foreign_context(clock):
    attempt, _ = play(failing(Mishap.NOT_SENT), failing(Mishap.REFUSED))
    with pytest.raises(Unreachable) as caught:
        make(clock).run(Method.GET, attempt)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


# nothing waits in silence


def told_of(attempt, method=Method.GET, **policy) -> Watched:
    """What is told while a request runs through the retry layer, all jitter at its longest."""
    watched = Watched()
    timing = Timing(watched.sleep, watched.monotonic, lambda: 1.0)
    retrier = Retrier(RetryPolicy(**policy), RetryQuota(), timing, watched.waits)
    with retrier.waits("it", 60.0) as wait, contextlib.suppress(PmsyncError):
        retrier.run(method, lambda _doubt: attempt(watched), where="GET /datasets", wait=wait)
    return watched


@pytest.mark.parametrize("mishap", [Mishap.NOT_SENT, Mishap.LOST, Mishap.BROKEN])
def test_retries_are_told_with_the_attempt_that_comes_and_why(mishap):
    told = told_of(lambda _: failing(mishap))
    why = "no" if mishap is Mishap.BROKEN else "down"
    assert told.first.what == f"GET /datasets, attempt 4 of 5 ({why})"


def test_a_wait_that_the_tenant_asked_for_is_told_with_its_end():
    told = told_of(lambda _: failing(Mishap.BUSY, wait=40.0))
    assert told.first.what == "GET /datasets, attempt 2 of 5 (down)"
    assert told.first.left == 35.0


def test_an_answer_that_does_not_come_is_told_with_the_end_of_the_attempt():
    told = told_of(lambda watched: watched.taking(30.0, "answer")(), longest_attempt=60.0)
    assert told.first.what == "an answer to GET /datasets"
    assert told.first.left == 55.0


def test_a_quick_answer_after_quick_retries_is_not_told():
    results = [failing(Mishap.BUSY, wait=2.0), failing(Mishap.BUSY, wait=2.0), "worked"]
    assert told_of(lambda _: results.pop(0)).told == []
