"""REPLACE: what it needs, how it goes on, how it turns back; and what does not come back."""

import pytest
from msgspec.structs import replace
from planning_bench import Bench, says, typed

from pmsync.errors import Refused
from pmsync.model.address import Address
from pmsync.model.manifest import OnRemoval
from pmsync.model.outcome import Put, Settle
from pmsync.model.plan import Delete, Forget, Replace, Retire
from pmsync.model.state import Evidence, IntentKind, Origin

EVENTS = {"events": {"jan.csv": "jan:10"}}


def retire(plan) -> Retire:
    (found,) = [change for change in plan.changes if isinstance(change, Retire)]
    return found


@pytest.fixture
def half(settled: Bench) -> Bench:
    """`o` became `Sales`: the new half (D3) is made and filled, the old one (D1) still there."""
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="delete o")
    return settled


def test_a_rebuild_is_made_filled_and_only_then_the_old_one_goes(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    plan = settled.plan("replace:o")
    assert says(plan) == [
        "replace o replace-asked needs replace",
        "create o.events rebuilt",
        "upload o.events/jan.csv rebuilt",
        "delete o replaced needs replace",
    ]
    assert retire(plan).requires == ("o", "o.events", "o.events/jan.csv")
    settled.run(plan)
    assert settled.is_in_sync()
    assert settled.tenant.deleted == ["D1"]


def test_the_old_half_stays_while_a_file_of_the_new_one_is_only_known_in_an_older_version(
    bench: Bench,
) -> None:
    """The upload of a killed REPLACE is found in the rows, and the file has changed once more since."""
    bench.behaves("appends")
    bench.declare("o", EVENTS)
    bench.apply()
    bench.declare("o", {"events": {"jan.csv": "new:12"}})
    bench.apply("replace:o", "loss:o", lost="upload o.events/jan.csv")
    bench.declare("o", {"events": {"jan.csv": "newer:14"}})

    assert bench.apply() == ["record o.events/jan.csv settled"]

    assert bench.tenant.deleted == []
    assert bench.says() == [
        "blocked o.events/jan.csv would-double !decision",
        "delete o replaced needs replace,loss !pending",
    ]


def test_a_rebuild_needs_the_exact_address(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    assert settled.says("replace:*") == ["blocked o renamed-in-manifest !decision"]


def test_a_flag_for_a_rebuild_that_nothing_calls_for_does_nothing(settled: Bench) -> None:
    assert settled.says("replace:o") == []


def test_a_dataset_that_merely_has_leftovers_may_be_rebuilt(bench: Bench) -> None:
    bench.declare("o", {"events": {"jan.csv": "jan:10"}, "old": None})
    bench.apply()
    bench.declare("o", EVENTS)
    assert bench.says("replace:o")[0] == "replace o replace-asked needs replace,loss !consent"
    bench.apply("replace:o", "loss:o")
    assert bench.is_in_sync()
    assert bench.plan().leftovers == ()


def test_under_retain_the_old_one_is_forgotten_and_nothing_is_lost(settled: Bench) -> None:
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("o", EVENTS, on_removal=OnRemoval.RETAIN)
    settled.apply()
    settled.declare("o", EVENTS, name="Sales", on_removal=OnRemoval.RETAIN)
    assert settled.apply("replace:o")[-1] == "forget o replaced"
    assert settled.is_in_sync()
    assert settled.tenant.dataset("o")
    assert settled.tenant.deleted == []


def test_an_adopted_dataset_that_is_rebuilt_is_forgotten_and_its_successor_is_ours(bench: Bench) -> None:
    bench.tenant.create_dataset("o")
    bench.declare("o")
    bench.apply("adopt:o")
    bench.declare("o", name="Sales")
    assert bench.apply("replace:o")[-1] == "forget o replaced"
    assert bench.state.datasets[Address("o")].origin is Origin.CREATED
    assert bench.apply() == []


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("colleague", "nobody declared it"),
        ("rows", "no upload of ours explains them"),
        ("changed", "the file is gone, changed or no longer declared"),
        ("accepted", "no upload of ours explains them"),
    ],
)
def test_what_does_not_come_back_is_listed_and_needs_loss(settled: Bench, what: str, why: str) -> None:
    files = {"jan.csv": "jan:10"}
    match what:
        case "colleague":
            settled.tenant.upload(settled.tenant.create_table("D1", "theirs"), "x", "theirs", 7)
        case "rows" | "accepted":
            settled.tenant.add_rows("o", "events", 7)
        case "changed":
            files = {"jan.csv": "jan2:7"}
    if what == "accepted":
        settled.accept("o.events")
    settled.declare("o", {"events": files}, name="Sales")
    plan = settled.plan("replace:o")
    assert says(plan)[0] == "replace o replace-asked needs replace,loss !consent"
    start = of_type(plan, Replace)
    assert [loss.why for loss in start.stake.lost] == [why]
    settled.apply("replace:o", "loss:o")
    assert settled.is_in_sync()


