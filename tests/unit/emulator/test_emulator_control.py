"""The control endpoints: faults, release, reset and seed over HTTP, and what is said of wrong ones."""

import json
import re
from pathlib import Path

import pytest

from pmsync.emulator.errors import Invalid
from pmsync.emulator.faultactions import Lag, Pause
from pmsync.emulator.faultjson import fault_json, read_faults
from pmsync.emulator.faults import NAMES, Fault

EVERY_ACTION = [
    {"action": "drop", "phase": "after-commit", "endpoint": "datasets.create", "occurrence": 3},
    {"action": "reset", "host": "bucket", "method": "PUT", "path": "/uploads/*", "afterBytes": 10},
    {"action": "hang", "occurrence": "every"},
    {"action": "pause", "phase": "before-commit"},
    {"action": "drip", "seconds": 0.5},
    {"action": "answer", "status": 429, "body": {"message": "slow"}, "headers": {"Retry-After": "3"}},
    {"action": "s3-error", "status": 503, "code": "SlowDown", "message": "Slow down."},
    {"action": "redirect", "url": "http://127.0.0.1:1/", "status": 302},
    {"action": "stale-listing", "commits": 2},
    {"action": "stale-listing", "moment": "then"},
    {"action": "remember", "moment": "then"},
    {"action": "short-listing", "keep": 0},
    {"action": "inconsistent", "how": "duplicates"},
    {"action": "lag", "seconds": 3},
    {"action": "lag", "listings": 2},
    {"action": "mutate", "change": "add-rows", "datatable": "t", "rows": -1},
    {"action": "expire-url", "endpoint": "upload.put"},
    {"action": "delayed-commit", "seconds": 3},
]


@pytest.fixture
def control(bench):
    def control(method, name, body=None, *headers):
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        client = bench.client(bench.emulator.api_url)
        return client.send(method, f"/_pmsync/{name}", sent, headers=headers).read()

    return control


class TestFaults:
    def test_that_are_posted_strike(self, bench, control):
        answer = control("POST", "faults", [{"action": "answer", "status": 503, "endpoint": "datasets.list"}])
        assert (answer.status, answer.json) == (201, {"added": 1})
        assert [bench.ask("GET", "/datasets").status for _ in range(2)] == [503, 200]

    def test_that_are_left_can_be_read(self, bench, control):
        control("POST", "faults", {"action": "drop", "endpoint": "datasets.list", "occurrence": 2})
        bench.ask("GET", "/datasets")
        assert control("GET", "faults").json == [
            {"action": "drop", "endpoint": "datasets.list", "occurrence": 2, "phase": "receive", "seen": 1}
        ]
        assert bench.ask("GET", "/datasets").end == "closed"
        assert control("GET", "faults").json == []

    def test_do_not_strike_control_endpoints(self, bench, control):
        bench.faults.add(Fault(Pause(), occurrence="every"))
        assert control("GET", "health").status == 200
        assert bench.emulator.history.last == 0

    @pytest.mark.parametrize("told", EVERY_ACTION, ids=lambda told: told["action"])
    def test_are_read_as_they_are_written(self, told):
        (fault,) = read_faults(json.dumps(told).encode())
        written = fault_json(fault, 0)
        assert {**written, **told} == written
        (again,) = read_faults(json.dumps([written]).encode())
        assert fault_json(again, 0) == written

    def test_in_the_documentation_can_be_posted(self):
        page = (Path(__file__).parents[3] / "docs/emulator.md").read_text(encoding="utf-8")
        (example,) = re.findall(r"/_pmsync/faults -d '(\[.*?\])'", page, re.DOTALL)
        assert [fault.name for fault in read_faults(example.encode())] == [
            "drop",
            "s3-error",
            "short-listing",
        ]

    def test_are_all_in_the_documentation(self):
        page = (Path(__file__).parents[3] / "docs/emulator.md").read_text(encoding="utf-8")
        assert [name for name in NAMES.values() if f"| `{name}`" not in page] == []

    def test_every_action_has_an_example(self):
        assert {told["action"] for told in EVERY_ACTION} == set(NAMES.values())

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (b"[", "not valid JSON"),
            (b"[" * 100_000, "not valid JSON"),
            ([1], r"\[0\] must be an object"),
            ([{"action": "drop"}, {}], r"\[1\]: action is missing"),
            ({"action": "explode"}, "the fault: action must be one of drop, reset"),
            ({"action": ["drop"]}, "action must be one of"),
            ({"action": "drop", "when": 1}, "unknown key 'when'; known are action, afterBytes, endpoint"),
            ({"action": "drop", "phase": "later"}, "phase must be one of receive, before-commit"),
            ({"action": "drop", "occurrence": 0}, "occurrence must be 1 or more, or every"),
            ({"action": "drop", "occurrence": True}, "occurrence must be"),
            ({"action": "drop", "host": "s3"}, "host must be one of api, bucket"),
            ({"action": "drop", "endpoint": "x"}, "endpoint must be one of tenant.get"),
            ({"action": "drop", "afterBytes": -1}, "afterBytes must be a whole number, 0 or more"),
            ({"action": "answer"}, "the fault: status is missing"),
            ({"action": "answer", "status": 99}, "status must be a status from 200 to 599"),
            ({"action": "answer", "status": 200, "headers": {"a": 1}}, "headers must be an object of texts"),
            ({"action": "drip"}, "seconds is missing"),
            ({"action": "drip", "seconds": -1}, "seconds must be a number of seconds"),
            ({"action": "s3-error", "status": 500}, "code is missing"),
            ({"action": "redirect"}, "url is missing"),
            ({"action": "redirect", "url": 1}, "url must be a text"),
            ({"action": "stale-listing"}, "the fault: stale-listing needs either commits or moment"),
            ({"action": "stale-listing", "commits": 0}, "commits must be a whole number, 1 or more"),
            ({"action": "mutate"}, "change is missing"),
            ({"action": "mutate", "change": "add-rows", "rows": 1.5}, "rows must be a whole number"),
            ({"action": "mutate", "change": "rename-dataset"}, "rename-dataset needs dataset and name"),
            ({"action": "delayed-commit", "phase": "receive"}, "before-commit, not receive"),
        ],
    )
    def test_that_are_wrong_are_refused_with_their_place(self, wrong, said):
        with pytest.raises(Invalid, match=said):
            read_faults(wrong if isinstance(wrong, bytes) else json.dumps(wrong).encode())

    def test_none_is_added_where_one_is_wrong(self, bench, control):
        answer = control("POST", "faults", [{"action": "drop"}, {"action": "explode"}])
        assert answer.status == 400
        assert "[1]: action must be one of" in answer.json["message"]
        assert bench.faults.left() == []


