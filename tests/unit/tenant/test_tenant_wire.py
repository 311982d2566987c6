from __future__ import annotations

import copy

import pytest

from pmsync.errors import UnexpectedAnswer
from pmsync.model.snapshot import NOT_SHOWN, RemoteColumn, RemoteDataset, RemoteDatatable, RemoteFolder
from pmsync.tenant import wire

WHERE = "GET /tenant/t/x"
DATASET = {"id": "d1", "displayName": "Sales", "createdAt": "2024-01-20T08:00:00Z", "datatableCount": 3}
TABLE = {
    "id": "x1",
    "displayName": "Orders",
    "datasetId": "d1",
    "rowCount": 15000,
    "createdAt": "2024-01-25T10:00:00Z",
}
DETAIL = {
    "id": "d1",
    "displayName": "Sales",
    "createdAt": "2024-01-20T08:00:00Z",
    "datatables": [{"id": "x1", "displayName": "Orders", "rowCount": 15000}],
}
TABLE_DETAIL = TABLE | {
    "columns": [{"name": "case_id", "type": "string"}, {"name": "at", "type": "datetime"}]
}


def test_the_documented_dataset_listing_is_read():
    found = wire.listing([DATASET], WHERE)
    expected = RemoteDataset(
        id="d1",
        display_name="Sales",
        created_at="2024-01-20T08:00:00Z",
        datatable_count=3,
        parent_id=NOT_SHOWN,
    )
    assert found == wire.Listing(folders={}, datasets={"d1": expected})


def test_folders_are_told_from_datasets_where_the_tree_is_shown():
    nodes = [
        {"id": "f1", "displayName": "Finance", "treeNodeType": "TreeGroup", "treeParentId": None},
        {"id": "f2", "displayName": "Inner", "treeNodeType": "TreeGroup", "treeParentId": "f1"},
        DATASET | {"treeNodeType": "Dataset", "treeParentId": "f2"},
        {"id": "d2", "displayName": "Root", "treeNodeType": "SomethingNew", "treeParentId": ""},
    ]
    found = wire.listing(nodes, WHERE)
    assert found.folders["f1"] == RemoteFolder(id="f1", display_name="Finance", parent_id=None)
    assert found.folders["f2"].parent_id == "f1"
    assert found.datasets["d1"].parent_id == "f2"
    assert found.datasets["d2"].parent_id is None


def test_a_parent_that_is_null_is_told_from_one_that_is_not_shown():
    assert wire.listing([DATASET | {"treeParentId": None}], WHERE).datasets["d1"].parent_id is None
    assert wire.listing([DATASET], WHERE).datasets["d1"].parent_id is NOT_SHOWN


def test_the_listed_order_is_kept():
    nodes = [DATASET | {"id": id_} for id_ in ("z", "a", "m")]
    assert list(wire.listing(nodes, WHERE).datasets) == ["z", "a", "m"]


def test_the_documented_datatable_listing_is_read():
    assert wire.datatables([TABLE], WHERE) == {
        "x1": RemoteDatatable(
            id="x1",
            display_name="Orders",
            dataset_id="d1",
            row_count=15000,
            created_at="2024-01-25T10:00:00Z",
        )
    }


def test_the_documented_dataset_detail_is_read():
    found = wire.dataset(DETAIL, WHERE, asked="d1")
    assert isinstance(found.entry, RemoteDataset)
    assert found.datatables == (
        RemoteDatatable(id="x1", display_name="Orders", dataset_id="d1", row_count=15000),
    )


def test_a_folder_asked_for_by_id_is_a_folder():
    json = {"id": "f1", "displayName": "Finance", "treeNodeType": "TreeGroup", "treeParentId": None}
    found = wire.dataset(json, WHERE, asked="f1")
    assert found == wire.RemoteDatasetDetail(
        RemoteFolder(id="f1", display_name="Finance", parent_id=None), ()
    )


def test_the_documented_datatable_detail_is_read():
    columns = (RemoteColumn(name="case_id", type="string"), RemoteColumn(name="at", type="datetime"))
    assert wire.datatable(TABLE_DETAIL, WHERE, asked="x1").columns == columns


@pytest.mark.parametrize("json", [TABLE, TABLE | {"columns": None}, TABLE | {"columns": []}])
def test_a_datatable_without_columns_has_none(json):
    assert wire.datatable(json, WHERE, asked="x1").columns == ()


def test_unknown_fields_are_ignored_everywhere():
    more = {"newField": {"deep": [1]}}
    inner = {"columns": [{"name": "a", "type": "string"} | more]}
    assert wire.listing([DATASET | more], WHERE) == wire.listing([DATASET], WHERE)
    assert wire.datatables([TABLE | more], WHERE) == wire.datatables([TABLE], WHERE)
    assert wire.dataset(DETAIL | more, WHERE, asked="d1") == wire.dataset(DETAIL, WHERE, asked="d1")
    assert wire.datatable(TABLE | inner | more, WHERE, asked="x1").columns == (
        RemoteColumn(name="a", type="string"),
    )


@pytest.mark.parametrize("missing", ["createdAt", "datatableCount"])
def test_what_nothing_depends_on_may_be_absent_or_null(missing):
    without = {name: value for name, value in DATASET.items() if name != missing}
    assert wire.listing([without], WHERE) == wire.listing([DATASET | {missing: None}], WHERE)


NAMES = ["", " ", "ä", "\ud800", "\x1b[31m", "a\nb", "\u202eabc", "😀", "x" * 65536]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_may_hold_anything(name):
    assert wire.listing([DATASET | {"displayName": name}], WHERE).datasets["d1"].display_name == name
    assert wire.datatables([TABLE | {"displayName": name}], WHERE)["x1"].display_name == name


