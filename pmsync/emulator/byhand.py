"""What people do to a tenant in ProcessMind itself, which no endpoint offers: tests use it to make drift.

Also plants whole tenants at once. No client of the API can reach anything here.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pmsync.emulator.records import Content, Datatable, Node, timestamp
from pmsync.emulator.seed import SeedDataset, SeedDatatable, SeedTenant
from pmsync.emulator.tenant import Ground, Tenant


class ByHand:
    """One tenant in the hands of the people who work in it. Raises NotFound like the tenant itself."""

    def __init__(self, tenant: Tenant, ground: Ground) -> None:
        self._tenant = tenant
        self._ground = ground
        self._catalogue = ground.catalogue

    def rename_dataset(self, dataset_id: str, name: str) -> None:
        """Rename a dataset or a folder."""
        self._catalogue.change_node(self._tenant.id, replace(self._tenant.node(dataset_id), name=name))

    def move_dataset(self, dataset_id: str, parent_id: str | None) -> None:
        """Put a dataset or a folder into another folder; None is the root."""
        self._catalogue.change_node(
            self._tenant.id, replace(self._tenant.node(dataset_id), parent_id=parent_id)
        )

    def recreate_dataset(self, dataset_id: str) -> Node:
        """Delete a dataset and make an empty one of its name and place, which gets another id."""
        with self._ground.database.transaction():
            old = self._tenant.node(dataset_id)
            self._tenant.delete_node(dataset_id)
            return self._tenant.create_node(old.name, kind=old.kind, parent_id=old.parent_id)

    def rename_datatable(self, datatable_id: str, name: str) -> None:
        self._catalogue.rename_datatable(self._tenant.id, self._tenant.known_datatable(datatable_id).id, name)

    def delete_datatable(self, datatable_id: str) -> None:
        """Remove one datatable with its rows and leave its dataset."""
        with self._ground.database.transaction():
            self._tenant.known_datatable(datatable_id)
            contents = self._ground.loads.contents_of_datatable(self._tenant.id, datatable_id)
            self._catalogue.remove_datatable(self._tenant.id, datatable_id)
            self._ground.intake.release(contents)

    def add_rows(self, datatable_id: str, rows: int) -> None:
        """Add rows that came from elsewhere; a negative number takes rows away."""
        with self._ground.database.transaction():
            self._tenant.known_datatable(datatable_id)
            self._ground.loads.add_rows(
                self._tenant.id, [(datatable_id, Content((), rows))], visible_at=self._ground.clock()
            )

    def add_file(self, datatable_id: str, file: Path) -> None:
        """Upload a file as a colleague would."""
        self._tenant.known_datatable(datatable_id)
        with self._ground.files.receive() as incoming:
            with file.open("rb") as source:
                shutil.copyfileobj(source, incoming)
            self._tenant.take_upload(datatable_id, file.name, incoming=incoming, stored=incoming.finish())

    def plant(self, seed: SeedTenant) -> None:
        """Add all of a seed at once; names are not checked, so that tests can plant twins."""
        with self._ground.database.transaction():
            if seed.name:
                self._catalogue.name_tenant(replace(self._tenant.details(), name=seed.name))
            for folder in seed.folders:
                self.folder(folder)
            self.add_datasets(seed.datasets)

    def folder(self, names: Sequence[str]) -> str | None:
        """The id of the folder at that path of names, missing ones made on the way; None for the root."""
        parent: str | None = None
        for name in names:
            parent = self._subfolder(parent, name)
        return parent

    def _subfolder(self, parent: str | None, name: str) -> str:
        for node in self._catalogue.nodes_named(self._tenant.id, name):
            if node.kind == "TreeGroup" and node.parent_id == parent:
                return node.id
        return self._tenant.create_node(name, kind="TreeGroup", parent_id=parent).id

    def add_datasets(self, seeds: Iterable[SeedDataset]) -> list[tuple[Node, list[Datatable]]]:
        """Make datasets with their datatables and rows at once, thousands in a second; what was made."""
        made_at = timestamp(self._ground.clock())
        with self._ground.database.transaction():
            planned = [(seed, self._node(seed, made_at)) for seed in seeds]
            self._catalogue.add_nodes(self._tenant.id, [node for _, node in planned])
            return [(node, self.add_datatables(node.id, seed.datatables)) for seed, node in planned]

    def _node(self, seed: SeedDataset, made_at: str) -> Node:
        node_id = seed.id or self._ground.new_id()
        return Node(node_id, "Dataset", seed.name, self.folder(seed.folder), made_at, len(seed.datatables))

    def add_datatables(self, dataset_id: str, seeds: Sequence[SeedDatatable]) -> list[Datatable]:
        """Make datatables of a dataset with their rows and files at once; what was made."""
        now = self._ground.clock()
        made = [
            Datatable(
                seed.id or self._ground.new_id(),
                dataset_id,
                seed.name,
                timestamp(now),
                seed.content.row_count,
            )
            for seed in seeds
        ]
        with self._ground.database.transaction():
            self._catalogue.add_datatables(self._tenant.id, made)
            filled = [
                (table.id, seed.content) for table, seed in zip(made, seeds, strict=True) if _fills(seed)
            ]
            self._ground.loads.add_rows(self._tenant.id, filled, visible_at=now)
            for table, seed in zip(made, seeds, strict=True):
                for file in seed.files:
                    self.add_file(table.id, file)
        return made


def _fills(seed: SeedDatatable) -> bool:
    return bool(seed.content.row_count or seed.content.columns)
