"""What a tenant does, without HTTP: whose rows count when, what outlives what."""

import hashlib
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from pmsync.emulator.errors import Conflict, EmulatorError, Invalid, NotFound
from pmsync.emulator.records import Column, Content
from pmsync.emulator.seed import SeedDataset, SeedDatatable, SeedTenant
from pmsync.emulator.settings import Settings
from pmsync.emulator.tenant import Tenant
from pmsync.emulator.world import World


@dataclass
class Clock:
    now: float = 1_706_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def begin(clock):
    """Start a world; all of them end with the test."""
    worlds = []

    def begin(**settings):
        world = World(Settings(**settings), clock=clock)
        worlds.append(world.__enter__())
        return world

    yield begin
    for world in worlds:
        world.__exit__(None, None, None)


def upload(world, tenant: Tenant, table_id: str, name: str, content: bytes):
    with world.ground.files.receive() as incoming:
        incoming.write(content)
        tenant.take_upload(table_id, name, incoming=incoming, stored=incoming.finish())


def rows(count, header="id,name"):
    return (header + "\n" + "".join(f"{n},x\n" for n in range(count))).encode()


def stored(world):
    return sorted(path.name for path in world.ground.files.kept.iterdir())


@dataclass
class Table:
    """A datatable of its own tenant, for what uploads do to it."""

    world: World
    tenant: Tenant
    id: str

    def put(self, name, content):
        upload(self.world, self.tenant, self.id, name, content)

    @property
    def rows(self):
        return self.tenant.datatable(self.id).row_count

    @property
    def columns(self):
        return {column.name: column.type for column in self.tenant.columns(self.id)}


@pytest.fixture
def table(begin):
    def table(**settings):
        world = begin(**settings)
        tenant = world.tenant("T")
        return Table(world, tenant, tenant.create_datatable(tenant.create_node("A").id, "t").id)

    return table


class TestWhichRowsCount:
    @pytest.mark.parametrize(
        ("same_name", "other_name", "expected"),
        [
            ("replaces", "adds", [3, 8, 12, 9]),
            ("replaces", "replaces", [3, 5, 4, 4]),
            ("appends", "adds", [3, 8, 12, 16]),
            ("appends", "replaces", [3, 5, 4, 8]),
        ],
    )
    def test_each_way_a_tenant_may_treat_file_names(self, table, same_name, other_name, expected):
        table = table(same_name=same_name, other_name=other_name)
        seen = []
        for name, count in [("jan.csv", 3), ("feb.csv", 5), ("mar.csv", 4)]:
            table.put(name, rows(count))
            seen.append(table.rows)
        # By now the fourth: again, with the same number of rows, or with fewer under "replaces, adds".
        last = ("mar.csv", 1) if (same_name, other_name) == ("replaces", "adds") else ("mar.csv", 4)
        table.put(last[0], rows(last[1]))
        assert [*seen, table.rows] == expected

    def test_the_order_of_uploads_decides_even_if_nobody_looked_between(self, table):
        table = table()
        table.put("a.csv", rows(3))
        table.put("a.csv", rows(7))
        table.put("b.csv", rows(1))
        assert table.rows == 8

    def test_a_file_with_a_header_only_empties_what_it_replaces(self, table):
        table = table()
        table.put("a.csv", rows(3))
        table.put("a.csv", b"id,name\n")
        assert table.rows == 0
        assert table.columns == {"id": "string", "name": "string"}

    @pytest.mark.parametrize("other_name", ["adds", "replaces"])
    def test_what_is_no_table_is_kept_and_changes_no_row(self, table, other_name):
        table = table(other_name=other_name)
        table.put("a.csv", rows(3))
        table.put("a.csv", b"\0binary")
        table.put("b.csv", b"")
        table.put("c.xlsm", rows(5))
        table.put("d.xlsx", b"PK\3\4 cut off")
        assert table.rows == 3
        assert hashlib.sha256(b"\0binary").hexdigest() in stored(table.world)

    def test_rows_without_a_file_go_when_other_names_replace(self, table):
        table = table(other_name="replaces")
        table.world.by_hand("T").add_rows(table.id, 10)
        table.put("a.csv", rows(3))
        assert table.rows == 3

    def test_the_listing_and_the_dataset_say_the_same(self, table):
        table = table()
        table.put("a.csv", rows(3))
        (listed,) = table.tenant.datatables()
        assert table.tenant.datatables_of(listed.dataset_id) == [listed]
        assert listed.row_count == 3

    def test_columns_of_several_files_are_united_and_their_types_widened(self, table):
        table = table()
        table.put("a.csv", b"id,cost\n1,2\n")
        table.put("b.csv", b"id,cost,at\nx,2.5,2024-01-25\n")
        assert table.columns == {"id": "string", "cost": "number", "at": "datetime"}


