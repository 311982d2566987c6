"""The emulator's API against the vendor's API reference, over plain HTTP, field for field."""

import json
import re
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from pmsync.emulator.server import running
from pmsync.emulator.settings import Settings

EVERY_CELL = Path(__file__).parents[1] / "data" / "workbooks" / "every-cell.xls"
TENANT = "/tenant/0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: object


def ask(emulator, method, path, body=None, headers=None):
    """Send one request as a stranger's client would, and read the JSON it answers."""
    connection = HTTPConnection(urlsplit(emulator.api_url).netloc, timeout=10)
    try:
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, sent, {"x-api-key": "pmsync-local"} if headers is None else headers)
        response = connection.getresponse()
        text = response.read()
        return Answer(
            response.status, {k.lower(): v for k, v in response.getheaders()}, json.loads(text or "null")
        )
    finally:
        connection.close()


@pytest.fixture(scope="module")
def shared():
    with running(Settings()) as emulator:
        yield emulator


@pytest.fixture
def emulator():
    with running(Settings()) as emulator:
        yield emulator


def new_dataset(emulator, name="Sales Data", **fields):
    return ask(emulator, "POST", f"{TENANT}/datasets", {"displayName": name, **fields}).body


def new_datatable(emulator, dataset, name="Orders"):
    return ask(emulator, "POST", f"{TENANT}/datasets/{dataset['id']}/datatables", {"displayName": name}).body


def upload_url(emulator, datatable, **changed):
    query = {
        "datasetid": datatable["datasetId"],
        "filename": "data.csv",
        "filesize": "1024",
        "filelastmodified": "1704067200000",
        **changed,
    }
    given = {name: value for name, value in query.items() if value is not None}
    return ask(
        emulator, "GET", f"{TENANT}/datatable/{datatable['id']}/uploads/presignedurl?{urlencode(given)}"
    )


def put(url, content, **headers):
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("PUT", f"{parts.path}?{parts.query}", content, headers)
        return connection.getresponse().status
    finally:
        connection.close()


class TestListDatasets:
    def test_a_new_tenant_has_none(self, emulator):
        assert ask(emulator, "GET", f"{TENANT}/datasets").body == []

    def test_each_has_the_four_fields_of_the_reference(self, emulator):
        dataset = new_dataset(emulator)
        new_datatable(emulator, dataset)
        answer = ask(emulator, "GET", f"{TENANT}/datasets")
        assert answer.status == 200
        (listed,) = answer.body
        assert list(listed) == ["id", "displayName", "createdAt", "datatableCount"]
        assert listed == {**dataset, "datatableCount": 1}
        assert TIMESTAMP.fullmatch(listed["createdAt"])
        assert UUID.fullmatch(listed["id"])

    def test_folders_and_tree_fields_are_not_in_it(self, emulator):
        folder = new_dataset(emulator, "Finance", treeNodeType="TreeGroup", treeParentId=None)
        inside = new_dataset(emulator, "Inside", treeNodeType="Dataset", treeParentId=folder["id"])
        assert ask(emulator, "GET", f"{TENANT}/datasets").body == [inside]
        assert "treeParentId" not in inside

    def test_a_tenant_that_shows_its_tree_lists_folders_and_parents(self):
        with running(Settings(show_tree=True)) as emulator:
            folder = new_dataset(emulator, "Finance", treeNodeType="TreeGroup")
            inside = new_dataset(emulator, "Inside", treeParentId=folder["id"])
            listed = ask(emulator, "GET", f"{TENANT}/datasets").body
            details = ask(emulator, "GET", f"{TENANT}/datasets/{inside['id']}").body
        assert [(node["displayName"], node["treeNodeType"], node["treeParentId"]) for node in listed] == [
            ("Finance", "TreeGroup", None),
            ("Inside", "Dataset", folder["id"]),
        ]
        assert details["treeParentId"] == folder["id"]

    def test_tenants_do_not_see_each_other(self, emulator):
        new_dataset(emulator)
        assert ask(emulator, "GET", "/tenant/another/datasets").body == []