def test_rows_that_the_tenant_does_not_count_may_not_come_back(settled: Bench) -> None:
    settled.tenant.create_table("D1", "theirs")
    settled.tenant.shows_rows = False
    settled.declare("o", {"events": {"jan.csv": "jan:10"}}, name="Sales")
    stake = of_type(settled.plan("replace:o"), Replace).stake
    assert [(loss.rows, loss.why) for loss in stake.lost] == [
        (None, "the tenant does not say how many rows it holds"),
        (None, "nobody declared it"),
    ]


def test_the_end_of_a_replace_waits_for_a_word_where_no_row_count_is_shown(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="delete o")
    record = settled.state.uploads[Address("o.events/jan.csv")]
    settled.record(Put(Address("o.events/jan.csv"), replace(record, evidence=Evidence.STORED)))
    settled.tenant.shows_rows = False
    plan = settled.plan("replace:o", "loss:o")
    assert says(plan) == ["delete o replaced needs replace,loss !waits"]
    assert typed(plan, retire(plan)) == [
        "pmsync plan -e dev",
        "pmsync apply -e dev --allow replace:o --allow loss:o --assume-uploaded 'o.events/*'",
    ]
    assert settled.says("replace:o", "loss:o", assume=["o.events/*"]) == [
        "record o.events/jan.csv assumed",
        "delete o replaced needs replace,loss",
    ]


def of_type(plan, kind):
    (found,) = [change for change in plan.changes if isinstance(change, kind)]
    return found


