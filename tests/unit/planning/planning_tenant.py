"""A model of the tenant: what each call does, without HTTP, files or time.

It knows every content that was ever loaded, so a test can ask what the rows of a datatable are, not only
how many. It shares nothing with the planner but the nouns of a snapshot.
"""

from dataclasses import dataclass, field

from pmsync.model.project import OtherName, SameName
from pmsync.model.snapshot import (
    NOT_SHOWN,
    RemoteColumn,
    RemoteDataset,
    RemoteDatatable,
    RemoteFolder,
    Snapshot,
)


@dataclass
class Load:
    """The rows that one upload brought."""

    name: str
    content: str
    rows: int


@dataclass
class LiveTable:
    id: str
    name: str
    dataset_id: str
    loads: list[Load] = field(default_factory=list)
    on_the_way: list[Load] = field(default_factory=list)
    columns: tuple[str, ...] | None = None

    @property
    def rows(self) -> int:
        return sum(load.rows for load in self.loads)

    @property
    def contents(self) -> list[str]:
        """What the rows are, oldest first; a colleague's rows are called `by hand`."""
        return [load.content for load in self.loads if load.rows]


@dataclass
class LiveDataset:
    id: str
    name: str
    parent: str | None


@dataclass
class LiveFolder:
    id: str
    name: str
    parent: str | None


class Tenant:
    """One tenant; several benches may stand around it."""

    def __init__(
        self,
        same_name: SameName = SameName.REPLACES,
        other_name: OtherName = OtherName.ADDS,
        *,
        shows_tree: bool = True,
    ) -> None:
        self.same_name = same_name
        self.other_name = other_name
        self.shows_tree = shows_tree
        self.shows_rows = True
        self.lags = False
        self.folders: dict[str, LiveFolder] = {}
        self.datasets: dict[str, LiveDataset] = {}
        self.tables: dict[str, LiveTable] = {}
        self.deleted: list[str] = []
        self._count = 0

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"

    # what the API can do

    def create_folder(self, name: str, parent: str | None = None) -> str:
        id_ = self._id("F")
        self.folders[id_] = LiveFolder(id_, name, parent)
        return id_

    def create_dataset(self, name: str, parent: str | None = None) -> str:
        assert parent is None or parent in self.folders
        id_ = self._id("D")
        self.datasets[id_] = LiveDataset(id_, name, parent)
        return id_

    def create_table(self, dataset_id: str, name: str) -> str:
        assert dataset_id in self.datasets
        id_ = self._id("T")
        self.tables[id_] = LiveTable(id_, name, dataset_id)
        return id_

    def delete_dataset(self, dataset_id: str) -> None:
        del self.datasets[dataset_id]
        self.deleted.append(dataset_id)
        self.tables = {id_: one for id_, one in self.tables.items() if one.dataset_id != dataset_id}

    def upload(self, table_id: str, name: str, content: str, rows: int) -> None:
        self.tables[table_id].on_the_way.append(Load(name, content, rows))
        if not self.lags:
            self.arrive()

    def arrive(self) -> None:
        """What was stored is ingested."""
        for table in self.tables.values():
            for load in table.on_the_way:
                if self.other_name is OtherName.REPLACES:
                    table.loads = []
                if self.same_name is SameName.REPLACES:
                    table.loads = [one for one in table.loads if one.name != load.name]
                table.loads.append(load)
            table.on_the_way = []

    # what a colleague can do by hand

    def dataset(self, name: str) -> LiveDataset:
        (found,) = [one for one in self.datasets.values() if one.name == name]
        return found

    def table(self, dataset: str, name: str) -> LiveTable:
        """The datatable `name` of the dataset with this name or id."""
        id_ = dataset if dataset in self.datasets else self.dataset(dataset).id
        (found,) = [one for one in self.tables.values() if (one.dataset_id, one.name) == (id_, name)]
        return found

    def add_rows(self, dataset: str, table: str, rows: int) -> None:
        self.table(dataset, table).loads.append(Load("", "by hand", rows))

    def lose_rows(self, dataset: str, table: str, rows: int) -> None:
        self.table(dataset, table).loads[-1].rows -= rows

    # what it shows

    def snapshot(self) -> Snapshot:
        shows = self.shows_tree
        inside = [one.dataset_id for one in self.tables.values()]
        return Snapshot(
            folders={
                one.id: RemoteFolder(id=one.id, display_name=one.name, parent_id=one.parent)
                for one in self.folders.values()
                if shows
            },
            datasets={
                one.id: RemoteDataset(
                    id=one.id,
                    display_name=one.name,
                    created_at="2024-01-01T00:00:00Z",
                    datatable_count=inside.count(one.id),
                    parent_id=one.parent if shows else NOT_SHOWN,
                )
                for one in self.datasets.values()
            },
            datatables={
                one.id: RemoteDatatable(
                    id=one.id,
                    display_name=one.name,
                    dataset_id=one.dataset_id,
                    row_count=one.rows if self.shows_rows else 0,
                    rows_shown=self.shows_rows,
                    columns=None
                    if one.columns is None
                    else tuple(RemoteColumn(name=name, type="string") for name in one.columns),
                )
                for one in self.tables.values()
            },
        )