class TestCreateDataset:
    def test_the_created_object_is_the_one_the_listing_shows(self, emulator):
        answer = ask(
            emulator,
            "POST",
            f"{TENANT}/datasets",
            {"displayName": "Größe & Co", "treeNodeType": "Dataset", "treeParentId": None},
        )
        assert answer.status == 201
        assert answer.body["displayName"] == "Größe & Co"
        assert ask(emulator, "GET", f"{TENANT}/datasets").body == [answer.body]

    def test_two_may_have_one_name(self, emulator):
        assert new_dataset(emulator)["id"] != new_dataset(emulator)["id"]

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b"", "not valid JSON"),
            (b"{", "not valid JSON"),
            (b"\xff", "not valid JSON"),
            (b"[" * 100_000, "not valid JSON"),
            (b"[]", "must be a JSON object"),
            (b"{}", "displayName"),
            (b'{"displayName": null}', "displayName"),
            (b'{"displayName": 7}', "displayName"),
            (b'{"displayName": "  "}', "displayName"),
            (b'{"displayName": "\\ud800"}', "not valid Unicode"),
            (b'{"displayName": "x", "treeNodeType": "Folder"}', "treeNodeType"),
            (b'{"displayName": "x", "treeNodeType": null}', "treeNodeType"),
            (b'{"displayName": "x", "treeNodeType": []}', "treeNodeType"),
            (b'{"displayName": "x", "treeParentId": 7}', "treeParentId"),
            (b'{"displayName": "x", "treeParentId": "unknown"}', "treeParentId"),
            (b" " * (1 << 20) + b"{}", "larger than"),
        ],
    )
    def test_a_wrong_body_is_refused_with_a_message(self, shared, body, said):
        answer = ask(shared, "POST", f"{TENANT}/datasets", body)
        assert answer.status == 400
        assert said in answer.body["message"]

    def test_a_dataset_is_no_parent(self, emulator):
        dataset = new_dataset(emulator)
        answer = ask(
            emulator, "POST", f"{TENANT}/datasets", {"displayName": "x", "treeParentId": dataset["id"]}
        )
        assert answer.status == 400


class TestUniqueNames:
    @pytest.fixture
    def strict(self):
        with running(Settings(unique_names=True)) as emulator:
            yield emulator

    def test_a_second_dataset_of_a_name_is_refused_in_the_whole_tenant(self, strict):
        new_dataset(strict, "A")
        folder = new_dataset(strict, "F", treeNodeType="TreeGroup")
        answer = ask(strict, "POST", f"{TENANT}/datasets", {"displayName": "A", "treeParentId": folder["id"]})
        assert answer.status == 409
        assert "A" in answer.body["message"]

    def test_folders_need_other_names_among_their_siblings_only(self, strict):
        folder = new_dataset(strict, "F", treeNodeType="TreeGroup")
        inner = {"displayName": "F", "treeNodeType": "TreeGroup", "treeParentId": folder["id"]}
        assert ask(strict, "POST", f"{TENANT}/datasets", inner).status == 201
        assert ask(strict, "POST", f"{TENANT}/datasets", inner).status == 409

    def test_a_dataset_may_be_called_like_a_folder(self, strict):
        new_dataset(strict, "F", treeNodeType="TreeGroup")
        assert "id" in new_dataset(strict, "F")

    def test_a_second_datatable_of_a_name_is_refused_in_its_dataset(self, strict):
        one, other = new_dataset(strict, "A"), new_dataset(strict, "B")
        new_datatable(strict, one, "t")
        assert "id" in new_datatable(strict, other, "t")
        answer = ask(strict, "POST", f"{TENANT}/datasets/{one['id']}/datatables", {"displayName": "t"})
        assert answer.status == 409


class TestGetDataset:
    def test_it_has_the_fields_of_the_reference(self, emulator):
        dataset = new_dataset(emulator)
        table = new_datatable(emulator, dataset)
        answer = ask(emulator, "GET", f"{TENANT}/datasets/{dataset['id']}")
        assert answer.status == 200
        assert list(answer.body) == ["id", "displayName", "createdAt", "datatables"]
        assert answer.body["datatables"] == [{"id": table["id"], "displayName": "Orders", "rowCount": 0}]

    def test_a_folder_answers_like_an_empty_dataset(self, emulator):
        folder = new_dataset(emulator, "Finance", treeNodeType="TreeGroup")
        assert ask(emulator, "GET", f"{TENANT}/datasets/{folder['id']}").body["datatables"] == []

    def test_an_unknown_one_is_not_found(self, shared):
        answer = ask(shared, "GET", f"{TENANT}/datasets/nobody")
        assert (answer.status, answer.body) == (404, {"message": "Dataset nobody not found"})


