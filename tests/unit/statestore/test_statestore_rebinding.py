"""`state rebind OLD`: a state goes along with what was renamed or moved, and nowhere else."""

from contextlib import closing

import pytest
from msgspec.structs import replace
from statestore_samples import BINDING, LINEAGE, numbers, store_in, table

from pmsync.errors import Refused, StateRefused, UsageProblem
from pmsync.model.state import Owner
from pmsync.statestore.folder import ASIDE
from pmsync.statestore.local import fresh
from pmsync.statestore.rebinding import Former, former, rebind

OLD = Owner(project="order-to-cash", environment="prod", path="pmsync.yaml")
NEW = Owner(project="sales", environment="prod", path="etl/pmsync.yaml")
NAMED = Former(project="order-to-cash", environment="prod")


def bound(folder, owner, *, lineage=LINEAGE, tables=(0,)):
    binding = replace(BINDING, owner=owner)
    with closing(store_in(folder, binding=binding).begin(fresh(binding, lineage))) as ledger:
        for number in tables:
            ledger.record([table(number)])


def stores(new, old):
    return store_in(new, binding=replace(BINDING, owner=NEW)), store_in(old)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("o2c/prod", Former(project="o2c", environment="prod")),
        ("o2c/prod:etl/pmsync.yaml", Former(project="o2c", environment="prod", path="etl/pmsync.yaml")),
        ("a / b/prod", Former(project="a / b", environment="prod")),
        (str(NEW), Former(project="sales", environment="prod", path="etl/pmsync.yaml")),
    ],
)
def test_what_was_renamed_is_named_by_project_and_environment(text, found):
    assert former(text) == found


@pytest.mark.parametrize("text", ["", "prod", "/prod", "o2c/", "o2c/..", "o2c/../prod/", "o2c/PROD"])
def test_what_names_no_environment_of_a_project_is_exit_64(text):
    with pytest.raises(UsageProblem):
        former(text)


def test_a_state_goes_along_and_nothing_is_left_to_be_read(tmp_path):
    bound(tmp_path / "old", OLD)
    here, there = stores(tmp_path / "new", tmp_path / "old")
    state = rebind(here, there, NAMED)
    assert state == here.read()
    assert (state.binding.owner, state.lineage, numbers(state)) == (NEW, LINEAGE, [0])
    assert there.read() is None
    assert (tmp_path / "old" / ASIDE).is_file()


def test_a_state_of_a_moved_repository_stays_in_its_folder(tmp_path):
    bound(tmp_path, OLD)
    here, there = stores(tmp_path, tmp_path)
    assert rebind(here, there, NAMED).binding.owner == NEW
    assert numbers(here.read()) == [0]


def test_what_a_killed_run_left_goes_along(tmp_path):
    bound(tmp_path / "old", OLD)
    binding = replace(BINDING, owner=OLD)
    store = store_in(tmp_path / "old", binding=binding)
    store.begin(store.read()).record([table(7)])
    here, there = stores(tmp_path / "new", tmp_path / "old")
    assert numbers(rebind(here, there, NAMED)) == [0, 7]
    assert there.read() is None


def test_where_another_state_is_nothing_is_taken_along(tmp_path):
    bound(tmp_path / "old", OLD)
    bound(tmp_path / "new", NEW, lineage="00000000-0a7e-4f43-9b0e-4a1f1f3f7d10")
    here, there = stores(tmp_path / "new", tmp_path / "old")
    with pytest.raises(Refused, match="a state here already"):
        rebind(here, there, NAMED)
    assert numbers(there.read()) == [0]


def test_a_second_time_finishes_what_a_killed_first_one_left(tmp_path):
    bound(tmp_path / "old", OLD)
    here, there = stores(tmp_path / "new", tmp_path / "old")
    here.take_over(there.read(), OLD).close()
    rebind(here, there, NAMED)
    assert there.read() is None
    assert numbers(here.read()) == [0]


def test_where_there_is_no_state_it_says_so(tmp_path):
    here, there = stores(tmp_path / "new", tmp_path / "old")
    with pytest.raises(Refused, match="there is no state of order-to-cash/prod"):
        rebind(here, there, NAMED)


@pytest.mark.parametrize(
    "other", [replace(NAMED, project="x"), replace(NAMED, environment="x"), replace(NAMED, path="x")]
)
def test_a_state_that_belongs_to_a_third_place_stays_there(tmp_path, other):
    bound(tmp_path / "old", OLD)
    here, there = stores(tmp_path / "new", tmp_path / "old")
    with pytest.raises(Refused, match=f"the state there belongs to {OLD}"):
        rebind(here, there, other)


def test_a_state_of_another_tenant_stays_there(tmp_path):
    bound(tmp_path / "old", OLD)
    binding = replace(BINDING, tenant_id="7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11")
    here = store_in(tmp_path / "new", binding=replace(binding, owner=NEW))
    with pytest.raises(StateRefused, match="of another tenant"):
        rebind(here, store_in(tmp_path / "old", binding=binding), NAMED)
    assert not (tmp_path / "new").exists()
