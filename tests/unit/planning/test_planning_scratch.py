"""Scratch datasets of `doctor --probe`: whatever it left goes with the next plan, and nothing else does."""

import pytest
from msgspec.structs import replace
from planning_bench import Bench, of, says

from pmsync.errors import Refused
from pmsync.model.address import Address
from pmsync.model.manifest import OnRemoval
from pmsync.model.outcome import Put
from pmsync.model.plan import Delete, RecordState
from pmsync.model.state import DatasetRecord, IntentKind, Origin
from pmsync.planning.edits import accept, move
from pmsync.planning.inputs import look_at
from pmsync.planning.naming import scratch_name
from pmsync.planning.scratch import scratch, scratch_left

NAME = scratch_name("1")


def leave(bench: Bench, address: str = "_probe", name: str = NAME) -> str:
    """A scratch dataset with a datatable that holds rows, as a killed probe leaves it; its id."""
    live_id = bench.tenant.create_dataset(name)
    bench.tenant.create_table(live_id, "same")
    record = DatasetRecord(
        id=live_id,
        display_name=name,
        folder=(),
        origin=Origin.CREATED,
        protect=False,
        on_removal=OnRemoval.DELETE,
    )
    bench.record(Put(Address(address), record))
    return live_id


def run_to_the_letter(bench: Bench) -> list[str]:
    """Run a plan of such changes, writing down its entries and nothing besides; what the plan said."""
    plan = bench.plan()
    bench.record(*plan.void)
    for change in plan.steps:
        assert isinstance(change, RecordState | Delete)
        if isinstance(change, Delete):
            bench.tenant.delete_dataset(change.live_id)
        bench.record(*change.entries)
    return says(plan)


def test_it_goes_without_a_question_and_says_whose_it_is(settled: Bench) -> None:
    leave(settled)
    plan = settled.plan()
    assert says(plan) == ["delete _probe probe"]
    assert of(plan, "_probe").reason.sentence.startswith("left by doctor --probe")
    settled.run(plan)
    assert settled.is_in_sync()
    assert [one.name for one in settled.tenant.datasets.values()] == ["o"]


def test_both_halves_of_the_question_about_names_go(settled: Bench) -> None:
    leave(settled, "_probe")
    leave(settled, "_probe-twin")
    assert settled.apply() == ["delete _probe probe", "delete _probe-twin probe"]
    assert settled.is_in_sync()


def test_a_cap_on_deletes_neither_counts_it_nor_holds_it_back(settled: Bench) -> None:
    settled.limits(max_deletes=1)
    leave(settled, "_probe")
    leave(settled, "_probe-twin")
    settled.declare("p")
    settled.undeclare("o")
    assert settled.says("delete:o") == [
        "create p new",
        "delete _probe probe",
        "delete _probe-twin probe",
        "delete o removed needs delete",
    ]
    settled.limits(max_deletes=0)
    assert settled.says("delete:o")[1:] == [
        "delete _probe probe",
        "delete _probe-twin probe",
        "delete o removed needs delete !limit",
    ]


def test_a_protected_environment_does_not_protect_it(settled: Bench) -> None:
    leave(settled)
    settled.environment = replace(settled.environment, protect=True)
    assert "delete _probe probe" in settled.says()
    destroyed = settled.says(destroy=True)
    assert "delete _probe probe" in destroyed
    assert [one for one in destroyed if "!protected" in one] == ["delete o destroy needs delete !protected"]


def test_destroy_takes_it_along(settled: Bench) -> None:
    leave(settled)
    assert settled.says(destroy=True) == ["delete _probe probe", "delete o destroy needs delete !consent"]


def test_one_that_is_gone_is_forgotten_and_casts_no_doubt_on_the_listing(settled: Bench) -> None:
    for address in ("_probe", "_probe-twin"):
        settled.tenant.delete_dataset(leave(settled, address))
    assert settled.apply() == ["forget _probe removed-retained", "forget _probe-twin removed-retained"]
    assert settled.is_in_sync()


