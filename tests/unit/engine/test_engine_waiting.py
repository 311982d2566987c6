"""Waiting for rows: each datatable is told of when its rows are there, and nobody waits for what cannot come."""

from collections.abc import Iterator

import pytest
from watched import Watched

from pmsync.engine.waiting import Expected, Patience, wait_for_rows
from pmsync.model.address import Address

A, B = Address("o.a"), Address("o.b")


class Wait:
    """A tenant that shows these counts, one reading after another and the last one for ever."""

    def __init__(self, *readings: dict[str, int | None]) -> None:
        self.now = 0.0
        self.arrived: list[tuple[Address, int, float]] = []
        self._readings: Iterator[dict[str, int | None]] = iter(readings)
        self._last: dict[str, int | None] = {}

    def counts(self) -> dict[str, int | None]:
        self._last = next(self._readings, self._last)
        return self._last

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def over(self, *expected: Expected) -> dict[Address, int | None]:
        patience = Patience(600.0, lambda: self.now, self.sleep, lambda: False)
        told = lambda met: self.arrived.extend((one.address, seen, self.now) for one, seen in met)  # noqa: E731
        return dict(
            wait_for_rows(expected, self.counts, patience, lambda _: None, sent_bytes=0, arrived=told)
        )


def test_a_datatable_is_told_of_as_soon_as_its_rows_are_there():
    wait = Wait({"a": 3, "b": 0}, *[{"a": 3, "b": 0}] * 20)
    assert wait.over(Expected(A, "a", 3), Expected(B, "b", 5)) == {B: 0}
    assert wait.arrived == [(A, 3, 0.0)]
    assert wait.now == pytest.approx(600.0)


def test_each_is_told_of_once():
    wait = Wait({"a": 3, "b": 0}, {"a": 3, "b": 5})
    assert wait.over(Expected(A, "a", 3), Expected(B, "b", 5)) == {}
    assert [address for address, *_ in wait.arrived] == [A, B]


def test_what_the_state_explains_is_right_as_well():
    wait = Wait({"a": 45}, {"a": 50})
    assert wait.over(Expected(A, "a", 55, explained=(50,))) == {}
    assert wait.arrived[0][1] == 50


def test_whatever_of_it_is_seen():
    wait = Wait({"a": 45}, {"a": 40})
    assert wait.over(Expected(A, "a", 55, explained=(50, 40))) == {}
    assert wait.arrived[0][1] == 40


def test_more_rows_than_can_be_right_are_told_at_once_and_not_after_the_timeout():
    wait = Wait({"a": 60})
    assert wait.over(Expected(A, "a", 55, explained=(50,))) == {A: 60}
    assert wait.now < 5


def test_rows_that_stand_beside_those_they_replace_for_a_moment_are_waited_for():
    wait = Wait({"a": 90}, {"a": 50})
    assert wait.over(Expected(A, "a", 50)) == {}


def test_a_datatable_that_is_not_listed_has_no_rows():
    wait = Wait({})
    assert wait.over(Expected(A, "a", 5)) == {A: 0}


def test_a_count_that_is_not_shown_is_waited_for_and_then_told_as_none():
    wait = Wait({"a": None})
    assert wait.over(Expected(A, "a", 5)) == {A: None}
    assert wait.now == pytest.approx(600.0)


def test_a_datatable_that_is_to_be_empty_may_show_no_count():
    assert Wait({"a": None}).over(Expected(A, "a", 0)) == {}


def test_a_count_that_is_shown_after_all_is_believed():
    assert Wait({"a": None}, {"a": 5}).over(Expected(A, "a", 5)) == {}


# nothing waits in silence

FILES = (("jan.csv", 12), ("feb.csv", 8))


def told_of(*expected: Expected, counts: dict[str, int]) -> Watched:
    watched = Watched()
    patience = Patience(600.0, watched.monotonic, watched.sleep, lambda: False, watched.waits)
    wait_for_rows(expected, lambda: counts, patience, lambda _: None, sent_bytes=0)
    return watched


def test_a_stuck_file_is_named_with_its_likely_cause():
    told = told_of(Expected(A, "a", 20, files=FILES), counts={"a": 12})
    assert told.first.what == (
        "rows of o.a, 12 of 20 shown "
        "(feb.csv: ProcessMind may still be loading it, or did not accept the file)"
    )
    assert told.first.left == pytest.approx(595.0, abs=1)


def test_where_the_count_points_at_no_file_all_are_named():
    assert "(jan.csv, feb.csv: " in told_of(Expected(A, "a", 20, files=FILES), counts={"a": 0}).first.what


def test_of_many_files_three_are_named():
    files = tuple((f"{i}.csv", 1) for i in range(5))
    assert (
        "(0.csv, 1.csv, 2.csv and 2 more: " in told_of(Expected(A, "a", 5, files=files), counts={}).first.what
    )


def test_datatables_that_wait_too_are_counted():
    told = told_of(Expected(A, "a", 20), Expected(B, "b", 3), counts={})
    assert told.first.what == "rows of o.a, 0 of 20 shown and of 1 more"


def test_rows_that_come_soon_are_not_told():
    assert told_of(Expected(A, "a", 20, files=FILES), counts={"a": 20}).told == []
