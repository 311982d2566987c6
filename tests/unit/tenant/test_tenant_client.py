from __future__ import annotations

import base64
import json
import socket
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from scripted_server import cut, says
from tenant_samples import KEY, NO_IDS

from pmsync.errors import (
    AnswerLost,
    AuthenticationFailed,
    Refused,
    Rejected,
    Secret,
    UnexpectedAnswer,
    Unreachable,
)
from pmsync.model.snapshot import NOT_SHOWN, RemoteColumn
from pmsync.tenant.body import UploadTask
from pmsync.tenant.client import Deletion, TenantReader, TenantWriter
from pmsync.tenant.hosts import api_address
from pmsync.tenant.session import Session

DATASET = {"id": "d1", "displayName": "Sales", "createdAt": "2024-01-20T08:00:00Z", "datatableCount": 1}
TABLE = {
    "id": "x1",
    "displayName": "Orders",
    "datasetId": "d1",
    "rowCount": 3,
    "createdAt": "2024-01-25T10:00:00Z",
}
TASK = UploadTask(
    datatable_id="x1",
    dataset_id="d1",
    name="Bestellungen & Ä.csv",
    size=1024,
    sha256="0" * 64,
    mtime_ms=1704067200000,
)
GONE = says(404, {"message": "no such thing"})


def test_the_listings_are_one_get_each(serve, connect):
    server = serve(says(200, [DATASET]), says(200, [TABLE]))
    tenant = connect(server)
    assert list(tenant.datasets().datasets) == ["d1"]
    assert list(tenant.datatables()) == ["x1"]
    assert [(seen.method, seen.target) for seen in server.seen] == [
        ("GET", "/tenant/t-1/datasets"),
        ("GET", "/tenant/t-1/datatables"),
    ]


def test_a_dataset_and_a_datatable_are_asked_for_by_id(serve, connect):
    server = serve(
        says(200, DATASET | {"datatables": [TABLE]}),
        says(200, TABLE | {"columns": [{"name": "a", "type": "string"}]}),
    )
    tenant = connect(server)
    assert tenant.dataset("d1").datatables[0].row_count == 3
    assert tenant.datatable("x1").columns == (RemoteColumn(name="a", type="string"),)
    assert [seen.target for seen in server.seen] == ["/tenant/t-1/datasets/d1", "/tenant/t-1/datatable/x1"]


def test_what_the_tenant_says_is_not_there_is_none(serve, connect):
    tenant = connect(serve(GONE, GONE))
    assert tenant.dataset("d1") is None
    assert tenant.datatable("x1") is None


def test_a_web_page_that_says_404_does_not_make_a_dataset_gone(serve, connect):
    with pytest.raises(Rejected):
        connect(serve(says(404, b"<html>not here</html>"))).dataset("d1")


@pytest.mark.parametrize("call", ["datasets", "datatables"])
def test_a_listing_that_is_not_there_is_an_error_and_not_empty(serve, connect, call):
    with pytest.raises(Rejected, match="404") as caught:
        getattr(connect(serve(GONE)), call)()
    assert "tenantId" in caught.value.hint


@pytest.mark.parametrize(
    ("step", "expected"), [(says(200, {"id": "t"}), True), (says(204), True), (GONE, False)]
)
def test_the_connection_check_tolerates_a_tenant_without_that_endpoint(serve, connect, step, expected):
    server = serve(step)
    assert connect(server).tenant() is expected
    assert server.seen[0].target == "/tenant/t-1"


@pytest.mark.parametrize("status", [401, 403])
def test_the_connection_check_says_that_a_key_is_refused(serve, connect, status):
    with pytest.raises(AuthenticationFailed):
        connect(serve(says(status, {"message": "no"}))).tenant()


def test_a_get_is_repeated_until_it_works(serve, connect, clock):
    server = serve(says(503, {}, Retry_After="3"), cut(), says(200, [TABLE]))
    assert list(connect(server).datatables()) == ["x1"]
    assert len(server.seen) == 3
    assert clock.slept == [3.0, 1.0]


