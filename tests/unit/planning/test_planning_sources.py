"""The rows of the table `Source files` in its order: a sentence each."""

import math

import pytest
from msgspec.structs import replace
from planning_bench import HERE, Bench, of, says, source_file, ways
from planning_run import sha

from pmsync.errors import InputError, UsageProblem
from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import SourceMode, SourceSpec
from pmsync.model.outcome import Put
from pmsync.model.plan import Upload
from pmsync.model.state import Evidence, IntentKind
from pmsync.planning.consent import approvals_for

JAN = "o.events/jan.csv"
FEB = "o.events/feb.csv"


def events(bench: Bench, *, append: bool = False, **files: str) -> None:
    """Declare `o.events` with these files: `jan="jan:10"` is jan.csv."""
    bench.declare("o", {"events": {f"{name}.csv": files[name] for name in files}}, append=append)


def stored(bench: Bench, *addresses: str, rows_tell: bool = True) -> None:
    """Make these uploads on record ones that the bucket took and nobody saw in the rows."""
    for one in addresses:
        record = bench.state.uploads[Address(one)]
        weaker = replace(record, evidence=Evidence.STORED, rows_tell=rows_tell)
        bench.record(Put(Address(one), weaker))


# on record


def test_content_on_record_is_left_alone_whatever_its_time(settled: Bench) -> None:
    file = settled.sources[Address("o.events")][0]
    stamp = replace(file.stamp, mtime_ns=9, inode=9)
    settled.sources[Address("o.events")] = (replace(file, stamp=stamp),)
    assert settled.is_in_sync()


def test_assumed_content_is_left_alone(settled: Bench) -> None:
    record = settled.state.uploads[Address(JAN)]
    settled.record(Put(Address(JAN), replace(record, evidence=Evidence.ASSUMED)))
    assert settled.is_in_sync()


def test_stored_content_that_rows_cannot_show_is_left_alone(settled: Bench) -> None:
    stored(settled, JAN, rows_tell=False)
    settled.tenant.add_rows("o", "events", 3)
    assert settled.says() == []


def test_a_changed_file_with_as_many_rows_as_before_is_stored_and_then_in_sync(settled: Bench) -> None:
    events(settled, jan="corrected:10")
    assert settled.apply() == ["upload o.events/jan.csv changed"]
    record = settled.state.uploads[Address(JAN)]
    assert (record.evidence, record.rows_tell) == (Evidence.STORED, False)
    assert settled.is_in_sync()


def test_stored_content_whose_rows_are_there_now_is_written_down(settled: Bench) -> None:
    stored(settled, JAN)
    assert settled.apply() == ["record o.events/jan.csv rows-seen"]
    assert settled.state.uploads[Address(JAN)].evidence is Evidence.ROWS