class TestDeleteDataset:
    def test_its_datatables_are_gone_with_it(self, emulator):
        dataset = new_dataset(emulator)
        table = new_datatable(emulator, dataset)
        kept = new_datatable(emulator, new_dataset(emulator, "kept"))
        answer = ask(emulator, "DELETE", f"{TENANT}/datasets/{dataset['id']}")
        assert (answer.status, answer.body) == (200, {"success": True})
        assert ask(emulator, "GET", f"{TENANT}/datasets/{dataset['id']}").status == 404
        assert ask(emulator, "GET", f"{TENANT}/datatable/{table['id']}").status == 404
        assert ask(emulator, "GET", f"{TENANT}/datatables").body == [kept]

    def test_a_second_time_it_is_not_found(self, emulator):
        dataset = new_dataset(emulator)
        ask(emulator, "DELETE", f"{TENANT}/datasets/{dataset['id']}")
        assert ask(emulator, "DELETE", f"{TENANT}/datasets/{dataset['id']}").status == 404

    def test_a_folder_must_be_empty(self, emulator):
        folder = new_dataset(emulator, "Finance", treeNodeType="TreeGroup")
        inside = new_dataset(emulator, "Inside", treeParentId=folder["id"])
        answer = ask(emulator, "DELETE", f"{TENANT}/datasets/{folder['id']}")
        assert (answer.status, "not empty" in answer.body["message"]) == (409, True)
        ask(emulator, "DELETE", f"{TENANT}/datasets/{inside['id']}")
        assert ask(emulator, "DELETE", f"{TENANT}/datasets/{folder['id']}").body == {"success": True}


class TestDatatables:
    def test_the_listing_has_the_fields_of_the_reference_for_the_whole_tenant(self, emulator):
        one = new_datatable(emulator, new_dataset(emulator, "A"), "Orders 2024")
        other = new_datatable(emulator, new_dataset(emulator, "B"), "Invoices")
        answer = ask(emulator, "GET", f"{TENANT}/datatables")
        assert answer.status == 200
        assert answer.body == [one, other]
        assert list(one) == ["id", "displayName", "datasetId", "rowCount", "createdAt"]
        assert one["rowCount"] == 0

    def test_one_is_created_with_201(self, emulator):
        dataset = new_dataset(emulator)
        answer = ask(
            emulator,
            "POST",
            f"{TENANT}/datasets/{dataset['id']}/datatables",
            {"displayName": "Orders Q1 2024"},
        )
        assert (answer.status, answer.body["datasetId"]) == (201, dataset["id"])

    def test_one_needs_a_dataset(self, shared):
        answer = ask(shared, "POST", f"{TENANT}/datasets/nobody/datatables", {"displayName": "x"})
        assert answer.status == 404

    def test_one_needs_a_name(self, emulator):
        dataset = new_dataset(emulator)
        answer = ask(emulator, "POST", f"{TENANT}/datasets/{dataset['id']}/datatables", {"displayName": ""})
        assert answer.status == 400

    def test_a_folder_holds_none(self, emulator):
        folder = new_dataset(emulator, "Finance", treeNodeType="TreeGroup")
        answer = ask(emulator, "POST", f"{TENANT}/datasets/{folder['id']}/datatables", {"displayName": "x"})
        assert answer.status == 400

    def test_the_details_have_the_fields_of_the_reference(self, emulator):
        table = new_datatable(emulator, new_dataset(emulator))
        url = upload_url(emulator, table).body["PreSignedUploadUrl"]
        csv = b"case_id,activity,timestamp\n1,create,2024-01-25T10:00:00Z\n2,pay,2024-01-26T10:00:00Z\n"
        assert put(url, csv, **{"Content-Type": "text/csv"}) == 200
        answer = ask(emulator, "GET", f"{TENANT}/datatable/{table['id']}")
        assert answer.status == 200
        assert list(answer.body) == ["id", "displayName", "datasetId", "rowCount", "columns", "createdAt"]
        assert answer.body["rowCount"] == 2
        assert answer.body["columns"] == [
            {"name": "case_id", "type": "integer"},
            {"name": "activity", "type": "string"},
            {"name": "timestamp", "type": "datetime"},
        ]

    @pytest.mark.parametrize(
        ("name", "content", "columns"),
        [
            ("events.csv", b"id,name\n1,x\n2,y\n3,z\n", ["id", "name"]),
            ("events.tsv", b"id, name\tnote\n1\tx\n2\ty\n3\tz\n", ["id, name", "note"]),
            ("events.txt", b"id;name\n1;x\n2;y\n3;z\n", ["id", "name"]),
            (
                "EVENTS.XLS",
                EVERY_CELL.read_bytes(),
                ["text", "integer", "number", "boolean", "moment", "error", "Größe €"],
            ),
        ],
    )
    def test_the_formats_of_the_vendors_list_become_rows(self, emulator, name, content, columns):
        table = new_datatable(emulator, new_dataset(emulator))
        url = upload_url(emulator, table, filename=name, filesize=len(content)).body["PreSignedUploadUrl"]
        assert put(url, content) == 200
        seen = ask(emulator, "GET", f"{TENANT}/datatable/{table['id']}").body
        assert (seen["rowCount"], [column["name"] for column in seen["columns"]]) == (3, columns)

    def test_an_unknown_one_is_not_found(self, shared):
        assert ask(shared, "GET", f"{TENANT}/datatable/nobody").status == 404

    @pytest.mark.parametrize(
        "path", ["datatables/{}", "dataset", "datatables/{}/uploads/presignedurl", "datasets/"]
    )
    def test_paths_are_singular_and_plural_as_the_reference_has_them(self, shared, path):
        table = new_datatable(shared, new_dataset(shared))
        assert ask(shared, "GET", f"{TENANT}/{path.format(table['id'])}").status == 404


