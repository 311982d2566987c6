"""The shapes of the API's answers, one for each kind, as far as anything of them is used.

What is not named here is skipped without being built. Must not know what is made of an answer.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from msgspec.json import Decoder

MOST_THINGS: Final = 200_000
"""Datasets and folders, or datatables, that one answer may list; a tenant of 10,000 is a large one."""
MOST_COLUMNS: Final = 100_000

Text = Annotated[str, Meta(max_length=65_536)]
Count = Annotated[int, Meta(ge=0, le=10**15)]


class Shape(Struct, rename="camel", gc=False):
    """Base of all shapes: camelCase names, no coercion ("3" is not 3), unknown fields ignored."""


class NodeShape(Shape):
    """An entry of the dataset listing: a dataset, or a folder where `treeNodeType` says so."""

    id: Text
    display_name: Text
    created_at: Raw = Raw()
    datatable_count: Count | None = None
    tree_node_type: Text | None = None
    tree_parent_id: Text | UnsetType | None = UNSET


class InnerDatatableShape(Shape):
    """A datatable inside its dataset's answer: `datasetId` goes without saying."""

    id: Text
    display_name: Text
    row_count: Count | None = None
    created_at: Raw = Raw()


class DatatableShape(Shape):
    """An entry of the datatable listing."""

    id: Text
    display_name: Text
    dataset_id: Text
    row_count: Count | None = None
    created_at: Raw = Raw()


class ColumnShape(Shape):
    """A column of a datatable asked for by id."""

    name: Text
    type: Text


class DatatableDetailShape(DatatableShape):
    """A datatable asked for by id. A tenant that leaves `columns` out shows no columns."""

    columns: Annotated[list[ColumnShape], Meta(max_length=MOST_COLUMNS)] | None = None


class DetailShape(NodeShape):
    """A dataset asked for by id. A folder has no `datatables`."""

    datatables: Annotated[list[InnerDatatableShape], Meta(max_length=MOST_THINGS)] | UnsetType = UNSET


class CreatedShape(Shape):
    """What a create gives back ("the created object"): its id and name, the rest only where it is shown."""

    id: Text
    display_name: Text
    created_at: Raw = Raw()
    dataset_id: Text | None = None
    tree_node_type: Text | None = None
    tree_parent_id: Text | UnsetType | None = UNSET


class RemovedShape(Shape):
    """What a delete gives back."""

    success: bool


class PresignedShape(Struct, rename="pascal"):
    """Where to upload a file to."""

    pre_signed_upload_url: Text


NODES: Final = Decoder(Annotated[list[NodeShape], Meta(max_length=MOST_THINGS)])
DATATABLES: Final = Decoder(Annotated[list[DatatableShape], Meta(max_length=MOST_THINGS)])
DETAIL: Final = Decoder(DetailShape)
DATATABLE: Final = Decoder(DatatableDetailShape)
CREATED: Final = Decoder(CreatedShape)
REMOVED: Final = Decoder(RemovedShape)
PRESIGNED: Final = Decoder(PresignedShape)
ANYTHING: Final = Decoder(Raw)
