"""Files of one datatable: which columns they share, and what is said where they do not."""

from __future__ import annotations

import pytest

from pmsync.sources.columns import Compared, compared


def files(*columns: str, append: bool = True) -> list[Compared]:
    """Files a.csv, b.csv … with these columns, separated by commas."""
    return [
        Compared(f"{letter}.csv", tuple(names.split(",")), append)
        for letter, names in zip("abcdefgh", columns, strict=False)
    ]


def told(found: list[Compared]) -> list[tuple[str, str, bool]]:
    return [(one.name, one.finding.code, one.refused) for one in compared(found)]


@pytest.mark.parametrize(
    "columns",
    [
        [],
        ["case,act"],
        ["case,act", "case,act"],
        ["case,act,ts", "ts,case,act"],
        ["case,act", " case,act "],
        ["case,,act", "case,act"],
    ],
)
def test_files_of_the_same_columns_differ_in_nothing_whatever_their_order(columns):
    assert compared(files(*columns)) == []


def test_a_file_that_shares_no_column_with_the_others_is_refused():
    (difference,) = compared(files("case,act,ts", "case,act,ts", "C1,Register,2024"))
    assert (difference.name, difference.refused, difference.finding.code) == ("c.csv", True, "PM228")
    assert "shares no column name with 'a.csv'" in difference.finding.what
    assert "'2024', 'C1', 'Register' here, 'act', 'case', 'ts' there" in difference.finding.what
    assert (difference.finding.line, difference.finding.column) == (1, 1)


def test_the_columns_that_most_files_have_are_the_measure():
    assert told(files("x,y", "case,act", "case,act")) == [("a.csv", "PM228", True)]
    assert told(files("case,act", "x,y")) == [("b.csv", "PM228", True)]


def test_names_that_differ_in_case_only_are_shared_and_told():
    (difference,) = compared(files("Case,Act", "case,act"))
    assert (difference.finding.code, difference.refused) == ("PM229", False)
    assert "lacks 'Act', 'Case' and has 'act', 'case' beside" in difference.finding.what


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (("case,act,ts", "case,act"), "it lacks 'ts'"),
        (("case,act", "case,act,ts"), "it has 'ts' beside"),
        (("case,act,ts", "ts,act,fall"), "it lacks 'case' and has 'fall' beside"),
        (("a,b,c,d,e,x", "x"), "it lacks 'a', 'b', 'c' and 2 more"),
    ],
)
def test_columns_that_differ_otherwise_are_a_warning_that_names_both_files(columns, says):
    (difference,) = compared(files(*columns))
    assert (difference.name, difference.finding.code, difference.refused) == ("b.csv", "PM229", False)
    assert difference.finding.what == f"differs in its columns from 'a.csv': {says}"


def test_files_that_do_not_add_up_may_have_columns_of_their_own():
    assert told(files("case,act", "x,y", append=False)) == [("b.csv", "PM229", False)]
    mixed = [*files("x,y", append=False), Compared("m.csv", ("case",), append=True)]
    assert told(mixed) == [("a.csv", "PM229", False)]


def test_little_of_a_name_is_shown_and_nothing_that_could_do_harm():
    (difference,) = compared(files("case", "x" * 1000 + "\x1b[0m"))
    assert "x" * 41 not in difference.finding.what
    assert "\x1b" not in difference.finding.what
