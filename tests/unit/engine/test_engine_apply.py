"""One apply from end to end, against a real emulator."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from pmsync.engine.apply import exit_code
from pmsync.engine.approved import Verdict, compare, must_be_known
from pmsync.engine.filling import NO_COUNT
from pmsync.engine.older import Checkout
from pmsync.engine.propose import propose
from pmsync.errors import AnswerLost, AuthenticationFailed, Refused, StalePlan, Unconfirmed, Unreachable
from pmsync.model.address import Address
from pmsync.model.commit import Commit
from pmsync.model.consent import Allow, Consent
from pmsync.model.events import ChangeBegan, RunBegan, WaitingForRows
from pmsync.model.manifest import OnRemoval
from pmsync.model.outcome import Put
from pmsync.model.plan import Delete, Upload
from pmsync.model.project import Limits, OtherName, SameName, Verify
from pmsync.model.report import Convergence, Fate
from pmsync.model.state import Evidence, Intent, IntentKind
from pmsync.planning.consent import approvals_for, judge

EVENTS = Address("o2c.events")
SOURCE = Address("o2c.events/a.csv")


def test_an_empty_tenant_becomes_what_is_declared(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3), "b.csv": csv(2, 10)}, "lookup": {}}, folder="Fin/Rec")

    report = bench.apply()

    assert report.convergence is Convergence.CONVERGED
    assert exit_code(report) == 0
    assert bench.live("events") == 5
    assert bench.state().uploads[SOURCE].evidence is Evidence.ROWS


def test_a_converged_tenant_is_asked_twice_and_told_nothing(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    before = bench.last_request

    report = bench.apply()

    assert report.convergence is Convergence.CONVERGED
    assert bench.asked(before) == ["GET", "GET"]


def test_it_works_with_a_tenant_that_shows_its_tree(make_bench, csv):
    bench = make_bench(show_tree=True)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, folder="Fin/Rec")

    report = bench.apply()

    assert report.convergence is Convergence.CONVERGED
    assert bench.plan().steps == ()


def test_a_changed_file_replaces_its_rows(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(7)}})

    report = bench.apply()

    assert bench.fates(report) == {"upload o2c.events/a.csv": "done"}
    assert bench.live("events") == 7


def test_a_same_size_corrected_file_is_sent_and_told_by_no_row_count(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(3, 5)}})

    report = bench.apply()

    assert report.convergence is Convergence.CONVERGED
    record = bench.state().uploads[SOURCE]
    assert (record.evidence, record.rows_tell) == (Evidence.STORED, False)
    assert bench.plan().steps == ()


def test_an_unconfirmed_upload_is_exit_4_and_later_recorded(make_bench, csv):
    bench = make_bench(ingestion_lag=500.0)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})

    report = bench.apply()

    assert bench.fates(report)["upload o2c.events/a.csv"] == "unconfirmed"
    assert exit_code(report) == 4
    assert bench.state().uploads[SOURCE].evidence is Evidence.STORED
    bench.clock.sleep(500)
    assert exit_code(bench.apply()) == 0
    assert bench.state().uploads[SOURCE].evidence is Evidence.ROWS


def test_of_two_files_the_one_whose_rows_are_missing_is_named_as_stuck(make_bench, csv):
    bench = make_bench(ingestion_lag=5000.0)
    bench.declare("o2c", {"events": {"a.csv": csv(3), "b.csv": csv(2, 10)}})
    seen = []

    def show_the_first(event):
        if isinstance(event, WaitingForRows) and not seen:
            seen.append(event)
            bench.by_hand.add_rows(next(iter(bench.writer.datatables())), 3)

    bench.on_event = show_the_first
    report = bench.apply()

    said = {
        result.change.address.key: (result.problem, result.hint) for result in report.of(Fate.UNCONFIRMED)
    }
    assert said["b.csv"][0].endswith("s later o2c.events shows 3 of 5 rows")
    assert said["b.csv"][1].startswith("ProcessMind may still be loading it, or did not accept the file")
    assert said["a.csv"][1] == "the rows of b.csv may be the missing ones: plan again later"


def test_rows_that_come_late_are_waited_for(make_bench, csv):
    bench = make_bench(ingestion_lag=20.0)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})

    report = bench.apply()

    assert report.convergence is Convergence.CONVERGED
    waits = [event for event in bench.events if isinstance(event, WaitingForRows)]
    assert waits
    assert {(event.seen, event.expected) for event in waits} == {(0, 3)}


def test_a_script_that_sends_the_same_file_meanwhile_is_no_reason_to_wait(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(40)}})
    bench.apply()
    live = next(iter(bench.writer.datatables().values()))
    bench.by_hand.add_rows(live.id, 5)
    bench.declare("o2c", {"events": {"a.csv": csv(50)}})

    def their_rows_go(event):
        if isinstance(event, ChangeBegan):
            bench.by_hand.add_rows(live.id, -5)

    bench.on_event = their_rows_go
    report = bench.apply()

    assert bench.fates(report) == {"upload o2c.events/a.csv": "done"}
    assert report.convergence is Convergence.CONVERGED
    assert bench.clock.seconds < 60


def test_accepted_rows_that_turn_out_to_be_an_earlier_upload_of_the_file_are_accepted_no_more(bench, csv):
    bench.declare("o2c", {"events": {}})
    bench.apply()
    live = next(iter(bench.writer.datatables().values()))
    bench.by_hand.add_rows(live.id, 100)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})

    def their_rows_go(event):
        if isinstance(event, ChangeBegan):
            bench.by_hand.add_rows(live.id, -100)

    bench.on_event = their_rows_go
    report = bench.apply("add-rows:o2c.events/*")

    assert bench.fates(report) == {"upload o2c.events/a.csv": "done"}
    assert report.convergence is Convergence.CONVERGED
    assert bench.state().datatables[EVENTS].baseline == 0
    assert bench.clock.seconds < 60


def test_without_row_verification_nobody_waits(make_bench, csv):
    bench = make_bench(ingestion_lag=500.0, verify=Verify(rows=False))
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})

    report = bench.apply()

    assert bench.fates(report)["upload o2c.events/a.csv"] == "done"
    assert bench.clock.seconds == 0
    assert bench.state().uploads[SOURCE].evidence is Evidence.STORED


def test_a_removed_dataset_is_deleted_only_with_consent(bench, csv):
    bench.declare("keep", {"t": {"k.csv": csv(1)}})
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.remove("o2c")
    before = bench.last_request

    with pytest.raises(Refused, match="nothing was sent"):
        bench.apply()
    assert set(bench.asked(before)) == {"GET"}

    report = bench.apply("delete:o2c")
    assert bench.fates(report) == {"delete o2c": "done"}
    assert bench.dataset_ids("o2c") == []
    assert SOURCE not in bench.state().uploads


def test_a_dataset_that_changed_since_the_plan_is_not_deleted(bench, csv):
    bench.declare("keep", {})
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.remove("o2c")
    question = bench.question()
    plan = bench.plan("delete:o2c")
    bench.by_hand.add_rows(bench.state().datatables[EVENTS].id, 5)

    report = bench.run(plan, question)

    assert bench.fates(report) == {"delete o2c": "failed"}
    assert exit_code(report) == 6
    assert len(bench.dataset_ids("o2c")) == 1


def test_a_dataset_that_is_gone_when_its_turn_comes_is_done(bench):
    bench.declare("keep", {})
    bench.declare("o2c", {})
    bench.apply()
    bench.remove("o2c")
    question, plan = bench.question(), bench.plan("delete:o2c")
    bench.writer.delete_dataset(bench.state().datasets[Address("o2c")].id)

    report = bench.run(plan, question)

    assert bench.fates(report) == {"delete o2c": "done"}
    assert Address("o2c") not in bench.state().datasets


def test_deletions_wait_for_everything_before_them(bench, csv):
    bench.declare("old", {})
    bench.apply()
    bench.remove("old")
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    question, plan = bench.question(), bench.plan("delete:old")
    bench.files.clear()
    bench.files.update({file.sha256: b"other" for file in bench.sources[EVENTS]})

    report = bench.run(plan, question)

    assert bench.fates(report)["upload o2c.events/a.csv"] == "failed"
    assert bench.fates(report)["delete old"] == "skipped"
    assert len(bench.dataset_ids("old")) == 1


def test_a_failed_create_skips_only_what_depends_on_it(bench, csv):
    bench.declare("a", {"t": {"x.csv": csv(1)}})
    bench.declare("b", {"t": {"y.csv": csv(2)}})
    question, plan = bench.question(), bench.plan()
    bench.writer.create_dataset("a", None)

    report = bench.run(plan, question)

    assert bench.fates(report) == {
        "create a": "failed",
        "create b": "done",
        "create a.t": "skipped",
        "create b.t": "done",
        "upload a.t/x.csv": "skipped",
        "upload b.t/y.csv": "done",
    }
    assert exit_code(report) == 6
    assert len(bench.dataset_ids("a")) == 1


def test_a_folder_that_appeared_since_the_plan_is_not_doubled(make_bench):
    bench = make_bench(show_tree=True)
    bench.declare("o2c", {}, folder="Fin")
    question, plan = bench.question(), bench.plan()
    bench.writer.create_folder("Fin", None)

    report = bench.run(plan, question)

    assert bench.fates(report) == {"create folder:Fin": "failed", "create o2c": "skipped"}


def test_a_datatable_that_appeared_since_the_plan_is_not_doubled(bench):
    bench.declare("o2c", {})
    bench.apply()
    bench.declare("o2c", {"events": {}})
    question, plan = bench.question(), bench.plan()
    bench.writer.create_datatable(bench.state().datasets[Address("o2c")].id, "events")

    report = bench.run(plan, question)

    assert bench.fates(report) == {"create o2c.events": "failed"}


def test_rows_that_appeared_since_the_plan_stop_the_upload(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(4)}})
    question, plan = bench.question(), bench.plan()
    bench.by_hand.add_rows(bench.state().datatables[EVENTS].id, 1)

    report = bench.run(plan, question)

    assert bench.fates(report) == {"upload o2c.events/a.csv": "failed"}
    assert exit_code(report) == 6
    assert bench.live("events") == 4


def test_fail_fast_starts_nothing_new_after_a_failure(bench, csv):
    bench.declare("a", {"t": {}})
    bench.declare("b", {"t": {}})
    question, plan = bench.question(), bench.plan()
    bench.writer.create_dataset("a", None)

    report = bench.run(plan, question, fail_fast=True, parallelism=1)

    assert bench.fates(report)["create a"] == "failed"
    assert bench.fates(report)["create b.t"] == "skipped"


def test_safe_only_runs_what_is_ready_and_leaves_the_rest_pending(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.remove("o2c")
    bench.declare("p2p", {"t": {"x.csv": csv(1)}})

    report = bench.apply(safe_only=True)

    assert bench.fates(report)["delete o2c"] == "pending"
    assert bench.fates(report)["upload p2p.t/x.csv"] == "done"
    assert exit_code(report) == 0


def test_safe_only_with_nothing_ready_sends_nothing(bench):
    bench.declare("keep", {})
    bench.declare("o2c", {})
    bench.apply()
    bench.remove("o2c")
    before = bench.last_request

    report = bench.apply(safe_only=True)

    assert report.convergence is Convergence.NOT
    assert exit_code(report) == 0
    assert set(bench.asked(before)) == {"GET"}


def test_a_replace_fills_the_new_dataset_before_the_old_one_goes(make_bench, csv):
    bench = make_bench(same_name="appends")
    bench.environment = type(bench.environment)(
        name="dev",
        tenant=bench.environment.tenant,
        uploads=type(bench.environment.uploads)(same_name=SameName.APPENDS, other_name=OtherName.ADDS),
        verify=Verify(timeout=60),
        state=bench.environment.state,
        location=bench.environment.location,
    )
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    (old,) = bench.dataset_ids("o2c")
    bench.declare("o2c", {"events": {"a.csv": csv(4)}})

    with pytest.raises(Refused):
        bench.apply()
    report = bench.apply("replace:o2c", "loss:o2c")

    assert report.convergence is Convergence.CONVERGED, report
    assert bench.live("events") == 4
    (new,) = bench.dataset_ids("o2c")
    assert new != old
    assert bench.state().datasets[Address("o2c")].superseded is None


def test_a_replaced_dataset_stays_where_the_new_one_is_not_full(make_bench, csv):
    bench = make_bench(ingestion_lag=0.0)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, name="Renamed")
    question, plan = bench.question(), bench.plan("replace:o2c")
    bench.files[bench.sources[EVENTS][0].sha256] = b"other"

    report = bench.run(plan, question)

    assert bench.fates(report)["delete o2c"] == "skipped"
    assert bench.state().datasets[Address("o2c")].superseded is not None
    assert len(bench.dataset_ids("o2c")) == 1
    bench.files[bench.sources[EVENTS][0].sha256] = csv(3)
    again = bench.apply("replace:o2c")
    assert again.convergence is Convergence.CONVERGED, again
    assert bench.dataset_ids("o2c") == []


def test_a_replaced_dataset_stays_until_the_new_rows_are_seen_even_where_rows_are_not_verified(
    make_bench, csv
):
    bench = make_bench(ingestion_lag=500.0, verify=Verify(rows=False, timeout=60))
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.clock.sleep(500)
    (old,) = bench.dataset_ids("o2c")
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, name="New")

    report = bench.apply("replace:o2c")

    assert bench.fates(report)["upload o2c.events/a.csv"] == "unconfirmed"
    assert bench.fates(report)["delete o2c"] == "skipped"
    assert bench.dataset_ids("o2c") == [old]


def test_a_tenant_with_unique_names_refuses_a_replace_and_nothing_is_deleted(make_bench, csv):
    bench = make_bench(unique_names=True)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}, "gone": {}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})

    report = bench.apply("replace:o2c", "loss:o2c")

    assert exit_code(report) == 3
    assert bench.fates(report)["delete o2c"] == "skipped"
    assert len(bench.dataset_ids("o2c")) == 1


def test_a_new_key_and_a_changed_file_go_in_one_apply(bench, csv):
    bench.declare("c", {"events": {"a.csv": csv(3)}}, name="Name")
    bench.apply()
    bench.remove("c")
    bench.declare("o2c", {"events": {"a.csv": csv(7)}}, name="Name")

    report = bench.apply()

    assert bench.fates(report) == {"move o2c": "done", "upload o2c.events/a.csv": "done"}
    assert report.convergence is Convergence.CONVERGED
    assert bench.live("events") == 7


def test_a_retained_dataset_is_forgotten_by_a_replace(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, on_removal=OnRemoval.RETAIN)
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, name="New", on_removal=OnRemoval.RETAIN)

    report = bench.apply("replace:o2c")

    assert bench.fates(report)["forget o2c"] == "done"
    assert len(bench.dataset_ids("o2c")) == 1
    assert len(bench.dataset_ids("New")) == 1
    assert report.convergence is Convergence.CONVERGED


def test_adopting_takes_over_nothing_without_consent(bench, csv):
    dataset = bench.writer.create_dataset("o2c", None)
    bench.writer.create_datatable(dataset.id, "events")
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})

    with pytest.raises(Refused):
        bench.apply()
    report = bench.apply("adopt:o2c")

    assert report.convergence is Convergence.CONVERGED
    assert bench.dataset_ids("o2c") == [dataset.id]
    assert bench.live("events") == 3


def test_rows_are_added_beside_a_colleagues_only_with_consent(bench, csv):
    bench.declare("o2c", {"events": {}})
    bench.apply()
    bench.by_hand.add_rows(bench.state().datatables[EVENTS].id, 100)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})

    with pytest.raises(Refused):
        bench.apply()
    report = bench.apply("add-rows:o2c.events/*")

    assert report.convergence is Convergence.CONVERGED
    assert bench.live("events") == 103
    assert bench.state().datatables[EVENTS].baseline == 100


def test_a_lost_state_is_told_by_rows_and_columns(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.lose_state()

    plan = bench.plan("adopt:*")

    assert [change.reason.code for change in plan.blocked] == ["lost-state"]
    report = bench.apply("adopt:*", options={"assume_uploaded": ("*",)})
    assert report.convergence is Convergence.CONVERGED
    assert bench.live("events") == 3


def test_unknown_behaviour_confirms_each_upload_before_the_next(make_bench, csv):
    bench = make_bench(other_name=OtherName.UNKNOWN)
    bench.declare("o2c", {"events": {"a.csv": csv(3), "b.csv": csv(2, 10)}})

    report = bench.apply()

    assert report.convergence is Convergence.CONVERGED
    assert bench.live("events") == 5


def test_rows_that_contradict_adding_stop_the_datatable_and_say_what_was_learnt(tmp_path, make_bench, csv):
    bench = make_bench(other_name=OtherName.UNKNOWN, same_name=SameName.REPLACES)
    bench.declare("o2c", {"events": {"a.csv": csv(3), "b.csv": csv(2, 10), "c.csv": csv(1, 30)}})

    def forget_the_first(event):
        if isinstance(event, ChangeBegan) and event.change.address == "o2c.events/b.csv":
            live = next(iter(bench.writer.datatables().values()))
            bench.by_hand.add_rows(live.id, -3)

    bench.on_event = forget_the_first
    report = bench.apply()

    fates = bench.fates(report)
    assert fates["upload o2c.events/b.csv"] == "unconfirmed"
    assert fates["upload o2c.events/c.csv"] == "skipped"
    assert "perhaps an upload of another name replaces the rows" in next(
        r.problem for r in report.of(Fate.UNCONFIRMED)
    )
    assert exit_code(report) == 4


def test_removed_sources_leave_a_run_converged_except(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3), "b.csv": csv(2, 10)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}, "more": {}})

    report = bench.apply()

    assert report.convergence is Convergence.EXCEPT
    assert exit_code(report) == 0
    assert bench.apply().convergence is Convergence.EXCEPT


def test_a_duplicate_is_named_by_a_run_that_has_something_left_to_do(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    tenant = bench.emulator.tenant(bench.question().binding.tenant_id)
    twin = tenant.create_datatable(bench.dataset_ids("o2c")[0], "events")
    theirs = tenant.create_node("theirs")
    bench.declare("o2c", {"events": {"a.csv": csv(4)}})
    bench.declare("theirs", {})

    report = bench.apply(safe_only=True)

    assert report.convergence is Convergence.NOT
    told = "; ".join(report.remaining)
    assert twin.id in told
    assert theirs.id in told


def test_an_approval_is_spent_by_the_run_that_used_it(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(0)}})
    approvals = frozenset(approvals_for(bench.plan()))
    question = replace(bench.question(), approvals=approvals)

    report = bench.run(propose(question, bench.writer), question)

    assert bench.fates(report) == {"upload o2c.events/a.csv": "done"}
    assert bench.state().spent == approvals


def test_destroy_deletes_what_was_created(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, folder="Fin")
    bench.apply()

    report = bench.apply("delete:o2c", options={"destroy": True})

    assert bench.fates(report) == {"delete o2c": "done"}
    assert bench.dataset_ids("o2c") == []
    assert report.convergence is Convergence.CONVERGED


def test_a_bad_key_in_the_middle_stops_everything(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    question, plan = bench.question(), bench.plan()

    class Revoked:
        def __call__(self, *args):
            raise AuthenticationFailed("the key was revoked")

    report = bench.run(plan, question, send=Revoked())

    assert exit_code(report) == 8


def test_observers_hear_how_much_there_is_to_do(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()

    (began,) = [event for event in bench.events if isinstance(event, RunBegan)]
    assert (began.changes, began.upload_bytes) == (3, len(csv(3)))


@pytest.mark.parametrize("nth", range(1, 9))
def test_a_tenant_that_goes_away_ends_in_a_report_and_no_traceback(bench, csv, nth):
    """The n-th listing of an apply fails: nothing is doubled, and the next apply converges."""
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, folder="Fin")
    question, plan = bench.question(), bench.plan()
    left = [nth]
    real = {"datasets": bench.writer.datasets, "datatables": bench.writer.datatables}

    def flaky(name):
        def call():
            left[0] -= 1
            if left[0] == 0:
                raise Unreachable("connection refused", where=name)
            return real[name]()

        return call

    bench.writer.datasets, bench.writer.datatables = flaky("datasets"), flaky("datatables")
    report = bench.run(plan, question)
    bench.writer.datasets, bench.writer.datatables = real["datasets"], real["datatables"]

    assert report.convergence is not Convergence.CONVERGED or left[0] > 0
    again = bench.apply()
    assert again.convergence is Convergence.CONVERGED, again
    assert bench.live("events") == 3


def test_what_remains_of_a_killed_run_resumes_under_the_same_digest(bench, csv):
    bench.declare("a", {"t": {"x.csv": csv(1)}})
    bench.declare("b", {"t": {"y.csv": csv(2)}})
    question, plan = bench.question(), bench.plan()
    bench.files[bench.sources[Address("b.t")][0].sha256] = b"torn"
    bench.run(plan, question)

    rest = bench.plan()

    assert rest.digest != plan.digest
    assert compare(rest, plan.digest, bench.state()) is Verdict.RESUMES
    assert compare(rest, plan.structure_digest, bench.state()) is Verdict.RESUMES
    assert compare(rest, "sha256:other", bench.state()) is Verdict.STALE
    assert compare(rest, rest.digest, None) is Verdict.SAME


def test_a_rest_that_holds_more_than_was_approved_is_stale(bench, csv):
    bench.declare("a", {"t": {"x.csv": csv(1)}})
    plan = bench.plan()
    bench.apply()
    bench.declare("c", {})

    assert compare(bench.plan(), plan.digest, bench.state()) is Verdict.STALE
    assert compare(bench.plan(), plan.digest, None) is Verdict.STALE


def test_a_missing_state_is_a_first_run_only_if_somebody_says_so(bench):
    with pytest.raises(Refused, match="no state"):
        must_be_known(None, emulated=False, new_state=False, approved=None)
    must_be_known(None, emulated=True, new_state=False, approved=None)
    must_be_known(None, emulated=False, new_state=True, approved=None)


def test_new_state_is_refused_where_there_is_one_unless_it_resumes_its_own_plan(bench):
    bench.declare("a", {})
    question = bench.question(new_state=True)
    plan = propose(question, bench.writer)
    bench.run(plan, question)

    with pytest.raises(Refused, match="there is one"):
        must_be_known(bench.state(), emulated=False, new_state=True, approved=None)
    must_be_known(bench.state(), emulated=False, new_state=True, approved=plan.digest)
    must_be_known(bench.state(), emulated=False, new_state=False, approved=None)


def test_several_matches_of_a_lost_create_are_exit_4(bench):
    bench.declare("keep", {})
    bench.apply()
    bench.writer.create_dataset("o2c", None)
    bench.writer.create_dataset("o2c", None)
    bench.declare("o2c", {})
    question = bench.question()
    intent = Intent(kind=IntentKind.CREATE_DATASET, address=Address("o2c"), display_name="o2c")
    question = replace(question, state=replace(bench.state(), intents=(intent,)))
    plan = propose(question, bench.writer)

    with pytest.raises(Unconfirmed):
        bench.run(plan, question)


def test_a_dataset_missing_from_a_listing_is_asked_for_by_id(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    whole = bench.writer.datasets

    def short():
        listing = whole()
        return type(listing)(listing.folders, {})

    bench.writer.datasets = short
    assert bench.plan().steps == ()


def test_a_datatable_missing_from_a_listing_is_asked_for_by_id(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.writer.datatables = dict
    assert bench.plan().steps == ()


def test_plans_know_uploads_and_deletes_by_type(bench, csv):
    bench.declare("keep", {})
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    assert any(isinstance(change, Upload) for change in bench.plan().changes)
    bench.apply()
    bench.remove("o2c")
    (delete,) = [change for change in bench.plan().changes if isinstance(change, Delete)]
    assert delete.stake.rows == 3
    assert not any(isinstance(entry, Put) for entry in delete.entries)


@pytest.mark.parametrize("on_removal", [OnRemoval.DELETE, OnRemoval.RETAIN])
def test_an_upload_that_was_lost_in_the_old_half_is_crossed_out_when_that_goes(bench, csv, on_removal):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, on_removal=on_removal)

    def lost(_task, _file, listener):
        listener.before_last()
        raise AnswerLost("no answer came")

    bench.apply(send=lost)
    assert [one.kind for one in bench.state().intents] == [IntentKind.UPLOAD]
    bench.declare("o2c", {"events": {}}, name="New", on_removal=on_removal)

    bench.apply("replace:o2c", "loss:o2c")

    assert bench.state().intents == ()


def test_what_moved_and_is_replaced_in_one_run_leaves_no_record_of_its_old_rows(bench, csv):
    bench.declare("b", {"events": {"a.csv": csv(3)}}, name="Orders")
    bench.apply()
    bench.remove("b")
    bench.declare("a", {"events": {}}, name="Orders")

    report = bench.apply("replace:a", "loss:a")

    assert bench.fates(report)["move a"] == "done"
    assert bench.state().uploads == {}
    assert report.convergence is Convergence.CONVERGED


# an older run, and what is deleted


def at_commit(id_, hour):
    return Checkout(commit=Commit(id_ * 40, datetime(2026, 1, 1, hour, tzinfo=UTC)))


def test_a_second_apply_of_an_older_commit_sends_nothing(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply(checkout=at_commit("b", 9))
    bench.declare("o2c", {"events": {"a.csv": csv(7)}})
    before = bench.last_request

    with pytest.raises(StalePlan, match="bbbbbbbbbbbb was applied after this one"):
        bench.apply(checkout=at_commit("a", 8))

    assert set(bench.asked(before)) == {"GET"}
    bench.apply(checkout=replace(at_commit("a", 8), may_be_older=True))
    assert bench.live("events") == 7


def test_an_apply_that_finds_nothing_to_do_counts_as_the_last_one(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply(checkout=at_commit("a", 8))
    before = bench.last_request
    bench.apply(checkout=at_commit("c", 10))
    assert bench.asked(before) == ["GET", "GET"]
    with pytest.raises(StalePlan):
        bench.apply(checkout=at_commit("b", 9))


def test_destroy_is_no_older_run(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply(checkout=at_commit("b", 9))
    bench.specs.clear()
    report = bench.apply("delete:*", options={"destroy": True}, checkout=at_commit("a", 8))
    assert exit_code(report) == 0


def half_done(bench, csv):
    """A REPLACE of `o2c` whose new half is made and filled, and the old one still there."""
    bench.declare("keep", {})
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, name="Sales")
    bench.apply("replace:o2c", writer=NeverDeleting(bench.writer))
    (old,) = bench.dataset_ids("o2c")
    return old


class NeverDeleting:
    """A tenant that refuses every DELETE."""

    def __init__(self, writer):
        self._writer = writer

    def __getattr__(self, name):
        return getattr(self._writer, name)

    def delete_dataset(self, _id):
        raise Refused("no")


def test_a_run_without_the_consent_leaves_the_old_half_and_is_converged_except(bench, csv):
    old = half_done(bench, csv)
    before = bench.last_request

    report = bench.apply()

    assert (report.convergence, exit_code(report)) == (Convergence.EXCEPT, 0)
    assert bench.fates(report)["delete o2c"] == "pending"
    assert set(bench.asked(before)) == {"GET"}
    assert report.remaining == (f"o2c: the old dataset ({old}) stays until you consent to replace",)


def test_a_pending_old_half_holds_up_nothing(bench, csv):
    half_done(bench, csv)
    bench.declare("keep", {"t": {"b.csv": csv(2)}})

    report = bench.apply()

    assert (report.convergence, exit_code(report)) == (Convergence.EXCEPT, 0)
    assert bench.live("t") == 2


def test_an_approval_holds_until_the_old_half_is_gone_and_is_spent_then(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, name="Sales")
    blocked = bench.plan().blocked[0]
    given = frozenset(blocked.offers)
    question = replace(bench.question(), approvals=given)
    bench.run(propose(question, bench.writer), question, writer=NeverDeleting(bench.writer))
    assert bench.state().spent == frozenset()

    question = replace(bench.question(), approvals=given)
    report = bench.run(propose(question, bench.writer), question)

    assert report.convergence is Convergence.CONVERGED
    assert bench.state().spent == given
    assert bench.dataset_ids("o2c") == []


def test_what_became_another_records_since_the_plan_is_not_deleted(bench, csv):
    bench.declare("keep", {})
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.remove("o2c")
    question = bench.question(allow=(Allow(consent=Consent.DELETE, glob="o2c"),))
    plan = propose(question, bench.writer)
    twice = replace(bench.state().datasets[Address("keep")], id=plan.steps[0].live_id)
    with closing(bench.store.begin(bench.state())) as ledger:
        ledger.record((Put(Address("keep"), twice),))

    report = bench.run(plan, replace(question, state=bench.state()))

    (result,) = report.of(Fate.FAILED)
    assert "as the dataset keep, so it was not deleted" in result.problem
    assert len(bench.dataset_ids("o2c")) == 1


def test_consents_given_since_the_plan_do_not_exceed_the_cap(bench):
    for key in ("keep", "also", "a", "b"):
        bench.declare(key, {})
    bench.apply()
    for key in ("a", "b"):
        bench.remove(key)
    question = bench.question()
    plan = propose(question, bench.writer)
    agreed = judge(
        plan, allow=(Allow(consent=Consent.DELETE, glob="*"),), approvals=frozenset(), spent=frozenset()
    )
    capped = replace(question, environment=replace(question.environment, limits=Limits(max_deletes=1)))
    with pytest.raises(Refused, match="maxDeletes is 1"):
        bench.run(agreed, capped)


# a tenant that shows no row counts


class Uncounted:
    """What a bench talks to the tenant through, with every row count left out."""

    def __init__(self, writer):
        self._writer = writer

    def __getattr__(self, name):
        return getattr(self._writer, name)

    def datatables(self):
        return {id_: _uncounted(one) for id_, one in self._writer.datatables().items()}

    def datatable_listing(self):
        return replace(self._writer.datatable_listing(), datatables=self.datatables())

    def datatable(self, id_):
        found = self._writer.datatable(id_)
        return None if found is None else _uncounted(found)


def _uncounted(live):
    return replace(live, row_count=0, rows_shown=False)


@pytest.mark.parametrize("other_name", [OtherName.ADDS, OtherName.UNKNOWN])
def test_without_row_counts_stored_is_enough_at_the_deadline_with_a_note(make_bench, csv, other_name):
    bench = make_bench(other_name=other_name)
    bench.writer = Uncounted(bench.writer)
    bench.declare("o2c", {"events": {"a.csv": csv(3), "b.csv": csv(4, 10)}})

    report = bench.apply()

    uploads = [one for one in report.results if isinstance(one.change, Upload)]
    assert [(one.fate, one.note) for one in uploads] == [(Fate.DONE, NO_COUNT)] * 2
    assert (exit_code(report), report.convergence, report.remaining) == (0, Convergence.CONVERGED, ())
    assert bench.clock.seconds >= 60
    assert bench.state().uploads[SOURCE].evidence is Evidence.STORED
    bench.declare("o2c", {"events": {"a.csv": csv(9), "b.csv": csv(4, 10)}})
    assert exit_code(bench.apply()) == 0


def test_without_row_counts_the_old_half_of_a_replace_stays(make_bench, csv):
    bench = make_bench()
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.writer = Uncounted(bench.writer)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, name="Sales")

    report = bench.apply("replace:o2c", "loss:o2c")

    assert bench.fates(report)["upload o2c.events/a.csv"] == "unconfirmed"
    assert len(bench.dataset_ids("o2c")) == 1


def test_a_row_count_that_is_gone_since_the_plan_stops_nothing(bench, csv):
    bench.declare("o2c", {"events": {"a.csv": csv(3)}})
    bench.apply()
    bench.declare("o2c", {"events": {"a.csv": csv(5)}})
    question = bench.question()
    plan = bench.plan()
    bench.writer = Uncounted(bench.writer)

    report = bench.run(plan, question)

    assert bench.fates(report)["upload o2c.events/a.csv"] == "done"


# folders that are not shown


def test_a_folder_whose_name_is_refused_may_be_there_unseen(make_bench, csv):
    bench = make_bench(unique_names=True)
    bench.writer.create_folder("Fin", None)
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, folder="Fin")

    report = bench.apply()

    (failed,) = report.of(Fate.FAILED)
    assert failed.change.address == "folder:Fin"
    assert "one of this name may be there unseen: if so, pmsync import folder:Fin ID -e dev" in failed.hint


def test_a_dataset_that_is_built_again_lands_in_its_folder_where_no_folder_is_shown(make_bench, csv):
    bench = make_bench(plays={"show_tree": False})
    bench.declare("o2c", {"events": {"a.csv": csv(3)}}, folder="Fin/Sales")
    bench.apply()
    folder = bench.state().folders[Address("folder:Fin/Sales")].id
    bench.writer.delete_dataset(bench.state().datasets[Address("o2c")].id)

    report = bench.apply("recreate:o2c")

    assert report.convergence is Convergence.CONVERGED
    made = bench.state().datasets[Address("o2c")].id
    (node,) = [
        one for one in bench.emulator.tenant(bench.state().binding.tenant_id).nodes() if one.id == made
    ]
    assert node.parent_id == folder