def test_a_get_that_never_works_fails_as_a_whole(serve, connect):
    with pytest.raises(Unreachable):
        connect(serve(cut(), cut(), cut())).datasets()


def test_a_create_sends_both_tree_fields_always(serve, connect):
    server = serve(
        says(200, {"id": "n1", "displayName": "Finance"}),
        says(201, {"id": "n2", "displayName": "Sales", "createdAt": "now"}),
    )
    tenant = connect(server)
    folder, dataset = tenant.create_folder("Finance", None), tenant.create_dataset("Sales", "n1")
    assert (folder.id, folder.parent_id) == ("n1", NOT_SHOWN)
    assert (dataset.id, dataset.created_at, dataset.parent_id) == ("n2", "now", NOT_SHOWN)
    assert [(seen.method, seen.target, json.loads(seen.body)) for seen in server.seen] == [
        (
            "POST",
            "/tenant/t-1/datasets",
            {"displayName": "Finance", "treeNodeType": "TreeGroup", "treeParentId": None},
        ),
        (
            "POST",
            "/tenant/t-1/datasets",
            {"displayName": "Sales", "treeNodeType": "Dataset", "treeParentId": "n1"},
        ),
    ]


def test_a_created_thing_shows_its_folder_where_the_tenant_does(serve, connect):
    shown = {"id": "n1", "displayName": "Sales", "treeNodeType": "Dataset", "treeParentId": "f1"}
    assert connect(serve(says(200, shown))).create_dataset("Sales", "f1").parent_id == "f1"


def test_a_datatable_is_created_without_rows(serve, connect):
    server = serve(says(200, {"id": "x9", "displayName": "Orders", "rowCount": None}))
    made = connect(server).create_datatable("d1", "Orders")
    assert (made.id, made.dataset_id, made.row_count, made.columns) == ("x9", "d1", 0, None)
    assert server.seen[0].target == "/tenant/t-1/datasets/d1/datatables"
    assert json.loads(server.seen[0].body) == {"displayName": "Orders"}


CREATES = {
    "folder": lambda tenant: tenant.create_folder("Name", "p1"),
    "dataset": lambda tenant: tenant.create_dataset("Name", "p1"),
    "datatable": lambda tenant: tenant.create_datatable("d1", "Name"),
}


@pytest.mark.parametrize("create", CREATES)
@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [],
        {"displayName": "Name"},
        {"id": "", "displayName": "Name"},
        {"id": None, "displayName": "Name"},
        {"id": 7, "displayName": "Name"},
        {"id": "..", "displayName": "Name"},
        {"id": "a/b", "displayName": "Name"},
        {"id": KEY, "displayName": "Name"},
        {"id": base64.b64encode(KEY.encode()).decode().rstrip("="), "displayName": "Name"},
        {"id": "n1"},
        {"id": "n1", "displayName": None},
        {"id": "n1", "displayName": "name"},
        {"id": "n1", "displayName": "Name "},
        b"<html>ok</html>",
        b"{",
    ],
)
def test_a_create_whose_answer_is_unclear_may_have_happened(serve, connect, create, answer):
    server = serve(says(200, answer))
    with pytest.raises(AnswerLost) as caught:
        CREATES[create](connect(server))
    assert len(server.seen) == 1
    assert caught.value.where.startswith("POST /tenant/t-1/datasets")


@pytest.mark.parametrize(
    ("create", "answer"),
    [
        ("folder", {"treeNodeType": "Dataset"}),
        ("dataset", {"treeNodeType": "TreeGroup"}),
        ("dataset", {"treeParentId": "p2"}),
        ("dataset", {"treeParentId": None}),
        ("folder", {"treeParentId": "p2"}),
        ("datatable", {"datasetId": "d2"}),
    ],
)
def test_a_create_that_made_something_else_may_have_happened(serve, connect, create, answer):
    with pytest.raises(AnswerLost):
        CREATES[create](connect(serve(says(200, {"id": "n1", "displayName": "Name"} | answer))))


