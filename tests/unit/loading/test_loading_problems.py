"""Problems are gathered, sorted, bounded, and never let foreign text through."""

from __future__ import annotations

import pytest

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError
from pmsync.loading.problems import MOST, Problems, meant, shown, shown_path


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


def test_a_file_full_of_problems_is_counted_and_not_listed() -> None:
    problems = Problems()
    for line in range(1, MOST + 6):
        problems.add_broken(Diagnostic(Location("a", line, 1), "PM006", "x"))
    problems.add(Diagnostic(Location("b", 1, 1), "PM006", "x"))
    lines = told(problems)
    assert len(lines) == MOST + 2
    assert lines[-2:] == ["b:1:1 PM006", "a PM033"]


def test_what_was_meant_is_found_whatever_its_case() -> None:
    assert meant("displayname", ["displayName", "folder"]) == "did you mean 'displayName'?"
    assert meant("xyz", ["displayName"]) is None
    assert meant("x" * 1_000_000, ["displayName"]) is None


def test_foreign_text_is_quoted_escaped_and_cut() -> None:
    assert shown("\x1b[2J\u202e\n") == r"'\x1b[2J\u202e\n'"
    assert len(shown("x" * 1_000_000)) < 100
    assert shown_path("a/ä.yaml") == "a/ä.yaml"
    assert shown_path("a\nb.yaml") == r"a\nb.yaml"