class TestLag:
    def test_rows_appear_when_the_lag_is_over(self, table, clock):
        table = table(ingestion_lag=5)
        table.put("a.csv", rows(3))
        clock.now += 4.9
        assert (table.rows, table.columns) == (0, {})
        clock.now += 0.2
        assert (table.rows, list(table.columns)) == (3, ["id", "name"])

    def test_replaced_rows_count_until_the_new_ones_do(self, table, clock):
        table = table(ingestion_lag=5)
        table.put("a.csv", rows(3))
        clock.now += 60
        table.put("a.csv", rows(7))
        assert table.rows == 3
        clock.now += 5
        assert table.rows == 7

    def test_two_uploads_within_one_lag_follow_each_other(self, table, clock):
        table = table(ingestion_lag=5)
        table.put("a.csv", rows(3))
        clock.now += 2
        table.put("a.csv", rows(7))
        seen = []
        for _ in range(3):
            clock.now += 2
            seen.append(table.rows)
        assert seen == [0, 3, 7]


class TestKeeping:
    def test_everything_outlives_the_emulator(self, begin, tmp_path):
        first = begin(data=tmp_path)
        tenant = first.tenant("T")
        folder = tenant.create_node("Finance", kind="TreeGroup")
        dataset = tenant.create_node("Sales", parent_id=folder.id)
        table = tenant.create_datatable(dataset.id, "Orders")
        upload(first, tenant, table.id, "a.csv", rows(3))
        secret = first.ground.database.secret("bucket")
        first.__exit__(None, None, None)

        second = begin(data=tmp_path)
        again = second.tenant("T")
        assert again.node(dataset.id).parent_id == folder.id
        assert again.datatable(table.id).row_count == 3
        assert second.ground.database.secret("bucket") == secret
        assert stored(second) == [hashlib.sha256(rows(3)).hexdigest()]

    def test_in_memory_nothing_does(self, begin):
        world = begin()
        upload(world, tenant := world.tenant("T"), _table(tenant), "a.csv", rows(3))
        folder = world.ground.files.kept.parent
        assert folder.is_dir()
        world.__exit__(None, None, None)
        assert not folder.exists()
        assert begin().tenant("T").nodes() == []

    def test_two_emulators_may_share_a_folder(self, begin, tmp_path):
        one, other = begin(data=tmp_path), begin(data=tmp_path)
        table = _table(one.tenant("T"))
        upload(other, other.tenant("T"), table, "a.csv", rows(3))
        assert one.tenant("T").datatable(table).row_count == 3
        assert one.ground.database.secret("bucket") == other.ground.database.secret("bucket")

    def test_bytes_go_with_the_last_datatable_that_holds_them(self, begin):
        world = begin()
        tenant = world.tenant("T")
        one, other = tenant.create_node("A"), tenant.create_node("B")
        for dataset in (one, other):
            upload(world, tenant, tenant.create_datatable(dataset.id, "t").id, "a.csv", rows(3))
        tenant.delete_node(one.id)
        assert len(stored(world)) == 1
        tenant.delete_node(other.id)
        assert stored(world) == []

    def test_bytes_that_were_replaced_go(self, table):
        table = table()
        for count in (3, 7):
            table.put("a.csv", rows(count))
            assert table.rows == count
        assert stored(table.world) == [hashlib.sha256(rows(7)).hexdigest()]

    def test_an_upload_that_is_not_kept_leaves_nothing(self, begin, tmp_path):
        world = begin(data=tmp_path)
        with world.ground.files.receive() as incoming:
            incoming.write(b"half of it")
        assert list((tmp_path / "incoming").iterdir()) == []

    def test_a_database_of_something_else_is_refused(self, begin, tmp_path):
        (tmp_path / "emulator.sqlite").write_bytes(b"no database at all" * 100)
        with pytest.raises(EmulatorError, match="cannot use the database"):
            begin(data=tmp_path)

    def test_a_folder_in_the_place_of_the_database_is_refused(self, begin, tmp_path):
        (tmp_path / "emulator.sqlite").mkdir()
        with pytest.raises(EmulatorError, match="cannot use the database"):
            begin(data=tmp_path)

    def test_a_database_of_a_later_format_is_refused(self, begin, tmp_path):
        database = sqlite3.connect(tmp_path / "emulator.sqlite")
        database.execute("PRAGMA user_version=99")
        database.close()
        with pytest.raises(EmulatorError, match="format 99"):
            begin(data=tmp_path)

    def test_a_folder_that_cannot_be_made_is_refused(self, begin, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(EmulatorError, match="cannot use the data folder"):
            begin(data=tmp_path / "file" / "below")

    def test_a_step_that_fails_leaves_nothing_behind(self, begin):
        world = begin()
        tenant = world.tenant("T")

        def fail_half_way():
            with world.ground.database.transaction():
                tenant.create_node("A")
                tenant.create_node("B", parent_id="nobody")

        with pytest.raises(Invalid):
            fail_half_way()
        assert tenant.nodes() == []


def _table(tenant):
    return tenant.create_datatable(tenant.create_node("A").id, "t").id


class TestManyAtOnce:
    def test_thirty_two_threads_lose_nothing(self, begin):
        world = begin()
        tenant = world.tenant("T")
        dataset = tenant.create_node("A")
        barrier = threading.Barrier(32, timeout=30)

        def work(number):
            barrier.wait()
            table = world.tenant("T").create_datatable(dataset.id, f"t{number}")
            upload(world, tenant, table.id, "a.csv", rows(number))
            return tenant.datatable(table.id).row_count

        with ThreadPoolExecutor(32) as pool:
            assert list(pool.map(work, range(32))) == list(range(32))
        assert sum(table.row_count for table in tenant.datatables()) == sum(range(32))

    def test_a_name_is_given_once_where_names_are_unique(self, begin):
        tenant = begin(unique_names=True).tenant("T")

        def create(_):
            try:
                return tenant.create_node("A").id
            except Conflict:
                return None

        with ThreadPoolExecutor(16) as pool:
            assert len([made for made in pool.map(create, range(64)) if made]) == 1

    def test_ten_thousand_datatables_are_planted_and_listed(self, begin):
        world = begin()
        content = Content((Column("id", "integer"),), 5)
        tables = tuple(SeedDatatable(f"t{n}", content) for n in range(10))
        made = world.by_hand("T").add_datasets(SeedDataset(f"d{n}", tables) for n in range(1000))
        listed = world.tenant("T").datatables()
        assert len(listed) == 10_000
        assert {table.row_count for table in listed} == {5}
        assert [node for node, _ in made] == world.tenant("T").nodes()
        assert [table for _, tables in made for table in tables] == listed


class TestByHand:
    @pytest.fixture
    def world(self, begin):
        return begin(show_tree=True)

    def test_a_dataset_is_renamed_and_moved(self, world):
        tenant, hand = world.tenant("T"), world.by_hand("T")
        dataset, folder = tenant.create_node("A"), hand.folder(["Finance", "Receivables"])
        hand.rename_dataset(dataset.id, "B")
        hand.move_dataset(dataset.id, folder)
        changed = tenant.node(dataset.id)
        assert (changed.name, changed.parent_id) == ("B", folder)
        hand.move_dataset(dataset.id, None)
        assert tenant.node(dataset.id).parent_id is None

    def test_a_path_of_folders_is_made_once(self, world):
        hand = world.by_hand("T")
        assert hand.folder(["F", "G"]) == hand.folder(["F", "G"])
        assert hand.folder([]) is None
        assert [node.name for node in world.tenant("T").nodes()] == ["F", "G"]

    def test_a_dataset_is_re_created_empty_under_another_id(self, world):
        tenant = world.tenant("T")
        table = _table(tenant)
        (old,) = tenant.nodes()
        new = world.by_hand("T").recreate_dataset(old.id)
        assert tenant.nodes() == [new]
        assert (new.name, new.datatable_count, new.id != old.id) == ("A", 0, True)
        with pytest.raises(NotFound):
            tenant.datatable(table)

    def test_a_datatable_is_renamed_and_deleted(self, world):
        tenant, hand = world.tenant("T"), world.by_hand("T")
        table = _table(tenant)
        hand.rename_datatable(table, "u")
        assert tenant.datatable(table).name == "u"
        hand.delete_datatable(table)
        assert tenant.datatables() == []
        assert tenant.nodes()[0].datatable_count == 0

    def test_rows_come_and_go(self, world, tmp_path):
        tenant, hand = world.tenant("T"), world.by_hand("T")
        table = _table(tenant)
        (tmp_path / "a.csv").write_bytes(rows(3))
        hand.add_file(table, tmp_path / "a.csv")
        hand.add_rows(table, 10)
        hand.add_rows(table, -4)
        assert tenant.datatable(table).row_count == 9

    def test_a_deleted_datatable_that_was_never_counted_does_no_harm(self, world, tmp_path):
        tenant, hand = world.tenant("T"), world.by_hand("T")
        table = _table(tenant)
        (tmp_path / "a.csv").write_bytes(rows(3))
        hand.add_file(table, tmp_path / "a.csv")
        hand.delete_datatable(table)
        assert tenant.datatables() == []
        assert stored(world) == []

    @pytest.mark.parametrize("act", ["rename_dataset", "move_dataset"])
    def test_what_is_not_there_is_not_found(self, world, act):
        with pytest.raises(NotFound):
            getattr(world.by_hand("T"), act)("nobody", "x")

    @pytest.mark.parametrize(
        ("act", "more"), [("rename_datatable", ["x"]), ("delete_datatable", []), ("add_rows", [1])]
    )
    def test_a_datatable_that_is_not_there_is_not_found(self, world, act, more):
        with pytest.raises(NotFound):
            getattr(world.by_hand("T"), act)("nobody", *more)

    def test_twins_can_be_planted_where_names_are_unique(self, begin):
        world = begin(unique_names=True)
        world.by_hand("T").plant(SeedTenant(datasets=(SeedDataset("A"), SeedDataset("A"))))
        assert [node.name for node in world.tenant("T").nodes()] == ["A", "A"]


def test_bytes_that_vanished_before_they_were_counted_are_no_table(table):
    table = table()
    table.put("a.csv", rows(3))
    for name in stored(table.world):
        Path(table.world.ground.files.path(name)).unlink()
    assert table.rows == 0


def test_a_parent_must_be_a_folder_of_the_same_tenant(begin):
    world = begin()
    elsewhere = world.tenant("U").create_node("F", kind="TreeGroup")
    with pytest.raises(Invalid):
        world.tenant("T").create_node("A", parent_id=elsewhere.id)
