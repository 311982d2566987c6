"""Seed files: what they plant, and what is said of a wrong one."""

import json
from pathlib import Path

import pytest

from pmsync.emulator.errors import EmulatorError
from pmsync.emulator.records import Column
from pmsync.emulator.settings import Settings
from pmsync.emulator.world import World


@pytest.fixture
def seeded(tmp_path):
    def seeded(tenants, **settings):
        path = tmp_path / "seed.json"
        path.write_text(json.dumps({"tenants": tenants}), encoding="utf-8")
        return World(Settings(seed=path, **settings))

    return seeded


ORDERS = {
    "displayName": "Demo",
    "folders": [["Finance", "Archive"]],
    "datasets": [
        {
            "id": "ds-1",
            "displayName": "Order to Cash",
            "folder": ["Finance", "Receivables"],
            "datatables": [
                {
                    "id": "dt-1",
                    "displayName": "Events",
                    "rowCount": 1200,
                    "columns": [{"name": "case_id", "type": "string"}],
                },
                {"displayName": "Lookup", "files": ["lookup.csv"]},
                {"displayName": "Empty"},
            ],
        },
        {"displayName": "Bare"},
    ],
}


@pytest.fixture(autouse=True)
def lookup(tmp_path):
    (tmp_path / "lookup.csv").write_text("region;revenue\nKöln;1,5\n", encoding="utf-8")


def test_a_tenant_holds_its_seed_when_it_is_first_met(seeded):
    with seeded({"T": ORDERS}, show_tree=True) as world:
        tenant = world.tenant("T")
        names = {node.id: node.name for node in tenant.nodes()}
        tables = {table.name: table for table in tenant.datatables()}
        assert tenant.details().name == "Demo"
        assert sorted(names.values()) == ["Archive", "Bare", "Finance", "Order to Cash", "Receivables"]
        assert names[tenant.node("ds-1").parent_id] == "Receivables"
        assert {name: table.row_count for name, table in tables.items()} == {
            "Events": 1200,
            "Lookup": 1,
            "Empty": 0,
        }
        assert tables["Events"].id == "dt-1"
        assert tenant.columns("dt-1") == [Column("case_id", "string")]
        assert tenant.columns(tables["Lookup"].id) == [
            Column("region", "string"),
            Column("revenue", "number"),
        ]


def test_a_star_stands_for_every_tenant_without_a_seed_of_its_own(seeded):
    with seeded({"*": ORDERS, "U": {}}) as world:
        assert len(world.tenant("any").nodes()) == 2
        assert len(world.tenant("other").nodes()) == 2
        assert world.tenant("U").nodes() == []


def test_a_restart_does_not_plant_again(seeded, tmp_path):
    with seeded({"*": ORDERS}, data=tmp_path / "data") as world:
        world.tenant("T").delete_node("ds-1")
    with seeded({"*": ORDERS}, data=tmp_path / "data") as world:
        assert [node.name for node in world.tenant("T").nodes()] == ["Bare"]


@pytest.mark.parametrize(
    ("tenants", "said"),
    [
        ([], "tenants must be an object"),
        ({"T": []}, "tenants.T must be an object"),
        ({"T": {"dataset": []}}, "tenants.T: unknown key 'dataset'"),
        ({"T": {"displayName": 7}}, "tenants.T.displayName must be a text"),
        ({"T": {"folders": ["F"]}}, r"tenants.T.folders\[0\] must be a list"),
        ({"T": {"datasets": {}}}, "tenants.T.datasets must be a list"),
        ({"T": {"datasets": [{}]}}, r"tenants.T.datasets\[0\].displayName must be a text"),
        ({"T": {"datasets": [{"displayName": "\ud800"}]}}, "must be a text"),
        ({"T": {"datasets": [{"displayName": "A", "id": "x"}, {"displayName": "B", "id": "x"}]}}, "'x' is given 2 times"),
        ({"T": {"datasets": [{"displayName": "A", "datatables": [{"displayName": "t", "rowCount": -1}]}]}}, "rowCount"),
        ({"T": {"datasets": [{"displayName": "A", "datatables": [{"displayName": "t", "rowCount": True}]}]}}, "rowCount"),
        (
            {"T": {"datasets": [{"displayName": "A", "datatables": [{"displayName": "t", "columns": [{"name": "c", "type": "text"}]}]}]}},
            r"columns\[0\].type must be one of string",
        ),
        (
            {"T": {"datasets": [{"displayName": "A", "datatables": [{"displayName": "t", "files": ["gone.csv"]}]}]}},
            r"files\[0\]: there is no file",
        ),
    ],
)  # fmt: skip
def test_a_wrong_seed_names_the_place(seeded, tenants, said):
    with pytest.raises(EmulatorError, match=said):
        seeded(tenants)


def test_a_seed_that_is_not_json_is_refused(tmp_path):
    (tmp_path / "seed.json").write_text("tenants:", encoding="utf-8")
    with pytest.raises(EmulatorError, match="is not JSON"):
        World(Settings(seed=tmp_path / "seed.json"))


def test_a_seed_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(EmulatorError, match="cannot read the seed file"):
        World(Settings(seed=tmp_path / "nothing.json"))


def test_the_example_of_the_documentation_is_a_seed(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "emulator.md").read_text(encoding="utf-8")
    (tmp_path / "seed.json").write_text(page.partition("```json\n")[2].partition("```")[0], encoding="utf-8")
    with World(Settings(seed=tmp_path / "seed.json")) as world:
        assert [table.row_count for table in world.tenant("any").datatables()] == [1200, 1]
