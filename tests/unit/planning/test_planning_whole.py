"""What looks at a whole plan: consents, guards, selection, order, digests, and plans of a special kind."""

import pytest
from msgspec.structs import replace
from planning_bench import BINDING, Bench, allowed, of, says, ways

from pmsync.errors import InputError
from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.plan import NoOp, Upload
from pmsync.model.reason import BlockCode
from pmsync.model.snapshot import Snapshot
from pmsync.model.state import IntentKind, Origin
from pmsync.planning.consent import Granted, approvals_for, judge, lacking
from pmsync.planning.diff import plan as planned
from pmsync.planning.digest import applied_plan, fingerprint

EVENTS = {"events": {"jan.csv": "jan:10"}}


@pytest.fixture
def three() -> Bench:
    """`a`, `b` and `c`, each with ten rows, in sync."""
    bench = Bench()
    for key in "abc":
        bench.declare(key, {"events": {"jan.csv": f"{key}:10"}})
    bench.apply()
    return bench


# consents


def test_a_consent_is_blocked_with_the_flags_to_paste(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("p")
    settled.undeclare("o")
    plan = settled.plan()
    assert of(plan, "o").block.sentence == "needs your consent to delete and loss"
    assert ways(plan, "o") == ["pmsync apply -e dev --allow delete:o --allow loss:o"]


def test_only_what_is_lacking_is_asked_for(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("p")
    settled.undeclare("o")
    assert ways(settled.plan("delete:*"), "o") == ["pmsync apply -e dev --allow 'delete:*' --allow loss:o"]


def test_an_approval_is_bound_to_environment_address_kind_and_live_id(settled: Bench) -> None:
    settled.declare("p")
    settled.undeclare("o")
    good = Approval(environment="dev", address=Address("o"), consent=Consent.DELETE, live_id="D1")
    for bad in (
        replace(good, environment="prod"),
        replace(good, address=Address("p")),
        replace(good, consent=Consent.LOSS),
        replace(good, live_id="D9"),
    ):
        settled.approvals = frozenset({bad})
        assert of(settled.plan(), "o").block is not None
    settled.approvals = frozenset({good})
    assert of(settled.plan(), "o").block is None


def test_an_approval_is_spent_once_it_has_run(settled: Bench) -> None:
    empty, full = {"events": {"jan.csv": "empty:0"}}, {"events": {"jan.csv": "jan:10"}}
    settled.declare("o", empty)
    settled.approvals = frozenset(approvals_for(settled.plan()))
    assert settled.apply() == ["upload o.events/jan.csv no-rows needs loss"]
    settled.declare("o", full)
    settled.apply()
    settled.declare("o", empty)
    assert settled.says() == ["upload o.events/jan.csv no-rows needs loss !consent"]


def test_the_approvals_to_write_down_are_those_that_would_let_everything_run(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("p")
    settled.undeclare("o")
    settled.approvals = frozenset(approvals_for(settled.plan()))
    assert len(settled.approvals) == 2
    settled.apply()
    assert settled.is_in_sync()


def test_an_approval_may_choose_an_action_too(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.approvals = frozenset(of(settled.plan(), "o").offers)
    assert settled.apply()[0] == "replace o replace-asked needs replace"
    assert settled.is_in_sync()
    assert settled.state.spent == settled.approvals


def test_judging_again_lifts_blocks_of_consent_and_no_others(settled: Bench) -> None:
    settled.declare("p", protect=True)
    settled.declare("q")
    settled.declare("r")
    settled.apply()
    settled.undeclare("o")
    settled.undeclare("p")
    again = judge(settled.plan(), allow=(allowed("delete:*"),), approvals=frozenset(), spent=frozenset())
    assert says(again) == ["delete o removed needs delete", "delete p removed needs delete !protected"]


def test_what_lacks_nothing_lacks_nothing(settled: Bench) -> None:
    change = of(settled.plan(), "o")
    assert lacking(change, Granted(environment="dev")) == ()


# guards


def test_more_than_half_of_the_datasets_gone_is_doubted(three: Bench) -> None:
    for key in "ab":
        three.tenant.delete_dataset(three.tenant.dataset(key).id)
    plan = three.plan("recreate:a", "recreate:b")
    assert says(plan) == [
        "create a gone needs recreate !decision",
        "create b gone needs recreate !decision",
        "create a.events rebuilt",
        "create b.events rebuilt",
        "upload a.events/jan.csv rebuilt",
        "upload b.events/jan.csv rebuilt",
    ]
    assert ways(plan, "a") == ["pmsync plan -e dev", "pmsync apply -e dev --allow 'recreate:*'"]
    three.apply("recreate:*")
    assert three.is_in_sync()


def test_half_of_the_datasets_gone_is_believed(three: Bench) -> None:
    three.declare("d")
    three.apply()
    for key in "ab":
        three.tenant.delete_dataset(three.tenant.dataset(key).id)
    assert of(three.plan("recreate:a"), "a").block is None


def test_a_single_dataset_that_is_gone_is_believed(settled: Bench) -> None:
    settled.tenant.delete_dataset("D1")
    assert of(settled.plan("recreate:o"), "o").block is None


def test_ids_with_an_open_intent_do_not_count_as_gone(three: Bench) -> None:
    for key in "ab":
        three.intend(IntentKind.DELETE, key, target_id=three.id_of(key))
        three.tenant.delete_dataset(three.tenant.dataset(key).id)
    three.tenant.delete_dataset(three.tenant.dataset("c").id)
    assert of(three.plan("recreate:c"), "c").block is None


def test_what_an_earlier_run_deleted_is_beyond_doubt(three: Bench) -> None:
    three.declare("d")
    three.apply()
    three.intend(IntentKind.DELETE, "a", target_id=three.id_of("a"))
    for key in "abcd":
        three.tenant.delete_dataset(three.tenant.dataset(key).id)
    three.undeclare("a")
    three.undeclare("b")
    assert [one for one in three.says("recreate:c", "recreate:d") if "events" not in one] == [
        "create c gone needs recreate !decision",
        "create d gone needs recreate !decision",
        "forget a settled",
        "forget b removed-retained !decision",
    ]


def test_what_would_be_forgotten_because_it_is_gone_is_doubted_too(three: Bench) -> None:
    three.apply()
    three.undeclare("a")
    shown = Snapshot(datasets={three.id_of("c"): three.tenant.snapshot().datasets[three.id_of("c")]})
    plan = three.plan("recreate:b", tenant_shows=lambda: shown)
    assert "forget a removed-retained !decision" in says(plan)
    assert "create b gone needs recreate !decision" in says(plan)


def test_nothing_is_made_under_the_name_of_what_is_doubted_even_under_a_new_key(three: Bench) -> None:
    three.undeclare("a")
    three.declare("z", {"events": {"jan.csv": "z:3"}}, name="a")
    three.declare("y")
    shown = Snapshot(datasets={three.id_of("c"): three.tenant.snapshot().datasets[three.id_of("c")]})
    plan = three.plan(tenant_shows=lambda: shown)
    assert "create z new !decision" in says(plan)
    assert "create y new" in says(plan)


def test_a_doubted_half_of_a_rebuild_does_not_turn_back(three: Bench) -> None:
    three.declare("a", {"events": {"jan.csv": "a:10"}}, name="A")
    three.apply("replace:a", killed_before="delete a")
    for key in ("A", "b", "c"):
        three.tenant.delete_dataset(three.tenant.dataset(key).id)
    assert not [one for one in three.says() if "reverted" in one]
    assert "record a replace-reverted" in three.says("recreate:*")


def test_an_empty_listing_creates_and_forgets_nothing(three: Bench) -> None:
    three.undeclare("a")
    plan = three.plan("recreate:b", "recreate:c", tenant_shows=Snapshot)
    assert {change.block.code for change in plan.steps if change.address.kind == "dataset"} == {
        BlockCode.DECISION
    }


def test_max_deletes_caps_deletes_and_replaces_together(three: Bench) -> None:
    three.limits(max_deletes=1)
    three.undeclare("a")
    three.declare("b", {"events": {"jan.csv": "b:10"}}, name="B")
    plan = three.plan("delete:a", "replace:b")
    assert [one for one in says(plan) if "!limit" in one] == [
        "replace b replace-asked needs replace !limit",
        "delete a removed needs delete !limit",
        "delete b replaced needs replace !limit",
    ]
    assert ways(plan, "a") == ["limits: {maxDeletes: 2}"]
    agree = "pmsync apply -e dev --allow replace:b --allow delete:a"
    assert ways(three.plan("replace:b"), "a") == [f"limits: {{maxDeletes: 2}} → {agree}"]
    three.limits(max_deletes=2)
    assert not three.plan("delete:a", "replace:b").blocked


def test_max_deletes_counts_the_end_of_an_earlier_replace(three: Bench) -> None:
    three.declare("b", {"events": {"jan.csv": "b:10"}}, name="B")
    three.apply("replace:b", killed_before="delete b")
    three.limits(max_deletes=0)
    assert three.says("replace:b") == ["delete b replaced needs replace !limit"]
    assert three.says() == ["delete b replaced needs replace !pending"]


def test_max_deletes_looks_beyond_the_selection(three: Bench) -> None:
    three.limits(max_deletes=1)
    three.undeclare("a")
    three.undeclare("b")
    assert three.says("delete:*", select=("a",)) == ["delete a removed needs delete !limit"]


def test_forgetting_is_no_deletion(three: Bench) -> None:
    three.limits(max_deletes=0)
    three.declare("a", {"events": {"jan.csv": "a:10"}}, on_removal=OnRemoval.RETAIN)
    three.apply()
    three.undeclare("a")
    assert three.apply() == ["forget a removed-retained"]


def test_max_upload_bytes_caps_all_uploads_together(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:5", "mar.csv": "mar:5"}})
    settled.limits(max_upload_bytes=1019)
    plan = settled.plan()
    assert says(plan) == ["upload o.events/feb.csv new !limit", "upload o.events/mar.csv new !limit"]
    assert ways(plan, "o.events/feb.csv") == ["limits: {maxUploadBytes: 1020}"]
    settled.limits(max_upload_bytes=1020)
    assert not settled.plan().blocked


# selection


def test_a_selection_brings_its_dependencies_and_what_is_below(bench: Bench) -> None:
    bench.declare("o", EVENTS, folder="Finance")
    bench.declare("p", EVENTS)
    everything_of_o = [
        "create folder:Finance new",
        "create o new",
        "create o.events new",
        "upload o.events/jan.csv new",
    ]
    assert bench.says(select=("o.events/jan.csv",)) == everything_of_o
    assert bench.says(select=("o",)) == everything_of_o


def test_a_folder_may_be_selected_by_itself(bench: Bench) -> None:
    bench.declare("o", EVENTS, folder="Finance/AR")
    assert bench.says(select=("folder:*",)) == ["create folder:Finance new", "create folder:Finance/AR new"]


def test_what_depends_on_what_is_excluded_is_excluded_too(bench: Bench) -> None:
    bench.declare("o", EVENTS, folder="Finance")
    bench.declare("p", EVENTS)
    bench.declare("q", EVENTS, folder="Finance")
    only_p = ["create p new", "create p.events new", "upload p.events/jan.csv new"]
    assert bench.says(exclude=("o", "q")) == only_p
    assert bench.says(exclude=("folder:Finance",)) == only_p
    assert bench.says(exclude=("q.events",))[-2:] == [
        "upload o.events/jan.csv new",
        "upload p.events/jan.csv new",
    ]


def test_a_blocked_change_outside_the_selection_does_not_stop_it(three: Bench) -> None:
    three.undeclare("a")
    three.declare("b", {"events": {"jan.csv": "b2:11"}})
    assert three.apply(select=("b",)) == ["upload b.events/jan.csv changed"]
    assert three.apply("delete:a", exclude=("zzz",)) == ["delete a removed needs delete"]


def test_a_delete_is_selected_only_by_its_own_address(three: Bench) -> None:
    three.undeclare("a")
    assert three.says(select=("a.*",)) == []
    assert three.says(select=("a",)) == ["delete a removed needs delete !consent"]
    assert three.says(select=("b",)) == []


def test_selecting_inside_a_replace_selects_all_of_it_and_excluding_excludes_all(three: Bench) -> None:
    three.declare("a", {"events": {"jan.csv": "a:10"}}, name="A")
    whole = three.says("replace:a")
    assert len(whole) == 4
    assert three.says("replace:a", select=("a.events/jan.csv",)) == whole
    assert three.says("replace:a", exclude=("a.events/jan.csv",)) == []


def test_selecting_inside_an_unfinished_replace_selects_all_of_it(three: Bench) -> None:
    three.declare("a", {"events": {"jan.csv": "a:10"}, "x": {"x.csv": "x:1"}}, name="A")
    three.apply("replace:a", "loss:a", killed_before="upload a.x")
    assert three.says(select=("a.x",)) == [
        "record a.events/jan.csv rows-seen",
        "upload a.x/x.csv new",
        "delete a replaced needs replace !pending",
    ]


def test_what_moved_comes_along_with_what_is_below_it(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("p", {"events": {"jan.csv": "jan2:11"}, "new": None}, name="o")
    assert settled.says(select=("p.new",)) == ["move p key-changed", "create p.new new"]
    assert settled.says(exclude=("p",)) == []


def test_what_was_found_again_comes_along_with_what_is_below_it(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10"}, "more": None})
    bench.apply(lost="create o new")
    assert bench.says(select=("o.more",)) == ["record o settled", "create o.more new"]


def test_limits_and_notes_are_about_everything(three: Bench) -> None:
    three.tenant.create_dataset("a")
    assert len(three.plan(select=("b",)).notes) == 1


# refresh-only


def test_refresh_only_writes_down_what_is_seen_and_nothing_else(three: Bench) -> None:
    three.tenant.dataset("a").name = "A"
    three.declare("a", {"events": {"jan.csv": "a2:11"}}, name="A")
    three.declare("d")
    three.undeclare("b")
    assert three.apply(refresh_only=True) == ["record a renamed-everywhere"]


def test_refresh_only_shows_what_is_gone_or_differs_as_drift(three: Bench) -> None:
    three.tenant.delete_dataset(three.id_of("a"))
    three.tenant.dataset("b").name = "theirs"
    three.tenant.add_rows("c", "events", 3)
    three.declare("c", {"events": {"jan.csv": "c:10", "feb.csv": "f:1"}})
    plan = three.plan(refresh_only=True)
    assert says(plan) == []
    assert [change.address for change in plan.drifted] == ["a", "b", "c.events"]


def test_rows_on_their_way_are_no_drift(bench: Bench) -> None:
    bench.declare("o", EVENTS)
    bench.tenant.lags = True
    bench.apply()
    assert bench.plan(refresh_only=True).drifted == ()


# --no-data


def test_without_looking_at_sources_in_sync_is_in_sync(settled: Bench) -> None:
    plan = settled.plan(no_data=True)
    assert says(plan) == []
    assert plan.leftovers == ()


def test_without_looking_at_sources_nothing_is_rebuilt(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    plan = settled.plan("replace:o", "loss:o", no_data=True)
    assert says(plan)[0] == "replace o replace-asked needs replace,loss !no-data"
    settled.tenant.delete_dataset("D1")
    assert settled.says("recreate:o", "loss:o", no_data=True)[0] == (
        "create o gone-sources-missing needs recreate,loss !no-data"
    )


def test_without_looking_at_sources_a_datatable_is_not_rebuilt(settled: Bench) -> None:
    del settled.tenant.tables["T2"]
    assert settled.says("recreate:*", "loss:*", no_data=True) == [
        "create o.events gone-sources-missing needs recreate,loss !no-data"
    ]


def test_without_looking_at_sources_no_replace_is_ended(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="delete o")
    assert settled.says("loss:o", no_data=True) == ["delete o replaced needs replace,loss !no-data"]


def test_without_looking_at_sources_a_delete_counts_everything_as_lost(three: Bench) -> None:
    three.undeclare("a")
    assert three.says(no_data=True) == ["delete a removed needs delete,loss !consent"]


# destroy


def test_destroy_deletes_what_was_made_and_forgets_what_was_adopted_or_is_retained(three: Bench) -> None:
    three.tenant.create_dataset("theirs")
    three.declare("theirs", on_removal=OnRemoval.DELETE)
    three.declare("c", {"events": {"jan.csv": "c:10"}}, on_removal=OnRemoval.RETAIN)
    three.apply("adopt:*")
    assert three.apply("delete:*", destroy=True) == [
        "delete a destroy needs delete",
        "delete b destroy needs delete",
        "forget c destroy",
        "forget theirs destroy",
    ]
    assert sorted(one.name for one in three.tenant.datasets.values()) == ["c", "theirs"]
    assert three.says(destroy=True) == []


def test_destroy_takes_both_halves_of_an_unfinished_replace(three: Bench) -> None:
    three.declare("a", {"events": {"jan.csv": "a:10"}}, name="A")
    three.apply("replace:a", killed_before="delete a")
    assert three.says("delete:*", destroy=True)[:2] == ["delete a destroy needs delete"] * 2
    three.apply("delete:*", destroy=True)
    assert not three.tenant.datasets


def test_destroy_keeps_an_adopted_old_half(bench: Bench) -> None:
    bench.tenant.create_dataset("o")
    bench.declare("o", on_removal=OnRemoval.DELETE)
    bench.apply("adopt:o")
    bench.declare("o", name="Sales", on_removal=OnRemoval.DELETE)
    bench.apply("replace:o", killed_before="delete o")
    bench.apply("delete:o", destroy=True)
    assert [one.name for one in bench.tenant.datasets.values()] == ["o"]


def test_destroy_refuses_whole_if_one_is_protected(three: Bench) -> None:
    three.declare("b", {"events": {"jan.csv": "b:10"}}, protect=True)
    three.apply()
    plan = three.plan("delete:*", destroy=True)
    assert {change.block.code for change in plan.steps} == {BlockCode.PROTECTED}
    assert of(plan, "a").block.sentence == "nothing is destroyed while b is protected"


def test_destroy_needs_loss_for_what_is_not_here(three: Bench) -> None:
    three.tenant.add_rows("a", "events", 3)
    assert three.says(destroy=True)[0] == "delete a destroy needs delete,loss !consent"


def test_destroy_lists_the_folders_it_cannot_delete(bench: Bench) -> None:
    bench.tenant.create_folder("Adopted")
    bench.declare("o", folder="Adopted/Made")
    bench.apply()
    assert [left.address for left in bench.plan(destroy=True).leftovers] == ["folder:Adopted/Made"]


def test_destroy_does_not_ask_the_manifests(settled: Bench) -> None:
    settled.behaves("replaces", "replaces")
    settled.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:9"}})
    with pytest.raises(InputError):
        settled.plan()
    assert settled.says(destroy=True) == ["delete o destroy needs delete !consent"]


# order


def test_a_plan_runs_from_what_is_written_down_to_what_cannot_be_undone(three: Bench) -> None:
    three.undeclare("a")
    three.undeclare("b")
    three.declare("b2", {"events": {"jan.csv": "b:10"}}, name="b")
    three.declare("c", {"events": {"jan.csv": "c2:11"}, "more": None}, on_removal=OnRemoval.RETAIN)
    three.declare("d", EVENTS, folder="Finance")
    assert three.says("delete:a") == [
        "move b2 key-changed",
        "record c settings-changed",
        "create folder:Finance new",
        "create d new",
        "create c.more new",
        "create d.events new",
        "upload c.events/jan.csv changed",
        "upload d.events/jan.csv new",
        "delete a removed needs delete",
    ]


# digests


def test_equal_inputs_give_equal_digests_whatever_the_order_times_and_paths(three: Bench) -> None:
    three.undeclare("a")
    three.declare("b", {"events": {"jan.csv": "b2:11"}})
    three.declare("d", EVENTS)
    inputs = three.inputs()
    snapshot = inputs.snapshot
    moved = {
        one: tuple(
            replace(file, path=f"elsewhere/{file.path}", stamp=replace(file.stamp, mtime_ns=5, inode=7))
            for file in files
        )
        for one, files in inputs.sources.items()
    }
    shuffled = replace(
        inputs,
        manifest=replace(inputs.manifest, datasets=dict(reversed(inputs.manifest.datasets.items()))),
        sources=moved,
        snapshot=Snapshot(
            datasets=dict(reversed(snapshot.datasets.items())),
            datatables=dict(reversed(snapshot.datatables.items())),
        ),
        state=replace(inputs.state, datasets=dict(reversed(inputs.state.datasets.items()))),
    )
    first, second = planned(inputs), planned(shuffled)
    assert (first.digest, first.structure_digest) == (second.digest, second.structure_digest)


def digests(bench: Bench, *allow: str, **options) -> tuple[str, str]:
    plan = bench.plan(*allow, **options)
    return plan.digest, plan.structure_digest


@pytest.mark.parametrize(
    "change",
    ["content", "tenant", "host", "lineage", "options", "name", "id", "settings"],
)
def test_a_digest_knows_everything_that_was_approved(settled: Bench, change: str) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan2:11"}}, on_removal=OnRemoval.RETAIN)
    settled.declare("p")
    inputs = settled.inputs()
    match change:
        case "content":
            settled.declare("o", {"events": {"jan.csv": "jan3:11"}}, on_removal=OnRemoval.RETAIN)
            other = settled.inputs()
        case "tenant":
            other = replace(inputs, binding=replace(BINDING, tenant_id="t-2"))
        case "host":
            other = replace(inputs, binding=replace(BINDING, host="other.example"))
        case "lineage":
            other = replace(inputs, state=replace(inputs.state, lineage="l-2"))
        case "options":
            other = replace(inputs, options=replace(inputs.options, variables=(("data", "x"),)))
        case "name":
            settled.declare("p", name="P")
            other = settled.inputs()
        case "id":
            settled.tenant.create_dataset("p")
            other = settled.inputs()
        case _:
            settled.declare(
                "o", {"events": {"jan.csv": "jan2:11"}}, protect=True, on_removal=OnRemoval.RETAIN
            )
            other = settled.inputs()
    assert planned(inputs).digest != planned(other).digest


def test_a_structure_digest_leaves_out_uploads_without_consent_and_row_counts(settled: Bench) -> None:
    settled.declare("p", EVENTS)
    settled.apply()
    settled.undeclare("p")
    settled.declare("o", {"events": {"jan.csv": "jan2:11"}})
    before = digests(settled)
    settled.declare("o", {"events": {"jan.csv": "jan3:12", "feb.csv": "feb:9"}})
    settled.tenant.table("p", "events").loads[0].rows = 9
    after = digests(settled)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_a_structure_digest_keeps_uploads_that_need_a_consent(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "empty:0"}})
    before = digests(settled)
    settled.declare("o", {"events": {"jan.csv": "other-empty:0"}})
    assert digests(settled)[1] != before[1]


def test_a_digest_does_not_know_what_is_in_sync(settled: Bench) -> None:
    before = digests(settled)
    settled.tenant.dataset("o").name = "drifted"
    assert digests(settled) == before


def test_a_digest_of_a_first_run_has_no_lineage(bench: Bench) -> None:
    bench.declare("o")
    assert bench.plan().lineage == ""


def test_every_kind_of_change_has_a_digest(three: Bench) -> None:
    three.tenant.create_dataset("d")
    three.declare("d", folder="")
    three.declare("e", folder="Finance")
    three.undeclare("a")
    three.declare("b", {"events": {"jan.csv": "b:10"}}, name="B")
    three.undeclare("c")
    three.declare("c2", {"events": {"feb.csv": "c:10"}}, name="c")
    plan = three.plan("adopt:d", "replace:b")
    assert {one.split()[0] for one in says(plan)} == {
        "adopt",
        "move",
        "create",
        "replace",
        "upload",
        "delete",
    }
    assert plan.digest.startswith("sha256:")


def test_what_was_applied_is_remembered_by_action_address_and_content(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "jan2:11"}, "more": None})
    plan = settled.plan()
    applied = applied_plan(plan)
    assert applied.digest == plan.digest
    upload = of(plan, "o.events/jan.csv")
    assert isinstance(upload, Upload)
    assert applied.changes == {"create o.more", f"upload o.events/jan.csv {upload.file.sha256}"}
    assert fingerprint(of(plan, "o.more")) == "create o.more"


# names


def test_two_environments_on_one_tenant_do_not_see_each_other(settled: Bench) -> None:
    dev = Bench(tenant=settled.tenant)
    dev.environment = replace(dev.environment, name_prefix="[dev] ")
    dev.declare("o", EVENTS)
    dev.apply()
    assert dev.is_in_sync()
    assert settled.is_in_sync()
    assert dev.plan().unmanaged == settled.plan().unmanaged == 1


def test_what_is_adopted_stays_adopted(settled: Bench) -> None:
    assert settled.state.datasets[Address("o")].origin is Origin.CREATED
    assert isinstance(of(settled.plan(), "o"), NoOp)


def test_nothing_is_crossed_out_while_the_listing_is_doubted(three: Bench) -> None:
    three.intend(IntentKind.UPLOAD, "a.t/x.csv", parent_id="T99", sha256="ab", rows=3)
    assert [entry.address for entry in three.plan().void] == ["a.t/x.csv"]
    for id_ in list(three.tenant.datasets):
        three.tenant.delete_dataset(id_)
    assert three.plan().void == ()


# half of what is known is no longer declared


@pytest.fixture
def copied(three: Bench) -> Bench:
    """A project that declares one of the three datasets that this state knows, and one of its own."""
    three.undeclare("a")
    three.undeclare("b")
    three.declare("mine")
    return three


def test_half_of_what_is_known_no_longer_declared_deletes_nothing(copied: Bench) -> None:
    plan = copied.plan("delete:a", "delete:b")
    assert says(plan) == [
        "create mine new",
        "delete a removed needs delete !decision",
        "delete b removed needs delete !decision",
    ]
    assert ways(plan, "a") == ["pmsync plan -e dev", "pmsync apply -e dev --allow 'delete:*'"]


def test_half_of_what_is_known_goes_once_somebody_says_so(copied: Bench) -> None:
    assert copied.apply("delete:*")[1:] == ["delete a removed needs delete", "delete b removed needs delete"]
    assert copied.is_in_sync()


def test_an_approval_for_each_that_is_no_longer_declared_does_as_well(copied: Bench) -> None:
    wanted = [
        Granted(environment="dev").approval(Consent.DELETE, Address(one), copied.id_of(one)) for one in "ab"
    ]
    copied.approvals = frozenset(wanted[:1])
    assert len(copied.plan().blocked) == 2
    copied.approvals = frozenset(wanted)
    assert copied.plan().blocked == ()


def test_half_of_what_is_known_is_not_even_forgotten(three: Bench) -> None:
    for key in "ab":
        three.declare(key, {"events": {"jan.csv": f"{key}:10"}}, on_removal=OnRemoval.RETAIN)
    three.apply()
    three.undeclare("a")
    three.undeclare("b")
    assert three.says() == ["forget a removed-retained !decision", "forget b removed-retained !decision"]


def test_one_of_two_that_is_no_longer_declared_is_no_half(bench: Bench) -> None:
    bench.declare("a")
    bench.declare("b")
    bench.apply()
    bench.undeclare("a")
    assert bench.says("delete:a") == ["delete a removed needs delete"]


def test_what_an_earlier_run_set_out_to_delete_does_not_count(copied: Bench) -> None:
    copied.apply("delete:*", lost="delete a")
    assert copied.says() == ["forget a settled", "delete b removed needs delete !consent"]


def test_destroy_is_held_back_neither_by_what_is_declared_nor_by_a_cap(three: Bench) -> None:
    three.limits(max_deletes=1)
    plan = three.plan("delete:*", destroy=True)
    assert (len(plan.steps), plan.blocked) == (3, ())


def test_manifests_that_hold_nothing_are_no_plan(three: Bench) -> None:
    for key in "abc":
        three.undeclare(key)
    with pytest.raises(InputError) as caught:
        three.plan("delete:*")
    assert "pmsync destroy -e dev" in caught.value.diagnostics[0].suggestion


def test_an_approval_for_each_that_is_gone_does_as_well(three: Bench) -> None:
    for key in "ab":
        three.tenant.delete_dataset(three.id_of(key))
    wanted = [
        Granted(environment="dev").approval(Consent.RECREATE, Address(one), three.id_of(one)) for one in "ab"
    ]
    three.approvals = frozenset(wanted[:1])
    assert three.plan().blocked
    three.approvals = frozenset(wanted)
    assert not three.plan().blocked


# approvals of a file


def test_an_approval_of_a_file_without_its_content_is_told_what_to_write(settled: Bench) -> None:
    settled.declare("o", {"events": {"jan.csv": "empty:0"}})
    (wanted,) = approvals_for(settled.plan())
    settled.approvals = frozenset({replace(wanted, content=None)})
    plan = settled.plan()
    assert plan.blocked
    (note,) = [one for one in plan.notes if one.address == "o.events/jan.csv"]
    assert f'write there: content: "{wanted.content}"' in note.sentence


def test_an_approval_of_yesterdays_content_is_told_so_too_where_the_flag_chooses(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 7)
    settled.declare("o", {"events": {"jan.csv": "jan:10", "feb.csv": "feb:4"}})
    (wanted,) = [one for one in of(settled.plan(), "o.events/feb.csv").offers if one.content]
    settled.approvals = frozenset({replace(wanted, content="0" * 64)})
    assert [one.address for one in settled.plan().notes] == ["o.events/feb.csv"]
    settled.approvals = frozenset({wanted})
    assert settled.plan().notes == ()