def broken(base, path, value):
    """A copy of an answer with one place changed; `...` takes the place away."""
    json = copy.deepcopy(base)
    *way, last = path
    here = json
    for step in way:
        here = here[step]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return json


READERS = {
    "listing": lambda json: wire.listing(json, WHERE),
    "datatables": lambda json: wire.datatables(json, WHERE),
    "dataset": lambda json: wire.dataset(json, WHERE, asked="d1"),
    "datatable": lambda json: wire.datatable(json, WHERE, asked="x1"),
}


@pytest.mark.parametrize(
    ("reader", "base", "path", "value", "says"),
    [
        ("listing", [DATASET], [0, "id"], ..., "[0].id' is missing"),
        ("listing", [DATASET], [0, "id"], "", "[0].id' is empty"),
        ("listing", [DATASET], [0, "id"], 7, "[0].id' is not a text"),
        ("listing", [DATASET], [0, "id"], None, "[0].id' is not a text"),
        ("listing", [DATASET], [0, "displayName"], ..., "[0].displayName' is missing"),
        ("listing", [DATASET], [0, "displayName"], None, "[0].displayName' is not a text"),
        ("listing", [DATASET], [0, "displayName"], ["x"], "[0].displayName' is not a text"),
        ("listing", [DATASET], [0, "createdAt"], 17, "[0].createdAt' is not a text"),
        ("listing", [DATASET], [0, "datatableCount"], "3", "[0].datatableCount' is not a whole number"),
        ("listing", [DATASET], [0, "datatableCount"], True, "[0].datatableCount' is not a whole number"),
        ("listing", [DATASET], [0, "datatableCount"], -1, "[0].datatableCount' is negative"),
        ("listing", [DATASET], [0, "treeParentId"], 5, "[0].treeParentId' is not a text"),
        ("listing", [DATASET], [0, "treeNodeType"], {}, "[0].treeNodeType' is not a text"),
        ("listing", [DATASET], [0], None, "[0]' is not an object"),
        ("listing", [DATASET], [0], [], "[0]' is not an object"),
        ("datatables", [TABLE], [0, "datasetId"], ..., "[0].datasetId' is missing"),
        ("datatables", [TABLE], [0, "datasetId"], "", "[0].datasetId' is empty"),
        ("datatables", [TABLE], [0, "rowCount"], ..., "[0].rowCount' is missing"),
        ("datatables", [TABLE], [0, "rowCount"], None, "[0].rowCount' is not a whole number"),
        ("datatables", [TABLE], [0, "rowCount"], "15000", "[0].rowCount' is not a whole number"),
        ("datatables", [TABLE], [0, "rowCount"], 1.5, "[0].rowCount' is not a whole number"),
        ("datatables", [TABLE], [0, "rowCount"], False, "[0].rowCount' is not a whole number"),
        ("datatables", [TABLE], [0, "rowCount"], -1, "[0].rowCount' is negative"),
        ("dataset", DETAIL, ["datatables"], ..., "datatables' is missing"),
        ("dataset", DETAIL, ["datatables"], None, "datatables' is not a list"),
        ("dataset", DETAIL, ["datatables", 0, "rowCount"], ..., "datatables[0].rowCount' is missing"),
        ("dataset", DETAIL, ["datatables", 0, "id"], "", "datatables[0].id' is empty"),
        ("dataset", DETAIL, ["id"], "d2", "'id' is 'd2', asked for was 'd1'"),
        ("datatable", TABLE_DETAIL, ["id"], "x2", "'id' is 'x2', asked for was 'x1'"),
        ("datatable", TABLE_DETAIL, ["columns"], {}, "columns' is not a list"),
        ("datatable", TABLE_DETAIL, ["columns", 1, "type"], ..., "columns[1].type' is missing"),
        ("datatable", TABLE_DETAIL, ["columns", 1, "name"], None, "columns[1].name' is not a text"),
    ],
)
def test_a_wrong_answer_is_an_error_that_names_endpoint_and_field(reader, base, path, value, says):
    with pytest.raises(UnexpectedAnswer) as caught:
        READERS[reader](broken(base, path, value))
    assert caught.value.where == WHERE
    assert says in caught.value.what


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("json", [None, "text", 7, True])
def test_an_answer_of_another_kind_is_an_error(reader, json):
    with pytest.raises(UnexpectedAnswer, match="the answer is not"):
        READERS[reader](json)


@pytest.mark.parametrize(
    ("reader", "json"),
    [
        ("listing", [DATASET, DATASET]),
        ("listing", [DATASET, {"id": "d1", "displayName": "F", "treeNodeType": "TreeGroup"}]),
        ("datatables", [TABLE, TABLE | {"datasetId": "d9"}]),
        ("dataset", DETAIL | {"datatables": DETAIL["datatables"] * 2}),
    ],
)
def test_an_id_that_comes_twice_is_an_error(reader, json):
    with pytest.raises(UnexpectedAnswer, match="two things in one listing have the id"):
        READERS[reader](json)


def test_many_faults_are_counted_in_one_sentence():
    with pytest.raises(UnexpectedAnswer, match="and 2 more like it"):
        wire.datatables(
            [{"id": "a", "displayName": "b"}, {"id": "a", "displayName": "b", "datasetId": "c"}], WHERE
        )


def test_an_upload_url_must_be_there():
    assert wire.presigned({"PreSignedUploadUrl": "https://x"}, WHERE) == "https://x"
    for json in ({}, {"PreSignedUploadUrl": ""}, {"preSignedUploadUrl": "https://x"}, []):
        with pytest.raises(UnexpectedAnswer):
            wire.presigned(json, WHERE)