@pytest.mark.parametrize("create", CREATES)
@pytest.mark.parametrize(
    "step", [cut(), says(500), says(502), says(503), says(504), says(408), says(302, None, Location="/x")]
)
def test_a_create_that_may_have_arrived_is_not_sent_again(serve, connect, create, step):
    server = serve(step)
    with pytest.raises(AnswerLost, match="may have been carried out"):
        CREATES[create](connect(server))
    assert len(server.seen) == 1


@pytest.mark.parametrize("create", CREATES)
@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_create_with_a_clear_no_has_not_happened(serve, connect, create, status):
    with pytest.raises(Rejected) as caught:
        CREATES[create](connect(serve(says(status, {"message": "no"}))))
    assert caught.value.status == status


@pytest.mark.parametrize("create", CREATES)
def test_a_create_with_a_refused_key_has_not_happened(serve, connect, create):
    with pytest.raises(AuthenticationFailed):
        CREATES[create](connect(serve(says(403, {}))))


def test_a_create_is_repeated_only_when_the_tenant_is_busy(serve, connect, clock):
    server = serve(says(429, {}, Retry_After="2"), says(200, {"id": "n1", "displayName": "Name"}))
    assert connect(server).create_dataset("Name", None).id == "n1"
    assert clock.slept == [2.0]


def test_a_tenant_that_stays_busy_has_created_nothing(serve, connect):
    with pytest.raises(Rejected, match="429"):
        connect(serve(says(429), says(429), says(429))).create_dataset("Name", None)


def test_a_create_that_found_nobody_has_not_happened(open_session, retrier):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tenant = TenantWriter(open_session(f"http://127.0.0.1:{port}"), "t-1", retrier=retrier)
    with pytest.raises(Unreachable, match="attempt 3, the last"):
        tenant.create_dataset("Name", None)


@pytest.mark.parametrize("step", [says(200, {"success": True}), says(204)])
def test_a_dataset_is_deleted(serve, connect, step):
    server = serve(step)
    assert connect(server).delete_dataset("d1") is Deletion.DELETED
    assert (server.seen[0].method, server.seen[0].target) == ("DELETE", "/tenant/t-1/datasets/d1")
    assert server.seen[0].body == b""


def test_a_dataset_that_is_gone_before_the_first_attempt_is_told_apart(serve, connect):
    assert connect(serve(GONE)).delete_dataset("d1") is Deletion.GONE_ALREADY


@pytest.mark.parametrize("first", [cut(), says(504), says(500)])
def test_a_dataset_that_is_gone_after_an_own_attempt_is_deleted(serve, connect, first):
    assert connect(serve(first, GONE)).delete_dataset("d1") is Deletion.DELETED


def test_a_dataset_that_is_gone_after_an_attempt_that_cannot_have_arrived_was_gone_already(serve, connect):
    assert connect(serve(says(429), GONE)).delete_dataset("d1") is Deletion.GONE_ALREADY


@pytest.mark.parametrize(
    "script", [[cut()] * 3, [says(500)] * 3, [cut(), says(403)], [cut(), says(429), says(429)]]
)
def test_a_delete_that_may_have_arrived_says_so(serve, connect, script):
    with pytest.raises(AnswerLost, match="DELETE may have been carried out"):
        connect(serve(*script)).delete_dataset("d1")


@pytest.mark.parametrize("answer", [{}, [], {"success": "true"}, b"<html>", {"ok": True}])
def test_a_delete_whose_answer_is_unclear_may_have_happened(serve, connect, answer):
    with pytest.raises(AnswerLost):
        connect(serve(says(200, answer))).delete_dataset("d1")


def test_a_delete_that_is_answered_with_no_success_is_rejected(serve, connect):
    with pytest.raises(Rejected, match="did not delete"):
        connect(serve(says(200, {"success": False}))).delete_dataset("d1")


def test_an_upload_url_is_asked_for_with_text_values(serve, connect, clock):
    server = serve(
        says(200, {"PreSignedUploadUrl": "http://127.0.0.1:9/b/k?X-Amz-Expires=60&X-Amz-Signature=canary"})
    )
    url = connect(server).upload_url(TASK)
    seen = urlsplit(server.seen[0].target)
    assert seen.path == "/tenant/t-1/datatable/x1/uploads/presignedurl"
    assert dict(parse_qsl(seen.query)) == {
        "datasetid": "d1",
        "filename": "Bestellungen & Ä.csv",
        "filesize": "1024",
        "filelastmodified": "1704067200000",
    }
    assert url.valid_until == clock.now + 60
    assert url.address.target.reveal() == "/b/k?X-Amz-Expires=60&X-Amz-Signature=canary"
    assert "canary" not in repr(url)


