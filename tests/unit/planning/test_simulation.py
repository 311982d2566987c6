"""Sixty scenarios from tenant to plan to tenant: what users, colleagues and crashes do, one after another.

Each says what the plan says, runs it with the consents that it names, and then asks for an empty plan and
for exactly the declared rows in the tenant: nothing doubled, nothing lost without consent.
"""

import pytest
from msgspec.structs import replace
from planning_bench import Bench, of, says
from planning_tenant import Tenant

from pmsync.errors import InputError
from pmsync.model.address import Address
from pmsync.model.manifest import OnRemoval
from pmsync.model.project import OtherName
from pmsync.model.snapshot import Snapshot

JAN = "o.events/jan.csv"
RENT = {"events": {"jan.csv": "jan:10"}}


def goes(bench: Bench, expected: list[str], *allow: str, **options: object) -> None:
    """The plan says so, runs with these consents, and leaves nothing to do."""
    assert bench.apply(*allow, **options) == expected
    assert bench.is_in_sync()


def events(bench: Bench, *, append: bool = False, **files: str) -> None:
    bench.declare("o", {"events": {f"{name}.csv": files[name] for name in files}}, append=append)


def shown(bench: Bench, *keys: str) -> Snapshot:
    """A listing that shows only these datasets, with what is in them."""
    whole = bench.tenant.snapshot()
    ids = {bench.id_of(key) for key in keys}
    return replace(
        whole,
        datasets={id_: one for id_, one in whole.datasets.items() if id_ in ids},
        datatables={id_: one for id_, one in whole.datatables.items() if one.dataset_id in ids},
    )


# files, day by day


