"""What the API's answers look like, tolerantly.

Unknown fields are ignored, a missing required one is an error that names it. The tree fields are taken where
they are shown, row counts and times where there are any. Things whose id cannot stand in a path are told
apart.
This module must not know how an answer came here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from msgspec import Struct, UnsetType

from pmsync.errors import UnexpectedAnswer
from pmsync.model.address import Kind
from pmsync.model.ids import fault_of
from pmsync.model.snapshot import (
    NOT_SHOWN,
    LeftOut,
    NotShown,
    RemoteColumn,
    RemoteDataset,
    RemoteDatatable,
    RemoteFolder,
)
from pmsync.tenant import shapes
from pmsync.tenant.decoding import decoded, moment

FOLDER: Final = "TreeGroup"
DATASET: Final = "Dataset"
Thing = TypeVar("Thing")


class Listing(Struct, frozen=True):
    """All folders and datasets of a tenant, by id, in the order in which they were listed.

    `folders` is empty where the tenant does not show its tree.
    """

    folders: dict[str, RemoteFolder]
    datasets: dict[str, RemoteDataset]
    left_out: tuple[LeftOut, ...] = ()


class DatatableListing(Struct, frozen=True):
    """All datatables of a tenant, by id, in the order in which they were listed, without their columns."""

    datatables: dict[str, RemoteDatatable]
    left_out: tuple[LeftOut, ...] = ()


class RemoteDatasetDetail(Struct, frozen=True):
    """A dataset (or a folder, where the tenant shows that it is one) asked for by id, with its datatables."""

    entry: RemoteDataset | RemoteFolder
    datatables: tuple[RemoteDatatable, ...]
    left_out: tuple[LeftOut, ...] = ()


def listing(body: bytes, where: str) -> Listing:
    """Call 1 of the reference, `GET …/datasets`; UnexpectedAnswer names `where` and the field."""
    wires, faulty = _parted(decoded(shapes.NODES, body, where), _fault)
    nodes = [_node(wire) for wire in wires]
    _no_twins((node.id for node in nodes), where)
    return Listing(
        folders={node.id: node for node in nodes if isinstance(node, RemoteFolder)},
        datasets={node.id: node for node in nodes if isinstance(node, RemoteDataset)},
        left_out=tuple(
            _left_out(wire, fault, Kind.FOLDER if wire.tree_node_type == FOLDER else Kind.DATASET)
            for wire, fault in faulty
        ),
    )


def datatables(body: bytes, where: str) -> DatatableListing:
    """Call 5, `GET …/datatables`."""
    wires, faulty = _parted(decoded(shapes.DATATABLES, body, where), _table_fault)
    tables = [_datatable(wire, wire.dataset_id) for wire in wires]
    _no_twins((table.id for table in tables), where)
    left_out = tuple(_left_out(wire, fault, Kind.DATATABLE, wire.dataset_id) for wire, fault in faulty)
    return DatatableListing({table.id: table for table in tables}, left_out)


def dataset(body: bytes, where: str, *, asked: str) -> RemoteDatasetDetail:
    """Call 3, `GET …/datasets/{datasetId}`."""
    wire = decoded(shapes.DETAIL, body, where)
    _same(wire.id, asked, "id", where)
    inner = wire.datatables
    if isinstance(inner, UnsetType):
        if wire.tree_node_type != FOLDER:
            raise UnexpectedAnswer("field 'datatables' is missing", where=where)
        inner = []
    sound, faulty = _parted(inner, _fault)
    tables = tuple(_datatable(table, wire.id) for table in sound)
    _no_twins((table.id for table in tables), where)
    left_out = tuple(_left_out(table, fault, Kind.DATATABLE, wire.id) for table, fault in faulty)
    return RemoteDatasetDetail(_node(wire), tables, left_out)


def datatable(body: bytes, where: str, *, asked: str) -> RemoteDatatable:
    """Call 7, `GET …/datatable/{datatableId}`, with its columns."""
    wire = decoded(shapes.DATATABLE, body, where)
    _same(wire.id, asked, "id", where)
    if fault := fault_of(wire.dataset_id):
        raise UnexpectedAnswer(f"field 'datasetId' {fault}", where=where)
    columns = tuple(RemoteColumn(name=column.name, type=column.type) for column in wire.columns or ())
    return _datatable(wire, wire.dataset_id, columns)


def created_dataset(body: bytes, where: str, *, name: str, parent_id: str | None) -> RemoteDataset:
    """The answer to call 2 for a dataset; UnexpectedAnswer where it is not the one that was asked for."""
    wire = _created_node(body, where, {"treeNodeType": DATASET, "treeParentId": parent_id}, name)
    return RemoteDataset(
        id=wire.id, display_name=name, created_at=moment(wire.created_at), parent_id=_parent(wire)
    )


def created_folder(body: bytes, where: str, *, name: str, parent_id: str | None) -> RemoteFolder:
    """The answer to call 2 for a folder; UnexpectedAnswer where it is not the one that was asked for."""
    wire = _created_node(body, where, {"treeNodeType": FOLDER, "treeParentId": parent_id}, name)
    return RemoteFolder(id=wire.id, display_name=name, parent_id=_parent(wire))


def created_datatable(body: bytes, where: str, *, name: str, dataset_id: str) -> RemoteDatatable:
    """The answer to call 6: a new datatable has no rows, whether or not the answer says so."""
    wire = _created(body, where, name)
    _same(wire.dataset_id or dataset_id, dataset_id, "datasetId", where)
    return RemoteDatatable(
        id=wire.id,
        display_name=name,
        dataset_id=dataset_id,
        row_count=0,
        created_at=moment(wire.created_at),
    )


def removed(body: bytes, where: str) -> bool:
    """`success` in the answer to call 4; an empty answer of a good status counts as true."""
    return not body or decoded(shapes.REMOVED, body, where).success


def presigned(body: bytes, where: str) -> str:
    """The URL in the answer to call 8. It is a secret: it goes into an UploadUrl and nowhere else."""
    url = decoded(shapes.PRESIGNED, body, where).pre_signed_upload_url
    if not url:
        raise UnexpectedAnswer("field 'PreSignedUploadUrl' is empty", where=where)
    return url


def anything(body: bytes, where: str) -> None:
    """Raises UnexpectedAnswer where an answer is neither JSON nor empty."""
    if body:
        decoded(shapes.ANYTHING, body, where)


def _created(body: bytes, where: str, name: str) -> shapes.CreatedShape:
    wire = decoded(shapes.CREATED, body, where)
    if fault := fault_of(wire.id):
        raise UnexpectedAnswer(f"field 'id' {fault}", where=where)
    _same(wire.display_name, name, "displayName", where)
    return wire


def _created_node(body: bytes, where: str, asked: dict[str, str | None], name: str) -> shapes.CreatedShape:
    """The created node; what it shows of its place must be what was asked for."""
    wire = _created(body, where, name)
    if wire.tree_node_type is not None:
        _same(wire.tree_node_type, asked["treeNodeType"], "treeNodeType", where)
    shown = _parent(wire)
    if shown is not NOT_SHOWN:
        _same(shown, asked["treeParentId"], "treeParentId", where)
    return wire


def _node(wire: shapes.NodeShape) -> RemoteDataset | RemoteFolder:
    if wire.tree_node_type == FOLDER:
        return RemoteFolder(id=wire.id, display_name=wire.display_name, parent_id=_parent(wire))
    return RemoteDataset(
        id=wire.id,
        display_name=wire.display_name,
        created_at=moment(wire.created_at),
        datatable_count=wire.datatable_count,
        parent_id=_parent(wire),
    )


def _datatable(
    wire: shapes.DatatableShape | shapes.InnerDatatableShape,
    dataset_id: str,
    columns: tuple[RemoteColumn, ...] | None = None,
) -> RemoteDatatable:
    return RemoteDatatable(
        id=wire.id,
        display_name=wire.display_name,
        dataset_id=dataset_id,
        row_count=wire.row_count or 0,
        rows_shown=wire.row_count is not None,
        created_at=moment(wire.created_at),
        columns=columns,
    )


def _parent(wire: shapes.NodeShape | shapes.CreatedShape) -> str | NotShown | None:
    """Null (or an empty text) is the root; absent is a tenant that does not show its tree."""
    shown = wire.tree_parent_id
    return NOT_SHOWN if isinstance(shown, UnsetType) else shown or None


def _parted(
    wires: list[Thing], fault_in: Callable[[Thing], str | None]
) -> tuple[list[Thing], list[tuple[Thing, str]]]:
    """The things that can be asked for, and the others with what is wrong with them."""
    sound, faulty = [], []
    for wire in wires:
        fault = fault_in(wire)
        if fault is None:
            sound.append(wire)
        else:
            faulty.append((wire, fault))
    return sound, faulty


def _fault(wire: shapes.NodeShape | shapes.InnerDatatableShape) -> str | None:
    fault = fault_of(wire.id)
    return fault and f"its id {fault}"


def _table_fault(wire: shapes.DatatableShape) -> str | None:
    """What is wrong with its id, or with that of what it is in."""
    if own := fault_of(wire.id):
        return f"its id {own}"
    dataset = fault_of(wire.dataset_id)
    return dataset and f"the id of its dataset {dataset}"


def _left_out(
    wire: shapes.NodeShape | shapes.DatatableShape | shapes.InnerDatatableShape,
    fault: str,
    kind: Kind,
    dataset_id: str = "",
) -> LeftOut:
    return LeftOut(kind=kind, id=wire.id, display_name=wire.display_name, fault=fault, dataset_id=dataset_id)


def _no_twins(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise UnexpectedAnswer(f"two things in one listing have the id {id_!r}", where=where)
        seen.add(id_)


def _same(shown: str | NotShown | None, asked: str | None, field: str, where: str) -> None:
    if shown != asked:
        said = shown[:100] if isinstance(shown, str) else shown
        raise UnexpectedAnswer(f"field '{field}' is {said!r}, asked for was {asked!r}", where=where)