def test_what_is_paused_can_be_released(bench, control):
    bench.faults.add(Fault(Pause(), phase="before-commit"))
    client = bench.create()
    bench.faults.wait_paused()
    assert control("POST", "release").json == {"released": 1}
    assert client.read().status == 201


class TestReset:
    def test_data_history_and_faults_are_gone(self, bench, control):
        table = bench.new_table()
        url = bench.url(table)
        bench.put(url).read()
        bench.faults.add(Fault(Pause(), occurrence=9))
        assert control("POST", "reset").json == {"reset": True}
        assert (bench.names, bench.faults.left()) == ([], [])
        assert control("GET", "history").json == {"last": 0, "counts": {}, "requests": []}
        assert list(bench.emulator.world.ground.files.kept.iterdir()) == []

    def test_what_stands_still_is_dropped(self, bench, control):
        bench.faults.add(Fault(Pause(), phase="before-commit"))
        client = bench.create()
        bench.faults.wait_paused()
        control("POST", "reset")
        assert client.read().end == "closed"
        assert bench.names == []

    def test_what_lags_is_forgotten(self, bench, control):
        bench.faults.add(Fault(Lag(seconds=99)))
        bench.create().read()
        control("POST", "reset")
        bench.create().read()
        assert len(bench.ask("GET", "/datasets").json) == 1

    def test_commits_are_counted_anew(self, bench, control):
        bench.create().read()
        control("POST", "reset")
        bench.create().read()
        assert (bench.last.sequence, bench.last.commit) == (1, 1)


SALES = {
    "datasets": [{"id": "d", "displayName": "Sales", "datatables": [{"displayName": "t", "rowCount": 3}]}]
}


class TestSeed:
    def test_is_planted_at_once(self, bench, control):
        answer = control("POST", "seed", {"tenants": {"T": SALES}})
        assert (answer.status, answer.json) == (201, {"seeded": ["T"]})
        assert bench.names == ["Sales"]
        assert [table.row_count for table in bench.tenant.datatables()] == [3]

    def test_adds_to_what_is_there(self, bench, control):
        bench.create("A").read()
        control("POST", "seed", {"tenants": {"T": SALES}})
        assert bench.names == ["A", "Sales"]

    def test_for_every_tenant_waits_until_one_is_met(self, bench, control):
        bench.create("A").read()
        control("POST", "seed", {"tenants": {"*": SALES}})
        assert bench.names == ["A"]
        assert [node.name for node in bench.emulator.tenant("another").nodes()] == ["Sales"]

    def test_is_gone_with_a_reset(self, bench, control):
        control("POST", "seed", {"tenants": {"*": SALES, "T": SALES}})
        control("POST", "reset")
        assert bench.names == []

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (b"{", "the seed is not JSON"),
            (
                {"tenants": {"T": {"datasets": [{}]}}},
                "in the seed: tenants.T.datasets[0].displayName must be",
            ),
            (
                {
                    "tenants": {
                        "T": {
                            "datasets": [
                                {
                                    "displayName": "A",
                                    "datatables": [{"displayName": "t", "files": ["/etc/passwd"]}],
                                }
                            ]
                        }
                    }
                },
                "names no files; upload them",
            ),
        ],
    )
    def test_that_is_wrong_is_refused(self, bench, control, wrong, said):
        answer = control("POST", "seed", wrong)
        assert answer.status == 400
        assert said in answer.json["message"]

    def test_with_an_id_that_is_there_changes_nothing(self, bench, control):
        control("POST", "seed", {"tenants": {"T": SALES}})
        answer = control("POST", "seed", {"tenants": {"T": SALES}})
        assert (answer.status, answer.json["message"]) == (400, "tenant T has one of the seed's ids already")
        assert bench.names == ["Sales"]


@pytest.mark.parametrize("name", ["faults", "release", "reset", "seed"])
def test_a_web_page_may_change_nothing(bench, control, name):
    bench.create("A").read()
    answer = control("POST", name, [], "Origin: https://example.org")
    assert answer.status == 403
    assert "web pages" in answer.json["message"]
    assert (bench.names, bench.emulator.history.last) == (["A"], 1)


@pytest.mark.parametrize("name", ["release", "reset", "seed"])
def test_reading_what_can_only_be_posted_is_refused(control, name):
    assert control("GET", name).status == 405


def test_a_body_that_is_too_large_is_refused(control):
    assert control("POST", "faults", b" " * ((1 << 20) + 1)).status == 400
