"""What a tenant does: the behaviour behind each endpoint, without a word of HTTP.

Where the reference is silent the settings choose (docs/emulator.md). Refusals are raised as errors.Refusal.
"""

from dataclasses import dataclass

from pmsync.emulator.catalogue import Catalogue
from pmsync.emulator.columntypes import wider
from pmsync.emulator.database import Database
from pmsync.emulator.errors import Conflict, Invalid, NotFound
from pmsync.emulator.files import FileStore, Incoming
from pmsync.emulator.intake import Intake
from pmsync.emulator.loads import Loads
from pmsync.emulator.records import (
    Clock,
    Column,
    ColumnType,
    Datatable,
    NewId,
    Node,
    NodeKind,
    StoredFile,
    TenantRecord,
    timestamp,
)
from pmsync.emulator.settings import Settings


@dataclass(frozen=True, slots=True)
class Ground:
    """What all tenants of one emulator stand on."""

    database: Database
    files: FileStore
    catalogue: Catalogue
    loads: Loads
    intake: Intake
    settings: Settings
    clock: Clock
    new_id: NewId


class Tenant:
    """One tenant: its datasets, folders and datatables, as a client of the API may read and change them."""

    def __init__(self, tenant_id: str, ground: Ground) -> None:
        self.id = tenant_id
        self._ground = ground
        self._catalogue = ground.catalogue

    def details(self) -> TenantRecord:
        return self._catalogue.tenant(self.id)

    def nodes(self) -> list[Node]:
        """The datasets in the order they were made; with a visible tree the folders among them."""
        nodes = self._catalogue.nodes(self.id)
        return (
            nodes if self._ground.settings.show_tree else [node for node in nodes if node.kind == "Dataset"]
        )

    def node(self, node_id: str) -> Node:
        """A dataset or folder. Raises NotFound."""
        node = self._catalogue.node(self.id, node_id)
        if node is None:
            raise NotFound(f"Dataset {node_id} not found")
        return node

    def create_node(self, name: str, *, kind: NodeKind = "Dataset", parent_id: str | None = None) -> Node:
        """Make a dataset or folder. Raises Invalid if the parent is no folder, Conflict for a name in use."""
        with self._ground.database.transaction():
            self._check_parent(parent_id)
            self._check_name_is_free(name, kind, parent_id)
            node = Node(self._ground.new_id(), kind, name, parent_id, self._now_text(), 0)
            self._catalogue.add_nodes(self.id, [node])
        return node

    def delete_node(self, node_id: str) -> list[str]:
        """Remove a dataset with all its datatables and data, or an empty folder; the ids that are gone.

        Raises NotFound, and Conflict for a folder that still holds something.
        """
        with self._ground.database.transaction():
            self.node(node_id)
            if self._catalogue.has_children(self.id, node_id):
                raise Conflict(f"Folder {node_id} is not empty")
            gone = [node_id, *self._catalogue.datatable_ids(self.id, node_id)]
            contents = self._ground.loads.contents_of_node(self.id, node_id)
            self._catalogue.remove_node(self.id, node_id)
            self._ground.intake.release(contents)
        return gone

    def datatables(self) -> list[Datatable]:
        """All datatables in the order they were made."""
        self._ground.intake.catch_up()
        return self._catalogue.datatables(self.id, self._ground.clock())

    def datatables_of(self, dataset_id: str) -> list[Datatable]:
        self._ground.intake.catch_up()
        return self._catalogue.datatables_of(self.id, dataset_id, self._ground.clock())

    def datatable(self, datatable_id: str) -> Datatable:
        """A datatable. Raises NotFound."""
        self._ground.intake.catch_up()
        return self.known_datatable(datatable_id)

    def known_datatable(self, datatable_id: str) -> Datatable:
        """A datatable with the rows that were counted so far. Raises NotFound.

        Inside a transaction only this one may be asked: counting has a lock of its own, which comes first.
        """
        datatable = self._catalogue.datatable(self.id, datatable_id, self._ground.clock())
        if datatable is None:
            raise NotFound(f"Datatable {datatable_id} not found")
        return datatable

    def columns(self, datatable_id: str) -> list[Column]:
        """The columns of all visible rows; where files disagree on a type, the narrowest that holds both."""
        self._ground.intake.catch_up()
        types: dict[str, ColumnType] = {}
        for columns in self._ground.loads.columns(self.id, datatable_id, self._ground.clock()):
            for column in columns:
                types[column.name] = wider(types.get(column.name, column.type), column.type)
        return [Column(name, column_type) for name, column_type in types.items()]

    def create_datatable(self, dataset_id: str, name: str) -> Datatable:
        """Make an empty datatable. Raises NotFound, Invalid for a folder, Conflict for a name in use."""
        with self._ground.database.transaction():
            if self.node(dataset_id).kind == "TreeGroup":
                raise Invalid(f"{dataset_id} is a TreeGroup, which holds no datatables")
            unique = self._ground.settings.unique_names
            if unique and self._catalogue.datatable_named(self.id, dataset_id, name):
                raise Conflict(f"A datatable named {name!r} already exists in this dataset")
            datatable = Datatable(self._ground.new_id(), dataset_id, name, self._now_text(), 0)
            self._catalogue.add_datatables(self.id, [datatable])
        return datatable

    def take_upload(
        self, datatable_id: str, file_name: str, *, incoming: Incoming, stored: StoredFile
    ) -> bool:
        """Keep an uploaded file and let it become rows; False, and no effect, where the datatable is gone."""
        ground = self._ground
        with ground.database.transaction():
            now = ground.clock()
            if not self._catalogue.datatable(self.id, datatable_id, now):
                return False
            ground.files.keep(incoming, stored)
            ground.loads.add(
                self.id,
                datatable_id,
                file_name=file_name,
                sha256=stored.sha256,
                visible_at=now + ground.settings.ingestion_lag,
            )
        return True

    def _check_parent(self, parent_id: str | None) -> None:
        if parent_id is not None:
            parent = self._catalogue.node(self.id, parent_id)
            if parent is None or parent.kind != "TreeGroup":
                raise Invalid(f"treeParentId {parent_id} is no TreeGroup of this tenant")

    def _check_name_is_free(self, name: str, kind: NodeKind, parent_id: str | None) -> None:
        """Unique means: a dataset in its tenant, a folder among its siblings."""
        if not self._ground.settings.unique_names:
            return
        for other in self._catalogue.nodes_named(self.id, name):
            if other.kind == kind and (kind == "Dataset" or other.parent_id == parent_id):
                raise Conflict(f"A {kind} named {name!r} already exists")

    def _now_text(self) -> str:
        return timestamp(self._ground.clock())
