from __future__ import annotations

import copy
import json as jsons
import tracemalloc

import pytest
from tenant_samples import NO_IDS

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


def body(json: object) -> bytes:
    return jsons.dumps(json).encode()


def listing(json: object) -> wire.Listing:
    return wire.listing(body(json), WHERE)


def datatables(json: object) -> dict[str, RemoteDatatable]:
    return wire.datatables(body(json), WHERE).datatables


def dataset(json: object, asked: str = "d1") -> wire.RemoteDatasetDetail:
    return wire.dataset(body(json), WHERE, asked=asked)


def datatable(json: object, asked: str = "x1") -> RemoteDatatable:
    return wire.datatable(body(json), WHERE, asked=asked)


def test_the_documented_dataset_listing_is_read():
    found = listing([DATASET])
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
    found = listing(nodes)
    assert found.folders["f1"] == RemoteFolder(id="f1", display_name="Finance", parent_id=None)
    assert found.folders["f2"].parent_id == "f1"
    assert found.datasets["d1"].parent_id == "f2"
    assert found.datasets["d2"].parent_id is None


def test_a_parent_that_is_null_is_told_from_one_that_is_not_shown():
    assert listing([DATASET | {"treeParentId": None}]).datasets["d1"].parent_id is None
    assert listing([DATASET]).datasets["d1"].parent_id is NOT_SHOWN


def test_the_listed_order_is_kept():
    nodes = [DATASET | {"id": id_} for id_ in ("z", "a", "m")]
    assert list(listing(nodes).datasets) == ["z", "a", "m"]


def test_the_documented_datatable_listing_is_read():
    assert datatables([TABLE]) == {
        "x1": RemoteDatatable(
            id="x1",
            display_name="Orders",
            dataset_id="d1",
            row_count=15000,
            created_at="2024-01-25T10:00:00Z",
        )
    }


def test_the_documented_dataset_detail_is_read():
    found = dataset(DETAIL, asked="d1")
    assert isinstance(found.entry, RemoteDataset)
    assert found.datatables == (
        RemoteDatatable(id="x1", display_name="Orders", dataset_id="d1", row_count=15000),
    )


def test_a_folder_asked_for_by_id_is_a_folder():
    json = {"id": "f1", "displayName": "Finance", "treeNodeType": "TreeGroup", "treeParentId": None}
    found = dataset(json, asked="f1")
    assert found == wire.RemoteDatasetDetail(
        RemoteFolder(id="f1", display_name="Finance", parent_id=None), ()
    )


def test_the_documented_datatable_detail_is_read():
    columns = (RemoteColumn(name="case_id", type="string"), RemoteColumn(name="at", type="datetime"))
    assert datatable(TABLE_DETAIL, asked="x1").columns == columns


@pytest.mark.parametrize("json", [TABLE, TABLE | {"columns": None}, TABLE | {"columns": []}])
def test_a_datatable_without_columns_has_none(json):
    assert datatable(json, asked="x1").columns == ()


def test_unknown_fields_are_ignored_everywhere():
    more = {"newField": {"deep": [1]}}
    inner = {"columns": [{"name": "a", "type": "string"} | more]}
    assert listing([DATASET | more]) == listing([DATASET])
    assert datatables([TABLE | more]) == datatables([TABLE])
    assert dataset(DETAIL | more, asked="d1") == dataset(DETAIL, asked="d1")
    assert datatable(TABLE | inner | more, asked="x1").columns == (RemoteColumn(name="a", type="string"),)


@pytest.mark.parametrize("missing", ["createdAt", "datatableCount"])
def test_what_nothing_depends_on_may_be_absent_or_null(missing):
    without = {name: value for name, value in DATASET.items() if name != missing}
    assert listing([without]) == listing([DATASET | {missing: None}])


NAMES = ["", " ", "ä", "\x1b[31m", "a\nb", "\u202eabc", "😀", "x" * 65536]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_may_hold_anything(name):
    assert listing([DATASET | {"displayName": name}]).datasets["d1"].display_name == name
    assert datatables([TABLE | {"displayName": name}])["x1"].display_name == name


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


