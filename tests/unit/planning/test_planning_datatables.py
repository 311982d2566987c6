"""The rows of the table `Datasets` as they are for datatables, and folders."""

import pytest
from planning_bench import Bench, of, says, ways

from pmsync.model.address import Address
from pmsync.model.plan import CreateDatatable
from pmsync.model.state import FolderRecord, IntentKind, Origin

# an open intent of ours


def test_a_lost_datatable_with_one_new_match_is_settled(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10"}})
    bench.apply(lost="create o.events new")
    assert bench.apply() == ["record o.events settled", "upload o.events/jan.csv new"]
    assert bench.is_in_sync()


def test_a_lost_datatable_with_several_new_matches_stops_with_their_ids(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10"}})
    bench.apply(lost="create o.events new")
    bench.tenant.create_table("D1", "events")
    plan = bench.plan()
    assert says(plan) == ["blocked o.events ambiguous !unsettled"]
    assert ways(plan, "o.events") == [
        "pmsync import o.events T2 -e dev",
        "pmsync import o.events T3 -e dev",
    ]


def test_a_datatable_with_rows_is_not_what_a_lost_create_made(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan:10"}, "cases": None})
    settled.intend(IntentKind.CREATE_DATATABLE, "o.cases", display_name="cases", parent_id="D1")
    settled.tenant.create_table("D1", "cases")
    settled.tenant.add_rows("o", "cases", 3)
    assert settled.says() == ["adopt o.cases live-unclaimed needs adopt !consent"]


def test_a_lost_datatable_of_a_dataset_that_is_not_ours_any_more_is_left_alone(settled: Bench) -> None:
    settled.intend(IntentKind.CREATE_DATATABLE, "o.events", display_name="events", parent_id="D9")
    settled.intend(IntentKind.CREATE_DATATABLE, "p.events", display_name="events", parent_id="D1")
    assert settled.says() == []


def test_an_announced_datatable_that_is_on_record_and_live_is_known_already(settled: Bench) -> None:
    settled.tenant.create_table("D1", "events")
    settled.intend(IntentKind.CREATE_DATATABLE, "o.events", display_name="events", parent_id="D1")
    assert settled.says() == []


def test_a_lost_datatable_that_was_to_replace_a_vanished_one_takes_its_place(settled: Bench) -> None:
    del settled.tenant.tables["T2"]
    settled.apply("recreate:o.events", lost="create o.events gone")
    assert settled.apply() == ["record o.events settled", "upload o.events/jan.csv new"]
    assert settled.is_in_sync()


# declared, no record


def test_a_datatable_that_is_not_there_is_created(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan:10"}, "more": {"m.csv": "m:3"}})
    assert settled.apply() == ["create o.more new", "upload o.more/m.csv new"]
    assert settled.is_in_sync()


def test_an_unclaimed_datatable_of_the_name_is_adopted_with_a_consent_of_its_own(settled: Bench) -> None:
    settled.tenant.create_table("D1", "lookup")
    settled.declare("o", {"events": {"jan.csv": "jan:10"}, "lookup": None})
    assert settled.says() == ["adopt o.lookup live-unclaimed needs adopt !consent"]
    settled.apply("adopt:o.lookup")
    assert settled.state.datatables[Address("o.lookup")].origin is Origin.ADOPTED


def test_several_unclaimed_datatables_of_the_name_are_ambiguous(settled: Bench) -> None:
    settled.tenant.create_table("D1", "lookup")
    settled.tenant.create_table("D1", "lookup")
    settled.declare("o", {"events": {"jan.csv": "jan:10"}, "lookup": {"x.csv": "x:1"}})
    plan = settled.plan()
    assert says(plan) == ["blocked o.lookup ambiguous !decision"]
    assert ways(plan, "o.lookup") == [
        "pmsync import o.lookup T3 -e dev",
        "pmsync import o.lookup T4 -e dev",
    ]


def test_a_datatable_name_that_another_address_manages_is_blocked(settled: Bench) -> None:
    settled.declare(
        "o", {"events": {"jan.csv": "jan:10"}, "more": None}, named={"events": "E", "more": "events"}
    )
    plan = settled.plan()
    assert says(plan) == [
        "blocked o.events renamed-in-manifest !decision",
        "blocked o.more claimed !decision",
    ]
    assert ways(plan, "o.more") == ["pmsync state move o.events o.more -e dev"]


def test_a_datatable_that_only_an_intent_noted_is_claimed_by_nobody_by_name(settled: Bench) -> None:
    theirs = settled.tenant.create_table("D1", "more")
    settled.intend(
        IntentKind.CREATE_DATATABLE, "o.more", display_name="more", parent_id="D1", ids_before=(theirs,)
    )
    settled.declare("o", {"events": {"jan.csv": "jan:10"}, "more": None})
    plan = settled.plan()
    assert says(plan) == ["blocked o.more claimed !decision"]
    assert ways(plan, "o.more") == []


# keys


def test_a_new_datatable_key_with_the_old_name_moves_the_records(settled: Bench) -> None:
    settled.declare("o", {"log": {"jan.csv": "jan:10"}}, named={"log": "events"})
    assert settled.apply() == ["move o.log key-changed"]
    assert settled.is_in_sync()


def test_a_dataset_and_a_datatable_may_move_at_once_with_a_changed_file(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("a", {"log": {"jan.csv": "jan2:11"}}, name="o", named={"log": "events"})
    assert settled.apply() == ["move a key-changed", "move a.log key-changed", "upload a.log/jan.csv changed"]
    assert settled.is_in_sync()


def test_a_datatable_that_vanished_does_not_move(settled: Bench) -> None:
    del settled.tenant.tables["T2"]
    settled.declare("o", {"log": {"jan.csv": "jan:10"}}, named={"log": "events"})
    assert settled.says() == [
        "create o.log new",
        "upload o.log/jan.csv new",
        "forget o.events removed-retained",
    ]


def test_datatable_key_and_name_changed_together_is_blocked_or_rebuilt(settled: Bench) -> None:
    settled.declare("o", {"log": {"jan.csv": "jan:10"}})
    plan = settled.plan()
    assert says(plan) == ["blocked o.log key-and-name-changed !decision"]
    assert ways(plan, "o.log") == [
        "displayName: events",
        "pmsync apply -e dev --allow replace:o --allow loss:o",
    ]
    assert settled.says("replace:o")[0] == "replace o replace-asked needs replace,loss !consent"
    settled.apply("replace:o", "loss:o")
    assert settled.is_in_sync()


def test_a_followed_datatable_key_is_told_from_those_that_stayed(settled: Bench) -> None:
    settled.declare("o", {"a": {"a.csv": "a:1"}, "events": {"jan.csv": "jan:10"}})
    settled.apply()
    settled.declare("o", {"a": {"a.csv": "a:1"}, "log": {"jan.csv": "jan:10"}})
    assert settled.says() == ["blocked o.log key-and-name-changed !decision"]


def test_a_new_datatable_with_other_contents_follows_no_gone_one(settled: Bench) -> None:
    settled.declare("o", {"log": {"feb.csv": "feb:9"}, "events": None})
    settled.apply()
    settled.declare("o", {"log2": {"mar.csv": "mar:9"}})
    assert settled.says() == ["create o.log2 new", "upload o.log2/mar.csv new"]


# recorded


def test_a_datatable_renamed_by_hand_and_then_in_the_manifest_is_only_written_down(settled: Bench) -> None:
    settled.tenant.tables["T2"].name = "Order events"
    settled.declare("o", {"events": {"jan.csv": "jan:10"}}, named={"events": "Order events"})
    assert settled.apply() == ["record o.events renamed-everywhere"]
    assert settled.is_in_sync()


def test_a_datatable_renamed_in_the_manifest_alone_is_blocked_and_its_sources_go_on(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan2:11"}}, named={"events": "Order events"})
    plan = settled.plan()
    assert says(plan) == [
        "blocked o.events renamed-in-manifest !decision",
        "upload o.events/jan.csv changed",
    ]
    assert ways(plan, "o.events") == [
        "pmsync plan -e dev",
        "pmsync apply -e dev --allow replace:o --allow loss:o",
    ]


def test_a_datatable_renamed_by_hand_is_drift(settled: Bench) -> None:
    settled.tenant.tables["T2"].name = "Theirs"
    plan = settled.plan()
    assert says(plan) == []
    assert "'Theirs'" in plan.drifted[0].drift


def test_of_three_different_datatable_names_the_live_one_is_declared_or_the_declared_one_built(
    settled: Bench,
) -> None:
    settled.tenant.tables["T2"].name = "Theirs"
    settled.declare("o", {"events": {"jan.csv": "jan:10"}}, named={"events": "Ours"})
    plan = settled.plan("replace:o")
    assert says(plan) == ["blocked o.events all-differ !decision"]
    assert ways(plan, "o.events") == [
        "pmsync plan -e dev",
        "displayName: Theirs",
        "pmsync state accept o.events -e dev → pmsync apply -e dev --allow replace:o",
    ]


def test_a_datatable_that_is_gone_is_made_again_with_consent(settled: Bench) -> None:
    del settled.tenant.tables["T2"]
    assert settled.says() == [
        "create o.events gone needs recreate !consent",
        "upload o.events/jan.csv gone",
    ]
    settled.apply("recreate:o.events")
    assert settled.is_in_sync()


def test_a_datatable_whose_sources_are_gone_too_needs_loss(settled: Bench) -> None:
    del settled.tenant.tables["T2"]
    settled.declare("o", {"events": {"feb.csv": "feb:9"}})
    plan = settled.plan()
    assert says(plan)[0] == "create o.events gone-sources-missing needs recreate,loss !consent"
    assert of(plan, "o.events").reason.sentence.endswith("a rebuild would miss 10 rows")


def test_a_datatable_remade_by_hand_is_offered_for_import_or_recreation(settled: Bench) -> None:
    del settled.tenant.tables["T2"]
    settled.tenant.create_table("D1", "events")
    plan = settled.plan()
    assert says(plan) == ["blocked o.events gone-remade !decision"]
    assert ways(plan, "o.events") == [
        "pmsync import o.events T3 -e dev",
        "pmsync apply -e dev --allow recreate:o.events",
    ]
    again = of(settled.plan("recreate:o.events"), "o.events")
    assert isinstance(again, CreateDatatable)
    assert again.beside == ("T3",)


def test_a_datatable_that_turned_up_in_another_dataset_is_gone_from_its_own(settled: Bench) -> None:
    settled.tenant.tables["T2"].dataset_id = settled.tenant.create_dataset("theirs")
    assert settled.says()[0] == "create o.events gone needs recreate !consent"


# no longer declared


def test_a_removed_datatable_is_one_counted_line_and_no_change(settled: Bench) -> None:
    settled.declare("o")
    plan = settled.plan()
    assert says(plan) == []
    assert [(left.address, left.rows, left.recent) for left in plan.leftovers] == [("o.events", 10, False)]


def test_a_removed_datatable_that_is_declared_again_is_in_sync(settled: Bench) -> None:
    settled.declare("o")
    settled.apply()
    settled.declare("o", {"events": {"jan.csv": "jan:10"}})
    assert settled.is_in_sync()


def test_a_removed_datatable_that_is_gone_is_forgotten(settled: Bench) -> None:
    settled.declare("o")
    del settled.tenant.tables["T2"]
    assert settled.apply() == ["forget o.events removed-retained"]
    assert not settled.state.uploads


def test_a_datatable_without_a_row_count_says_so(settled: Bench) -> None:
    settled.tenant.create_table("D1", "lookup")
    settled.tenant.shows_rows = False
    settled.declare("o", {"lookup": None})
    plan = settled.plan()
    assert [(left.address, left.rows) for left in plan.leftovers] == [("o.events", None)]
    assert of(plan, "o.lookup").reason.sentence == "T3 is there, with an unknown number of rows"


# folders


def test_a_live_folder_of_the_path_is_used_and_recorded_as_adopted(bench: Bench) -> None:
    bench.tenant.create_folder("Finance")
    bench.declare("o", folder="Finance/AR")
    assert bench.says() == [
        "record folder:Finance live-unclaimed",
        "create folder:Finance/AR new",
        "create o new",
    ]
    assert of(bench.plan(), "folder:Finance/AR").requires == ("folder:Finance",)
    bench.apply()
    assert bench.is_in_sync()
    assert bench.state.folders[Address("folder:Finance")].origin is Origin.ADOPTED


def test_several_live_folders_of_the_path_are_for_the_user(bench: Bench) -> None:
    bench.tenant.create_folder("Finance")
    bench.tenant.create_folder("Finance")
    bench.declare("o", folder="Finance/AR")
    plan = bench.plan()
    assert says(plan)[0] == "blocked folder:Finance ambiguous !decision"
    assert ways(plan, "folder:Finance") == [
        "pmsync import folder:Finance F1 -e dev --new-state",
        "pmsync import folder:Finance F2 -e dev --new-state",
    ]
    bench.apply(safe_only=True)
    assert not bench.tenant.datasets


def test_a_recorded_folder_is_used_by_its_id_whatever_it_is_called(bench: Bench) -> None:
    bench.declare("o", folder="Finance")
    bench.apply()
    bench.tenant.folders["F1"].name = "Money"
    bench.declare("p", folder="Finance")
    assert bench.says() == ["create p new"]
    assert of(bench.plan(), "folder:Finance").drift == "it is called 'Money' in ProcessMind now"


def test_a_recorded_folder_that_is_gone_is_made_again_with_what_is_in_it(bench: Bench) -> None:
    bench.declare("o", folder="Finance/AR")
    bench.apply()
    bench.tenant.datasets["D3"].parent = bench.tenant.create_folder("Other")
    bench.tenant.folders.pop("F1")
    bench.tenant.folders.pop("F2")
    bench.declare("p", folder="Finance/AR")
    plan = bench.plan()
    assert says(plan) == ["create folder:Finance new", "create folder:Finance/AR new", "create p new"]
    assert of(plan, "folder:Finance/AR").requires == ("folder:Finance",)


def test_a_folder_that_nothing_is_made_in_is_not_made(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan:10"}}, folder="Finance/AR")
    assert settled.says() == ["blocked o renamed-in-manifest !decision"]


def test_where_no_folder_is_shown_the_record_is_believed(bench: Bench) -> None:
    bench.declare("o", folder="Finance")
    bench.apply()
    bench.tenant.shows_tree = False
    bench.declare("p", folder="Finance")
    assert bench.apply() == ["create p new"]
    assert bench.tenant.datasets[bench.id_of("p")].parent == "F1"
    assert bench.is_in_sync()


def test_where_no_folder_is_shown_a_dataset_fits_every_folder(bench: Bench) -> None:
    bench.tenant.create_dataset("o", bench.tenant.create_folder("Theirs"))
    bench.tenant.shows_tree = False
    bench.declare("o", folder="Finance")
    assert bench.apply("adopt:o") == ["adopt o live-unclaimed needs adopt"]
    assert bench.is_in_sync()


def test_where_no_folder_is_shown_one_that_is_to_be_made_may_be_there_unseen(bench: Bench) -> None:
    bench.tenant.shows_tree = False
    bench.declare("o", folder="Finance")
    plan = bench.plan()
    assert of(plan, "folder:Finance").reason.sentence == (
        "no folder is shown: one of this name may be there unseen; if so, pmsync import folder:Finance ID "
        "-e dev (if its id is known), or leave out folder: and move the dataset by hand"
    )
    assert (
        of(bench.plan(emulated=True), "folder:Finance").reason.sentence == "no folder of this path is there"
    )
    id_ = bench.tenant.create_folder("Finance")
    bench.record()
    bench.take("folder:Finance", id_)
    assert bench.apply() == ["create o new"]
    assert bench.tenant.dataset("o").parent == id_


def test_where_the_tree_is_shown_a_folder_that_is_not_there_is_not_there(bench: Bench) -> None:
    bench.tenant.create_dataset("theirs")
    bench.declare("o", folder="Finance")
    assert of(bench.plan(), "folder:Finance").reason.sentence == "no folder of this path is there"


def test_a_folder_that_is_not_shown_is_never_called_the_root(settled: Bench) -> None:
    settled.tenant.shows_tree = False
    settled.declare("o", {"events": {"jan.csv": "jan:10"}}, folder="Finance")
    assert "root" not in of(settled.plan(), "o").reason.sentence
    settled.tenant.dataset("o").name = "Theirs"
    assert "root" not in of(settled.plan(), "o").reason.sentence
    settled.declare("o", {"events": {"jan.csv": "jan:10"}}, name="Theirs", folder="Finance")
    assert "root" not in of(settled.plan(), "o").reason.sentence


def test_where_no_folder_is_shown_a_move_by_hand_is_accepted(settled: Bench) -> None:
    settled.tenant.shows_tree = False
    settled.declare("o", {"events": {"jan.csv": "jan:10"}}, folder="Finance")
    plan = settled.plan()
    assert says(plan) == ["blocked o renamed-in-manifest !decision"]
    assert "pmsync state accept o -e dev" in ways(plan, "o")
    settled.accept("o")
    assert settled.is_in_sync()


def test_a_folder_that_is_listed_as_a_dataset_is_no_candidate(bench: Bench) -> None:
    bench.tenant.create_dataset("Finance")
    bench.record()
    bench.state.folders[Address("folder:Finance")] = FolderRecord(id="D1", origin=Origin.CREATED)
    bench.tenant.shows_tree = False
    bench.declare("o", name="Finance")
    plan = bench.plan()
    assert says(plan) == ["create o new"]
    assert plan.unmanaged == 0


def test_a_slash_in_a_name_is_no_folder_of_its_own(bench: Bench) -> None:
    bench.declare("o", folder="Procure//Pay")
    bench.apply()
    assert [one.name for one in bench.tenant.folders.values()] == ["Procure/Pay"]
    assert bench.is_in_sync()


def test_folders_that_contain_each_other_or_hang_in_the_air_have_no_path(bench: Bench) -> None:
    first = bench.tenant.create_folder("Finance")
    second = bench.tenant.create_folder("Finance", first)
    bench.tenant.folders[first].parent = second
    bench.tenant.create_folder("Finance", "F99")
    bench.declare("o", folder="Finance")
    assert bench.says() == ["create folder:Finance new", "create o new"]


def test_a_lost_folder_is_settled_with_what_was_to_be_made_in_it(bench: Bench) -> None:
    bench.declare("o", folder="Finance/AR")
    bench.apply(lost="create folder:Finance/AR")
    assert bench.says() == ["record folder:Finance/AR settled", "create o new"]
    assert bench.says(select=("o",)) == ["record folder:Finance/AR settled", "create o new"]
    bench.apply()
    assert bench.is_in_sync()
    assert len(bench.tenant.folders) == 2


def test_a_lost_folder_with_a_lost_parent_waits_for_it(bench: Bench) -> None:
    bench.declare("o", folder="Finance/AR")
    bench.apply(lost="create folder:Finance new")
    assert of(bench.plan(), "folder:Finance/AR").requires == ("folder:Finance",)
    bench.apply()
    assert bench.is_in_sync()


def test_a_lost_folder_with_several_new_matches_stops_with_their_ids(bench: Bench) -> None:
    bench.declare("o", folder="Finance")
    bench.apply(lost="create folder:Finance")
    bench.tenant.create_folder("Finance")
    assert bench.says()[0] == "blocked folder:Finance ambiguous !unsettled"


@pytest.mark.parametrize("shown", [True, False])
def test_an_announced_folder_that_is_on_record_and_live_is_known_already(
    bench: Bench, *, shown: bool
) -> None:
    bench.declare("o", folder="Finance")
    bench.apply()
    bench.tenant.shows_tree = shown
    bench.tenant.create_folder("Finance")
    bench.intend(IntentKind.CREATE_FOLDER, "folder:Finance", display_name="Finance")
    assert bench.says() == []