def test_what_is_gone_is_in_doubt_however_many_scratch_datasets_are_there(bench: Bench) -> None:
    for key in ("a", "b"):
        bench.declare(key)
    bench.apply()
    for address in ("_probe", "_probe-twin"):
        leave(bench, address)
    for key in ("a", "b"):
        bench.tenant.delete_dataset(bench.id_of(key))
    assert bench.says("recreate:a", "recreate:b") == [
        "create a gone needs recreate !decision",
        "create b gone needs recreate !decision",
        "delete _probe probe",
        "delete _probe-twin probe",
    ]


def test_one_that_somebody_renamed_needs_their_consent(settled: Bench) -> None:
    settled.tenant.datasets[leave(settled)].name = "mine now"
    assert settled.says() == ["delete _probe removed needs delete,loss !consent"]
    assert scratch(settled.inputs()).changes == ()


def test_a_manifest_that_takes_its_name_does_not_take_it_over(settled: Bench) -> None:
    leave(settled)
    settled.declare("mine", name=NAME)
    assert settled.says() == ["blocked mine claimed !decision", "delete _probe probe"]


def test_a_lost_create_of_it_is_settled_and_what_it_made_goes(settled: Bench) -> None:
    settled.tenant.create_dataset(NAME)
    settled.intend(IntentKind.CREATE_DATASET, "_probe", display_name=NAME)
    assert settled.apply() == ["record _probe settled", "delete _probe probe"]
    assert settled.is_in_sync()
    assert len(settled.tenant.datasets) == 1


def test_a_lost_create_that_came_twice_leaves_nothing_after_two_plans(settled: Bench) -> None:
    for _ in range(2):
        settled.tenant.create_dataset(NAME)
    settled.intend(IntentKind.CREATE_DATASET, "_probe", display_name=NAME)
    assert [run_to_the_letter(settled), run_to_the_letter(settled)] == [
        ["record _probe settled", "delete _probe probe"],
        ["record _probe settled", "delete _probe probe"],
    ]
    assert settled.state is not None
    assert settled.state.intents == ()
    assert settled.is_in_sync()
    assert len(settled.tenant.datasets) == 1


def test_its_datatables_and_uploads_settle_with_it(settled: Bench) -> None:
    live_id = leave(settled)
    table = settled.tenant.create_table(live_id, "other")
    settled.intend(IntentKind.CREATE_DATATABLE, "_probe.other", display_name="other", parent_id=live_id)
    settled.intend(IntentKind.UPLOAD, "_probe.other/probe.csv", display_name="probe.csv", parent_id=table)
    assert run_to_the_letter(settled) == ["record _probe.other settled", "delete _probe probe"]
    assert settled.state is not None
    assert scratch_left(settled.state) == ()
    assert settled.is_in_sync()


def test_alone_it_is_only_what_stands_at_reserved_addresses(settled: Bench) -> None:
    leave(settled)
    settled.undeclare("o")
    settled.intend(IntentKind.CREATE_DATASET, "p", display_name="p")
    settled.intend(IntentKind.CREATE_DATASET, "_probe-twin", display_name=NAME)
    found = scratch(settled.inputs())
    assert [(type(one), one.address) for one in found.changes] == [(Delete, "_probe")]
    assert [entry.address for entry in found.void] == ["_probe-twin"]
    assert settled.state is not None
    assert scratch_left(settled.state) == ("_probe", "_probe-twin")


def test_nothing_of_the_users_can_be_brought_to_a_reserved_address(settled: Bench) -> None:
    assert settled.state is not None
    with pytest.raises(Refused, match="scratch"):
        move(settled.state, Address("o"), Address("_probe"))
    leave(settled)
    with pytest.raises(Refused, match="scratch"):
        accept(look_at(settled.inputs()), Address("_probe"))
