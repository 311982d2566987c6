"""What `--safe-only` leaves to somebody, and the number with which it says so."""

import pytest

from pmsync.engine.apply import exit_code
from pmsync.model.project import SameName, Verify
from pmsync.model.report import Convergence, Fate


@pytest.fixture
def bench(make_bench, csv):
    """One dataset with one file, applied."""
    bench = make_bench()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    return bench


def safely(bench, *allow):
    return bench.apply(*allow, safe_only=True)


def test_a_rename_that_waits_for_somebody_is_no_failure(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, name="Sales")
    assert exit_code(safely(bench)) == 0


def test_a_delete_that_waits_for_a_consent_is_no_failure(bench):
    bench.declare("keep", {})
    bench.apply()
    bench.remove("keep")
    assert exit_code(safely(bench)) == 0


def test_an_adoption_without_files_that_waits_for_a_consent_is_no_failure(bench):
    bench.writer.create_dataset("theirs", None)
    bench.declare("theirs", {})
    assert exit_code(safely(bench)) == 0


def test_an_adoption_with_files_leaves_a_file_unsent(bench, csv):
    bench.writer.create_dataset("theirs", None)
    bench.declare("theirs", {"t": {"b.csv": csv(2)}})
    report = safely(bench)
    assert exit_code(report) == 3
    assert {one.fate for one in report.results} == {Fate.PENDING}


def test_a_file_that_waits_for_a_decision_was_not_sent(bench, csv):
    bench.by_hand.add_rows(bench.writer.datatables().popitem()[0], 4)
    bench.declare("o2c", {"events": {"a.csv": csv(3), "b.csv": csv(2)}})
    assert exit_code(safely(bench)) == 3


def test_a_dataset_that_is_gone_and_not_built_again_leaves_its_files_unsent(bench):
    bench.writer.delete_dataset(bench.dataset_ids("o2c")[0])
    assert exit_code(safely(bench)) == 3


@pytest.fixture
def late(make_bench, csv):
    """A tenant that shows rows an hour later; the first file is stored."""
    bench = make_bench(
        same_name=SameName.APPENDS,
        verify=Verify(timeout=5),
        plays={"same_name": "appends", "ingestion_lag": 3600},
    )
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    return bench


def test_rows_that_are_not_there_the_first_time_are_left_to_the_next_run(late):
    report = safely(late)
    assert exit_code(report) == 0
    assert report.convergence is Convergence.EXCEPT
    assert "o2c.events/a.csv" in report.remaining[0]


def test_rows_that_the_next_run_does_not_see_either_are_not_confirmed(late):
    safely(late)
    assert exit_code(safely(late)) == 4


def test_rows_that_are_not_there_are_not_confirmed_where_everything_was_to_run(late):
    assert exit_code(late.apply()) == 4


def test_rows_that_came_meanwhile_end_it(late):
    safely(late)
    late.clock.seconds += 3600
    report = safely(late)
    assert exit_code(report) == 0
    assert report.convergence is Convergence.CONVERGED