READERS = {"listing": listing, "datatables": datatables, "dataset": dataset, "datatable": datatable}


@pytest.mark.parametrize(
    ("reader", "base", "path", "value", "says"),
    [
        ("listing", [DATASET], [0, "id"], ..., "[0].id' is missing"),
        ("listing", [DATASET], [0, "id"], 7, "[0].id' is not a text"),
        ("listing", [DATASET], [0, "id"], None, "[0].id' is not a text"),
        ("listing", [DATASET], [0, "displayName"], ..., "[0].displayName' is missing"),
        ("listing", [DATASET], [0, "displayName"], None, "[0].displayName' is not a text"),
        ("listing", [DATASET], [0, "displayName"], ["x"], "[0].displayName' is not a text"),
        ("listing", [DATASET], [0, "datatableCount"], "3", "[0].datatableCount' is not a whole number"),
        ("listing", [DATASET], [0, "datatableCount"], True, "[0].datatableCount' is not a whole number"),
        ("listing", [DATASET], [0, "datatableCount"], -1, "[0].datatableCount' is negative"),
        ("listing", [DATASET], [0, "treeParentId"], 5, "[0].treeParentId' is not a text"),
        ("listing", [DATASET], [0, "treeNodeType"], {}, "[0].treeNodeType' is not a text"),
        ("listing", [DATASET], [0], None, "[0]' is not an object"),
        ("listing", [DATASET], [0], [], "[0]' is not an object"),
        ("datatables", [TABLE], [0, "datasetId"], ..., "[0].datasetId' is missing"),
        ("datatables", [TABLE], [0, "rowCount"], "15000", "[0].rowCount' is not a whole number"),
        ("datatables", [TABLE], [0, "rowCount"], 1.5, "[0].rowCount' is not a whole number"),
        ("datatables", [TABLE], [0, "rowCount"], False, "[0].rowCount' is not a whole number"),
        ("datatables", [TABLE], [0, "rowCount"], -1, "[0].rowCount' is negative"),
        ("dataset", DETAIL, ["datatables"], ..., "datatables' is missing"),
        ("dataset", DETAIL, ["datatables"], None, "datatables' is not a list"),
        ("datatables", [TABLE], [0, "rowCount"], 10**16, "[0].rowCount' is too large a number"),
        ("datatables", [TABLE], [0, "rowCount"], 10**40, "[0].rowCount' is too large a number"),
        ("listing", [DATASET], [0, "displayName"], "x" * 65537, "[0].displayName' is longer than 65,536"),
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


def test_only_the_first_fault_is_looked_for():
    with pytest.raises(UnexpectedAnswer, match=r"field '\[0\].datasetId' is missing$"):
        datatables([{"id": "a", "displayName": "b"}, {"id": "a"}])


@pytest.mark.parametrize("shown", [{}, {"rowCount": None}])
def test_a_datatable_may_show_no_row_count(shown):
    bare = {name: value for name, value in TABLE.items() if name != "rowCount"} | shown
    listed = datatables([bare])["x1"]
    inner = dataset(DETAIL | {"datatables": [bare]}).datatables[0]
    asked = datatable(bare)
    assert [(one.row_count, one.rows_shown) for one in (listed, inner, asked)] == [(0, False)] * 3
    assert datatables([TABLE | {"rowCount": 0}])["x1"].rows_shown


@pytest.mark.parametrize(
    "time", [17, 1704067200000.5, {}, ["x"], True, "x" * 65, "a\x1b[31m", '"', "\u202e", None, {"a": [[]]}]
)
def test_a_time_that_makes_no_sense_is_none(time):
    assert listing([DATASET | {"createdAt": time}]).datasets["d1"].created_at == ""
    assert datatables([TABLE | {"createdAt": time}])["x1"].created_at == ""


@pytest.mark.parametrize("id_", [one for one in NO_IDS if one.isascii()])
def test_a_thing_whose_id_is_none_is_left_out(id_):
    found = listing(
        [DATASET | {"id": id_}, DATASET, {"id": id_, "displayName": "F", "treeNodeType": "TreeGroup"}]
    )
    assert list(found.datasets) == ["d1"]
    assert not found.folders
    assert [(one.kind, one.display_name) for one in found.left_out] == [("dataset", "Sales"), ("folder", "F")]
    assert all(one.fault.startswith("its id ") for one in found.left_out)
    tables = wire.datatables(
        body([TABLE, TABLE | {"id": id_}, TABLE | {"id": "x9", "datasetId": id_}]), WHERE
    )
    assert list(tables.datatables) == ["x1"]
    assert [one.id for one in tables.left_out] == [id_, "x9"]
    detail = dataset(DETAIL | {"datatables": [TABLE, TABLE | {"id": id_}]})
    assert [one.id for one in detail.datatables] == ["x1"]
    assert [(one.id, one.dataset_id) for one in detail.left_out] == [(id_, "d1")]


BOMBS = {
    "empty objects": b"[" + b"{}," * 5_000_000 + b"{}]",
    "empty objects where nothing is asked": b'[{"id":"a","displayName":"b","x":['
    + b"{}," * 5_000_000
    + b"{}]}]",
    "empty lists as a time": b'[{"id":"a","displayName":"b","createdAt":[' + b"[]," * 5_000_000 + b"[]]}]",
    "nested lists": b"[" * 5_000_000,
    "nested objects": b'{"a":' * 5_000_000,
    "nested where nothing is asked": b'[{"id":"a","displayName":"b","x":' + b"[" * 5_000_000,
    "a long number": b'[{"id":"a","displayName":"b","datatableCount":' + b"9" * 5_000_000 + b"}]",
    "a long text": b'[{"id":"a","displayName":"' + b"x" * 5_000_000 + b'"}]',
    "a long escaped text": b'[{"id":"a","displayName":"' + b"\\u00e4" * 1_000_000 + b'"}]',
    "many things": b"[" + b'{"id":"a","displayName":"b"},' * 200_000 + b'{"id":"a","displayName":"b"}]',
    "not a number": b'[{"id":"a","displayName":"b","datatableCount":NaN}]',
    "infinity": b'[{"id":"a","displayName":"b","x":-Infinity}]',
    "half a surrogate pair": b'[{"id":"a","displayName":"\\ud800"}]',
    "no UTF-8": b'[{"id":"a","displayName":"\xff"}]',
    "another encoding": '[{"id":"a","displayName":"b"}]'.encode("utf-16"),
    "a mark before it": b"\xef\xbb\xbf[]",
    "cut": b'[{"id":"a","displayName":"b"}',
    "two answers": b"[][]",
    "nothing": b"",
    "a page": b"<!DOCTYPE html><html></html>",
}
ENDS = {"empty objects where nothing is asked", "empty lists as a time"}
"""What is no part of an answer is skipped without being built."""


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_one_sentence_and_takes_little_memory(bomb):
    tracemalloc.start()
    try:
        if bomb in ENDS:
            assert list(wire.listing(BOMBS[bomb], WHERE).datasets) == ["a"]
        else:
            with pytest.raises(UnexpectedAnswer) as caught:
                wire.listing(BOMBS[bomb], WHERE)
            assert len(caught.value.what) < 120
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * 1024 * 1024


def test_of_a_key_that_comes_twice_the_last_counts():
    """As in every other reader of JSON that the vendor's clients use: what is used is still checked."""
    found = wire.listing(b'[{"id":"a","id":"b","displayName":"x","displayName":"y"}]', WHERE)
    assert [(one.id, one.display_name) for one in found.datasets.values()] == [("b", "y")]
    assert wire.listing(b'[{"id":"a","id":"..","displayName":"x"}]', WHERE).left_out


def test_an_upload_url_must_be_there():
    assert wire.presigned(body({"PreSignedUploadUrl": "https://x"}), WHERE) == "https://x"
    for json in ({}, {"PreSignedUploadUrl": ""}, {"preSignedUploadUrl": "https://x"}, []):
        with pytest.raises(UnexpectedAnswer):
            wire.presigned(body(json), WHERE)
