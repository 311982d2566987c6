"""Remedies as they are typed: each command is all that it takes to get on from the plan that prints it."""

import math

from msgspec.structs import replace
from planning_bench import Bench, of, says, typed, ways
from planning_tenant import Tenant

from pmsync.model.project import OtherName, UploadBehaviour
from pmsync.model.remedy import Act, ByHand, Edit
from pmsync.views.remedies import CommandLines

EVENTS = {"events": {"jan.csv": "jan:10"}}


def test_several_adoptions_are_agreed_to_by_one_command(bench: Bench) -> None:
    for name in ("a", "b", "c"):
        bench.tenant.create_dataset(name)
        bench.declare(name, {})
    command = "pmsync apply -e dev --allow adopt:a --allow adopt:b --allow adopt:c --new-state"
    plan = bench.plan()
    assert [ways(plan, one) for one in ("a", "b", "c")] == [[command]] * 3
    assert not bench.plan("adopt:a", "adopt:b", "adopt:c").blocked


def test_very_many_adoptions_are_agreed_to_by_a_glob(bench: Bench) -> None:
    names = [f"d{number}" for number in range(21)]
    for name in names:
        bench.tenant.create_dataset(name)
        bench.declare(name, {})
    plan = bench.plan()
    assert {*map(tuple, (ways(plan, one) for one in names))} == {
        ("pmsync apply -e dev --allow 'adopt:*' --new-state",)
    }
    assert not bench.plan("adopt:*").blocked


