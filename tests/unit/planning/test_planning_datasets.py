"""The rows of the table `Datasets` in its order, for datasets: a sentence each."""

import pytest
from msgspec.structs import replace
from planning_bench import Bench, of, says, ways

from pmsync.model.address import Address
from pmsync.model.manifest import OnRemoval
from pmsync.model.notes import Duplicate
from pmsync.model.plan import CreateDataset, Delete
from pmsync.model.state import IntentKind

EVENTS = {"events": {"jan.csv": "jan:10"}}

# an open intent of ours


def test_a_lost_create_with_one_new_match_is_settled_without_a_question(bench: Bench) -> None:
    bench.declare("o", EVENTS)
    bench.apply(lost="create o new")
    assert bench.apply() == [
        "record o settled",
        "create o.events new",
        "upload o.events/jan.csv new",
    ]
    assert bench.is_in_sync()
    assert list(bench.tenant.datasets) == ["D1"]


def test_what_is_filled_is_not_what_a_lost_create_made(bench: Bench) -> None:
    bench.declare("o")
    bench.intend(IntentKind.CREATE_DATASET, "o", display_name="o")
    bench.tenant.create_table(bench.tenant.create_dataset("o"), "events")
    assert bench.says() == ["adopt o live-unclaimed needs adopt !consent"]


def test_of_two_matches_the_empty_one_is_what_a_lost_create_made(bench: Bench) -> None:
    bench.declare("o")
    bench.apply(lost="create o new")
    bench.tenant.create_table(bench.tenant.create_dataset("o"), "events")
    assert bench.says() == ["record o settled"]
    assert of(bench.plan(), "o").live_id == "D1"


def test_a_lost_create_with_several_new_matches_stops_with_their_ids(bench: Bench) -> None:
    bench.declare("o", EVENTS)
    bench.apply(lost="create o new")
    bench.tenant.create_dataset("o")
    assert bench.says()[0] == "blocked o ambiguous !unsettled"
    assert ways(bench.plan(), "o") == ["pmsync import o D1 -e dev", "pmsync import o D2 -e dev"]


def test_a_lost_create_without_a_match_is_planned_again(bench: Bench) -> None:
    bench.declare("o")
    bench.intend(IntentKind.CREATE_DATASET, "o", display_name="o")
    assert bench.says() == ["create o new"]


def test_a_lost_create_does_not_take_what_was_there_before(bench: Bench) -> None:
    theirs = bench.tenant.create_dataset("o")
    bench.declare("o")
    bench.intend(IntentKind.CREATE_DATASET, "o", display_name="o", ids_before=(theirs,))
    assert bench.says() == ["blocked o claimed !decision"]
    assert of(bench.plan(), "o").reason.sentence.endswith("an unfinished run")


def test_a_lost_create_is_looked_for_in_the_folder_it_was_made_in(bench: Bench) -> None:
    bench.declare("o", folder="Finance")
    bench.apply(lost="create o new")
    bench.tenant.create_dataset("o")
    assert bench.apply() == ["record o settled"]
    assert bench.state.datasets[Address("o")].folder == ("Finance",)


def test_a_lost_create_is_found_though_its_block_has_gone_since(bench: Bench) -> None:
    bench.declare("o")
    bench.declare("p")
    bench.apply(lost="create o new")
    bench.undeclare("o")
    assert bench.says() == ["record o settled", "create p new", "delete o removed needs delete !consent"]


def test_a_lost_create_with_several_matches_waits_though_its_block_has_gone(bench: Bench) -> None:
    bench.declare("o")
    bench.declare("p")
    bench.apply(lost="create o new")
    bench.tenant.create_dataset("o")
    bench.undeclare("o")
    assert bench.says() == ["blocked o ambiguous !unsettled", "create p new"]
    assert bench.says(destroy=True) == ["blocked o ambiguous !unsettled"]


