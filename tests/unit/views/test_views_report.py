"""The report of an apply: what was done, what was not and why, one last line, and the same as JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pmsync.model.plan import Plan
from pmsync.model.report import Convergence, Fate, Report, Result
from pmsync.views.lines import Look
from pmsync.views.report_json import report_json
from pmsync.views.report_text import report_text, result_line


def result(change: Any, fate: Fate, **more: Any) -> Result:
    return Result(change=change, fate=fate, **more)


@pytest.fixture
def mixed(everything: Plan) -> Report:
    fates = {
        "order-to-cash": result(everything.changes[2], Fate.DONE, live_id="id-1"),
        "failed": result(
            everything.changes[4], Fate.FAILED, problem="the bucket said no", hint="try again", exit_code=1
        ),
        "unconfirmed": result(everything.changes[5], Fate.UNCONFIRMED, problem="no rows yet", exit_code=4),
        "skipped": result(everything.changes[3], Fate.SKIPPED),
        "pending": result(everything.changes[12], Fate.PENDING),
    }
    return Report(results=tuple(fates.values()), convergence=Convergence.NOT, remaining=("upload x: why",))


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("colour", [False, True])
def test_a_mixed_report_looks_as_it_did(
    mixed: Report, golden: Callable[[str, str], None], width: int, colour: bool
) -> None:
    name = f"report-{width}{'-colour' if colour else ''}.txt"
    golden(name, report_text(mixed, Look(width, colour), environment="prod"))


def test_what_is_told_above_is_not_told_again_in_the_last_line(everything: Plan) -> None:
    failed = result(everything.changes[4], Fate.FAILED, problem="no")
    left = f"upload {failed.change.address}: fills it"
    for remaining, last in (
        ((left,), "not converged: see the 1 change above"),
        ((left, "create o2c: no dataset"), "not converged: see the 1 change above; create o2c: no dataset"),
    ):
        report = Report(results=(failed,), convergence=Convergence.NOT, remaining=remaining)
        assert report_text(report, Look(80), environment="e").split("\n")[-2] == last


def test_a_run_that_was_cut_off_says_how_to_go_on(everything: Plan) -> None:
    for fate, words in ((Fate.SKIPPED, "pmsync apply -e e"), (Fate.DONE, "pmsync plan -e e")):
        report = Report(results=(result(everything.changes[0], fate),), convergence=Convergence.NOT)
        assert words in report_text(report, Look(80), environment="e")


def test_what_was_told_already_is_not_told_again(mixed: Report) -> None:
    text = report_text(mixed, Look(80), environment="prod", told=True)
    assert "✓" not in text
    assert "✗ failed: upload" in text


@pytest.mark.parametrize(
    ("convergence", "remaining", "last"),
    [
        (Convergence.CONVERGED, (), "converged"),
        (
            Convergence.EXCEPT,
            ("rows of a.csv are still there",),
            "converged, except rows of a.csv are still there",
        ),
        (Convergence.NOT, ("a", "b"), "not converged: a; b"),
        (Convergence.NOT, (), "not converged: see above"),
    ],
)
def test_the_last_line_says_whether_it_converged(
    convergence: Convergence, remaining: tuple[str, ...], last: str
) -> None:
    report = Report(results=(), convergence=convergence, remaining=remaining)
    assert report_text(report, Look(80), environment="e").split("\n")[-2] == last


def test_a_long_rest_is_cut_and_counted() -> None:
    report = Report(results=(), convergence=Convergence.NOT, remaining=tuple("x" * 30))
    assert "and 10 more" in report_text(report, Look(200), environment="e")


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        (Fate.UNCONFIRMED, "pmsync plan -e 'a b'"),
        (Fate.FAILED, "pmsync apply -e 'a b'"),
        (Fate.SKIPPED, "pmsync apply -e 'a b'"),
        (Fate.PENDING, "pmsync plan -e 'a b'"),
    ],
)
def test_what_is_left_comes_with_the_next_command(everything: Plan, fate: Fate, words: str) -> None:
    report = Report(results=(result(everything.changes[0], fate),), convergence=Convergence.NOT)
    assert words in report_text(report, Look(80), environment="a b")


def test_every_change_has_words_for_every_fate(everything: Plan) -> None:
    for change in everything.changes:
        for fate in Fate:
            assert str(change.address) in result_line(result(change, fate))


def test_the_json_report_is_complete(everything: Plan, mixed: Report) -> None:
    read = json.loads(report_json(mixed, plan=everything, exit_code=4))
    assert read["formatVersion"] == "1.0"
    assert read["exitCode"] == 4
    assert read["convergence"] == "not-converged"
    assert read["counts"] == {"done": 1, "failed": 1, "unconfirmed": 1, "skipped": 1, "pending": 1}
    assert read["results"][0]["liveId"] == "id-1"
    assert read["results"][1]["change"]["address"] == "order-to-cash.events/events-2023.csv"
    assert read["results"][1]["problem"] == "the bucket said no"