class TestUploadUrl:
    @pytest.fixture
    def table(self, shared):
        return new_datatable(shared, new_dataset(shared))

    def test_it_is_a_presigned_address_on_another_host(self, shared, table):
        answer = upload_url(shared, table)
        assert (answer.status, list(answer.body)) == (200, ["PreSignedUploadUrl"])
        url = urlsplit(answer.body["PreSignedUploadUrl"])
        query = parse_qs(url.query)
        assert f"http://{url.netloc}" == shared.bucket_url != shared.api_url
        assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
        assert query["X-Amz-Expires"] == ["3600"]
        assert query["X-Amz-SignedHeaders"] == ["host"]
        assert re.fullmatch("[0-9a-f]{64}", query["X-Amz-Signature"][0])

    def test_no_two_are_the_same(self, shared, table):
        assert upload_url(shared, table).body != upload_url(shared, table).body

    @pytest.mark.parametrize(
        "changed",
        [
            {"filelastmodified": "1704067200000.123"},
            {"filelastmodified": "-86400000"},
            {"filesize": "0"},
            {"validforseconds": "60"},
            {"validforseconds": ""},
            {"validforseconds": "2678400"},
            {"filename": "Aufträge 2024/1 #?&%.csv"},
        ],
    )
    def test_what_clients_send_is_taken(self, shared, table, changed):
        assert upload_url(shared, table, **changed).status == 200

    @pytest.mark.parametrize("name", ["datasetid", "filename", "filesize", "filelastmodified"])
    @pytest.mark.parametrize("value", [None, ""])
    def test_a_missing_parameter_is_named(self, shared, table, name, value):
        answer = upload_url(shared, table, **{name: value})
        assert answer.status == 400
        assert name in answer.body["message"]

    @pytest.mark.parametrize(
        "changed",
        [
            {"filesize": "-1"},
            {"filesize": "1.5"},
            {"filesize": "9" * 5000},
            {"filelastmodified": "yesterday"},
            {"filelastmodified": "nan"},
            {"validforseconds": "0"},
            {"validforseconds": "2678401"},
            {"validforseconds": "1h"},
            {"filename": ".."},
        ],
    )
    def test_a_value_that_makes_no_sense_is_refused(self, shared, table, changed):
        answer = upload_url(shared, table, **changed)
        assert answer.status == 400
        assert next(iter(changed)) in answer.body["message"]

    def test_the_dataset_must_be_the_datatables_own(self, shared, table):
        other = new_dataset(shared, "other")
        assert upload_url(shared, table, datasetid=other["id"]).status == 404

    def test_the_datatable_must_exist(self, shared, table):
        assert upload_url(shared, {**table, "id": "nobody"}).status == 404


class TestTenant:
    def test_any_id_is_a_tenant(self, shared):
        answer = ask(shared, "GET", "/tenant/any-id-at-all")
        assert (answer.status, answer.body) == (200, {"id": "any-id-at-all", "displayName": "any-id-at-all"})