def test_01_a_first_run_from_an_empty_tenant(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10"}, "lookup": None}, folder="Finance")
    bench.declare("p", {"log": {"a.csv": "a:1", "b.csv": "b:2"}})
    assert len(bench.apply()) == 9
    assert bench.is_in_sync()


def test_02_a_touched_file_does_nothing(settled: Bench) -> None:
    (file,) = settled.sources[Address("o.events")]
    settled.sources[Address("o.events")] = (replace(file, stamp=replace(file.stamp, mtime_ns=99)),)
    goes(settled, [])


def test_03_a_corrected_file_of_the_same_size_is_sent(settled: Bench) -> None:
    events(settled, jan="nab:10")
    goes(settled, ["upload o.events/jan.csv changed"])


def test_04_a_file_is_changed_and_then_reverted(settled: Bench) -> None:
    events(settled, jan="jan2:12")
    goes(settled, ["upload o.events/jan.csv changed"])
    events(settled, jan="jan:10")
    goes(settled, ["upload o.events/jan.csv changed"])


def test_05_a_renamed_file_is_not_sent(settled: Bench) -> None:
    events(settled, january="jan:10")
    goes(settled, ["move o.events/january.csv name-changed"])


def test_06_a_file_is_renamed_then_changed_then_renamed_back(settled: Bench) -> None:
    events(settled, january="jan:10")
    goes(settled, ["move o.events/january.csv name-changed"])
    events(settled, january="jan2:12")
    goes(settled, ["upload o.events/january.csv changed"])
    events(settled, jan="jan2:12")
    goes(settled, ["move o.events/jan.csv name-changed"])


def test_07_a_file_renamed_and_changed_at_once_leaves_its_old_rows_to_the_user(settled: Bench) -> None:
    events(settled, january="jan2:12")
    assert settled.says() == ["blocked o.events/january.csv leftover-rows !decision"]
    goes(
        settled,
        [
            "replace o replace-asked needs replace,loss",
            "create o.events rebuilt",
            "upload o.events/january.csv rebuilt",
            "delete o replaced needs replace,loss",
        ],
        "replace:o",
        "loss:o",
    )


def test_08_january_becomes_february_and_both_shall_stay(settled: Bench) -> None:
    events(settled, feb="feb:9")
    assert settled.apply("add-rows:*") == ["upload o.events/feb.csv leftover-rows needs add-rows"]
    assert settled.says() == []
    assert settled.rows_of("o.events") == ["feb:9", "jan:10"]


def test_09_two_files_swap_their_contents_and_get_names_of_their_own(bench: Bench) -> None:
    events(bench, a="a:1", b="b:2")
    bench.apply()
    events(bench, a="b:2", b="a:1")
    assert len(bench.plan().blocked) == 2
    events(bench, x="b:2", y="a:1")
    goes(bench, ["move o.events/x.csv name-changed", "move o.events/y.csv name-changed"])


def test_10_a_log_rotates_daily_under_names_of_its_own(bench: Bench) -> None:
    events(bench, append=True, monday="m:5")
    bench.apply()
    events(bench, append=True, monday="m:5", tuesday="t:6")
    goes(bench, ["upload o.events/tuesday.csv new"])
    events(bench, append=True, monday="m:5", tuesday="t:6", wednesday="w:7")
    goes(bench, ["upload o.events/wednesday.csv new"])


def test_11_a_log_that_rotates_under_the_same_name_is_stopped_before_it_loses_a_day(bench: Bench) -> None:
    events(bench, log="m:5")
    bench.apply()
    events(bench, log="t:6", log1="m:5")
    assert bench.apply(safe_only=True) == [
        "blocked o.events/log.csv rotation !decision",
        "blocked o.events/log1.csv rotation !decision",
    ]
    assert bench.rows_of("o.events") == ["m:5"]


def test_12_the_latest_extract_replaces_the_last_one_every_day(bench: Bench) -> None:
    for day in range(1, 5):
        events(bench, extract=f"day{day}:{10 + day}")
        bench.apply()
        assert bench.is_in_sync()
    assert bench.rows_of("o.events") == ["day4:14"]


def test_13_appended_extracts_are_deleted_from_the_disk_after_a_while(bench: Bench) -> None:
    events(bench, append=True, d1="d1:5", d2="d2:6")
    bench.apply()
    events(bench, append=True, d2="d2:6", d3="d3:7")
    assert bench.apply() == ["upload o.events/d3.csv new"]
    assert bench.says() == []
    assert bench.rows_of("o.events") == ["d1:5", "d2:6", "d3:7"]
    assert [left.address for left in bench.plan().leftovers] == ["o.events/d1.csv"]


def test_14_two_files_with_one_content_are_one_upload(bench: Bench) -> None:
    events(bench, a="same:5", b="same:5")
    bench.apply()
    assert bench.is_in_sync()
    events(bench, b="same:5")
    goes(bench, ["move o.events/b.csv name-changed"])


def test_15_one_of_two_equal_files_changes(bench: Bench) -> None:
    events(bench, a="same:5", b="same:5")
    bench.apply()
    events(bench, a="same:5", b="other:6")
    goes(bench, ["upload o.events/b.csv new"])


def test_16_the_copy_that_was_sent_changes_and_the_other_stays(bench: Bench) -> None:
    events(bench, a="same:5", b="same:5")
    bench.apply()
    events(bench, a="other:6", b="same:5")
    assert bench.says() == [
        "blocked o.events/a.csv rotation !decision",
        "blocked o.events/b.csv rotation !decision",
    ]
    events(bench, c="other:6", b="same:5")
    goes(bench, ["move o.events/b.csv name-changed", "upload o.events/c.csv new"])


def test_17_a_header_without_rows_and_then_the_rows(bench: Bench) -> None:
    events(bench, jan="empty:0")
    bench.apply()
    assert bench.is_in_sync()
    events(bench, jan="jan:10")
    goes(bench, ["upload o.events/jan.csv changed"])


def test_18_an_extract_that_came_out_empty_is_stopped(settled: Bench) -> None:
    events(settled, jan="empty:0")
    assert settled.apply(safe_only=True) == ["upload o.events/jan.csv no-rows needs loss !consent"]
    assert settled.rows_of("o.events") == ["jan:10"]
    goes(settled, ["upload o.events/jan.csv no-rows needs loss"], "loss:*")


def test_19_a_source_moves_to_another_datatable(bench: Bench) -> None:
    bench.declare("o", {"a": {"x.csv": "x:5", "y.csv": "y:6"}, "b": {"z.csv": "z:7"}})
    bench.apply()
    bench.declare("o", {"a": {"x.csv": "x:5"}, "b": {"y.csv": "y:6", "z.csv": "z:7"}})
    assert bench.apply() == ["upload o.b/y.csv new"]
    assert bench.rows_of("o.b") == ["y:6", "z:7"]
    assert [left.address for left in bench.plan().leftovers] == ["o.a/y.csv"]


# a tenant that appends, or of which nobody knows


def test_20_on_a_tenant_that_appends_a_changed_file_is_rebuilt_or_nothing(settled: Bench) -> None:
    settled.behaves("appends")
    events(settled, jan="jan2:12")
    assert settled.apply(safe_only=True) == ["blocked o.events/jan.csv would-double !decision"]
    assert settled.rows_of("o.events") == ["jan:10"]
    settled.apply("replace:o", "loss:o")
    assert settled.is_in_sync()


def test_21_on_a_tenant_that_appends_new_files_go_on(settled: Bench) -> None:
    settled.behaves("appends")
    events(settled, jan="jan:10", feb="feb:9")
    goes(settled, ["upload o.events/feb.csv new"])


def test_22_nobody_said_what_the_same_name_does_until_they_find_out(settled: Bench) -> None:
    settled.behaves("unknown")
    events(settled, jan="jan2:12")
    assert settled.says() == ["blocked o.events/jan.csv same-name-unknown !decision"]
    settled.behaves("replaces")
    goes(settled, ["upload o.events/jan.csv changed"])


def test_23_nobody_said_what_other_names_do_and_they_replace(bench: Bench) -> None:
    bench.behaves("replaces", "unknown")
    bench.tenant = Tenant(other_name=OtherName.REPLACES)
    events(bench, a="a:5", b="b:6", c="c:7")
    bench.apply()
    assert bench.says() == [
        "blocked o.events/b.csv unconfirmed !unconfirmed",
        "blocked o.events/c.csv waits !waits",
    ]
    bench.behaves("replaces", "replaces")
    with pytest.raises(InputError):
        bench.plan()


def test_24_where_other_names_replace_the_one_source_changes_its_name_and_content(bench: Bench) -> None:
    bench.behaves("replaces", "replaces")
    events(bench, jan="jan:10")
    bench.apply()
    events(bench, feb="feb:9")
    goes(bench, ["upload o.events/feb.csv new"])


# rows that do not come, or come late


def test_25_an_unconfirmed_upload_whose_rows_arrive(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.tenant.lags = True
    bench.apply()
    assert bench.says() == ["blocked o.events/jan.csv unconfirmed !unconfirmed"]
    bench.tenant.arrive()
    goes(bench, ["record o.events/jan.csv rows-seen"])


def test_26_an_unconfirmed_upload_on_a_tenant_that_appends_is_not_sent_again(bench: Bench) -> None:
    bench.behaves("appends")
    events(bench, jan="jan:10", feb="feb:9")
    bench.tenant.lags = True
    bench.apply()
    assert bench.says() == [
        "blocked o.events/feb.csv unconfirmed !unconfirmed",
        "blocked o.events/jan.csv unconfirmed !unconfirmed",
    ]
    bench.tenant.arrive()
    goes(bench, ["record o.events/feb.csv rows-seen", "record o.events/jan.csv rows-seen"])


def test_27_a_new_file_waits_for_an_unconfirmed_one(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.tenant.lags = True
    bench.apply()
    events(bench, jan="jan:10", feb="feb:9")
    assert bench.says()[0] == "blocked o.events/feb.csv waits !waits"
    bench.tenant.arrive()
    bench.tenant.lags = False
    goes(bench, ["record o.events/jan.csv rows-seen", "upload o.events/feb.csv new"])


def test_28_an_upload_that_the_tenant_dropped_is_sent_again_on_request(bench: Bench) -> None:
    events(bench, jan="jan:10")
    bench.tenant.lags = True
    bench.apply()
    bench.tenant.tables["T2"].on_the_way.clear()
    bench.tenant.lags = False
    goes(bench, ["upload o.events/jan.csv reupload-asked"], reupload=[JAN])


def test_29_rows_vanish_from_a_datatable_and_are_loaded_again(bench: Bench) -> None:
    events(bench, a="a:5", b="b:6")
    bench.apply()
    bench.tenant.lose_rows("o", "events", 6)
    assert bench.says() == []
    assert bench.plan().drifted
    goes(
        bench,
        ["upload o.events/a.csv reupload-asked", "upload o.events/b.csv reupload-asked"],
        reupload=["o.events/*"],
    )


# a lost state


@pytest.mark.parametrize("same_name", ["replaces", "appends"])
def test_30_the_whole_state_is_lost_and_taken_on_record_again(bench: Bench, same_name: str) -> None:
    bench.behaves(same_name)
    events(bench, a="a:5", b="b:6")
    bench.apply()
    bench.lose_state()
    assert bench.says("adopt:*") == [
        "adopt o live-unclaimed needs adopt",
        "adopt o.events parent-adopted",
        "blocked o.events/a.csv lost-state !decision",
        "blocked o.events/b.csv lost-state !decision",
    ]
    bench.apply("adopt:*", assume=["*"])
    assert bench.is_in_sync()


def test_31_the_state_of_one_file_is_lost(bench: Bench) -> None:
    events(bench, a="a:5", b="b:6")
    bench.apply()
    bench.lose_state("o.events/b.csv")
    assert bench.says() == ["blocked o.events/b.csv lost-state !decision"]
    goes(bench, ["record o.events/b.csv assumed"], assume=["*/b.csv"])


def test_32_the_state_is_lost_and_the_files_were_changed_since(settled: Bench) -> None:
    settled.lose_state()
    events(settled, jan="jan2:12")
    assert settled.says("adopt:*")[-1] == "blocked o.events/jan.csv foreign-rows !decision"
    settled.apply("adopt:*", safe_only=True)
    assert settled.apply(reupload=[JAN]) == ["upload o.events/jan.csv reupload-asked"]
    assert settled.rows_of("o.events") == ["jan2:12"]


def test_33_the_state_is_lost_and_sending_everything_again_is_harmless_where_names_replace(
    bench: Bench,
) -> None:
    events(bench, a="a:5", b="b:6")
    bench.apply()
    bench.lose_state()
    bench.apply("adopt:*", reupload=["*"])
    assert bench.is_in_sync()


def test_34_the_state_is_lost_before_anything_was_sent(bench: Bench) -> None:
    events(bench, a="a:5")
    bench.apply(killed_before="upload")
    bench.lose_state()
    goes(
        bench,
        [
            "adopt o live-unclaimed needs adopt",
            "adopt o.events parent-adopted",
            "upload o.events/a.csv new",
        ],
        "adopt:o",
    )


# colleagues


def test_35_a_colleague_loads_rows_beside_ours(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    assert settled.says() == []
    events(settled, jan="jan:10", feb="feb:9")
    assert settled.apply(safe_only=True) == ["blocked o.events/feb.csv foreign-rows !decision"]
    settled.apply("add-rows:*")
    assert settled.says() == []
    assert settled.rows_of("o.events") == ["by hand", "feb:9", "jan:10"]


def test_36_a_colleague_makes_a_twin_of_our_dataset(settled: Bench) -> None:
    theirs = settled.tenant.create_dataset("o")
    assert len(settled.plan().notes) == 1
    settled.declare("p")
    settled.undeclare("o")
    goes(settled, ["create p new", "delete o removed needs delete"], "delete:o")
    assert list(settled.tenant.datasets) == [theirs, settled.id_of("p")]


def test_37_a_colleague_adds_a_datatable_to_our_dataset(settled: Bench) -> None:
    theirs = settled.tenant.create_table("D1", "theirs")
    settled.tenant.upload(theirs, "x.csv", "theirs", 5)
    assert settled.says() == []
    settled.declare("p")
    settled.undeclare("o")
    assert "delete o removed needs delete,loss !consent" in settled.says("delete:o")


def test_38_a_colleague_deletes_our_datatable(settled: Bench) -> None:
    del settled.tenant.tables["T2"]
    goes(
        settled,
        ["create o.events gone needs recreate", "upload o.events/jan.csv gone"],
        "recreate:o.events",
    )


def test_39_a_colleague_deletes_our_dataset_and_makes_it_again(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    theirs = settled.tenant.create_dataset("o")
    settled.tenant.create_table(theirs, "events")
    assert settled.says()[0] == "blocked o gone-remade !decision"
    settled.take("o", theirs)
    goes(settled, ["upload o.events/jan.csv new"])


def test_40_two_repositories_on_one_tenant_do_not_take_each_others_things(settled: Bench) -> None:
    other = Bench(tenant=settled.tenant)
    other.declare("mine", {"events": {"x.csv": "x:3"}}, name="o")
    assert other.says() == [
        "adopt mine live-unclaimed needs adopt !consent",
        "adopt mine.events parent-adopted",
        "blocked mine.events/x.csv foreign-rows !decision",
    ]
    other.declare("mine", {"events": {"x.csv": "x:3"}}, name="mine")
    other.apply()
    assert other.is_in_sync()
    assert settled.is_in_sync()


def test_41_two_environments_on_one_tenant_are_told_apart_by_their_prefix(settled: Bench) -> None:
    dev = Bench(tenant=settled.tenant)
    dev.environment = replace(dev.environment, name_prefix="[dev] ")
    dev.declare("o", {"events": {"jan.csv": "sample:2"}})
    dev.apply()
    assert dev.is_in_sync()
    assert settled.is_in_sync()
    dev.apply("delete:*", destroy=True)
    assert settled.is_in_sync()


# names, keys, folders


def test_42_a_dataset_is_renamed_by_hand_and_renamed_back(settled: Bench) -> None:
    settled.tenant.dataset("o").name = "O!"
    assert settled.says() == []
    assert settled.plan().drifted
    settled.tenant.dataset("O!").name = "o"
    assert not settled.plan().drifted


def test_43_a_dataset_is_renamed_in_the_manifest_and_then_by_hand(settled: Bench) -> None:
    settled.declare("o", RENT, name="Orders")
    assert settled.says() == ["blocked o renamed-in-manifest !decision"]
    settled.tenant.dataset("o").name = "Orders"
    goes(settled, ["record o renamed-everywhere"])


def test_44_a_dataset_is_renamed_in_the_manifest_and_differently_by_hand(settled: Bench) -> None:
    settled.declare("o", RENT, name="Orders")
    settled.tenant.dataset("o").name = "Sales"
    assert settled.says() == ["blocked o all-differ !decision"]
    settled.accept("o")
    assert settled.says() == ["blocked o renamed-in-manifest !decision"]
    settled.apply("replace:o")
    assert settled.is_in_sync()


def test_45_a_dataset_is_moved_by_hand_and_then_in_the_manifest(settled: Bench) -> None:
    settled.tenant.dataset("o").parent = settled.tenant.create_folder("Finance")
    assert settled.says() == []
    settled.declare("o", RENT, folder="Finance")
    goes(settled, ["record folder:Finance live-unclaimed", "record o renamed-everywhere"])


def test_46_folders_are_hidden_from_the_second_run_on(bench: Bench) -> None:
    bench.declare("o", RENT, folder="Finance/AR")
    bench.apply()
    bench.tenant.shows_tree = False
    assert bench.is_in_sync()
    bench.declare("p", {"log": {"x.csv": "x:1"}}, folder="Finance/AR")
    goes(bench, ["create p new", "create p.log new", "upload p.log/x.csv new"])
    bench.tenant.shows_tree = True
    assert bench.is_in_sync()


def test_47_folders_are_never_shown_and_the_state_is_lost(bench: Bench) -> None:
    bench.tenant.shows_tree = False
    bench.declare("o", RENT, folder="Finance")
    bench.apply()
    bench.lose_state()
    bench.apply("adopt:o", assume=["*"])
    assert bench.is_in_sync()
    assert len(bench.tenant.folders) == 1


def test_48_a_key_is_renamed_and_nothing_else(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("orders", RENT, name="o")
    goes(settled, ["move orders key-changed"])


def test_49_key_and_name_are_changed_and_the_name_is_kept_after_all(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("orders", RENT)
    assert settled.says()[0] == "blocked orders key-and-name-changed !decision"
    settled.declare("orders", RENT, name="o")
    goes(settled, ["move orders key-changed"])


def test_50_key_and_name_are_changed_and_the_dataset_is_rebuilt(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("orders", RENT)
    settled.apply("replace:orders")
    assert settled.is_in_sync()
    assert settled.tenant.deleted == ["D1"]
    assert settled.state.datasets.keys() == {"orders"}


# removed blocks


def test_51_a_block_is_removed_and_declared_again_before_anybody_agreed(settled: Bench) -> None:
    settled.declare("p")
    settled.undeclare("o")
    settled.apply(safe_only=True)
    settled.declare("o", RENT)
    assert settled.is_in_sync()


def test_52_a_protected_block_is_removed_and_then_unprotected(settled: Bench) -> None:
    settled.declare("p")
    settled.declare("o", RENT, protect=True)
    settled.apply()
    settled.undeclare("o")
    assert settled.says("delete:o") == ["delete o removed needs delete !protected"]
    record = settled.state.datasets[Address("o")]
    settled.state = replace(
        settled.state,
        datasets={**settled.state.datasets, Address("o"): replace(record, protect=False)},
    )
    goes(settled, ["delete o removed needs delete"], "delete:o")


def test_53_a_retained_block_is_removed_and_comes_back(settled: Bench) -> None:
    settled.declare("p")
    settled.declare("o", RENT, on_removal=OnRemoval.RETAIN)
    settled.apply()
    settled.undeclare("o")
    goes(settled, ["forget o removed-retained"])
    settled.declare("o", RENT)
    settled.apply("adopt:o", assume=["*"])
    assert settled.is_in_sync()


def test_54_an_adopted_dataset_is_removed_and_stays(bench: Bench) -> None:
    table = bench.tenant.create_table(bench.tenant.create_dataset("theirs"), "events")
    bench.tenant.upload(table, "x.csv", "theirs", 5)
    bench.declare("p")
    bench.declare("theirs", {"events": None})
    bench.apply("adopt:*")
    bench.undeclare("theirs")
    goes(bench, ["forget theirs removed-retained"])
    assert bench.tenant.table("theirs", "events").contents == ["theirs"]


def test_55_a_datatable_is_removed_and_declared_again(bench: Bench) -> None:
    bench.declare("o", {"a": {"a.csv": "a:1"}, "b": {"b.csv": "b:2"}})
    bench.apply()
    bench.declare("o", {"a": {"a.csv": "a:1"}})
    assert bench.says() == []
    assert [left.address for left in bench.plan().leftovers] == ["o.b"]
    bench.declare("o", {"a": {"a.csv": "a:1"}, "b": {"b.csv": "b:2"}})
    assert bench.is_in_sync()


def test_56_a_datatable_that_was_left_over_goes_with_a_rebuild(bench: Bench) -> None:
    bench.declare("o", {"a": {"a.csv": "a:1"}, "b": {"b.csv": "b:2"}})
    bench.apply()
    bench.declare("o", {"a": {"a.csv": "a:1"}})
    bench.apply("replace:o", "loss:o")
    assert bench.is_in_sync()
    assert bench.plan().leftovers == ()


# much is gone


def test_57_half_of_the_tenant_is_gone_and_then_it_was_only_the_listing(bench: Bench) -> None:
    for key in "abc":
        bench.declare(key, {"events": {"x.csv": f"{key}:5"}})
    bench.apply()
    plan = bench.plan("recreate:a", "recreate:b", tenant_shows=lambda: shown(bench, "c"))
    bench.run(plan)
    assert bench.is_in_sync()
    assert len(bench.tenant.datasets) == 3


def test_58_the_whole_tenant_is_gone_and_made_again(bench: Bench) -> None:
    for key in "abc":
        bench.declare(key, {"events": {"x.csv": f"{key}:5"}})
    bench.apply()
    for id_ in list(bench.tenant.datasets):
        bench.tenant.delete_dataset(id_)
    assert len(bench.plan("recreate:a").blocked) == 3
    bench.apply("recreate:*")
    assert bench.is_in_sync()


def test_59_a_stale_listing_lacks_one_dataset_and_nothing_is_made_without_consent(bench: Bench) -> None:
    for key in "abc":
        bench.declare(key, {"events": {"x.csv": f"{key}:5"}})
    bench.apply()
    plan = bench.plan(tenant_shows=lambda: shown(bench, "a", "b"))
    assert says(plan)[0] == "create c gone needs recreate !consent"
    bench.run(plan)
    assert bench.is_in_sync()


def test_60_a_dataset_and_its_files_are_gone(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    events(settled, feb="feb:9")
    assert settled.says("recreate:o")[0] == "create o gone-sources-missing needs recreate,loss !consent"
    settled.apply("recreate:o", "loss:o")
    assert settled.is_in_sync()


# limits and safe-only


def test_61_deletes_go_one_by_one_under_a_limit(bench: Bench) -> None:
    for key in "abc":
        bench.declare(key)
    bench.apply()
    bench.limits(max_deletes=1)
    bench.undeclare("a")
    bench.undeclare("b")
    assert len(bench.plan("delete:*").blocked) == 2
    bench.declare("b")
    goes(bench, ["delete a removed needs delete"], "delete:*")
    bench.undeclare("b")
    goes(bench, ["delete b removed needs delete"], "delete:*")


def test_62_a_nightly_job_does_what_is_ready_and_leaves_the_rest(bench: Bench) -> None:
    bench.declare("a", RENT)
    bench.declare("b", RENT)
    bench.apply()
    bench.tenant.create_dataset("c")
    bench.declare("a", {"events": {"jan.csv": "jan2:12"}}, name="A")
    bench.undeclare("b")
    bench.declare("c", {"events": {"jan.csv": "c:10"}})
    bench.apply(safe_only=True)
    assert bench.rows_of("a.events") == ["jan2:12"]
    assert bench.says() == [
        "adopt c live-unclaimed needs adopt !consent",
        "blocked a renamed-in-manifest !decision",
        "create c.events new",
        "upload c.events/jan.csv new",
        "delete b removed needs delete !consent",
    ]


# killed anywhere


def killed_anywhere(build, *allow: str, how: str = "killed_before") -> int:
    """Run the same thing once for each of its steps, ending it there, and let a second run finish it."""
    whole = build()
    lines = [
        one for one in says(whole.plan(*allow)) if not one.startswith(("record", "move", "adopt", "forget"))
    ]
    for one in lines:
        bench = build()
        bench.apply(*allow, **{how: one})
        bench.apply(*allow)
        assert bench.is_in_sync(), one
    return len(lines)


def first_run() -> Bench:
    bench = Bench()
    bench.declare("o", {"a": {"x.csv": "x:5", "y.csv": "y:6"}, "b": {"z.csv": "z:7"}}, folder="F/G")
    bench.declare("p", {"a": {"x.csv": "x:5"}})
    return bench


def rebuild() -> Bench:
    bench = Bench()
    bench.declare("o", {"a": {"x.csv": "x:5", "y.csv": "y:6"}, "b": {"z.csv": "z:7"}})
    bench.apply()
    bench.declare("o", {"a": {"x.csv": "x:5", "y.csv": "y:6"}, "b": {"z.csv": "z:7"}}, name="Orders")
    return bench


@pytest.mark.parametrize("how", ["killed_before", "lost"])
def test_63_a_first_run_is_killed_anywhere(how: str) -> None:
    assert killed_anywhere(first_run, how=how) == 11


@pytest.mark.parametrize("how", ["killed_before", "lost"])
def test_64_a_first_run_on_a_tenant_that_appends_is_killed_anywhere(how: str) -> None:
    def appending() -> Bench:
        bench = first_run()
        bench.behaves("appends")
        return bench

    assert killed_anywhere(appending, how=how) == 11


@pytest.mark.parametrize("how", ["killed_before", "lost"])
def test_65_a_first_run_with_hidden_folders_is_killed_anywhere_but_at_a_folder(how: str) -> None:
    def hidden() -> Bench:
        bench = first_run()
        bench.tenant.shows_tree = False
        bench.declare("o", {"a": {"x.csv": "x:5", "y.csv": "y:6"}, "b": {"z.csv": "z:7"}})
        return bench

    assert killed_anywhere(hidden, how=how) == 9


@pytest.mark.parametrize("how", ["killed_before", "lost"])
def test_66_a_replace_is_killed_anywhere_and_goes_on(how: str) -> None:
    assert killed_anywhere(rebuild, "replace:o", how=how) == 7


@pytest.mark.parametrize("how", ["killed_before", "lost"])
def test_67_a_replace_that_is_killed_anywhere_ends_with_the_consent_of_the_run_that_ends_it(how: str) -> None:
    lines = says(rebuild().plan("replace:o"))[1:]
    for one in lines:
        bench = rebuild()
        bench.apply("replace:o", **{how: one})
        bench.apply("replace:o")
        assert bench.is_in_sync()
        assert bench.tenant.deleted == ["D1"]


def test_68_a_replace_is_killed_anywhere_and_turned_back() -> None:
    for one in says(rebuild().plan("replace:o"))[1:]:
        bench = rebuild()
        bench.apply("replace:o", killed_before=one)
        bench.declare("o", {"a": {"x.csv": "x:5", "y.csv": "y:6"}, "b": {"z.csv": "z:7"}})
        bench.apply("delete:o")
        assert bench.is_in_sync()
        assert bench.id_of("o") == "D1"


@pytest.mark.parametrize("how", ["killed_before", "lost"])
def test_69_removing_two_datasets_is_killed_anywhere(how: str) -> None:
    def removing() -> Bench:
        bench = Bench()
        for key in "abc":
            bench.declare(key, RENT)
        bench.apply()
        bench.undeclare("a")
        bench.undeclare("b")
        return bench

    assert killed_anywhere(removing, "delete:*", how=how) == 2


@pytest.mark.parametrize("how", ["killed_before", "lost"])
def test_70_a_change_of_several_files_is_killed_anywhere(how: str) -> None:
    def changing() -> Bench:
        bench = Bench()
        events(bench, a="a:1", b="b:2")
        bench.apply()
        events(bench, a="a2:3", b="b2:4", c="c:5")
        return bench

    assert killed_anywhere(changing, how=how) == 3


def test_71_a_killed_run_is_killed_again_and_again() -> None:
    bench = first_run()
    rest = says(bench.plan())
    while rest:
        if len(rest) > 1:
            bench.apply(killed_before=rest[1])
        else:
            bench.apply()
        rest = says(bench.plan())
    assert bench.is_in_sync()


def test_72_destroy_after_everything_leaves_an_empty_tenant() -> None:
    bench = rebuild()
    bench.apply("replace:o", killed_before="upload o.b")
    bench.apply("delete:*", destroy=True)
    assert not bench.tenant.datasets
    assert of(rebuild().plan("delete:*", destroy=True), "o").block is None