def test_an_upload_url_on_a_foreign_host_is_refused(serve, connect):
    server = serve(says(200, {"PreSignedUploadUrl": "https://evil.example/k?X-Amz-Signature=canary"}))
    with pytest.raises(Refused) as caught:
        connect(server).upload_url(TASK)
    assert "canary" not in str(caught.value)


def test_an_upload_url_on_a_host_named_outside_is_taken(serve, connect):
    server = serve(says(200, {"PreSignedUploadUrl": "https://files.example/k"}))
    url = connect(server, upload_hosts=("files.example",)).upload_url(TASK)
    assert url.address.host == "files.example"


@pytest.mark.parametrize("step", [cut(), says(500)])
def test_an_upload_url_that_is_not_given_leaves_no_doubt(serve, connect, step):
    with pytest.raises((Unreachable, Rejected)):
        connect(serve(step, step, step)).upload_url(TASK)


def test_an_answer_without_an_upload_url_is_unexpected(serve, connect):
    with pytest.raises(UnexpectedAnswer, match="PreSignedUploadUrl"):
        connect(serve(says(200, {"url": "https://x"}))).upload_url(TASK)


@pytest.mark.parametrize(
    ("id_", "segment"),
    [("a+b", "a%2Bb"), ("a:b@c", "a%3Ab%40c"), ("a..b", "a..b"), ("..a", "..a"), ("i" * 200, "i" * 200)],
)
def test_an_id_stays_one_segment_of_the_path(serve, connect, id_, segment):
    server = serve(says(200, TABLE | {"id": id_}))
    assert connect(server, tenant_id=id_).datatable(id_).id == id_
    assert server.seen[0].target == f"/tenant/{segment}/datatable/{segment}"


@pytest.mark.parametrize("id_", NO_IDS)
def test_an_id_that_names_another_address_is_refused(serve, connect, id_):
    server = serve()
    with pytest.raises(Refused):
        connect(server, tenant_id=id_)
    with pytest.raises(Refused):
        connect(server).delete_dataset(id_)
    assert server.connections == 0


def test_a_file_name_that_is_not_text_is_refused(serve, connect):
    task = UploadTask(datatable_id="x1", dataset_id="d1", name="a\udcff.csv", size=1, sha256="", mtime_ms=0)
    with pytest.raises(Refused, match="not Unicode"):
        connect(serve()).upload_url(task)


def test_a_reader_has_nothing_that_changes_the_tenant():
    public = {name for name in vars(TenantReader) if not name.startswith("_")}
    assert public == {
        "tenant", "time", "datasets", "datatables", "datatable_listing", "dataset", "datatable",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "time"),
    [
        ({"Date": "Fri, 02 Jan 2026 12:00:00 GMT"}, datetime(2026, 1, 2, 12, tzinfo=UTC)),
        ({"Date": "Fri, 02 Jan 2026 12:00:00 -0000"}, datetime(2026, 1, 2, 12, tzinfo=UTC)),
        ({"Date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_time_is_that_of_the_answer(serve, connect, headers, time):
    assert connect(serve(says(200, [], **headers))).time() == time


def test_any_name_can_be_created(serve, connect):
    name = "a\x1b[31m\u202e😀" + "x" * 60000
    server = serve(says(200, {"id": "n1", "displayName": name}))
    assert connect(server).create_dataset(name, None).display_name == name
    assert json.loads(server.seen[0].body)["displayName"] == name


def test_a_reader_can_be_made_alone(serve, retrier, clock):
    server = serve(says(200, []))
    session = Session(api_address(None, server.url), Secret(KEY), monotonic=clock.monotonic)
    assert TenantReader(session, "t", retrier=retrier).datatables() == {}
    session.close()