def test_stored_content_whose_rows_are_not_there_yet_is_blocked_with_its_ways_out(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.tenant.lags = True
    bench.apply()
    plan = bench.plan()
    assert says(plan) == ["blocked o.events/jan.csv unconfirmed !unconfirmed"]
    assert ways(plan, JAN) == [
        "pmsync plan -e dev",
        "pmsync apply -e dev --reupload o.events/jan.csv",
        "pmsync apply -e dev --assume-uploaded o.events/jan.csv",
    ]
    assert not plan.drifted


def test_unconfirmed_content_is_taken_as_done_when_the_user_says_so(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.tenant.lags = True
    bench.apply()
    assert bench.apply(assume=[JAN]) == ["record o.events/jan.csv assumed"]
    assert bench.state.uploads[Address(JAN)].evidence is Evidence.ASSUMED
    assert bench.says() == []


@pytest.mark.parametrize("same_name", ["replaces", "appends", "unknown"])
def test_unconfirmed_content_is_sent_again_when_the_user_says_so(bench: Bench, same_name: str) -> None:
    bench.behaves(same_name)
    events(bench, jan="jan:10")
    bench.tenant.lags = True
    bench.apply()
    bench.tenant.tables["T2"].on_the_way = []
    bench.tenant.lags = False
    assert bench.apply(reupload=[JAN]) == ["upload o.events/jan.csv reupload-asked"]
    assert bench.is_in_sync()


def test_without_row_verification_stored_is_enough(bench: Bench) -> None:
    bench.verifies(rows=False)
    events(bench, jan="jan:10")
    bench.tenant.lags = True
    bench.apply()
    assert bench.state.uploads[Address(JAN)].evidence is Evidence.STORED
    assert bench.says() == []


# --reupload of what is on record


def test_a_repeated_upload_replaces_its_rows(settled: Bench) -> None:
    assert settled.apply(reupload=["o.*"]) == ["upload o.events/jan.csv reupload-asked"]
    assert settled.is_in_sync()


def test_a_repeated_upload_that_would_double_needs_add_rows(settled: Bench) -> None:
    settled.behaves("appends")
    assert settled.says(reupload=[JAN]) == ["upload o.events/jan.csv reupload-asked needs add-rows !consent"]
    assert ways(settled.plan(reupload=[JAN]), JAN) == [
        f"pmsync apply -e dev --allow add-rows:{JAN} --reupload {JAN}"
    ]
    settled.apply(f"add-rows:{JAN}", reupload=[JAN])
    assert settled.rows_of("o.events") == ["jan:10", "jan:10"]
    assert settled.says() == []
    assert not settled.plan().drifted


def test_a_repeated_upload_is_blocked_where_nobody_said_what_it_does(settled: Bench) -> None:
    settled.behaves("unknown")
    assert settled.says(reupload=[JAN]) == ["blocked o.events/jan.csv same-name-unknown !decision"]


def test_a_changed_file_may_be_sent_beside_its_old_rows_where_the_tenant_appends(settled: Bench) -> None:
    settled.behaves("appends")
    events(settled, jan="jan2:12")
    assert settled.says(reupload=[JAN]) == ["upload o.events/jan.csv reupload-asked needs add-rows !consent"]
    settled.apply(f"add-rows:{JAN}", reupload=[JAN])
    assert settled.rows_of("o.events") == ["jan2:12", "jan:10"]
    assert settled.says() == []
    assert not settled.plan().drifted


def test_two_repeated_uploads_that_double_are_both_accounted_for(settled: Bench) -> None:
    settled.behaves("appends")
    events(settled, jan="jan:10", feb="feb:9")
    settled.apply()
    settled.apply("add-rows:*", reupload=["*"])
    assert settled.rows_of("o.events") == ["feb:9", "feb:9", "jan:10", "jan:10"]
    assert not settled.plan().drifted


def test_a_repeated_upload_says_what_becomes_of_its_rows(settled: Bench) -> None:
    events(settled, jan="jan2:12")
    assert (
        of(settled.plan(reupload=[JAN]), JAN).reason.sentence == "re-upload (--reupload): 10 rows become 12"
    )


def test_a_repeated_upload_never_goes_over_rows_that_are_still_wanted(settled: Bench) -> None:
    events(settled, january="jan:10")
    settled.apply()
    events(settled, january="jan:10", jan="other:3")
    assert settled.says(reupload=["o.events/jan.csv"]) == ["blocked o.events/jan.csv rotation !decision"]


# duplicates


def test_the_same_content_twice_is_sent_once_with_a_warning(bench: Bench) -> None:
    events(bench, jan="jan:10", copy="jan:10")
    plan = bench.plan()
    assert says(plan)[-1] == "upload o.events/copy.csv new"
    assert of(plan, JAN).reason.sentence == "the same content as o.events/copy.csv; it is sent once"
    assert [note.address for note in plan.notes] == [JAN]
    bench.apply()
    assert bench.is_in_sync()


def test_the_copy_that_is_on_record_stands_for_both(settled: Bench) -> None:
    events(settled, copy="jan:10", jan="jan:10")
    assert settled.is_in_sync()


def test_two_copies_that_are_both_on_record_are_left_alone(settled: Bench) -> None:
    record = settled.state.uploads[Address(JAN)]
    settled.record(Put(Address(FEB), replace(record, name="feb.csv")))
    settled.tenant.upload("T2", "feb.csv", "jan:10", 10)
    events(settled, jan="jan:10", feb="jan:10")
    plan = settled.plan()
    assert says(plan) == []
    assert plan.notes == ()


def test_a_file_that_became_a_copy_of_another_leaves_its_old_rows_behind(bench: Bench) -> None:
    events(bench, jan="jan:10", feb="feb:9")
    bench.apply()
    events(bench, jan="jan:10", feb="jan:10")
    plan = bench.plan()
    assert says(plan) == []
    assert [(left.address, left.rows, left.recent) for left in plan.leftovers] == [(FEB, 9, True)]
    assert [note.sentence for note in plan.notes] == [
        "the same content as o.events/jan.csv; it is sent once",
        "a copy of another source now; of what it was its 9 rows stay (the API cannot remove them)",
    ]


def test_when_the_copy_that_was_sent_goes_the_other_takes_its_place(bench: Bench) -> None:
    events(bench, copy="jan:10", jan="jan:10")
    bench.apply()
    events(bench, jan="jan:10")
    assert bench.apply() == ["move o.events/jan.csv name-changed"]
    assert bench.is_in_sync()


# renamed


def test_a_renamed_file_moves_on_record_and_keeps_the_name_the_tenant_knows(settled: Bench) -> None:
    events(settled, january="jan:10")
    assert settled.apply() == ["move o.events/january.csv name-changed"]
    assert settled.is_in_sync()
    events(settled, january="jan2:11")
    upload = of(settled.plan(), "o.events/january.csv")
    assert isinstance(upload, Upload)
    assert upload.name == "jan.csv"
    settled.apply()
    assert settled.is_in_sync()


def test_a_file_renamed_onto_a_name_that_is_on_record_changes_places_with_it(bench: Bench) -> None:
    events(bench, jan="jan:10", feb="feb:9")
    bench.apply()
    events(bench, jan="feb:9")
    plan = bench.plan()
    assert says(plan) == ["move o.events/jan.csv name-changed"]
    bench.apply()
    assert [(left.address, left.rows, left.recent) for left in bench.plan().leftovers] == [(FEB, 10, True)]
    events(bench, jan="feb:9", other="jan:10")
    assert bench.apply() == ["move o.events/other.csv name-changed"]
    assert bench.is_in_sync()


def test_two_files_of_a_chain_of_renames_find_their_records(bench: Bench) -> None:
    events(bench, a="a:1", b="b:2", c="c:3")
    bench.apply()
    events(bench, b="a:1", x="b:2", c="c:3")
    assert bench.apply() == ["move o.events/b.csv name-changed", "move o.events/x.csv name-changed"]
    assert bench.is_in_sync()


# answer lost


def test_a_lost_upload_is_sent_again_where_the_same_name_replaces(bench: Bench) -> None:
    events(bench, jan="jan:10", feb="feb:9")
    bench.apply(lost="upload o.events/feb.csv")
    assert bench.apply() == ["upload o.events/feb.csv answer-lost", "upload o.events/jan.csv new"]
    assert bench.is_in_sync()


def test_an_upload_that_was_lost_twice_is_still_one(bench: Bench) -> None:
    events(bench, feb="feb:9", jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    bench.apply(lost="upload o.events/jan.csv")
    assert of(bench.plan(), JAN).rows_leaving == 10
    bench.apply()
    assert bench.is_in_sync()


def test_a_lost_upload_beside_rows_of_a_colleague_counts_from_what_was_there_before(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    events(settled, jan="jan2:12")
    settled.apply(lost="upload o.events/jan.csv")
    assert of(settled.plan(), JAN).rows_leaving == 12
    settled.apply()
    assert settled.says() == []


def test_a_lost_upload_of_changed_content_is_sent_again_and_nothing_is_doubled(settled: Bench) -> None:
    events(settled, jan="jan2:12")
    settled.apply(lost="upload o.events/jan.csv")
    assert settled.apply() == ["upload o.events/jan.csv answer-lost"]
    assert settled.is_in_sync()


def test_a_lost_upload_that_never_arrived_is_sent_again(settled: Bench) -> None:
    events(settled, jan="jan2:12")
    fields = {"display_name": "jan.csv", "rows": 12, "rows_before": 10, "sha256": sha("jan2:12")}
    settled.intend(IntentKind.UPLOAD, JAN, **fields)
    assert settled.apply() == ["upload o.events/jan.csv answer-lost"]
    assert settled.is_in_sync()


def test_a_lost_upload_is_sent_before_a_copy_of_it_is(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    events(bench, a="jan:10", jan="jan:10")
    assert bench.apply() == ["upload o.events/jan.csv answer-lost"]
    assert bench.is_in_sync()


def test_a_lost_upload_whose_file_changed_places_with_another_since_is_blocked(bench: Bench) -> None:
    events(bench, a="a:5", z="z:6")
    bench.apply(lost="upload o.events/z.csv")
    events(bench, a="z:6", z="a:5")
    plan = bench.plan()
    assert says(plan) == [
        "blocked o.events/a.csv waits !waits",
        "blocked o.events/z.csv answer-lost !decision",
    ]
    taken = "pmsync apply -e dev --assume-uploaded o.events/z.csv --safe-only"
    assert ways(plan, "o.events/z.csv") == [f"{taken} → name: new-a.csv"]


def test_a_lost_upload_that_rotates_is_taken_as_uploaded_and_then_replaced(bench: Bench) -> None:
    events(bench, log="m:5")
    bench.apply()
    events(bench, log="t:6")
    bench.apply(lost="upload o.events/log.csv")
    events(bench, log="w:7", log1="m:5")
    taken = "pmsync apply -e dev --assume-uploaded o.events/log.csv --safe-only"
    assert ways(bench.plan(), "o.events/log.csv") == [taken]
    bench.apply(assume=["o.events/log.csv"], safe_only=True)
    bench.apply()
    assert bench.rows_of("o.events") == ["m:5", "w:7"]


def test_a_lost_upload_is_settled_by_the_row_count_where_that_is_clear(bench: Bench) -> None:
    bench.behaves("appends")
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    assert bench.apply() == ["record o.events/jan.csv settled"]
    assert bench.state.uploads[Address(JAN)].path == "data/jan.csv"
    assert bench.is_in_sync()


def test_a_lost_upload_that_the_row_count_cannot_settle_is_blocked_and_the_others_wait(bench: Bench) -> None:
    bench.behaves("appends")
    events(bench, jan="jan:10", zed="zed:3")
    bench.apply(lost="upload o.events/jan.csv")
    bench.tenant.add_rows("o", "events", 1)
    plan = bench.plan()
    assert says(plan) == [
        "blocked o.events/jan.csv answer-lost !unconfirmed",
        "blocked o.events/zed.csv waits !waits",
    ]
    assert ways(plan, JAN) == [
        "pmsync plan -e dev",
        "pmsync apply -e dev --assume-uploaded o.events/jan.csv --safe-only",
        "pmsync apply -e dev --allow add-rows:o.events/jan.csv --reupload o.events/jan.csv --safe-only",
    ]


def test_a_lost_upload_whose_rows_cannot_be_there_is_sent_again_without_a_consent(bench: Bench) -> None:
    bench.behaves("appends")
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    bench.tenant.tables["T2"].loads = []
    bench.tenant.add_rows("o", "events", 1)
    assert ways(bench.plan(), JAN)[2] == "pmsync apply -e dev --reupload o.events/jan.csv"


def test_a_lost_upload_is_recorded_when_the_user_says_that_it_arrived(bench: Bench) -> None:
    bench.behaves("appends")
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    bench.tenant.add_rows("o", "events", 1)
    assert bench.apply(assume=[JAN]) == ["record o.events/jan.csv assumed"]
    assert bench.says() == []


def test_a_lost_upload_is_sent_again_when_the_user_says_that_it_did_not_arrive(bench: Bench) -> None:
    bench.behaves("appends")
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    bench.tenant.tables["T2"].loads = []
    bench.tenant.add_rows("o", "events", 1)
    assert bench.apply(reupload=[JAN]) == ["upload o.events/jan.csv answer-lost"]
    assert bench.says() == []
    assert bench.rows_of("o.events") == ["by hand", "jan:10"]


def test_a_lost_upload_of_a_file_that_is_gone_cannot_be_sent_again(settled: Bench) -> None:
    settled.behaves("replaces")
    events(settled, jan="jan:10", feb="feb:9")
    settled.apply(lost="upload o.events/feb.csv")
    settled.tenant.add_rows("o", "events", 1)
    events(settled, jan="jan:10")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/feb.csv answer-lost !unconfirmed"]
    assert ways(plan, FEB) == [
        "pmsync plan -e dev",
        "pmsync apply -e dev --assume-uploaded o.events/feb.csv",
    ]


def test_a_lost_upload_of_a_file_that_is_gone_is_settled_and_left_over(settled: Bench) -> None:
    events(settled, jan="jan:10", feb="feb:9")
    settled.apply(lost="upload o.events/feb.csv")
    events(settled, jan="jan:10")
    assert settled.apply() == ["record o.events/feb.csv settled"]
    assert [left.address for left in settled.plan().leftovers] == [FEB]


def test_a_lost_upload_whose_earlier_content_is_on_record_keeps_what_it_was(settled: Bench) -> None:
    settled.behaves("appends")
    fields = {"display_name": "jan.csv", "rows": 3, "rows_before": 7, "sha256": sha("more:3")}
    settled.intend(IntentKind.UPLOAD, JAN, **fields)
    settled.declare("o", {"events": {}})
    assert settled.says() == ["record o.events/jan.csv settled"]
    entry, _ = of(settled.plan(), JAN).entries
    assert entry.record.path == "data/jan.csv"


def test_intents_of_other_datatables_and_kinds_do_not_concern_this_one(settled: Bench) -> None:
    settled.intend(IntentKind.UPLOAD, "o.other/jan.csv", rows=1)
    settled.intend(IntentKind.DELETE, "p", target_id="D9")
    assert settled.says() == []


def test_a_lost_upload_under_a_moved_key_is_still_known(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    bench.undeclare("o")
    bench.declare("p", {"events": {"jan.csv": "jan:10"}}, name="o")
    bench.intend(IntentKind.UPLOAD, "o-2.events/jan.csv", rows=1)
    assert bench.apply() == ["move p key-changed", "upload p.events/jan.csv answer-lost"]
    assert bench.is_in_sync()
    assert [one.address for one in bench.state.intents] == ["o-2.events/jan.csv"]


def test_where_the_same_name_replaces_a_lost_upload_is_taken_as_done_when_the_user_says_so(
    bench: Bench,
) -> None:
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    assert bench.apply(assume=[JAN]) == ["record o.events/jan.csv settled"]
    assert bench.is_in_sync()


def test_what_was_announced_is_taken_whatever_the_count_and_the_difference_is_said(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    bench.tenant.lose_rows("o", "events", 4)
    plan = bench.plan(assume=[JAN])
    assert says(plan) == ["record o.events/jan.csv assumed"]
    assert of(plan, JAN).reason.sentence == "taken as uploaded, as you say: ProcessMind shows 6 of 10 rows"


def test_a_lost_upload_that_the_user_repeats_takes_the_consent_to_add_where_its_rows_are_there(
    bench: Bench,
) -> None:
    bench.behaves("appends")
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    assert bench.says(reupload=[JAN]) == ["upload o.events/jan.csv reupload-asked needs add-rows !consent"]
    bench.apply(f"add-rows:{JAN}", reupload=[JAN])
    assert bench.rows_of("o.events") == ["jan:10", "jan:10"]
    assert bench.says() == []
    assert not bench.plan().drifted


# rows missing


def test_new_content_is_blocked_while_rows_are_missing(settled: Bench) -> None:
    settled.tenant.lose_rows("o", "events", 4)
    events(settled, jan="jan:10", feb="feb:9")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/feb.csv rows-missing !decision"]
    assert ways(plan, FEB) == [
        "pmsync apply -e dev --reupload 'o.events/*'",
        "pmsync state accept o.events -e dev",
    ]


def test_missing_rows_are_only_drift_while_nothing_is_new(settled: Bench) -> None:
    settled.tenant.lose_rows("o", "events", 4)
    plan = settled.plan()
    assert says(plan) == []
    assert plan.drifted[0].drift == (
        "6 rows live, 4 fewer than were loaded; to take that as it is: pmsync state accept o.events -e dev"
    )


def test_missing_rows_are_loaded_again_and_what_is_new_with_them(settled: Bench) -> None:
    settled.tenant.lose_rows("o", "events", 4)
    events(settled, jan="jan:10", feb="feb:9")
    assert settled.apply(reupload=["o.events/*"]) == [
        "upload o.events/feb.csv new",
        "upload o.events/jan.csv reupload-asked",
    ]
    assert settled.is_in_sync()
    assert {one.evidence for one in settled.state.uploads.values()} == {Evidence.ROWS}


def test_missing_rows_of_several_files_are_shared_out_among_those_sent_again(bench: Bench) -> None:
    events(bench, a="a:10", b="b:10", c="c:5")
    bench.apply()
    bench.tenant.tables["T2"].loads = bench.tenant.tables["T2"].loads[:1]
    bench.tenant.lose_rows("o", "events", 6)
    plan = bench.plan(reupload=["*/a.csv", "*/b.csv", "*/c.csv"])
    assert [change.rows_leaving for change in plan.steps] == [4, 0, 0]
    bench.apply(reupload=["*"])
    assert bench.is_in_sync()


def test_changed_content_may_repair_its_own_rows(settled: Bench) -> None:
    settled.tenant.lose_rows("o", "events", 4)
    events(settled, jan="jan2:12")
    assert settled.apply() == ["upload o.events/jan.csv changed"]
    assert settled.is_in_sync()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            [],
            [
                "blocked o.events/feb.csv rows-missing !decision",
                "blocked o.events/mar.csv rows-missing !decision",
            ],
        ),
        (
            [FEB],
            ["upload o.events/feb.csv reupload-asked", "blocked o.events/mar.csv rows-missing !decision"],
        ),
    ],
)
def test_rows_that_may_be_missing_from_what_stays_as_it_is_block_what_is_new(
    settled: Bench, flags: list[str], said: list[str]
) -> None:
    events(settled, jan="jan:10", feb="feb:9")
    settled.apply()
    settled.tenant.lose_rows("o", "events", 4)
    events(settled, jan="jan:10", feb="feb2:12", mar="mar:8")
    assert settled.says(reupload=flags) == said
    assert settled.apply(reupload=["o.events/*"])[-1] == "upload o.events/mar.csv new"
    assert settled.is_in_sync()


def test_missing_rows_of_a_source_that_is_gone_can_only_be_accepted(settled: Bench) -> None:
    settled.tenant.lose_rows("o", "events", 4)
    events(settled, feb="feb:9")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/feb.csv rows-missing !decision"]
    assert ways(plan, FEB) == ["pmsync state accept o.events -e dev"]


def test_a_name_that_is_used_again_replaces_what_is_missing(settled: Bench) -> None:
    events(settled, january="jan:10")
    settled.apply()
    settled.tenant.lose_rows("o", "events", 4)
    events(settled, jan="other:3")
    assert settled.apply() == ["upload o.events/jan.csv changed"]
    assert settled.is_in_sync()


def test_where_other_names_replace_no_rows_can_stay_missing(bench: Bench) -> None:
    bench.behaves("replaces", "replaces")
    events(bench, jan="jan:10")
    bench.apply()
    bench.tenant.lose_rows("o", "events", 4)
    events(bench, feb="feb:9")
    assert bench.apply() == ["upload o.events/feb.csv new"]
    assert bench.is_in_sync()


def test_repairing_one_file_lets_the_others_go_on(settled: Bench) -> None:
    settled.tenant.lose_rows("o", "events", 4)
    events(settled, jan="jan:10", feb="feb:9")
    assert settled.apply(reupload=[JAN])[0] == "upload o.events/feb.csv new"
    assert settled.is_in_sync()


def test_accepted_missing_rows_are_missing_no_more(settled: Bench) -> None:
    settled.tenant.lose_rows("o", "events", 4)
    settled.accept("o.events")
    events(settled, jan="jan:10", feb="feb:9")
    assert settled.apply() == ["upload o.events/feb.csv new"]
    assert settled.says() == []


# no row count


@pytest.fixture
def uncounted(settled: Bench) -> Bench:
    """In sync, and from now on the tenant shows no row count."""
    settled.tenant.shows_rows = False
    return settled


def test_without_a_row_count_what_is_on_record_is_in_sync(uncounted: Bench) -> None:
    plan = uncounted.plan()
    assert says(plan) == []
    assert not plan.drifted


def test_without_a_row_count_new_and_changed_files_go_up(uncounted: Bench) -> None:
    events(uncounted, jan="jan2:12", feb="feb:9")
    plan = uncounted.plan()
    assert says(plan) == ["upload o.events/feb.csv new", "upload o.events/jan.csv changed"]
    assert [change.rows_before for change in plan.steps] == [10, 10]


def test_without_a_row_count_stored_is_all_that_can_be_known(uncounted: Bench) -> None:
    stored(uncounted, JAN)
    assert uncounted.says() == []
    uncounted.tenant.shows_rows = True
    assert uncounted.says() == ["record o.events/jan.csv rows-seen"]


def test_without_a_row_count_the_user_is_believed_with_a_note(uncounted: Bench) -> None:
    stored(uncounted, JAN)
    events(uncounted, jan="jan:10", feb="feb:9")
    plan = uncounted.plan(assume=["*"])
    assert says(plan) == ["record o.events/feb.csv assumed", "record o.events/jan.csv assumed"]
    assert {change.reason.sentence for change in plan.steps} == {
        "taken as uploaded, as you say: the row count cannot show it"
    }


def test_without_a_row_count_a_lost_upload_is_for_the_user_where_the_tenant_appends(bench: Bench) -> None:
    bench.behaves("appends")
    events(bench, jan="jan:10")
    bench.apply(lost="upload o.events/jan.csv")
    bench.tenant.shows_rows = False
    plan = bench.plan()
    assert says(plan) == ["blocked o.events/jan.csv answer-lost !unconfirmed"]
    assert "ProcessMind shows no row count" in of(plan, JAN).reason.sentence
    assert bench.says(reupload=[JAN]) == ["upload o.events/jan.csv reupload-asked needs add-rows !consent"]


# no rows


def test_content_without_rows_in_the_place_of_rows_needs_loss(settled: Bench) -> None:
    events(settled, jan="empty:0")
    assert settled.says() == ["upload o.events/jan.csv no-rows needs loss !consent"]
    settled.apply(f"loss:{JAN}")
    assert settled.is_in_sync()


def test_a_new_file_without_rows_takes_nothing_away_where_other_names_add(settled: Bench) -> None:
    events(settled, jan="jan:10", quiet="empty:0")
    assert settled.apply() == ["upload o.events/quiet.csv new"]
    assert settled.is_in_sync()


def test_a_new_file_without_rows_needs_loss_where_nobody_knows_what_it_does(settled: Bench) -> None:
    settled.behaves("replaces", "unknown")
    events(settled, jan="jan:10", quiet="empty:0")
    assert settled.says() == ["upload o.events/quiet.csv no-rows needs loss !consent"]


# a drop of rows


def filled(bench: Bench, rows: int) -> Bench:
    bench.declare("o", {"events": {"jan.csv": f"jan:{rows}"}})
    bench.apply()
    return bench


@pytest.mark.parametrize(
    ("before", "after", "drop", "needs"),
    [
        (1000, 499, 0.5, True),
        (1000, 500, 0.5, False),
        (1000, 1, 0.5, True),
        (1000, 2000, 0.5, False),
        (150, 50, 0.5, True),
        (150, 51, 0.5, False),  # fewer than a hundred go
        (99, 1, 0.5, False),
        (99, 0, 0.5, True),  # none is left
        (99, 0, math.inf, True),
        (1000, 1, math.inf, False),
        (1000, 799, 0.2, True),
        (1000, 800, 0.2, False),
        (1000, 900, 0.0, True),
        (1000, 901, 0.0, False),
        (1000, 1, 1.0, False),
    ],
)
def test_an_upload_that_takes_too_much_away_needs_loss(
    bench: Bench, before: int, after: int, drop: float, needs: bool
) -> None:
    filled(bench, before).limits(max_row_drop=drop)
    events(bench, jan=f"cut:{after}")
    assert (bench.says()[0].endswith(" needs loss !consent")) is needs
    assert bench.apply("loss:*")
    assert bench.is_in_sync()


def test_a_drop_of_rows_is_told_with_both_counts(bench: Bench) -> None:
    filled(bench, 42_049)
    events(bench, jan="cut:2")
    assert of(bench.plan(), JAN).reason.sentence == (
        "changed: 42,049 rows become 2: 100.0% fewer, and maxRowDrop is 50%"
    )


def test_what_a_datatable_says_of_a_drop_goes_before_what_the_environment_says(bench: Bench) -> None:
    filled(bench, 1000).limits(max_row_drop=math.inf)
    events(bench, jan="cut:700")
    assert bench.says() == [f"upload {JAN} changed"]
    spec = bench.specs[Address("o")]
    table = replace(spec.datatables[Address("o.events")], max_row_drop=0.2)
    bench.specs[Address("o")] = replace(spec, datatables={table.address: table})
    assert bench.says() == [f"upload {JAN} changed needs loss !consent"]


def test_an_emulated_tenant_may_lose_rows(bench: Bench) -> None:
    filled(bench, 1000)
    events(bench, jan="cut:2")
    assert bench.says(emulated=True) == [f"upload {JAN} changed"]


def test_where_other_names_replace_a_drop_is_judged_by_all_that_goes(bench: Bench) -> None:
    bench.behaves("replaces", "replaces")
    filled(bench, 1000)
    bench.tenant.add_rows("o", "events", 1000)
    events(bench, feb="feb:600")
    assert bench.says() == ["upload o.events/feb.csv new needs loss !consent"]
    assert "2,000 rows become 600" in of(bench.plan(), "o.events/feb.csv").reason.sentence


def test_a_consent_to_a_drop_is_for_just_that_content(bench: Bench) -> None:
    filled(bench, 1000)
    events(bench, jan="cut:2")
    (change,) = bench.plan().steps
    (wanted,) = approvals_for(bench.plan())
    assert (wanted.consent, wanted.content) == (Consent.LOSS, change.file.sha256)
    bench.approvals = frozenset({wanted})
    assert bench.says() == [f"upload {JAN} changed needs loss"]
    events(bench, jan="other:2")
    assert bench.says() == [f"upload {JAN} changed needs loss !consent"]


# rotation


def test_two_files_that_swap_contents_are_blocked(bench: Bench) -> None:
    events(bench, a="a:10", b="b:9")
    bench.apply()
    events(bench, a="b:9", b="a:10")
    plan = bench.plan()
    assert says(plan) == [
        "blocked o.events/a.csv rotation !decision",
        "blocked o.events/b.csv rotation !decision",
    ]
    assert ways(plan, "o.events/a.csv") == ["name: new-a.csv"]


def test_a_rotated_log_is_blocked_until_one_of_the_two_has_a_name_of_its_own(bench: Bench) -> None:
    events(bench, log="monday:10")
    bench.apply()
    events(bench, log="tuesday:9", log1="monday:10")
    assert bench.says() == [
        "blocked o.events/log.csv rotation !decision",
        "blocked o.events/log1.csv rotation !decision",
    ]
    bench.declare("o", {"events": {"new-log.csv": "tuesday:9", "log1.csv": "monday:10"}})
    assert bench.apply() == ["move o.events/log1.csv name-changed", "upload o.events/new-log.csv new"]
    assert bench.is_in_sync()


def test_a_new_file_whose_name_the_tenant_has_for_another_source_is_blocked(settled: Bench) -> None:
    events(settled, january="jan:10")
    settled.apply()
    events(settled, january="jan:10", jan="other:3")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/jan.csv rotation !decision"]
    assert "is what january.csv is called there" in of(plan, JAN).reason.sentence


def test_a_changed_file_and_a_new_one_of_its_old_tenant_name_are_not_sent_over_each_other(
    settled: Bench,
) -> None:
    events(settled, january="jan:10")
    settled.apply()
    events(settled, january="jan2:11", jan="other:3")
    assert "blocked o.events/jan.csv rotation !decision" in settled.says()


# same name


def test_changed_content_replaces_its_rows(settled: Bench) -> None:
    events(settled, jan="jan2:12")
    plan = settled.plan()
    assert says(plan) == ["upload o.events/jan.csv changed"]
    assert of(plan, JAN).reason.sentence == "changed: 10 rows become 12"
    settled.apply()
    assert settled.is_in_sync()


def test_a_name_of_a_source_that_is_gone_is_used_again(settled: Bench) -> None:
    events(settled, january="jan:10")
    settled.apply()
    events(settled, jan="other:3")
    assert settled.apply() == ["upload o.events/jan.csv changed"]
    assert settled.is_in_sync()
    assert not settled.plan().leftovers


def test_changed_content_would_double_where_the_tenant_appends(settled: Bench) -> None:
    settled.behaves("appends")
    events(settled, jan="jan2:12")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/jan.csv would-double !decision"]
    assert "the datatable holds 10 rows and would hold 22" in of(plan, JAN).reason.sentence
    assert ways(plan, JAN) == ["pmsync apply -e dev --allow replace:o --allow loss:o"]
    settled.apply("replace:o", "loss:o")
    assert settled.is_in_sync()


def test_changed_content_is_blocked_with_the_line_to_paste_where_nobody_said(settled: Bench) -> None:
    settled.behaves("unknown")
    events(settled, jan="jan2:12")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/jan.csv same-name-unknown !decision"]
    rebuild = "pmsync apply -e dev --allow replace:o --allow loss:o"
    assert ways(plan, JAN) == [
        "uploads: {sameName: replaces, otherName: adds}",
        f"uploads: {{sameName: appends, otherName: adds}} → {rebuild}",
    ]


def test_what_will_block_a_changed_file_is_said_on_the_first_day(bench: Bench) -> None:
    bench.behaves("unknown")
    events(bench, jan="jan:10")
    assert [note.sentence for note in bench.plan().notes] == [
        (
            "uploads.sameName is not set for dev, so a changed file will be blocked; "
            "pmsync doctor --probe -e dev finds it out"
        )
    ]
    bench.apply()
    assert bench.plan().notes == ()


def test_a_file_that_was_renamed_and_changed_may_keep_the_name_that_is_known(settled: Bench) -> None:
    events(settled, **{"jan-v2": "new:12"})
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/jan-v2.csv leftover-rows !decision"]
    assert ways(plan, "o.events/jan-v2.csv")[0] == "name: jan.csv"


def test_where_names_append_or_several_are_left_nothing_is_to_be_renamed(settled: Bench) -> None:
    settled.behaves("appends")
    events(settled, **{"jan-v2": "new:12"})
    assert "name:" not in ways(settled.plan(), "o.events/jan-v2.csv")[0]


# lost state


@pytest.mark.parametrize("lost", [[JAN], [FEB], [JAN, FEB]])
def test_rows_of_one_or_of_all_new_sources_look_like_a_lost_state(bench: Bench, lost: list[str]) -> None:
    events(bench, jan="jan:10", feb="feb:9")
    bench.apply()
    bench.lose_state(*lost)
    plan = bench.plan()
    rest = " --safe-only" if len(lost) > 1 else ""
    assert says(plan) == [f"blocked {one} lost-state !decision" for one in sorted(lost)]
    assert ways(plan, lost[0]) == [
        f"pmsync apply -e dev --reupload {lost[0]}{rest}",
        f"pmsync apply -e dev --assume-uploaded {lost[0]}{rest}",
    ]
    bench.apply(assume=["o.events/*"])
    assert bench.is_in_sync()


@pytest.mark.parametrize(
    ("same_name", "then"),
    [("appends", [f"pmsync apply -e dev --allow add-rows:{JAN} --reupload {JAN}"]), ("unknown", [])],
)
def test_where_names_do_not_replace_what_looks_lost_is_first_taken_as_there(
    bench: Bench, same_name: str, then: list[str]
) -> None:
    bench.behaves(same_name)
    events(bench, jan="jan:10")
    bench.apply()
    bench.lose_state(JAN)
    assert ways(bench.plan(), JAN) == [f"pmsync apply -e dev --assume-uploaded {JAN}", *then]


def test_the_state_is_called_lost_only_where_there_is_none(settled: Bench) -> None:
    settled.lose_state(JAN)
    assert of(settled.plan(), JAN).reason.sentence == (
        "the datatable holds 10 rows that pmsync did not load, as many as its new sources hold: "
        "they may be earlier uploads of the same files"
    )
    settled.lose_state()
    assert of(settled.plan(), JAN).reason.sentence.endswith(", and the state was lost")


@pytest.mark.parametrize(
    ("there", "recorded", "blocked"),
    [
        (180, ["jan", "feb", "mar"], []),
        (200, ["jan", "feb", "mar"], []),
        (150, ["jan", "feb"], ["mar"]),
        (90, ["jan"], ["feb", "mar"]),
        (115, ["jan"], ["feb", "mar"]),  # in address order: those 35 are rather of feb than of mar
        (0, [], ["jan", "feb", "mar"]),
    ],
)
def test_what_is_said_to_be_there_is_believed_as_far_as_the_rows_go(
    bench: Bench, there: int, recorded: list[str], blocked: list[str]
) -> None:
    bench.declare("o", {"events": {}})
    bench.apply()
    bench.tenant.add_rows("o", "events", there)
    events(bench, **{"a-jan": "jan:80", "b-feb": "feb:70", "c-mar": "mar:30"})
    plan = bench.plan(assume=("o.events/*",))
    names = {"jan": "a-jan", "feb": "b-feb", "mar": "c-mar"}
    expected = [f"record o.events/{names[one]}.csv assumed" for one in recorded]
    expected += [f"blocked o.events/{names[one]}.csv assumed !decision" for one in blocked]
    assert sorted(says(plan)) == sorted(expected)


def test_of_a_file_without_rows_the_user_is_believed_with_a_note(settled: Bench) -> None:
    events(settled, jan="jan:10", quiet="empty:0")
    plan = settled.plan(assume=["*/quiet.csv"])
    assert says(plan) == ["record o.events/quiet.csv assumed"]
    assert of(plan, "o.events/quiet.csv").reason.sentence == (
        "taken as uploaded, as you say: the row count cannot show it"
    )


def test_what_was_seen_there_is_not_overruled_by_a_word(settled: Bench) -> None:
    events(settled, jan="jan2:12")
    assert settled.says(assume=[JAN]) == ["upload o.events/jan.csv changed"]


def test_changed_content_of_what_was_never_seen_may_be_taken_as_there(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.tenant.lags = True
    bench.apply()
    bench.tenant.lags = False
    bench.tenant.arrive()
    events(bench, jan="jan2:10")
    assert bench.says(assume=[JAN]) == ["record o.events/jan.csv assumed"]


def test_what_is_said_to_be_there_and_is_not_shows_both_sums(bench: Bench) -> None:
    bench.declare("o", {"events": {}})
    bench.apply()
    bench.tenant.add_rows("o", "events", 150)
    events(bench, jan="jan:180")
    plan = bench.plan(assume=(JAN,))
    assert of(plan, JAN).reason.sentence == (
        "--assume-uploaded says that ProcessMind holds it, but it shows 150 of 180 rows"
    )
    assert ways(plan, JAN) == [f"pmsync apply -e dev --reupload {JAN}", "pmsync state accept o.events -e dev"]


@pytest.mark.parametrize("lost", [[JAN], [FEB], [JAN, FEB]])
def test_after_a_lost_state_sending_again_replaces_what_is_there(bench: Bench, lost: list[str]) -> None:
    events(bench, jan="jan:10", feb="feb:9")
    bench.apply()
    bench.lose_state(*lost)
    assert bench.apply(reupload=lost) == [f"upload {one} reupload-asked" for one in sorted(lost)]
    assert bench.is_in_sync()
    assert {bench.state.uploads[Address(one)].rows_tell for one in lost} == {False}


def test_after_a_lost_state_only_what_is_sent_again_shares_in_what_is_there(bench: Bench) -> None:
    events(bench, apr="apr:9", feb="feb:9", jan="jan:10")
    bench.apply()
    bench.lose_state("o.events/apr.csv", FEB, JAN)
    plan = bench.plan(reupload=[FEB, JAN], assume=["*/apr.csv"])
    assert [change.rows_leaving for change in plan.steps[1:]] == [9, 10]
    bench.tenant.tables["T2"].loads.pop()
    plan = bench.plan(reupload=[JAN])
    assert says(plan)[:2] == [
        "blocked o.events/apr.csv foreign-rows !decision",
        "blocked o.events/feb.csv foreign-rows !decision",
    ]
    assert plan.steps[2].rows_leaving == 10


def test_after_a_lost_state_one_may_be_there_and_the_other_not(bench: Bench) -> None:
    events(bench, jan="jan:10", feb="feb:9")
    bench.apply(killed_before="upload o.events/jan.csv")
    bench.lose_state(FEB)
    plan = bench.plan(reupload=["o.events/*"])
    assert [change.rows_leaving for change in plan.steps] == [9, 0]
    assert bench.apply(assume=[FEB]) == ["record o.events/feb.csv assumed", "upload o.events/jan.csv new"]
    assert bench.is_in_sync()


def test_after_a_lost_state_consent_to_add_rows_does_not_double_them(settled: Bench) -> None:
    settled.lose_state(JAN)
    assert settled.says("add-rows:*") == ["blocked o.events/jan.csv lost-state !decision"]


def test_after_a_lost_state_an_appending_tenant_doubles_only_what_is_named(settled: Bench) -> None:
    settled.behaves("appends")
    settled.lose_state(JAN)
    plan = settled.plan(reupload=[JAN])
    assert says(plan) == ["upload o.events/jan.csv reupload-asked needs add-rows !consent"]
    assert of(plan, JAN).rows_leaving == 0
    settled.apply(f"add-rows:{JAN}", reupload=[JAN])
    assert settled.rows_of("o.events") == ["jan:10", "jan:10"]
    assert settled.says() == []
    assert not settled.plan().drifted


def test_other_columns_are_not_a_lost_state(settled: Bench) -> None:
    settled.lose_state(JAN)
    settled.tenant.tables["T2"].columns = ("case", "activity")
    assert settled.says() == ["blocked o.events/jan.csv lost-state !decision"]
    settled.tenant.tables["T2"].columns = ("something", "else")
    assert settled.says() == ["blocked o.events/jan.csv foreign-rows !decision"]


# foreign rows


def test_a_new_file_beside_foreign_rows_is_blocked_and_says_the_sum(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 12_421)
    events(settled, jan="jan:10", feb="feb:8000")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/feb.csv foreign-rows !decision"]
    assert of(plan, FEB).reason.sentence == (
        "the datatable holds 12,421 rows that pmsync did not load; with these 8,000 it would hold 20,431"
    )
    assert ways(plan, FEB) == [
        "pmsync apply -e dev --assume-uploaded o.events/feb.csv",
        "pmsync apply -e dev --allow add-rows:o.events/feb.csv",
        "pmsync apply -e dev --allow replace:o --allow loss:o",
        "pmsync apply -e dev --reupload o.events/feb.csv",
    ]


def test_rows_are_not_to_be_accepted_beside_an_upload_that_changes_their_number(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 5)
    assert (
        settled.plan().drifted[0].drift.endswith("to take that as it is: pmsync state accept o.events -e dev")
    )
    events(settled, jan="jan:12")
    assert settled.plan().drifted[0].drift == "15 rows live, 5 more than were loaded"


def test_in_an_adopted_datatable_that_is_not_filled_yet_sending_again_comes_first(bench: Bench) -> None:
    bench.tenant.upload(
        bench.tenant.create_table(bench.tenant.create_dataset("o"), "events"), "jan.csv", "script's", 8
    )
    bench.declare("o", {"events": {}})
    bench.apply("adopt:o")
    events(bench, jan="jan:10")
    assert says(bench.plan()) == ["blocked o.events/jan.csv foreign-rows !decision"]
    assert ways(bench.plan(), JAN)[0] == "pmsync apply -e dev --reupload o.events/jan.csv"
    bench.apply(reupload=[JAN])
    assert bench.rows_of("o.events") == ["jan:10"]


def test_a_consent_to_add_rows_accepts_the_foreign_ones(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    events(settled, jan="jan:10", feb="feb:9", mar="mar:8")
    assert settled.apply("add-rows:o.events/*") == [
        "upload o.events/feb.csv foreign-rows needs add-rows",
        "upload o.events/mar.csv foreign-rows needs add-rows",
    ]
    assert settled.says() == []
    assert not settled.plan().drifted
    assert settled.state.datatables[Address("o.events")].baseline == 3


def test_foreign_rows_may_be_left_behind_by_a_rebuild(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    events(settled, jan="jan:10", feb="feb:9")
    assert settled.says("replace:o")[0] == "replace o replace-asked needs replace,loss !consent"
    settled.apply("replace:o", "loss:o")
    assert settled.is_in_sync()


def test_foreign_rows_may_be_replaced_where_the_same_name_replaces(settled: Bench) -> None:
    settled.tenant.upload("T2", "feb.csv", "older feb", 9)
    events(settled, jan="jan:10", feb="feb:9")
    settled.tenant.upload("T2", "x.csv", "by hand", 5)
    assert settled.apply(reupload=[FEB]) == ["upload o.events/feb.csv reupload-asked"]
    assert settled.rows_of("o.events") == ["by hand", "feb:9", "jan:10"]
    assert settled.plan().drifted[0].drift.startswith("24 rows live, 5 more than were loaded")


def test_a_reupload_beside_foreign_rows_takes_the_consent_to_add_where_the_tenant_appends(
    settled: Bench,
) -> None:
    settled.behaves("appends")
    settled.tenant.add_rows("o", "events", 3)
    events(settled, jan="jan:10", feb="feb:9")
    assert not [way for way in ways(settled.plan(), FEB) if "reupload" in way]
    plan = settled.plan(reupload=[FEB])
    assert says(plan) == ["upload o.events/feb.csv reupload-asked needs add-rows !consent"]
    assert ways(plan, FEB) == [f"pmsync apply -e dev --allow add-rows:{FEB} --reupload {FEB}"]
    assert settled.apply(f"add-rows:{FEB}", reupload=[FEB]) == [
        "upload o.events/feb.csv reupload-asked needs add-rows"
    ]
    assert settled.says() == []
    assert not settled.plan().drifted


def test_a_reupload_is_blocked_where_rows_may_be_its_own_and_nobody_said_what_it_does(settled: Bench) -> None:
    settled.behaves("unknown")
    settled.lose_state(JAN)
    assert settled.says(reupload=[JAN]) == ["blocked o.events/jan.csv same-name-unknown !decision"]


def test_changed_content_goes_on_beside_foreign_rows(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    events(settled, jan="jan2:12")
    assert settled.apply() == ["upload o.events/jan.csv changed"]
    assert settled.rows_of("o.events") == ["by hand", "jan2:12"]


# leftover rows


def test_a_new_file_beside_rows_of_a_removed_one_is_blocked_and_says_the_sum(settled: Bench) -> None:
    events(settled, feb="feb:9")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events/feb.csv leftover-rows !decision"]
    assert of(plan, FEB).reason.sentence == (
        "the datatable still holds the 10 rows of jan.csv, no longer declared; with these 9 it would hold 19"
    )
    assert ways(plan, FEB) == [
        "name: jan.csv",
        "pmsync apply -e dev --allow add-rows:o.events/feb.csv",
        "pmsync apply -e dev --allow replace:o --allow loss:o",
    ]
    settled.apply(f"add-rows:{FEB}")
    assert settled.says() == []
    assert settled.state.datatables[Address("o.events")].baseline == 0


def test_rows_of_a_removed_appended_file_are_history_that_others_add_to(bench: Bench) -> None:
    events(bench, append=True, jan="jan:10")
    bench.apply()
    events(bench, append=True, feb="feb:9")
    assert bench.apply() == ["upload o.events/feb.csv new"]
    assert bench.says() == []


def test_rows_that_a_copy_left_behind_are_leftover_rows_too(bench: Bench) -> None:
    events(bench, jan="jan:10", feb="feb:9")
    bench.apply()
    events(bench, jan="jan:10", feb="jan:10", mar="mar:8")
    assert bench.says() == ["blocked o.events/mar.csv leftover-rows !decision"]


# else


def test_a_new_file_is_sent(settled: Bench) -> None:
    events(settled, jan="jan:10", feb="feb:9")
    assert settled.apply() == ["upload o.events/feb.csv new"]
    assert settled.is_in_sync()


# the other names


def test_where_nobody_said_what_other_names_do_each_upload_is_confirmed_first(bench: Bench) -> None:
    bench.behaves("replaces", "unknown")
    events(bench, jan="jan:10", feb="feb:9")
    assert [change.confirm_first for change in bench.plan().steps if isinstance(change, Upload)] == [
        True,
        True,
    ]
    bench.apply()
    events(bench, jan="jan:10", feb="feb:9", mar="mar:8")
    assert [change.confirm_first for change in bench.plan().steps] == [True]


def test_a_single_source_need_not_be_confirmed_first(bench: Bench) -> None:
    bench.behaves("replaces", "unknown")
    events(bench, jan="jan:10")
    assert of(bench.plan(), JAN).confirm_first is False


def test_where_other_names_replace_a_datatable_has_one_source(bench: Bench) -> None:
    bench.behaves("replaces", "replaces")
    events(bench, jan="jan:10", feb="feb:9")
    with pytest.raises(InputError) as caught:
        bench.plan()
    assert [one.code for one in caught.value.diagnostics] == ["PM401"]


def test_where_rows_are_not_verified_several_sources_need_a_word_on_other_names(bench: Bench) -> None:
    bench.behaves("replaces", "unknown")
    bench.verifies(rows=False)
    events(bench, jan="jan:10", feb="feb:9")
    with pytest.raises(InputError) as caught:
        bench.plan()
    assert [one.code for one in caught.value.diagnostics] == ["PM402"]


def test_where_other_names_replace_the_new_file_takes_the_place_of_the_old(bench: Bench) -> None:
    bench.behaves("replaces", "replaces")
    events(bench, jan="jan:10")
    bench.apply()
    events(bench, feb="feb:9")
    assert bench.apply() == ["upload o.events/feb.csv new"]
    assert bench.is_in_sync()
    assert list(bench.state.uploads) == [FEB]


def test_where_other_names_replace_rows_of_nobody_are_a_loss(bench: Bench) -> None:
    bench.behaves("replaces", "replaces")
    events(bench, jan="jan:10")
    bench.apply()
    bench.tenant.add_rows("o", "events", 3)
    events(bench, jan="jan2:12")
    assert bench.says() == ["upload o.events/jan.csv changed needs loss !consent"]
    bench.apply(f"loss:{JAN}")
    assert bench.is_in_sync()


def test_where_other_names_replace_an_empty_file_in_the_place_of_rows_is_a_loss(bench: Bench) -> None:
    bench.behaves("replaces", "replaces")
    events(bench, jan="jan:10")
    bench.apply()
    events(bench, feb="empty:0")
    assert bench.says() == ["upload o.events/feb.csv no-rows needs loss !consent"]


def test_where_other_names_replace_a_lost_upload_takes_everything_else_away(bench: Bench) -> None:
    bench.behaves("replaces", "replaces")
    events(bench, jan="jan:10")
    bench.apply()
    events(bench, feb="feb:12")
    bench.apply(lost="upload o.events/feb.csv")
    assert bench.apply() == ["upload o.events/feb.csv answer-lost"]
    assert bench.is_in_sync()
    assert list(bench.state.uploads) == [FEB]


# left over, and drift


def test_rows_of_a_removed_entry_are_said_until_they_are_accepted(settled: Bench) -> None:
    settled.declare("o", {"events": {}})
    plan = settled.plan()
    assert says(plan) == []
    assert [(left.address, left.rows, left.recent) for left in plan.leftovers] == [(JAN, 10, True)]
    assert [note.sentence for note in plan.notes] == [
        (
            "removed from the manifest; its 10 rows stay (the API cannot remove them); to take that as it is: "
            "pmsync state accept o.events -e dev"
        )
    ]
    assert not plan.is_clean
    settled.accept("o.events")
    plan = settled.plan()
    assert [(left.address, left.rows, left.recent) for left in plan.leftovers] == [(JAN, 10, False)]
    assert plan.notes == ()
    assert plan.is_clean


def test_beside_rows_of_a_removed_entry_that_were_accepted_a_new_file_goes_up(settled: Bench) -> None:
    settled.declare("o", {"events": {}})
    settled.accept("o.events")
    events(settled, feb="feb:9")
    assert settled.apply() == ["upload o.events/feb.csv new"]
    assert settled.rows_of("o.events") == ["feb:9", "jan:10"]


@pytest.mark.parametrize(
    ("path", "recent"), [("data/*.csv", False), ("./data/j?n.csv", False), ("*.csv", True)]
)
def test_a_file_that_left_the_window_of_a_pattern_is_one_line_alone(
    settled: Bench, path: str, recent: bool
) -> None:
    settled.declare("o", {"events": {}})
    spec = settled.specs[Address("o")]
    window = SourceSpec(path=path, mode=SourceMode.APPEND, location=HERE)
    table = replace(spec.datatables[Address("o.events")], sources=(window,))
    settled.specs[Address("o")] = replace(spec, datatables={table.address: table})
    plan = settled.plan()
    assert [(left.address, left.rows, left.recent) for left in plan.leftovers] == [(JAN, 10, recent)]
    assert plan.is_clean is not recent


def test_a_removed_file_without_rows_leaves_nothing_behind(bench: Bench) -> None:
    events(bench, jan="empty:0")
    bench.apply()
    bench.declare("o", {"events": {}})
    assert bench.plan().leftovers == ()


def test_rows_that_came_without_us_are_drift_until_they_are_accepted(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    plan = settled.plan()
    assert says(plan) == []
    assert plan.drifted[0].drift == (
        "13 rows live, 3 more than were loaded; to take that as it is: pmsync state accept o.events -e dev"
    )
    settled.accept("o.events")
    assert not settled.plan().drifted


def test_rows_of_a_datatable_without_sources_are_nobodys_business(bench: Bench) -> None:
    bench.declare("o", {"lookup": None})
    bench.apply()
    bench.tenant.add_rows("o", "lookup", 3)
    assert not bench.plan().drifted


# flags that contradict each other


@pytest.mark.parametrize(
    ("allow", "flags"),
    [
        ([], {"assume": ["o.*"], "reupload": [FEB]}),
        ([f"add-rows:{FEB}"], {"assume": [FEB]}),
        (["add-rows:*", "replace:o"], {}),
        (["replace:o"], {"reupload": [FEB]}),
    ],
)
def test_two_answers_for_one_file_are_a_usage_problem(settled: Bench, allow: list, flags: dict) -> None:
    settled.tenant.add_rows("o", "events", 3)
    events(settled, jan="jan:10", feb="feb:9")
    with pytest.raises(UsageProblem):
        settled.plan(*allow, **flags)


def test_consents_that_wait_for_their_day_do_not_contradict_each_other(settled: Bench) -> None:
    assert settled.says("add-rows:*", "replace:o") == []


def test_the_helper_reads_columns_from_a_content(bench: Bench) -> None:
    assert source_file(Address("o.events"), "a.csv", "a:1:x,y").columns == ("x", "y")


def test_contents_that_swapped_move_together_once_one_has_a_name_of_its_own(bench: Bench) -> None:
    events(bench, a="a:1", z="z:2")
    bench.apply()
    events(bench, **{"new-a": "z:2", "z": "a:1"})
    plan = bench.plan()
    moved = ["move o.events/new-a.csv name-changed", "move o.events/z.csv name-changed"]
    assert says(plan) == moved
    first, second = plan.steps
    assert first.entries == second.entries
    assert bench.apply() == moved
    assert {one: record.name for one, record in bench.state.uploads.items()} == {
        "o.events/new-a.csv": "z.csv",
        "o.events/z.csv": "a.csv",
    }
    assert bench.is_in_sync()
