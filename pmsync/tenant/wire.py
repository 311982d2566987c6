"""What the API's answers look like, tolerantly.

Unknown fields are ignored, a missing required one is an error that names it. The tree fields are taken where
they are shown. This module must not know how an answer came here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel, to_pascal

from pmsync.errors import UnexpectedAnswer
from pmsync.model.snapshot import (
    NOT_SHOWN,
    NotShown,
    RemoteColumn,
    RemoteDataset,
    RemoteDatatable,
    RemoteFolder,
)

T = TypeVar("T")

# A name may hold anything that JSON can say, lone surrogates too: one odd name must not hide a whole tenant.
Text = InstanceOf[str]
Id = Annotated[str, Field(min_length=1)]
FOLDER: Final = "TreeGroup"
DATASET: Final = "Dataset"


@dataclass(frozen=True, slots=True)
class Listing:
    """All folders and datasets of a tenant, by id, in the order in which they were listed.

    `folders` is empty where the tenant does not show its tree.
    """

    folders: dict[str, RemoteFolder]
    datasets: dict[str, RemoteDataset]


@dataclass(frozen=True, slots=True)
class RemoteDatasetDetail:
    """A dataset (or a folder, where the tenant shows that it is one) asked for by id, with its datatables."""

    entry: RemoteDataset | RemoteFolder
    datatables: tuple[RemoteDatatable, ...]


class _Wire(BaseModel):
    """Base of all shapes: camelCase names, no coercion ("3" is not 3), unknown fields ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel)


class _Node(_Wire):
    """An entry of the dataset listing: a dataset, or a folder where `treeNodeType` says so."""

    id: Id
    display_name: Text
    created_at: Text | None = None
    datatable_count: Annotated[int, Field(ge=0)] | None = None
    tree_node_type: Text | None = None
    tree_parent_id: Text | None = None


class _Datatable(_Wire):
    """An entry of the datatable listing."""

    id: Id
    display_name: Text
    dataset_id: Id
    row_count: Annotated[int, Field(ge=0)]
    created_at: Text | None = None


class _Column(_Wire):
    """A column of a datatable asked for by id."""

    name: Text
    type: Text


class _DatatableDetail(_Datatable):
    """A datatable asked for by id. A tenant that leaves `columns` out shows no columns."""

    columns: list[_Column] | None = None


class _InnerDatatable(_Wire):
    """A datatable inside its dataset's answer: `datasetId` goes without saying."""

    id: Id
    display_name: Text
    row_count: Annotated[int, Field(ge=0)]
    created_at: Text | None = None


class _Detail(_Node):
    """A dataset asked for by id."""

    datatables: list[_InnerDatatable]


class _Created(_Wire):
    """What a create gives back ("the created object"): its id and name, the rest only where it is shown."""

    id: Id
    display_name: Text
    created_at: Text | None = None
    dataset_id: Id | None = None
    tree_node_type: Text | None = None
    tree_parent_id: Text | None = None


class _Removed(_Wire):
    """What a delete gives back."""

    success: bool


class _Presigned(BaseModel):
    """Where to upload a file to."""

    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_pascal)

    pre_signed_upload_url: Id


_SAYINGS: Final = {
    "missing": "is missing",
    "model_type": "is not an object",
    "list_type": "is not a list",
    "string_type": "is not a text",
    "string_too_short": "is empty",
    "is_instance_of": "is not a text",
    "int_type": "is not a whole number",
    "bool_type": "is neither true nor false",
    "greater_than_equal": "is negative",
}
_NODES: Final = TypeAdapter(list[_Node])
_DETAIL: Final[TypeAdapter[_Node]] = TypeAdapter(_Detail)
_NODE: Final[TypeAdapter[_Node]] = TypeAdapter(_Node)
_DATATABLES: Final = TypeAdapter(list[_Datatable])
_REMOVED: Final = TypeAdapter(_Removed)
_PRESIGNED: Final = TypeAdapter(_Presigned)
_CREATED: Final = TypeAdapter(_Created)
_DATATABLE: Final = TypeAdapter(_DatatableDetail)


def listing(json: Any, where: str) -> Listing:
    """Call 1 of the reference, `GET …/datasets`; UnexpectedAnswer names `where` and the field."""
    nodes = [_node(wire) for wire in _valid(_NODES, json, where)]
    _no_twins((node.id for node in nodes), where)
    return Listing(
        folders={node.id: node for node in nodes if isinstance(node, RemoteFolder)},
        datasets={node.id: node for node in nodes if isinstance(node, RemoteDataset)},
    )


def datatables(json: Any, where: str) -> dict[str, RemoteDatatable]:
    """Call 5, `GET …/datatables`: by id, in listed order."""
    tables = [
        RemoteDatatable(
            id=wire.id,
            display_name=wire.display_name,
            dataset_id=wire.dataset_id,
            row_count=wire.row_count,
            created_at=wire.created_at or "",
        )
        for wire in _valid(_DATATABLES, json, where)
    ]
    _no_twins((table.id for table in tables), where)
    return {table.id: table for table in tables}


