"""Problems are gathered, sorted, bounded, and never let foreign text through."""

from __future__ import annotations

import pytest

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import MOST_TOLD, InputError
from pmsync.loading.problems import Problems, meant, shown, shown_path


def told(problems: Problems) -> list[str]:
    with pytest.raises(InputError) as caught:
        problems.settle()
    return [f"{one.location} {one.code}" for one in caught.value.diagnostics]


def test_no_problems_are_no_error() -> None:
    problems = Problems()
    problems.settle()
    assert not problems


def test_problems_are_told_in_the_order_of_their_places_and_each_once() -> None:
    problems = Problems()
    for file, line in (("b", 1), ("a", 10), ("a", 9), ("a", 10)):
        problems.add(Diagnostic(Location(file, line, 1), "PM012", "x"))
    assert told(problems) == ["a:9:1 PM012", "a:10:1 PM012", "b:1:1 PM012"]


def test_nothing_more_is_said_of_a_value_that_is_not_known() -> None:
    problems = Problems()
    problems.add_broken(Diagnostic(Location("a", 1, 1), "PM010", "an alias"))
    problems.add(Diagnostic(Location("a", 1, 1), "PM017", "nothing"))
    assert told(problems) == ["a:1:1 PM010"]


def test_the_first_problems_are_told_and_the_others_counted_whatever_their_order() -> None:
    problems = Problems()
    for line in range(MOST_TOLD + 7, 0, -1):
        problems.add_broken(Diagnostic(Location("a", line, 1), "PM006", "x"))
    problems.add(Diagnostic(Location("b", 1, 1), "PM006", "x"))
    problems.count(5)
    with pytest.raises(InputError) as caught:
        problems.settle()
    assert [one.location.line for one in caught.value.diagnostics] == list(range(1, MOST_TOLD + 1))
    assert (caught.value.count, caught.value.untold) == (MOST_TOLD + 13, 13)


def test_places_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmsync.loading.problems._MOST_BROKEN", 1)
    problems = Problems()
    for line in (1, 2):
        problems.add_broken(Diagnostic(Location("a", line, 1), "PM010", "x"))
        problems.add(Diagnostic(Location("a", line, 1), "PM017", "x"))
    assert told(problems) == ["a:1:1 PM010", "a:2:1 PM010", "a:2:1 PM017"]


def test_what_was_meant_is_found_whatever_its_case() -> None:
    assert meant("displayname", ["displayName", "folder"]) == "did you mean 'displayName'?"
    assert meant("xyz", ["displayName"]) is None
    assert meant("x" * 1_000_000, ["displayName"]) is None


def test_foreign_text_is_quoted_escaped_and_cut() -> None:
    assert shown("\x1b[2J\u202e\n") == r"'\x1b[2J\u202e\n'"
    assert len(shown("x" * 1_000_000)) < 100
    assert shown_path("a/ä.yaml") == "a/ä.yaml"
    assert shown_path("a\nb.yaml") == r"a\nb.yaml"
