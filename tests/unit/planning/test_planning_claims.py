"""Ids that are on record twice, and names that vouch for nothing: what a mistaken or forged state may not do."""

import pytest
from msgspec.structs import replace
from planning_bench import Bench, of, says, ways

from pmsync.model.address import Address
from pmsync.model.outcome import Put
from pmsync.model.plan import Delete, Retire
from pmsync.model.reason import BlockCode
from pmsync.model.state import DatasetRecord, FolderRecord, Origin
from pmsync.planning.claims import claims_of, why_not_ours_to_delete

EVENTS = {"events": {"jan.csv": "jan:10"}}


@pytest.fixture
def two(bench: Bench) -> Bench:
    """`o` (D1) and `p` (D3), each with a datatable and rows, and `q`."""
    bench.declare("o", EVENTS)
    bench.declare("p", {"events": {"jan.csv": "p:10"}})
    bench.declare("q")
    bench.apply()
    return bench


def record(bench: Bench, key: str) -> DatasetRecord:
    assert bench.state is not None
    return bench.state.datasets[Address(key)]


def blocks(bench: Bench, *allow: str) -> list[str]:
    return [line for line in bench.says(*allow) if "!claimed" in line]


def forged_half(bench: Bench, live_id: str) -> None:
    """A state that calls this dataset the old half of a REPLACE of `o`."""
    bench.declare("o", EVENTS, name="Sales")
    bench.apply("replace:o", killed_before="delete o")
    half = record(bench, "o")
    assert half.superseded is not None
    bench.record(Put(Address("o"), replace(half, superseded=replace(half.superseded, id=live_id))))


def test_an_old_half_that_is_another_dataset_on_record_is_not_deleted(two: Bench) -> None:
    forged_half(two, two.id_of("p"))
    assert blocks(two, "replace:o", "loss:o") == ["delete o replaced needs replace,loss !claimed"]
    sentence = of_retire(two).block.sentence
    assert sentence == f"the state holds {two.id_of('p')} as the dataset p, so it is not deleted"


def test_an_old_half_that_is_protected_elsewhere_is_not_deleted(two: Bench) -> None:
    two.declare("p", {"events": {"jan.csv": "p:10"}}, protect=True)
    two.apply()
    forged_half(two, two.id_of("p"))
    assert "the protected dataset p" in of_retire(two).block.sentence


def test_an_old_half_that_is_the_new_one_is_not_deleted(two: Bench) -> None:
    two.declare("o", EVENTS, name="Sales")
    two.apply("replace:o", killed_before="delete o")
    forged_half(two, two.id_of("o"))
    assert blocks(two, "replace:o") == ["delete o replaced needs replace,loss !claimed"]


def of_retire(bench: Bench) -> Retire:
    (found,) = [change for change in bench.plan().changes if isinstance(change, Retire)]
    assert found.block is not None
    return found


def test_a_removed_record_with_the_id_of_a_declared_dataset_deletes_nothing(two: Bench) -> None:
    two.record(Put(Address("x"), record(two, "p")))
    assert blocks(two, "delete:x", "loss:x") == ["delete x removed needs delete,loss !claimed"]
    assert ways(two.plan(), "x") == ["pmsync state forget x -e dev"]


def test_a_removed_record_with_the_id_of_a_folder_deletes_nothing(two: Bench) -> None:
    two.record(Put(Address("folder:Fin"), FolderRecord(id=two.id_of("q"), origin=Origin.CREATED)))
    two.undeclare("q")
    assert "delete q removed needs delete !claimed" in two.says("delete:q")


def test_a_dataset_that_holds_a_datatable_of_another_is_not_deleted(two: Bench) -> None:
    assert two.state is not None
    inside = two.id_of("o.events")
    two.record(Put(Address("p.events"), replace(two.state.datatables[Address("p.events")], id=inside)))
    two.undeclare("o")
    assert of(two.plan("delete:o", "loss:o"), "o").block.sentence == (
        f"D1 holds {inside}, which the state holds as the datatable p.events, so it is not deleted"
    )


def test_a_replace_whose_old_half_could_not_go_does_not_begin(two: Bench) -> None:
    two.record(Put(Address("x"), record(two, "o")))
    two.declare("o", EVENTS, name="Sales")
    assert says(two.plan("replace:o"))[0] == "replace o replace-asked needs replace !claimed"