class TestKey:
    @pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"x-api-key": "wrong"}, {"x-api-key": "Ä"}])
    @pytest.mark.parametrize("path", [f"{TENANT}/datasets", "/nowhere"])
    def test_without_the_right_one_nobody_gets_in(self, shared, headers, path):
        answer = ask(shared, "GET", path, headers=headers)
        assert (answer.status, answer.body) == (401, {"message": "Missing or unknown API key"})

    def test_header_names_are_case_insensitive(self, shared):
        assert ask(shared, "GET", TENANT, headers={"X-API-Key": "pmsync-local"}).status == 200

    def test_an_extra_key_opens_too(self):
        with running(Settings(extra_key="a-key-of-mine")) as emulator:
            assert ask(emulator, "GET", TENANT, headers={"x-api-key": "a-key-of-mine"}).status == 200
            assert ask(emulator, "GET", TENANT, headers={"x-api-key": "pmsync-local"}).status == 200

    def test_an_empty_extra_key_opens_nothing(self):
        with running(Settings(extra_key="")) as emulator:
            assert ask(emulator, "GET", TENANT, headers={"x-api-key": ""}).status == 401


class TestHttp:
    def test_an_unknown_path_is_a_404_with_a_message(self, shared):
        answer = ask(shared, "GET", "/nowhere")
        assert (answer.status, answer.body) == (404, {"message": "Not Found"})

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("PUT", f"{TENANT}/datasets"),
            ("PATCH", f"{TENANT}/datasets/x"),
            ("DELETE", f"{TENANT}/datatable/x"),
            ("POST", f"{TENANT}/datatables"),
        ],
    )
    def test_no_endpoint_changes_or_deletes_more_than_the_reference_says(self, shared, method, path):
        answer = ask(shared, method, path, {})
        assert answer.status == 405
        assert answer.body == {"message": "Method Not Allowed"}
        assert "GET" in answer.headers["allow"]

    @pytest.mark.parametrize("path", [TENANT, "/nowhere", "/_pmsync/health", "/_pmsync/nothing"])
    def test_every_answer_bears_the_emulators_mark(self, shared, path):
        assert ask(shared, "GET", path).headers["x-pmsync-emulator"] == "1"

    def test_a_bug_is_a_500_with_a_message(self, monkeypatch, emulator):
        monkeypatch.setattr(type(emulator.world), "tenant", lambda *_: 1 / 0)
        answer = ask(emulator, "GET", TENANT)
        assert (answer.status, list(answer.body)) == (500, ["message"])


class TestControl:
    def test_health_needs_no_key_and_tells_the_settings(self):
        with running(Settings(ingestion_lag=1.5, extra_key="canary")) as emulator:
            answer = ask(emulator, "GET", "/_pmsync/health", headers={})
        assert answer.body == {
            "ready": True,
            "version": "1",
            "settings": {
                "data": ":memory:",
                "sameName": "replaces",
                "otherName": "adds",
                "ingestionLag": 1.5,
                "showTree": False,
                "uniqueNames": False,
            },
        }

    def test_the_history_holds_what_clients_asked_and_nothing_of_its_own(self, emulator):
        dataset = new_dataset(emulator)
        table = new_datatable(emulator, dataset)
        ask(emulator, "GET", "/_pmsync/health", headers={})
        ask(emulator, "GET", TENANT, headers={})
        history = ask(emulator, "GET", "/_pmsync/history", headers={}).body
        assert history["counts"] == {"api GET": 1, "api POST": 2}
        assert [(r["sequence"], r["method"], r["status"]) for r in history["requests"]] == [
            (1, "POST", 201),
            (2, "POST", 201),
            (3, "GET", 401),
        ]
        assert history["requests"][1]["datatableId"] == table["id"]
        assert history["requests"][1]["datasetId"] == dataset["id"]

    def test_the_history_can_be_read_on_from_a_sequence_number(self, emulator):
        new_dataset(emulator)
        new_dataset(emulator)
        history = ask(emulator, "GET", "/_pmsync/history?since=1").body
        assert (history["last"], [r["sequence"] for r in history["requests"]]) == (2, [2])

    def test_a_sequence_number_must_be_one(self, shared):
        assert ask(shared, "GET", "/_pmsync/history?since=x").status == 400

    def test_no_key_and_no_signature_is_in_the_history(self):
        with running(Settings(extra_key="canary-key")) as emulator:
            key = {"x-api-key": "canary-key"}
            dataset = ask(emulator, "POST", f"{TENANT}/datasets", {"displayName": "A"}, key).body
            table = new_datatable(emulator, dataset)
            url = upload_url(emulator, table).body["PreSignedUploadUrl"]
            put(url, b"a\n1\n", **key)
            put(url, b"a\n1\n")
            history = json.dumps(ask(emulator, "GET", "/_pmsync/history").body)
        assert "canary-key" not in history
        assert "X-Amz" not in history
        assert parse_qs(urlsplit(url).query)["X-Amz-Signature"][0] not in history