def dataset(json: Any, where: str, *, asked: str) -> RemoteDatasetDetail:
    """Call 3, `GET …/datasets/{datasetId}`."""
    is_folder = isinstance(json, dict) and json.get("treeNodeType") == FOLDER
    wire = _valid(_NODE if is_folder else _DETAIL, json, where)
    _same(wire.id, asked, "id", where)
    inner = wire.datatables if isinstance(wire, _Detail) else []
    _no_twins((table.id for table in inner), where)
    tables = tuple(
        RemoteDatatable(
            id=table.id,
            display_name=table.display_name,
            dataset_id=wire.id,
            row_count=table.row_count,
            created_at=table.created_at or "",
        )
        for table in inner
    )
    return RemoteDatasetDetail(_node(wire), tables)


def datatable(json: Any, where: str, *, asked: str) -> RemoteDatatable:
    """Call 7, `GET …/datatable/{datatableId}`, with its columns."""
    wire = _valid(_DATATABLE, json, where)
    _same(wire.id, asked, "id", where)
    columns = tuple(RemoteColumn(name=column.name, type=column.type) for column in wire.columns or ())
    return RemoteDatatable(
        id=wire.id,
        display_name=wire.display_name,
        dataset_id=wire.dataset_id,
        row_count=wire.row_count,
        created_at=wire.created_at or "",
        columns=columns,
    )


def created_dataset(json: Any, where: str, *, name: str, parent_id: str | None) -> RemoteDataset:
    """The answer to call 2 for a dataset; UnexpectedAnswer where it is not the one that was asked for."""
    wire, shown = _created_node(json, where, {"treeNodeType": DATASET, "treeParentId": parent_id}, name)
    return RemoteDataset(id=wire.id, display_name=name, created_at=wire.created_at or "", parent_id=shown)


def created_folder(json: Any, where: str, *, name: str, parent_id: str | None) -> RemoteFolder:
    """The answer to call 2 for a folder; UnexpectedAnswer where it is not the one that was asked for."""
    wire, shown = _created_node(json, where, {"treeNodeType": FOLDER, "treeParentId": parent_id}, name)
    return RemoteFolder(id=wire.id, display_name=name, parent_id=shown)


def created_datatable(json: Any, where: str, *, name: str, dataset_id: str) -> RemoteDatatable:
    """The answer to call 6: a new datatable has no rows, whether or not the answer says so."""
    wire = _valid(_CREATED, json, where)
    _same(wire.display_name, name, "displayName", where)
    _same(wire.dataset_id or dataset_id, dataset_id, "datasetId", where)
    return RemoteDatatable(
        id=wire.id, display_name=name, dataset_id=dataset_id, row_count=0, created_at=wire.created_at or ""
    )


def removed(json: Any, where: str) -> bool:
    """`success` in the answer to call 4; an empty answer of a good status counts as true."""
    return json is None or _valid(_REMOVED, json, where).success


def presigned(json: Any, where: str) -> str:
    """The URL in the answer to call 8. It is a secret: it goes into an UploadUrl and nowhere else."""
    return _valid(_PRESIGNED, json, where).pre_signed_upload_url


def _created_node(
    json: Any, where: str, asked: dict[str, str | None], name: str
) -> tuple[_Created, str | NotShown | None]:
    """The created node and the folder it shows; what it shows of its place must be what was asked for."""
    wire = _valid(_CREATED, json, where)
    _same(wire.display_name, name, "displayName", where)
    if wire.tree_node_type is not None:
        _same(wire.tree_node_type, asked["treeNodeType"], "treeNodeType", where)
    shown = _parent(wire)
    if shown is not NOT_SHOWN:
        _same(shown, asked["treeParentId"], "treeParentId", where)
    return wire, shown


def _node(wire: _Node) -> RemoteDataset | RemoteFolder:
    if wire.tree_node_type == FOLDER:
        return RemoteFolder(id=wire.id, display_name=wire.display_name, parent_id=_parent(wire))
    return RemoteDataset(
        id=wire.id,
        display_name=wire.display_name,
        created_at=wire.created_at or "",
        datatable_count=wire.datatable_count,
        parent_id=_parent(wire),
    )


def _parent(wire: _Node | _Created) -> str | NotShown | None:
    """Null (or an empty text) is the root; absent is a tenant that does not show its tree."""
    return (wire.tree_parent_id or None) if "tree_parent_id" in wire.model_fields_set else NOT_SHOWN


def _valid(shape: TypeAdapter[T], json: Any, where: str) -> T:
    try:
        return shape.validate_python(json)
    except ValidationError as caught:
        faults = caught.errors(include_url=False, include_context=False, include_input=False)
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in faults[0]["loc"])
    more = f" (and {len(faults) - 1} more like it)" if len(faults) > 1 else ""
    field = f"field '{place.removeprefix('.')}'" if place else "the answer"
    raise UnexpectedAnswer(f"{field} {_SAYINGS.get(faults[0]['type'], faults[0]['msg'])}{more}", where=where)


def _no_twins(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise UnexpectedAnswer(f"two things in one listing have the id {id_!r}", where=where)
        seen.add(id_)


def _same(shown: object, asked: object, field: str, where: str) -> None:
    if shown != asked:
        raise UnexpectedAnswer(f"field '{field}' is {shown!r}, asked for was {asked!r}", where=where)