def test_a_forged_scratch_dataset_is_deleted_only_if_that_is_its_live_name(two: Bench) -> None:
    forged = DatasetRecord(
        id=two.tenant.create_dataset("Payroll"),
        display_name="Payroll",
        folder=(),
        origin=Origin.CREATED,
        protect=False,
        on_removal=record(two, "o").on_removal,
    )
    two.record(Put(Address("_probe"), forged))
    assert two.says() == ["delete _probe removed needs delete !consent"]


def test_a_scratch_record_with_the_id_of_a_managed_dataset_is_held_back(two: Bench) -> None:
    two.tenant.datasets[two.id_of("q")].name = "pmsync probe 1 (safe to delete)"
    two.record(Put(Address("_probe"), record(two, "q")))
    assert "delete _probe probe !claimed" in two.says()


def test_what_no_record_holds_is_nobodys_to_delete(two: Bench) -> None:
    two.undeclare("q")
    delete = of(two.plan(), "q")
    assert isinstance(delete, Delete)
    assert two.state is not None
    assert not why_not_ours_to_delete(delete, claims_of(two.state))
    nothing = claims_of(replace(two.state, datasets={}))
    assert why_not_ours_to_delete(delete, nothing) == f"the state holds {delete.live_id} as nothing"


# names


def stranger(bench: Bench, *, dataset: str, table: str) -> None:
    """Somebody's dataset, and a state in which `o` and `o.events` are said to be that."""
    theirs = bench.tenant.create_dataset(dataset)
    live = bench.tenant.create_table(theirs, table)
    bench.tenant.upload(live, "theirs.csv", "theirs", 10)
    assert bench.state is not None
    bench.record(
        Put(Address("o"), replace(record(bench, "o"), id=theirs)),
        Put(Address("o.events"), replace(bench.state.datatables[Address("o.events")], id=live)),
    )
    bench.declare("o", {"events": {"jan.csv": "jan2:12"}})


def test_nothing_goes_up_where_both_live_names_are_others(two: Bench) -> None:
    stranger(two, dataset="Payroll", table="Salaries")
    plan = two.plan()
    assert of(plan, "o.events/jan.csv").block.code is BlockCode.DECISION
    assert ways(plan, "o.events/jan.csv") == ["displayName: Payroll", "pmsync plan -e dev"]


def test_nothing_goes_up_where_the_state_says_the_strangers_names_too(two: Bench) -> None:
    stranger(two, dataset="Payroll", table="Salaries")
    two.accept("o")
    two.accept("o.events")
    assert of(two.plan(), "o.events/jan.csv").block is not None
    two.apply(safe_only=True)
    (table,) = [one for one in two.tenant.tables.values() if one.name == "Salaries"]
    assert sorted(table.contents) == ["theirs"]


def test_no_datatable_is_made_in_a_dataset_of_another_name_that_nothing_vouches_for(two: Bench) -> None:
    stranger(two, dataset="Payroll", table="Salaries")
    two.declare("o", {"events": {"jan.csv": "jan2:12"}, "new": {"n.csv": "n:3"}})
    assert of(two.plan(), "o.new").block is not None


def test_a_name_written_down_lets_uploads_go_on(two: Bench) -> None:
    stranger(two, dataset="Payroll", table="Salaries")
    two.declare("o", {"events": {"jan.csv": "jan2:12"}}, name="Payroll")
    assert of(two.plan(), "o.events/jan.csv").block is None


@pytest.mark.parametrize(("dataset", "table"), [("Orders", "events"), ("o", "Order events")])
def test_a_dataset_or_a_datatable_renamed_by_hand_is_filled_as_before(
    two: Bench, dataset: str, table: str
) -> None:
    two.tenant.dataset("o").name = dataset
    two.tenant.tables[two.id_of("o.events")].name = table
    two.declare("o", {"events": {"jan.csv": "jan2:12"}})
    assert of(two.plan(), "o.events/jan.csv").block is None


def test_beside_a_known_datatable_another_is_made(two: Bench) -> None:
    two.tenant.dataset("o").name = "Orders"
    two.declare("o", {**EVENTS, "new": {"n.csv": "n:3"}})
    assert two.says() == ["create o.new new", "upload o.new/n.csv new"]


def test_a_prefix_that_the_live_name_lacks_offers_no_name_to_write_down(two: Bench) -> None:
    two.environment = replace(two.environment, name_prefix="[dev] ")
    stranger(two, dataset="Payroll", table="Salaries")
    assert ways(two.plan(), "o.events/jan.csv") == ["pmsync plan -e dev"]
