"""The watch: a wait of more than five seconds is told, and no other; what is told, and how often."""

import threading

import pytest
from watched import Watched

from pmsync.engine.watch import AGAIN, PATIENCE, watching
from pmsync.model.events import StillWaiting


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_wait_of_less_than_five_seconds_is_not_told(watched: Watched) -> None:
    with watched.waits("it", 60.0):
        watched.sleep(PATIENCE - 0.5)
    watched.sleep(60.0)
    assert watched.told == []


def test_a_longer_one_says_what_for_since_when_and_until_when(watched: Watched) -> None:
    with watched.waits("it", 60.0):
        watched.sleep(PATIENCE)
    assert watched.told == [(5.0, StillWaiting("it", seconds=5.0, left=55.0))]


def test_the_same_is_told_again_twice_a_minute(watched: Watched) -> None:
    with watched.waits("it", 100.0):
        watched.sleep(2 * AGAIN)
    assert [at for at, _ in watched.told] == [PATIENCE, PATIENCE + AGAIN]


def test_what_it_is_for_by_now_is_told_after_five_seconds_more(watched: Watched) -> None:
    with watched.waits("a", 100.0) as wait:
        watched.sleep(6.0)
        wait.is_for("b", 20.0)
        watched.sleep(6.0)
    assert [(at, event.what, event.left) for at, event in watched.told] == [(5, "a", 95), (10, "b", 16)]


def test_what_moves_is_not_told(watched: Watched) -> None:
    with watched.waits("bytes", 600.0) as wait:
        for _ in range(10):
            watched.sleep(4.0)
            wait.goes_on()
    assert watched.told == []


def test_of_many_waits_the_longest_is_told_and_how_many_more_there_are(watched: Watched) -> None:
    with watched.waits("first", 60.0):
        watched.sleep(0.4)
        with watched.waits("second", 60.0), watched.waits("third", 60.0):
            watched.now = 20.0
            watched.waits.look()
    assert [(event.what, event.others) for _, event in watched.told] == [("first", 2)]


def test_a_wait_that_took_longer_than_it_may_has_nothing_left(watched: Watched) -> None:
    with watched.waits("it", 1.0):
        watched.sleep(5.0)
    assert watched.told[0][1].left == 0


def test_it_looks_by_itself_and_ends_with_its_context() -> None:
    told, told_once = [], threading.Event()
    clock = iter(range(0, 10_000, 10))

    def observe(event: object) -> None:
        told.append(event)
        told_once.set()

    with watching(observe, lambda: float(next(clock))) as waits, waits("it", 60.0):
        assert told_once.wait(30)
    assert not any(thread.name == "watch" and thread.is_alive() for thread in threading.enumerate())