def test_what_could_be_one_of_several_is_not_destroyed_though_it_is_on_record(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    settled.apply("recreate:o", lost="create o gone")
    settled.tenant.create_dataset("o")
    assert settled.says(destroy=True) == ["blocked o ambiguous !unsettled"]
    assert settled.says() == ["blocked o ambiguous !unsettled"]


def test_a_lost_create_is_found_under_the_name_it_was_made_with(bench: Bench) -> None:
    bench.declare("o", name="Orders")
    bench.apply(lost="create o new")
    bench.declare("o", name="Sales")
    assert bench.says() == ["record o settled", "blocked o renamed-in-manifest !decision"]


def test_a_lost_create_that_then_changed_its_key_is_settled_and_moved(bench: Bench) -> None:
    bench.declare("z", name="Orders")
    bench.apply(lost="create z new")
    bench.undeclare("z")
    bench.declare("a", name="Orders")
    assert bench.apply() == ["record z settled", "move a key-changed"]
    assert bench.is_in_sync()
    assert list(bench.state.datasets) == ["a"]


def test_a_lost_create_after_something_vanished_takes_the_old_records_with_it(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    settled.apply("recreate:o", lost="create o gone")
    assert settled.apply() == [
        "record o settled",
        "create o.events new",
        "upload o.events/jan.csv new",
    ]
    assert settled.is_in_sync()


def test_the_lost_create_of_a_replace_goes_on_with_the_consent_to_its_end(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", lost="replace o")
    assert settled.apply("replace:o") == [
        "record o settled",
        "create o.events new",
        "upload o.events/jan.csv new",
        "delete o replaced needs replace",
    ]
    assert settled.is_in_sync()
    assert [one.name for one in settled.tenant.datasets.values()] == ["Sales"]


def test_of_several_that_the_lost_create_of_a_replace_could_have_made_the_users_choice_goes_on(
    settled: Bench,
) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", lost="replace o")
    settled.tenant.create_dataset("Sales")
    assert settled.says()[0] == "blocked o ambiguous !unsettled"
    settled.take("o", "D3")
    assert settled.apply("replace:o")[-1] == "delete o replaced needs replace"
    assert settled.tenant.deleted == ["D1"]


def test_an_intent_beside_a_replace_on_record_is_not_taken_for_a_third_dataset(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="create o.events")
    settled.tenant.create_dataset("Sales")
    settled.intend(IntentKind.CREATE_DATASET, "o", display_name="Sales")
    assert not [one for one in settled.says() if one.startswith("record o")]


# declared, no record


def test_a_declared_dataset_that_is_not_there_is_created_with_everything_in_it(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10"}, "lookup": None}, folder="Finance/AR")
    assert bench.says() == [
        "create folder:Finance new",
        "create folder:Finance/AR new",
        "create o new",
        "create o.events new",
        "create o.lookup new",
        "upload o.events/jan.csv new",
    ]


def test_one_unclaimed_live_dataset_of_the_name_is_adopted_with_consent(bench: Bench) -> None:
    table = bench.tenant.create_table(bench.tenant.create_dataset("o"), "events")
    bench.tenant.upload(table, "x.csv", "theirs", 5)
    bench.declare("o", {"events": None, "lookup": None})
    assert bench.says() == [
        "adopt o live-unclaimed needs adopt !consent",
        "adopt o.events parent-adopted",
        "create o.lookup new",
    ]
    bench.apply("adopt:o")
    assert bench.says() == []
    assert bench.state.datasets[Address("o")].on_removal is OnRemoval.RETAIN


def test_an_adopt_shows_id_age_datatables_and_rows(bench: Bench) -> None:
    table = bench.tenant.create_table(bench.tenant.create_dataset("o"), "events")
    bench.tenant.upload(table, "x.csv", "theirs", 5)
    bench.declare("o")
    facts = of(bench.plan(), "o").facts
    assert facts == ("id D1", "created 2024-01-01T00:00:00Z", "1 datatable", "5 rows")


def test_the_sources_of_an_adopted_datatable_are_sent_after_it_is_on_record(bench: Bench) -> None:
    bench.tenant.create_table(bench.tenant.create_dataset("o"), "events")
    bench.declare("o", EVENTS)
    assert of(bench.plan("adopt:o"), "o.events/jan.csv").requires == ("o.events",)
    bench.apply("adopt:o")
    assert bench.is_in_sync()


def test_rows_in_a_dataset_that_is_not_ours_yet_are_never_offered_for_a_rebuild(bench: Bench) -> None:
    table = bench.tenant.create_table(bench.tenant.create_dataset("o"), "events")
    bench.tenant.upload(table, "x.csv", "theirs", 5)
    bench.declare("o", EVENTS)
    plan = bench.plan("adopt:o", "replace:o")
    assert says(plan)[-1] == "blocked o.events/jan.csv foreign-rows !decision"
    assert not [way for way in ways(plan, "o.events/jan.csv") if "replace" in way]


def test_several_unclaimed_live_datasets_are_ambiguous_and_named_by_id(bench: Bench) -> None:
    bench.tenant.create_dataset("o")
    bench.tenant.create_dataset("o")
    bench.declare("o", EVENTS)
    plan = bench.plan()
    assert says(plan)[0] == "blocked o ambiguous !decision"
    assert ways(plan, "o") == [
        "pmsync import o D1 -e dev --new-state",
        "pmsync import o D2 -e dev --new-state",
    ]
    assert of(plan, "o.events").requires == ("o",)


def test_what_is_ambiguous_is_told_apart_by_age_datatables_and_rows(bench: Bench) -> None:
    table = bench.tenant.create_table(bench.tenant.create_dataset("o"), "events")
    bench.tenant.upload(table, "x.csv", "theirs", 5)
    bench.tenant.create_dataset("o")
    bench.declare("o", EVENTS)
    assert [way.meaning for way in of(bench.plan(), "o").block.remedies] == [
        "take D1 (created 2024-01-01T00:00:00Z, 1 datatable, 5 rows)",
        "take D3 (created 2024-01-01T00:00:00Z, 0 datatables, 0 rows)",
    ]
    bench.tenant.shows_rows = False
    assert of(bench.plan(), "o").block.remedies[0].meaning.endswith("1 datatable, 0 rows or more)")


def test_a_name_that_another_address_manages_is_blocked_with_the_line_that_moves_it(bench: Bench) -> None:
    bench.declare("a", name="Orders")
    bench.declare("b", name="Orders", folder="Elsewhere")
    bench.apply()
    bench.undeclare("b")
    bench.declare("c", name="Orders")
    bench.declare("a", name="Other")
    assert "blocked c claimed !decision" in bench.says()
    assert ways(bench.plan(), "c") == ["pmsync state move a c -e dev"]


def test_a_name_that_the_old_half_of_a_replace_still_bears_waits_for_its_end(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="delete o")
    settled.declare("p", name="o")
    assert "blocked p claimed !decision" in settled.says()
    assert ways(settled.plan(), "p") == ["pmsync apply -e dev --allow replace:o --safe-only"]


def test_the_same_name_in_another_folder_is_another_dataset(bench: Bench) -> None:
    bench.tenant.create_dataset("o", bench.tenant.create_folder("Theirs"))
    bench.declare("o")
    assert bench.says() == ["create o new"]


def test_where_no_folder_is_shown_the_same_name_elsewhere_is_told_by_its_record(bench: Bench) -> None:
    bench.tenant.shows_tree = False
    bench.declare("a", name="Orders")
    bench.apply()
    bench.declare("b", name="Orders", folder="Elsewhere")
    assert "create b new" in bench.apply()
    assert bench.is_in_sync()


def test_a_name_that_differs_only_in_its_encoding_is_the_same_name(bench: Bench) -> None:
    bench.tenant.create_dataset("U\u0308bersicht", bench.tenant.create_folder("Ra\u0308ume"))
    bench.declare("o", name="\u00dcbersicht", folder="R\u00e4ume")
    assert bench.apply("adopt:o") == [
        "record folder:R\u00e4ume live-unclaimed",
        "adopt o live-unclaimed needs adopt",
    ]
    assert bench.is_in_sync()


# keys


def test_a_new_key_with_the_old_name_and_folder_moves_the_records(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("sales", EVENTS, name="o")
    assert settled.apply() == ["move sales key-changed"]
    assert settled.is_in_sync()
    assert settled.rows_of("sales.events") == ["jan:10"]


def test_a_moved_dataset_plans_as_if_it_had_always_had_its_new_key(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("sales", {"events": {"jan.csv": "jan2:11"}}, name="o", protect=True)
    assert settled.apply() == [
        "move sales key-changed",
        "record sales settings-changed",
        "upload sales.events/jan.csv changed",
    ]
    assert settled.is_in_sync()


def test_a_key_that_two_gone_ones_could_have_become_is_not_moved(bench: Bench) -> None:
    bench.declare("a", name="Orders", folder="X")
    bench.declare("b", name="Orders", folder="Y")
    bench.apply()
    for key in ("a", "b"):
        bench.undeclare(key)
        bench.tenant.datasets[bench.id_of(key)].parent = None
    bench.declare("c", name="Orders")
    assert "move c key-changed" not in bench.says()


def test_key_and_name_changed_together_is_blocked_with_the_line_that_keeps_the_name(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("sales", EVENTS, name="Sales")
    plan = settled.plan()
    assert says(plan)[0] == "blocked sales key-and-name-changed !decision"
    assert not [change for change in plan.changes if isinstance(change, Delete)]
    assert ways(plan, "sales") == ["displayName: o", "pmsync apply -e dev --allow replace:sales"]


def test_key_and_name_changed_together_may_be_rebuilt_with_consent(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("sales", EVENTS, name="Sales")
    assert settled.apply("replace:sales") == [
        "replace sales replace-asked needs replace",
        "create sales.events rebuilt",
        "upload sales.events/jan.csv rebuilt",
        "delete sales replaced needs replace",
    ]
    assert settled.is_in_sync()
    assert settled.tenant.deleted == ["D1"]


def test_the_name_to_keep_is_written_without_the_prefix_and_as_yaml_reads_it(bench: Bench) -> None:
    bench.environment = replace(bench.environment, name_prefix="[dev] ")
    bench.declare("o", EVENTS, name="Orders: all")
    bench.apply()
    bench.undeclare("o")
    bench.declare("sales", EVENTS)
    assert ways(bench.plan(), "sales")[0] == 'displayName: "Orders: all"'


def test_two_new_keys_with_the_contents_of_one_gone_key_follow_nobody(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("p", EVENTS)
    settled.declare("q", EVENTS)
    assert [one for one in settled.says() if "upload" not in one and "events" not in one] == [
        "create p new",
        "create q new",
        "delete o removed needs delete !consent",
    ]


def test_a_key_whose_name_followed_it_adopts_no_other_of_its_new_name(settled: Bench) -> None:
    settled.undeclare("o")
    settled.tenant.create_dataset("sales")
    settled.declare("sales", EVENTS)
    assert [one for one in settled.says() if "events" not in one] == [
        "blocked sales key-and-name-changed !decision"
    ]
    assert settled.says("replace:sales")[0] == "replace sales replace-asked needs replace !decision"


def test_a_gone_key_without_contents_is_followed_by_nobody(bench: Bench) -> None:
    bench.declare("o", {"events": {}})
    bench.apply()
    bench.undeclare("o")
    bench.declare("sales", {"events": {}})
    assert [one for one in bench.says() if "events" not in one] == [
        "create sales new",
        "delete o removed needs delete !consent",
    ]


def test_a_gone_key_whose_follower_bears_a_managed_name_goes_as_any_other(settled: Bench) -> None:
    settled.declare("p")
    settled.apply()
    settled.undeclare("o")
    settled.declare("p", name="P")
    settled.declare("sales", EVENTS, name="p")
    assert "blocked sales claimed !decision" in settled.says()


# recorded and live


def test_what_agrees_everywhere_is_left_alone(settled: Bench) -> None:
    plan = settled.plan()
    assert says(plan) == []
    assert [change.address for change in plan.changes] == ["o", "o.events", "o.events/jan.csv"]


def test_renamed_by_hand_and_then_in_the_manifest_is_only_written_down(settled: Bench) -> None:
    settled.tenant.dataset("o").name = "Sales"
    settled.declare("o", EVENTS, name="Sales")
    assert settled.apply() == ["record o renamed-everywhere"]
    assert settled.is_in_sync()


def test_moved_by_hand_and_then_in_the_manifest_is_only_written_down(settled: Bench) -> None:
    settled.tenant.dataset("o").parent = settled.tenant.create_folder("Finance")
    settled.declare("o", EVENTS, folder="Finance")
    assert settled.apply() == ["record folder:Finance live-unclaimed", "record o renamed-everywhere"]
    assert settled.is_in_sync()


@pytest.mark.parametrize("change", [{"name": "Sales"}, {"folder": "Finance"}])
def test_a_name_or_folder_changed_in_the_manifest_alone_is_blocked(settled: Bench, change: dict) -> None:
    settled.declare("o", EVENTS, **change)
    plan = settled.plan()
    assert says(plan) == ["blocked o renamed-in-manifest !decision"]
    assert ways(plan, "o") == ["pmsync plan -e dev", "pmsync apply -e dev --allow replace:o"]


def test_a_changed_prefix_is_a_changed_name(settled: Bench) -> None:
    settled.environment = replace(settled.environment, name_prefix="[dev] ")
    settled.declare("o", EVENTS)
    assert settled.says() == ["blocked o renamed-in-manifest !decision"]


def test_a_blocked_rename_holds_up_nothing_below_it(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan2:11"}, "new": None}, name="Sales")
    settled.apply(safe_only=True)
    assert settled.says() == ["blocked o renamed-in-manifest !decision"]
    assert settled.rows_of("o.events") == ["jan2:11"]


def test_a_live_name_that_differs_is_drift_and_nothing_is_done(settled: Bench) -> None:
    settled.tenant.dataset("o").name = "Theirs"
    plan = settled.plan()
    assert says(plan) == []
    assert "'Theirs' in the root" in plan.drifted[0].drift


def test_three_different_names_are_blocked_until_the_live_one_is_accepted(settled: Bench) -> None:
    settled.tenant.dataset("o").name = "Theirs"
    settled.declare("o", EVENTS, name="Ours")
    plan = settled.plan("replace:o")
    assert says(plan) == ["blocked o all-differ !decision"]
    assert ways(plan, "o") == [
        "pmsync plan -e dev",
        "displayName: Theirs",
        "pmsync state accept o -e dev → pmsync apply -e dev --allow replace:o",
    ]
    settled.accept("o")
    assert settled.says() == ["blocked o renamed-in-manifest !decision"]


# gone


def test_a_dataset_that_is_gone_is_made_again_with_consent(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    assert settled.says() == [
        "create o gone needs recreate !consent",
        "create o.events rebuilt",
        "upload o.events/jan.csv rebuilt",
    ]
    settled.apply("recreate:o")
    assert settled.is_in_sync()


def test_a_rebuild_that_would_miss_rows_says_how_many_and_needs_loss_too(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    settled.declare("o", {"events": {"jan.csv": "jan2:11"}})
    plan = settled.plan("recreate:o")
    assert says(plan)[0] == "create o gone-sources-missing needs recreate,loss !consent"
    assert of(plan, "o").reason.sentence.endswith("a rebuild would hold 0 rows of the 10 rows it had")


def test_one_remade_by_hand_is_offered_for_import_or_recreation(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    settled.tenant.create_dataset("o")
    plan = settled.plan()
    assert says(plan)[0] == "blocked o gone-remade !decision"
    assert ways(plan, "o") == ["pmsync import o D3 -e dev", "pmsync apply -e dev --allow recreate:o"]


def test_recreating_beside_one_remade_by_hand_knows_that_it_is_there(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    settled.tenant.create_dataset("o")
    create = of(settled.plan("recreate:o"), "o")
    assert isinstance(create, CreateDataset)
    assert create.beside == ("D3",)


def test_importing_the_one_remade_by_hand_fills_it(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    settled.tenant.create_table(settled.tenant.create_dataset("o"), "events")
    settled.take("o", "D3")
    assert settled.apply() == ["upload o.events/jan.csv new"]
    assert settled.is_in_sync()


def test_what_an_earlier_run_deleted_is_made_again_without_a_question(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("p")
    settled.apply("delete:o", lost="delete o")
    settled.declare("o", EVENTS)
    assert settled.apply() == ["create o new", "create o.events new", "upload o.events/jan.csv new"]
    assert settled.is_in_sync()


# no longer declared


def test_a_removed_dataset_is_deleted_with_consent_and_shown_in_data_terms(settled: Bench) -> None:
    settled.declare("p")
    settled.undeclare("o")
    plan = settled.plan()
    assert says(plan) == ["create p new", "delete o removed needs delete !consent"]
    assert of(plan, "o").stake.rows == 10
    assert of(plan, "o").stake.last_upload == "2024-01-01T00:00:00+00:00"
    settled.apply("delete:*")
    assert settled.is_in_sync()
    assert not settled.state.uploads


def test_a_removed_dataset_with_retain_is_forgotten(settled: Bench) -> None:
    settled.declare("o", EVENTS, on_removal=OnRemoval.RETAIN)
    settled.declare("p")
    settled.apply()
    settled.undeclare("o")
    assert settled.apply() == ["forget o removed-retained"]
    assert settled.tenant.dataset("o")
    assert settled.is_in_sync()


def test_a_removed_dataset_that_is_gone_is_forgotten(settled: Bench) -> None:
    settled.declare("p")
    settled.apply()
    settled.undeclare("o")
    settled.tenant.delete_dataset("D1")
    assert settled.apply() == ["forget o removed-retained"]


def test_a_removed_dataset_that_an_earlier_run_deleted_is_settled(settled: Bench) -> None:
    settled.declare("p")
    settled.apply()
    settled.undeclare("o")
    settled.apply("delete:o", lost="delete o")
    assert settled.apply() == ["forget o settled"]
    assert settled.state.intents == ()


# settings


def test_a_changed_setting_is_written_down(settled: Bench) -> None:
    settled.declare("o", EVENTS, on_removal=OnRemoval.RETAIN)
    assert settled.apply() == ["record o settings-changed"]
    assert settled.state.datasets[Address("o")].on_removal is OnRemoval.RETAIN


def test_protection_that_is_lifted_counts_from_the_next_plan_on(settled: Bench) -> None:
    settled.declare("o", EVENTS, protect=True)
    settled.apply()
    settled.declare("o", {"events": {"jan.csv": "jan:10"}, "more": None}, name="Sales")
    assert settled.says("replace:o")[0] == "replace o replace-asked needs replace !protected"
    settled.declare("o", EVENTS)
    assert "protection ends with the next plan" in of(settled.plan(), "o").reason.sentence
    settled.apply()
    settled.declare("o", EVENTS, name="Sales")
    assert settled.says("replace:o")[0] == "replace o replace-asked needs replace"


def test_protection_outlives_its_block(settled: Bench) -> None:
    settled.declare("o", EVENTS, protect=True)
    settled.declare("p")
    settled.apply()
    settled.undeclare("o")
    plan = settled.plan("delete:o")
    assert says(plan) == ["delete o removed needs delete !protected"]
    assert ways(plan, "o") == ["pmsync state unprotect o -e dev → pmsync apply -e dev --allow delete:o"]


def test_a_protected_environment_protects_what_it_has_no_record_of_protecting(settled: Bench) -> None:
    settled.environment = replace(settled.environment, protect=True)
    settled.declare("p")
    settled.undeclare("o")
    assert "delete o removed needs delete !protected" in settled.says("delete:o")
    block = of(settled.plan("delete:o"), "o").block
    assert block.sentence == "environment dev protects all its datasets"
    assert block.remedies[0].meaning == "take protect: true out of environment dev (manifests/m.yaml:1:1)"
    assert ways(settled.plan("delete:o"), "o") == ["unprotect → pmsync apply -e dev --allow delete:o"]


def test_what_an_environment_protects_goes_once_its_line_and_the_record_are_lifted(settled: Bench) -> None:
    settled.environment = replace(settled.environment, protect=True)
    settled.declare("o", EVENTS)
    settled.declare("p")
    settled.apply()
    settled.undeclare("o")
    rest = "pmsync state unprotect o -e dev → pmsync apply -e dev --allow delete:o"
    assert ways(settled.plan(), "o") == [f"unprotect → {rest}"]
    settled.environment = replace(settled.environment, protect=False)
    assert ways(settled.plan(), "o") == [rest]


# what nobody declared


def test_what_is_neither_declared_nor_recorded_is_only_counted(settled: Bench) -> None:
    settled.tenant.create_dataset("theirs")
    plan = settled.plan()
    assert says(plan) == []
    assert plan.unmanaged == 1


def test_what_is_about_to_be_adopted_is_not_counted_as_unmanaged(bench: Bench) -> None:
    bench.tenant.create_dataset("o")
    bench.declare("o")
    assert bench.plan().unmanaged == 0


def test_a_second_dataset_of_a_recorded_name_is_a_warning_with_both_ids(settled: Bench) -> None:
    settled.tenant.create_dataset("o")
    plan = settled.plan()
    assert says(plan) == []
    assert plan.duplicates == (Duplicate(Address("o"), "D1", ("D3",)),)
    assert [note.sentence for note in plan.notes] == [
        (
            "duplicate dataset: D1 is managed, D3 is not; look into both in ProcessMind, and delete the wrong "
            "one there, or let both stay: pmsync state accept o -e dev"
        )
    ]
    assert not plan.is_clean


def test_a_second_dataset_whose_folder_is_not_shown_is_a_note_alone(settled: Bench) -> None:
    settled.tenant.shows_tree = False
    settled.tenant.create_dataset("o")
    plan = settled.plan()
    (found,) = plan.duplicates
    assert not found.certain
    assert "does not show" in plan.notes[0].sentence
    assert plan.is_clean


def test_a_second_datatable_of_a_recorded_name_is_a_duplicate(settled: Bench) -> None:
    settled.tenant.create_table("D1", "events")
    plan = settled.plan()
    assert [(one.address, one.live_id) for one in plan.duplicates] == [("o.events", "T2")]
    assert not plan.is_clean


@pytest.mark.parametrize("address", ["o", "o.events"])
def test_a_duplicate_that_was_accepted_is_none_until_another_comes(settled: Bench, address: str) -> None:
    def once_more() -> None:
        if address == "o":
            settled.tenant.create_dataset("o")
        else:
            settled.tenant.create_table("D1", "events")

    once_more()
    settled.accept(address)
    assert settled.plan().duplicates == ()
    assert settled.is_in_sync()
    once_more()
    (found,) = settled.plan().duplicates
    assert (found.address, len(found.others)) == (address, 1)


def test_the_retained_old_half_of_a_replace_is_no_twin(settled: Bench) -> None:
    settled.declare("o", EVENTS, on_removal=OnRemoval.RETAIN)
    settled.apply()
    settled.declare("o", {"events": {}}, on_removal=OnRemoval.RETAIN)
    assert settled.apply("replace:o")[-1] == "forget o replaced"
    assert len(settled.tenant.datasets) == 2
    plan = settled.plan()
    assert (says(plan), plan.duplicates, plan.is_clean) == ([], (), True)


def test_two_remade_by_hand_are_no_twins_of_what_is_gone(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    settled.tenant.create_dataset("o")
    settled.tenant.create_dataset("o")
    assert settled.plan().notes == ()
    assert len(ways(settled.plan(), "o")) == 3


def test_one_live_dataset_that_two_declared_ones_could_be_is_nobodys_until_somebody_says(
    bench: Bench,
) -> None:
    bench.tenant.shows_tree = False
    live = bench.tenant.create_dataset("Sales")
    bench.declare("a", name="Sales", folder="North")
    bench.declare("b", name="Sales", folder="South")
    assert [one for one in bench.says("adopt:*") if "folder" not in one] == [
        "blocked a ambiguous !decision",
        "blocked b ambiguous !decision",
    ]
    assert ways(bench.plan(), "a") == [
        f"pmsync import a {live} -e dev --new-state",
        f"pmsync import b {live} -e dev --new-state",
        "displayName: …",
    ]
    bench.take("b", live)
    assert [one for one in bench.says() if "folder" not in one] == ["create a new"]


def test_where_the_folder_is_shown_it_is_clear_which_of_two_a_live_dataset_is(bench: Bench) -> None:
    bench.tenant.create_dataset("Sales", bench.tenant.create_folder("South"))
    bench.declare("a", name="Sales", folder="North")
    bench.declare("b", name="Sales", folder="South")
    assert [one for one in bench.says() if "folder" not in one] == [
        "adopt b live-unclaimed needs adopt !consent",
        "create a new",
    ]


def test_a_new_one_does_not_adopt_what_could_be_a_gone_one_made_again(bench: Bench) -> None:
    bench.tenant.shows_tree = False
    bench.declare("keep")
    bench.declare("a", name="Sales", folder="North")
    bench.apply()
    bench.tenant.delete_dataset(bench.id_of("a"))
    live = bench.tenant.create_dataset("Sales")
    bench.declare("b", name="Sales", folder="South")
    assert "blocked b ambiguous !decision" in bench.says("adopt:*")
    assert f"pmsync import a {live} -e dev" in ways(bench.plan("adopt:*"), "b")
