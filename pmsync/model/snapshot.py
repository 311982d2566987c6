"""What the live tenant showed when it was read. Nothing here is believed to be still true later.

Identity is the id; names may repeat. The tree (folders) may not be shown at all, as the vendor's API
reference does not promise `treeNodeType` and `treeParentId` in answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from pmsync.model.address import Kind


class NotShown:
    """The type of a field that the tenant did not show; the only value is `NOT_SHOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOT_SHOWN"


NOT_SHOWN: Final = NotShown()


class RemoteColumn(Struct, frozen=True, kw_only=True):
    """A column of a live datatable, with the tenant's own word for its type."""

    name: str
    type: str


class RemoteFolder(Struct, frozen=True, kw_only=True):
    """A live TreeGroup. `parent_id` None is the root."""

    id: str
    display_name: str
    parent_id: str | NotShown | None = NOT_SHOWN


class RemoteDataset(Struct, frozen=True, kw_only=True):
    """A live dataset. `created_at` is the tenant's text, parsed leniently only where it is shown."""

    id: str
    display_name: str
    created_at: str = ""
    datatable_count: int | None = None
    parent_id: str | NotShown | None = NOT_SHOWN


class RemoteDatatable(Struct, frozen=True, kw_only=True):
    """A live datatable. `columns` is None until the datatable was asked for by id.

    `rows_shown` is False where the tenant gave no row count (an empty datatable may have none): then
    `row_count` is 0 and proves nothing.
    """

    id: str
    display_name: str
    dataset_id: str
    row_count: int
    rows_shown: bool = True
    created_at: str = ""
    columns: tuple[RemoteColumn, ...] | None = None


class LeftOut(Struct, frozen=True, kw_only=True):
    """A live thing that cannot be asked for: its id (or the one of the dataset it is in) is no id.

    `fault` says what is wrong with which. `dataset_id` is given for a datatable.
    """

    kind: Kind
    id: str
    display_name: str
    fault: str
    dataset_id: str = ""


class Snapshot(Struct, frozen=True, kw_only=True):
    """The live tenant at one moment, by id, in the order in which it was listed.

    An id that is in none of the three is gone: whoever made the snapshot asked for every known id that
    a listing lacked. `left_out` is what is there and can be nobody's here.
    """

    folders: Mapping[str, RemoteFolder] = field(default_factory=dict)
    datasets: Mapping[str, RemoteDataset] = field(default_factory=dict)
    datatables: Mapping[str, RemoteDatatable] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    @property
    def shows_tree(self) -> bool:
        """Whether it is certain that a folder would be shown: one is, or a dataset says where it is."""
        return self.shows_folders or any(
            not isinstance(dataset.parent_id, NotShown) for dataset in self.datasets.values()
        )

    @property
    def shows_folders(self) -> bool:
        """Whether the listing shows TreeGroups; if not, what the state remembers of folders is believed."""
        return bool(self.folders)