def test_what_was_agreed_to_already_is_said_again(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.tenant.create_table(settled.id_of("o"), "notes")
    plan = settled.plan("replace:o")
    assert typed(plan, plan.steps[0])[0] == "pmsync apply -e dev --allow replace:o --allow loss:o"


def test_where_something_else_stays_blocked_the_command_runs_the_rest(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.tenant.create_dataset("p")
    settled.declare("p", {})
    plan = settled.plan()
    assert ways(plan, "p") == ["pmsync apply -e dev --allow adopt:p --safe-only"]
    assert ways(plan, "o")[1] == "pmsync apply -e dev --allow replace:o --safe-only"


def test_one_answer_to_several_questions_leaves_nothing_for_later(settled: Bench) -> None:
    settled.behaves("appends")
    settled.declare("o", {"events": {"jan.csv": "jan2:12", "feb.csv": "feb:9"}})
    settled.apply(safe_only=True)
    settled.declare("o", {"events": {"jan.csv": "jan3:12", "feb.csv": "feb2:9"}})
    plan = settled.plan()
    both = ["pmsync apply -e dev --allow replace:o --allow loss:o"]
    assert ways(plan, "o.events/jan.csv") == both
    assert ways(plan, "o.events/feb.csv") == both


def test_a_glob_that_is_to_be_agreed_to_takes_the_place_of_what_it_covers(settled: Bench) -> None:
    for name in ("a", "b", "c"):
        settled.declare(name, {})
    settled.apply()
    for name in ("a", "b", "c"):
        settled.undeclare(name)
    plan = settled.plan("delete:a", "delete:b")
    assert ways(plan, "a")[1] == "pmsync apply -e dev --allow 'delete:*'"


def test_an_answer_that_was_none_is_not_said_again_but_that_of_other_sources_is(settled: Bench) -> None:
    settled.behaves("appends")
    settled.declare("o", {"events": {"mar.csv": "mar:8", "feb.csv": "feb:9"}})
    plan = settled.plan(reupload=["o.events/*"])
    assert ways(plan, "o.events/feb.csv")[0] == (
        "pmsync apply -e dev --allow add-rows:o.events/feb.csv --reupload o.events/mar.csv --safe-only"
    )


def test_a_reupload_that_doubles_says_the_flag_again_with_its_consent(settled: Bench) -> None:
    settled.behaves("appends")
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:9"}})
    plan = settled.plan(reupload=["o.events/feb.csv"])
    assert ways(plan, "o.events/feb.csv") == [
        "pmsync apply -e dev --allow add-rows:o.events/feb.csv --reupload o.events/feb.csv"
    ]


def test_the_other_of_two_flags_takes_the_place_of_the_first(bench: Bench) -> None:
    bench.declare("o", {"events": {}})
    bench.apply()
    bench.tenant.add_rows("o", "events", 150)
    bench.declare("o", {"events": {"jan.csv": "jan:180", "feb.csv": "feb:100"}})
    plan = bench.plan(assume=["o.events/*"])
    assert ways(plan, "o.events/jan.csv")[0] == (
        "pmsync apply -e dev --assume-uploaded o.events/feb.csv --reupload o.events/jan.csv"
    )


def test_a_first_run_says_that_it_is_one(bench: Bench) -> None:
    bench.tenant.create_dataset("o")
    bench.declare("o", {})
    assert ways(bench.plan(), "o") == ["pmsync apply -e dev --allow adopt:o --new-state"]
    bench.tenant.create_dataset("o")
    assert ways(bench.plan(), "o")[0].endswith(" -e dev --new-state")


def test_what_destroy_takes_away_is_agreed_to_by_destroy(settled: Bench) -> None:
    settled.tenant.create_table(settled.id_of("o"), "notes")
    plan = settled.plan("delete:*", destroy=True)
    assert ways(plan, "o") == ["pmsync destroy -e dev --allow loss:o"]


def test_a_line_to_write_says_in_which_file_and_where(settled: Bench) -> None:
    settled.behaves("unknown")
    settled.declare("o", {"events": {"jan.csv": "jan2:12"}})
    change = of(settled.plan(), "o.events/jan.csv")
    assert change.block is not None
    first = change.block.remedies[0]
    assert isinstance(first, Edit)
    shown = CommandLines.of(settled.plan()).line(first, change)
    assert (shown.kind, shown.file, shown.line) == ("edit", "manifests/m.yaml", 1)


def test_a_rename_by_hand_says_what_becomes_what(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    change = of(settled.plan(), "o")
    assert change.block is not None
    first = change.block.remedies[0]
    assert isinstance(first, ByHand)
    assert (first.act, first.live_id, first.display_name) == (Act.RENAME, settled.id_of("o"), "Sales")
    shown = CommandLines.of(settled.plan()).line(first, change)
    assert (shown.kind, shown.text) == ("by-hand", "pmsync plan -e dev")


def test_a_rebuild_that_was_not_judged_is_asked_for_again_with_the_data(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    plan = settled.plan("replace:o", no_data=True, select=("o",))
    assert typed(plan, plan.steps[0]) == ["pmsync apply -e dev --select o --allow replace:o"]


# all that it takes


def test_a_rebuild_is_not_offered_under_a_name_that_somebody_took(settled: Bench) -> None:
    settled.tenant.create_dataset("Sales")
    settled.declare("o", EVENTS, name="Sales")
    assert ways(settled.plan(), "o") == ["pmsync plan -e dev"]


def test_where_only_a_rebuild_helps_and_its_name_is_taken_the_file_waits(settled: Bench) -> None:
    settled.behaves("appends")
    settled.tenant.create_dataset("Sales")
    settled.declare("o", {"events": {"jan.csv": "jan2:12"}}, name="Sales")
    plan = settled.plan()
    assert "blocked o.events/jan.csv would-double !waits" in says(plan)
    assert ways(plan, "o.events/jan.csv") == []


def test_a_rebuild_of_what_is_protected_begins_with_whoever_protects_it(settled: Bench) -> None:
    settled.declare("o", EVENTS, protect=True)
    settled.apply()
    settled.declare("o", EVENTS, name="Sales", protect=True)
    assert ways(settled.plan(), "o")[1] == (
        "unprotect → pmsync state unprotect o -e dev → pmsync apply -e dev --allow replace:o"
    )
    settled.declare("o", EVENTS, name="Sales")
    assert ways(settled.plan(), "o")[1] == (
        "pmsync state unprotect o -e dev → pmsync apply -e dev --allow replace:o"
    )


def test_a_rebuild_that_is_offered_without_the_data_is_asked_for_with_it(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    assert ways(settled.plan(no_data=True), "o")[1] == "pmsync apply -e dev --allow replace:o"


def test_while_a_rebuild_is_under_way_no_other_is_offered_for_a_third_name(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="delete")
    settled.tenant.dataset("Sales").name = "Theirs"
    settled.declare("o", EVENTS, name="Third")
    plan = settled.plan()
    assert typed(plan, plan.blocked[0]) == ["pmsync plan -e dev", "displayName: Theirs"]


def test_a_name_of_another_folder_is_not_kept_where_the_new_one_is_taken(settled: Bench) -> None:
    settled.tenant.create_dataset("Sales", settled.tenant.create_folder("Finance"))
    settled.declare("o", EVENTS, name="Sales", folder="Finance")
    plan = settled.plan("replace:o")
    assert typed(plan, next(one for one in plan.changes if one.address == "o")) == ["pmsync plan -e dev"]


def test_the_end_of_a_replace_of_what_is_declared_no_more_is_agreed_to_by_itself(settled: Bench) -> None:
    settled.declare("p")
    settled.declare("q")
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="delete")
    settled.undeclare("o")
    settled.declare("r", {"events": {"x.csv": "x:3"}}, name="o")
    assert ways(settled.plan(), "r") == ["pmsync apply -e dev --allow replace:o --safe-only"]


def test_while_a_rebuild_is_under_way_it_is_ended_first(settled: Bench) -> None:
    settled.behaves("appends")
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="delete")
    settled.declare("o", {"events": {"jan.csv": "jan2:12"}}, name="Sales")
    assert ways(settled.plan(), "o.events/jan.csv") == [
        "pmsync apply -e dev --allow replace:o --allow loss:o --safe-only"
    ]


def test_what_a_file_waits_for_is_agreed_to_with_it(bench: Bench) -> None:
    bench.tenant.upload(bench.tenant.create_table(bench.tenant.create_dataset("o"), "events"), "x", "x", 10)
    bench.declare("o", EVENTS)
    plan = bench.plan()
    assert ways(plan, "o.events/jan.csv")[0] == (
        "pmsync apply -e dev --allow adopt:o --reupload o.events/jan.csv --new-state --safe-only"
    )


def test_of_several_protected_ones_each_is_lifted_before_a_destroy(settled: Bench) -> None:
    settled.declare("o", EVENTS, protect=True)
    settled.declare("p", protect=True)
    settled.declare("q")
    settled.apply()
    plan = settled.plan(destroy=True)
    lifted = "pmsync state unprotect o -e dev → pmsync state unprotect p -e dev → pmsync destroy -e dev"
    assert [ways(plan, one) for one in "opq"] == [[lifted]] * 3


def test_what_would_be_lost_is_agreed_to_with_what_is_really_gone(bench: Bench) -> None:
    for key in "abc":
        bench.declare(key, {"events": {"x.csv": f"{key}:5"}})
    bench.apply()
    for key in "ab":
        bench.tenant.delete_dataset(bench.id_of(key))
    bench.declare("a", {"events": {"y.csv": "y:5"}})
    assert ways(bench.plan(), "b")[1] == "pmsync apply -e dev --allow 'recreate:*' --allow loss:a"


def test_while_much_is_gone_nothing_alone_is_offered_to_be_made_again(bench: Bench) -> None:
    for key in "abc":
        bench.declare(key)
    bench.apply()
    for key in "ab":
        bench.tenant.delete_dataset(bench.id_of(key))
        bench.tenant.create_dataset(key)
    (way,) = ways(bench.plan(), "a")
    assert way.startswith("pmsync import a D")


def test_a_dataset_moved_by_hand_where_nobody_sees_folders_is_accepted(bench: Bench) -> None:
    bench.tenant.shows_tree = False
    bench.declare("o", EVENTS)
    bench.apply()
    bench.declare("o", EVENTS, folder="Finance")
    assert ways(bench.plan(), "o")[0] == "pmsync plan -e dev → pmsync state accept o -e dev"


def test_a_raised_cap_keeps_what_was_said_beside_it(settled: Bench) -> None:
    settled.declare("p")
    settled.declare("q")
    settled.apply()
    settled.limits(max_deletes=0, max_upload_bytes=10**9, max_row_drop=0.2)
    settled.undeclare("p")
    rest = "maxUploadBytes: 1000000000"
    agree = "pmsync apply -e dev --allow delete:p"
    assert ways(settled.plan(), "p") == [f"limits: {{maxDeletes: 1, {rest}, maxRowDrop: 20%}} → {agree}"]
    settled.limits(max_deletes=0, max_upload_bytes=10**9, max_row_drop=math.inf)
    assert ways(settled.plan(), "p") == [f"limits: {{maxDeletes: 1, {rest}, maxRowDrop: off}} → {agree}"]


def test_a_file_is_not_taken_as_uploaded_beyond_the_rows_that_are_there(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:9"}})
    assert not any("--assume-uploaded" in one for one in ways(settled.plan(), "o.events/feb.csv"))


def test_without_a_state_what_replaces_comes_first(bench: Bench) -> None:
    bench.tenant.upload(bench.tenant.create_table(bench.tenant.create_dataset("o"), "events"), "x", "x", 11)
    bench.declare("o", EVENTS)
    assert "--reupload o.events/jan.csv" in ways(bench.plan(), "o.events/jan.csv")[0]


def test_missing_rows_are_not_loaded_beside_what_is_left_of_them(settled: Bench) -> None:
    settled.behaves("appends")
    settled.tenant.lose_rows("o", "events", 4)
    settled.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:9"}})
    assert ways(settled.plan(), "o.events/feb.csv") == [
        "pmsync state accept o.events -e dev",
        "pmsync apply -e dev --allow replace:o",
    ]


def test_more_rows_than_expected_are_not_waited_for(bench: Bench) -> None:
    for same_name, first in (("replaces", "reupload"), ("appends", "assume-uploaded")):
        other = Bench()
        other.behaves(same_name)
        other.declare("o", EVENTS)
        other.tenant.lags = True
        other.apply()
        other.tenant.add_rows("o", "events", 99)
        assert ways(other.plan(), "o.events/jan.csv")[0].startswith(f"pmsync apply -e dev --{first}")


def test_a_file_of_a_pattern_that_rotates_gets_another_name_on_disk(bench: Bench) -> None:
    bench.declare("o", {"events": {"log.csv": "m:5"}}, append=True)
    bench.apply()
    bench.declare("o", {"events": {"log.csv": "t:6", "log1.csv": "m:5"}}, append=True)
    plan = bench.plan()
    remedies = [of(plan, f"o.events/{one}.csv").block.remedies for one in ("log", "log1")]
    assert [[one.act for one in found] for found in remedies] == [[Act.MEND]] * 2
    assert {one.address for found in remedies for one in found} == {"o.events/log.csv"}


def test_a_name_of_its_own_is_one_that_nothing_has(bench: Bench) -> None:
    bench.declare("o", {"events": {"a.csv": "a:1", "b.csv": "b:2", "new-a.csv": "c:3"}})
    bench.apply()
    bench.declare("o", {"events": {"a.csv": "b:2", "b.csv": "a:1", "new-a.csv": "c:3"}})
    assert ways(bench.plan(), "o.events/a.csv") == ["name: new-new-a.csv"]


def test_an_old_name_that_another_source_has_is_not_offered(bench: Bench) -> None:
    bench.declare("o", {"events": {"a.csv": "a:1", "b.csv": "b:2"}})
    bench.apply()
    bench.declare("o", {"events": {"b.csv": "a:1", "c.csv": "c:3"}})
    assert not any(one.startswith("name:") for one in ways(bench.plan(), "o.events/c.csv"))


def test_rows_of_the_last_file_alone_lead_to_saying_that_it_replaces_the_others() -> None:
    for same_name, said in (("replaces", "sameName: replaces, "), ("unknown", "")):
        bench = Bench(tenant=Tenant(other_name=OtherName.REPLACES))
        bench.behaves(same_name, "unknown")
        bench.declare("o", {"events": {"a.csv": "a:5", "b.csv": "b:6"}})
        bench.apply()
        line = f"uploads: {{{said}otherName: replaces}}"
        assert ways(bench.plan(), "o.events/b.csv") == ["pmsync plan -e dev", f"{line} → pmsync plan -e dev"]


def test_a_line_on_uploads_keeps_how_long_they_take(settled: Bench) -> None:
    behaviour = UploadBehaviour(ingests_within=600)
    settled.environment = replace(settled.environment, uploads=behaviour)
    settled.declare("o", {"events": {"jan.csv": "jan2:12"}})
    first = ways(settled.plan(), "o.events/jan.csv")[0]
    assert first == "uploads: {sameName: replaces, ingestsWithin: 600s}"


def test_missing_rows_of_a_changed_file_are_accepted_with_what_is_asked_next(settled: Bench) -> None:
    settled.behaves("appends")
    settled.tenant.lose_rows("o", "events", 4)
    settled.declare("o", {"events": {"jan.csv": "jan2:12"}})
    rebuild = "pmsync apply -e dev --allow replace:o --allow loss:o"
    assert ways(settled.plan(), "o.events/jan.csv") == [
        f"pmsync state accept o.events -e dev → {rebuild}",
        rebuild,
    ]


def test_rows_that_may_still_come_are_waited_for_before_they_are_missing(bench: Bench) -> None:
    bench.declare("o", EVENTS)
    bench.tenant.lags = True
    bench.apply()
    bench.declare("o", {"events": {"feb.csv": "feb:9"}})
    plan = bench.plan()
    assert says(plan) == ["blocked o.events/feb.csv rows-missing !decision"]
    assert ways(plan, "o.events/feb.csv") == ["pmsync plan -e dev", "pmsync state accept o.events -e dev"]


def test_a_line_on_the_same_name_is_followed_by_the_loss_that_it_means(settled: Bench) -> None:
    settled.behaves("unknown")
    settled.declare("o", {"events": {"jan.csv": "empty:0"}})
    assert ways(settled.plan(), "o.events/jan.csv")[0] == (
        "uploads: {sameName: replaces, otherName: adds} → pmsync apply -e dev --allow loss:o.events/jan.csv"
    )


def test_foreign_rows_where_nobody_said_what_the_same_name_does_may_be_replaced_by_saying_so(
    settled: Bench,
) -> None:
    settled.behaves("unknown")
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:9"}})
    assert ways(settled.plan(), "o.events/feb.csv")[-1] == (
        "uploads: {sameName: replaces, otherName: adds} → pmsync apply -e dev --reupload o.events/feb.csv"
    )
