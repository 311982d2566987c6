"""What a state belongs to: a tenant, and the place of one environment. It is never used from another."""

from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from statestore_samples import BINDING, FULL, LINEAGE, VERSION, numbers, store_in, table

from pmsync.errors import InputError, StalePlan, StateRefused
from pmsync.model.state import Owner
from pmsync.statestore.codec import encode
from pmsync.statestore.local import fresh

OWNER = Owner(project="order-to-cash", environment="prod", path="etl/pmsync.yaml")
OURS = replace(BINDING, owner=OWNER)
OTHERS = {
    "another project": replace(OWNER, project="sales"),
    "another environment": replace(OWNER, environment="dev"),
    "another folder of the work tree": replace(OWNER, path="copy/pmsync.yaml"),
}


def bound(folder, owner=OWNER):
    """A state of this owner, with a table."""
    binding = replace(BINDING, owner=owner)
    with closing(store_in(folder, binding=binding).begin(fresh(binding, LINEAGE))) as ledger:
        ledger.record([table(0)])


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_a_state_of_another_place_is_refused_and_the_way_out_is_named(tmp_path, other):
    bound(tmp_path, other)
    store = store_in(tmp_path, binding=OURS)
    with pytest.raises(StateRefused, match="it is the state of another place") as refusal:
        store.read()
    assert refusal.value.exit_code == 3
    assert f"pmsync state rebind {other}" in refusal.value.hint
    with pytest.raises(StateRefused, match="of another place"):
        store.begin(fresh(OURS, LINEAGE))


def test_a_state_of_a_neighbour_of_the_same_name_is_said_to_be_one(tmp_path):
    other = OTHERS["another folder of the work tree"]
    bound(tmp_path, other)
    store = store_in(tmp_path, binding=OURS, stands_here=lambda owner: owner == other)
    with pytest.raises(InputError) as refusal:
        store.read()
    (problem,) = refusal.value.diagnostics
    assert (problem.code, problem.location.file) == ("PM117", "etl/pmsync.yaml")
    assert "copy/pmsync.yaml" in problem.message


def test_a_state_of_the_same_place_is_read(tmp_path):
    bound(tmp_path)
    assert store_in(tmp_path, binding=OURS).read().binding == OURS


def test_a_state_of_format_1_is_bound_by_whoever_writes_it_next(tmp_path):
    text = (Path(__file__).parent / "fixtures" / "state-v1.json").read_bytes()
    (tmp_path / "state.json").write_bytes(text)
    store = store_in(tmp_path, binding=OURS)
    found = store.read()
    assert found.binding.owner is None
    store.begin(found).close()
    assert store.read().binding == OURS
    other = replace(BINDING, owner=OTHERS["another project"])
    with pytest.raises(StateRefused, match="of another place"):
        store_in(tmp_path, binding=other).read()


def test_the_journal_of_format_1_goes_on_from_its_state(tmp_path):
    fixtures = Path(__file__).parent / "fixtures"
    (tmp_path / "state.json").write_bytes((fixtures / "state-v1.json").read_bytes())
    (tmp_path / "journal.jsonl").write_bytes((fixtures / "journal-v1.jsonl").read_bytes())
    found = store_in(tmp_path, binding=OURS).read()
    assert found.runs == 5
    assert "p2p" not in found.datasets
    store_in(tmp_path, binding=OURS).begin(found).close()
    assert replace(store_in(tmp_path, binding=OURS).read(), serial=0, binding=BINDING) == replace(
        found, serial=0
    )


def test_a_state_is_taken_over_from_the_place_that_is_named(tmp_path):
    former = OTHERS["another folder of the work tree"]
    bound(tmp_path, former)
    found = store_in(tmp_path).read()
    store_in(tmp_path, binding=OURS).take_over(found, former).close()
    after = store_in(tmp_path, binding=OURS).read()
    assert (after.binding, after.lineage, numbers(after)) == (OURS, LINEAGE, [0])


def test_a_state_is_taken_over_into_a_folder_that_has_none(tmp_path):
    former = OTHERS["another project"]
    bound(tmp_path / "old", former)
    found = store_in(tmp_path / "old").read()
    store_in(tmp_path / "new", binding=OURS).take_over(found, former).close()
    after = store_in(tmp_path / "new", binding=OURS).read()
    assert (after.binding, after.lineage, after.serial) == (OURS, LINEAGE, found.serial + 1)


def test_a_state_is_not_taken_over_where_another_one_is(tmp_path):
    former = OTHERS["another project"]
    bound(tmp_path / "old", former)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "state.json").write_bytes(encode(FULL, pmsync_version=VERSION))
    found = store_in(tmp_path / "old").read()
    with pytest.raises(StalePlan):
        store_in(tmp_path / "new", binding=OURS).take_over(found, former)


def test_a_state_of_a_third_place_is_not_taken_over(tmp_path):
    bound(tmp_path, OTHERS["another environment"])
    found = store_in(tmp_path).read()
    with pytest.raises(StateRefused, match="of another place"):
        store_in(tmp_path, binding=OURS).take_over(found, OTHERS["another project"])


def test_a_state_of_another_tenant_is_never_taken_over(tmp_path):
    bound(tmp_path)
    found = store_in(tmp_path).read()
    other = replace(OURS, tenant_id="7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11")
    with pytest.raises(StateRefused, match="of another tenant"):
        store_in(tmp_path, binding=other).take_over(found, OWNER)