def test_a_protected_dataset_is_not_rebuilt(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales", protect=True)
    plan = settled.plan("replace:o")
    assert says(plan)[0] == "replace o replace-asked needs replace !protected"
    block = of_type(plan, Replace).block
    assert block.sentence == "its manifest protects it"
    assert block.remedies[0].meaning == "take protect: true out there (manifests/m.yaml:1:1)"


def test_a_rebuild_under_a_name_that_somebody_else_took_is_blocked(settled: Bench) -> None:
    settled.tenant.create_dataset("Sales")
    settled.declare("o", EVENTS, name="Sales")
    plan = settled.plan("replace:o")
    assert says(plan)[0] == "replace o replace-asked needs replace !decision"
    assert typed(plan, of_type(plan, Replace)) == ["displayName: o", "pmsync plan -e dev"]


def test_a_rebuild_beside_a_twin_knows_that_it_is_there(settled: Bench) -> None:
    settled.tenant.create_dataset("o")
    settled.behaves("appends")
    settled.declare("o", {"events": {"jan.csv": "jan2:11"}})
    start = of_type(settled.plan("replace:o", "loss:o"), Replace)
    assert (start.block, start.beside) == (None, ("D3",))


# killed and gone on


@pytest.mark.parametrize("point", ["create o.events", "upload o.events", "delete o"])
def test_a_killed_rebuild_goes_on_where_it_was_and_its_end_is_agreed_to_anew(
    settled: Bench, point: str
) -> None:
    settled.tenant.add_rows("o", "events", 3)
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", "loss:o", killed_before=point)
    assert settled.says()[-1] == "delete o replaced needs replace,loss !pending"
    assert settled.apply("replace:o", "loss:o")[-1] == "delete o replaced needs replace,loss"
    assert settled.is_in_sync()
    assert settled.tenant.deleted == ["D1"]


def test_a_rebuild_whose_last_answer_was_lost_only_notes_that_the_old_half_is_gone(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", lost="delete o")
    (forget,) = [change for change in settled.plan().changes if isinstance(change, Forget)]
    assert Settle(IntentKind.DELETE, Address("o")) in forget.entries
    assert settled.apply() == ["forget o replaced"]
    assert settled.is_in_sync()


def test_rows_that_came_into_the_old_half_since_are_asked_about(half: Bench) -> None:
    half.tenant.add_rows("o", "events", 3)
    assert half.says() == ["delete o replaced needs replace,loss !pending"]
    half.apply("replace:o", "loss:o")
    assert half.is_in_sync()


def test_an_old_half_that_is_protected_since_stays(half: Bench) -> None:
    half.declare("o", EVENTS, name="Sales", protect=True)
    assert half.says() == ["record o settings-changed", "delete o replaced needs replace !protected"]


def test_a_retained_old_half_is_forgotten_by_the_run_that_goes_on(settled: Bench) -> None:
    settled.declare("o", EVENTS, on_removal=OnRemoval.RETAIN)
    settled.apply()
    settled.declare("o", EVENTS, name="Sales", on_removal=OnRemoval.RETAIN)
    settled.apply("replace:o", killed_before="upload o.events")
    assert settled.apply() == ["upload o.events/jan.csv new", "forget o replaced"]
    assert settled.is_in_sync()


def test_a_new_half_whose_rows_never_show_is_accepted_in_two_steps(half: Bench) -> None:
    unseen = replace(half.state.uploads[Address("o.events/jan.csv")], evidence=Evidence.STORED)
    half.record(Put(Address("o.events/jan.csv"), unseen))
    half.tenant.lose_rows("Sales", "events", 4)
    plan = half.plan()
    assert "pmsync state accept o.events -e dev" not in typed(plan, retire(plan))
    with pytest.raises(Refused, match=r"jan\.csv"):
        half.accept("o.events")
    half.apply(assume=("o.events/jan.csv",), safe_only=True)
    half.accept("o.events")
    assert half.apply("replace:o", "loss:o") == ["delete o replaced needs replace"]
    assert half.is_in_sync()


def test_the_old_half_stays_while_the_new_one_is_not_full(half: Bench) -> None:
    half.tenant.lose_rows("Sales", "events", 4)
    plan = half.plan()
    assert says(plan) == ["delete o replaced needs replace !waits"]
    assert typed(plan, retire(plan)) == [
        "pmsync plan -e dev",
        "pmsync apply -e dev --reupload 'o.events/*'",
        "pmsync state accept o.events -e dev",
    ]
    half.apply("replace:o", reupload=["o.events/*"])
    assert half.is_in_sync()


def test_rows_of_the_new_half_are_awaited_though_rows_are_not_verified(settled: Bench) -> None:
    settled.verifies(rows=False)
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="delete o")
    record = settled.state.uploads[Address("o.events/jan.csv")]
    settled.record(Put(Address("o.events/jan.csv"), replace(record, evidence=Evidence.STORED)))
    assert settled.says() == [
        "record o.events/jan.csv rows-seen",
        "delete o replaced needs replace !pending",
    ]
    settled.tenant.lose_rows("Sales", "events", 4)
    assert settled.says() == [
        "blocked o.events/jan.csv unconfirmed !unconfirmed",
        "delete o replaced needs replace !waits",
    ]


def test_a_second_rename_waits_for_the_end_of_the_first(half: Bench) -> None:
    half.declare("o", EVENTS, name="Third")
    plan = half.plan("replace:o")
    assert says(plan) == ["blocked o renamed-in-manifest !decision", "delete o replaced needs replace"]
    assert typed(plan, plan.steps[0]) == [
        "pmsync plan -e dev",
        "pmsync apply -e dev --allow replace:o --safe-only",
    ]


def test_an_old_half_with_another_name_by_now_is_deleted_under_that_name(half: Bench) -> None:
    half.tenant.dataset("o").name = "o (old)"
    assert retire(half.plan()).display_name == "o (old)"


# turned back


def test_the_old_manifest_again_turns_back_and_the_new_half_is_a_delete(half: Bench) -> None:
    half.declare("o", EVENTS)
    assert half.says() == ["record o replace-reverted", "delete o replace-reverted needs delete !consent"]
    half.apply("delete:o")
    assert half.is_in_sync()
    assert half.id_of("o") == "D1"
    assert half.tenant.deleted == ["D3"]


def test_a_lost_datatable_of_the_new_half_is_found_before_it_is_turned_back(settled: Bench) -> None:
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", lost="create o.events")
    settled.declare("o", EVENTS)
    assert settled.says() == [
        "record o.events settled",
        "record o replace-reverted",
        "delete o replace-reverted needs delete !consent",
    ]
    settled.apply("delete:o")
    assert settled.is_in_sync()
    assert settled.tenant.tables[settled.id_of("o.events")].dataset_id == settled.id_of("o") == "D1"


def test_what_is_lost_with_the_new_half_is_asked_about(half: Bench) -> None:
    half.tenant.add_rows("Sales", "events", 3)
    half.declare("o", EVENTS)
    assert half.says()[-1] == "delete o replace-reverted needs delete,loss !consent"


def test_a_rebuild_under_a_new_key_turns_back_too(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("sales", EVENTS, name="Sales")
    settled.apply("replace:sales", killed_before="delete sales")
    settled.undeclare("sales")
    settled.declare("o", EVENTS)
    assert settled.apply("delete:o") == [
        "record o replace-reverted",
        "delete o replace-reverted needs delete",
    ]
    assert settled.is_in_sync()
    assert settled.state.datatables.keys() == {"o.events"}


def test_a_rebuild_under_a_new_key_does_not_turn_back_while_that_key_is_declared(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("sales", EVENTS, name="Sales")
    settled.apply("replace:sales", killed_before="delete sales")
    settled.declare("o", EVENTS)
    assert "blocked o claimed !decision" in settled.says()


def test_a_new_half_that_vanished_turns_back_to_the_old_one(half: Bench) -> None:
    half.tenant.delete_dataset("D3")
    assert half.says() == ["record o replace-reverted", "blocked o renamed-in-manifest !decision"]
    half.apply(safe_only=True)
    assert half.id_of("o") == "D1"
    half.apply("replace:o")
    assert half.is_in_sync()


def test_a_new_half_that_vanished_stays_when_its_old_address_is_taken(settled: Bench) -> None:
    settled.undeclare("o")
    settled.declare("sales", EVENTS, name="Sales")
    settled.apply("replace:sales", killed_before="delete sales")
    record = settled.state.datasets[Address("sales")]
    settled.record(Put(Address("o"), replace(record, id="D9", superseded=None)))
    settled.tenant.create_dataset("Other")
    settled.declare("o", name="o2")
    settled.tenant.delete_dataset(record.id)
    assert not [one for one in settled.says() if "reverted" in one]


def test_both_halves_gone_are_made_again_like_anything_that_is_gone(half: Bench) -> None:
    half.tenant.delete_dataset("D1")
    half.tenant.delete_dataset("D3")
    assert half.says()[0] == "create o gone needs recreate !consent"
    half.apply("recreate:o")
    assert half.is_in_sync()


def test_both_halves_gone_and_made_again_are_not_made_twice_when_that_answer_was_lost(half: Bench) -> None:
    half.tenant.delete_dataset("D1")
    half.tenant.delete_dataset("D3")
    half.apply("recreate:o", lost="create o gone")
    assert half.apply()[0] == "record o settled"
    assert [one.display_name for one in half.tenant.snapshot().datasets.values()] == ["Sales"]


# no longer wanted at all


def test_when_neither_half_is_declared_both_go_the_old_one_first(half: Bench) -> None:
    half.declare("p")
    half.undeclare("o")
    plan = half.plan()
    deletes = [change for change in plan.changes if isinstance(change, Delete)]
    assert [change.live_id for change in deletes] == ["D1", "D3"]
    assert [change.requires for change in deletes] == [(), ("o",)]
    half.apply("delete:o")
    assert half.is_in_sync()
    assert half.tenant.deleted == ["D1", "D3"]


def test_the_record_is_kept_while_the_old_half_may_not_go(half: Bench) -> None:
    half.declare("p")
    half.undeclare("o")
    half.tenant.add_rows("o", "events", 3)
    half.approvals = frozenset()
    assert [one for one in half.says("delete:o") if "delete" in one] == [
        "delete o removed needs delete,loss !consent",
        "delete o removed needs delete",
    ]
    half.apply("delete:o", safe_only=True)
    assert Address("o") in half.state.datasets
    assert half.tenant.deleted == []


def test_a_retained_old_half_is_forgotten_with_its_record(settled: Bench) -> None:
    settled.declare("o", EVENTS, on_removal=OnRemoval.RETAIN)
    settled.apply()
    settled.declare("o", EVENTS, name="Sales")
    settled.apply("replace:o", killed_before="forget o")
    settled.declare("p")
    settled.undeclare("o")
    assert settled.apply("delete:o") == ["create p new", "delete o removed needs delete"]
    assert settled.tenant.dataset("o")


def test_an_unfinished_rebuild_is_told_from_one_that_was_turned_back(half: Bench) -> None:
    old = half.state.datasets[Address("o")].superseded
    assert old is not None
    assert not old.reverted
