"""Faults of what a tenant shows, and of what others do to it; and what the history then says."""

import hashlib
import json

import pytest

from pmsync.emulator.errors import Invalid
from pmsync.emulator.faultactions import (
    Answer,
    Drop,
    InconsistentListing,
    Lag,
    Mutate,
    Pause,
    Remember,
    ShortListing,
    StaleListing,
)
from pmsync.emulator.faults import Fault


def listed(bench, path="/datasets"):
    """The names a client is shown, read whole: the announced length must be true."""
    got = bench.ask("GET", path)
    assert got.end == "whole"
    content = got.json
    return [
        entry["displayName"] for entry in (content["datatables"] if isinstance(content, dict) else content)
    ]


def made(bench, *names):
    for name in names:
        assert bench.create(name).read().status == 201


class TestStaleListings:
    @pytest.mark.parametrize(("commits", "seen"), [(1, "AB"), (2, "A"), (3, ""), (9, "")])
    def test_as_it_was_so_many_commits_ago(self, bench, commits, seen):
        bench.faults.add(Fault(StaleListing(commits=commits), endpoint="datasets.list"))
        made(bench, *"ABC")
        assert listed(bench) == list(seen)
        assert listed(bench) == list("ABC")

    def test_refused_requests_are_no_commits(self, bench):
        bench.faults.add(Fault(StaleListing(commits=1), endpoint="datasets.list"))
        made(bench, *"AB")
        assert bench.ask("DELETE", "/datasets/nowhere").status == 404
        assert listed(bench) == ["A"]

    def test_before_any_commit_it_is_as_it_is(self, bench):
        bench.tenant.create_node("A")
        bench.faults.add(Fault(StaleListing(commits=1)))
        assert listed(bench) == ["A"]

    def test_what_was_deleted_is_still_there(self, bench):
        node = bench.tenant.create_node("A")
        bench.faults.add(Fault(StaleListing(commits=1), endpoint="datasets.list"))
        bench.ask("DELETE", f"/datasets/{node.id}")
        assert listed(bench) == ["A"]

    def test_rows_of_an_upload_are_not_yet_there(self, bench):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(Fault(StaleListing(commits=1), endpoint="datatables.list"))
        bench.put(url).read()
        assert [bench.ask("GET", "/datatables").json[0]["rowCount"] for _ in range(2)] == [0, 2]

    def test_as_it_was_at_a_named_moment(self, bench):
        made(bench, "A")
        bench.faults.remember("then")
        made(bench, "B")
        bench.faults.add(Fault(StaleListing(moment="then")))
        assert listed(bench) == ["A"]

    def test_a_fault_can_name_the_moment_too(self, bench):
        bench.faults.add(
            Fault(Remember("then"), endpoint="datasets.create", occurrence=2, phase="before-commit"),
            Fault(StaleListing(moment="then"), endpoint="datasets.list"),
        )
        made(bench, *"AB")
        assert listed(bench) == ["A"]

    def test_of_the_datatables_of_one_dataset(self, bench):
        table = bench.new_table("A", "one")
        bench.faults.remember("then")
        bench.tenant.create_datatable(table.dataset_id, "two")
        bench.faults.add(Fault(StaleListing(moment="then")))
        assert listed(bench, f"/datasets/{table.dataset_id}") == ["one"]

    def test_of_a_tenant_nobody_had_met_it_is_empty(self, bench):
        bench.faults.remember("then")
        made(bench, "A")
        bench.faults.add(Fault(StaleListing(moment="then")))
        assert listed(bench) == []


class TestShortAndInconsistentListings:
    @pytest.mark.parametrize(
        ("action", "seen"),
        [
            (ShortListing(keep=2), "AB"),
            (ShortListing(keep=0), ""),
            (ShortListing(drop=1), "ABC"),
            (ShortListing(drop=9), ""),
            (InconsistentListing("shuffled"), "BDAC"),
            (InconsistentListing("duplicates"), "AABBCCDD"),
            (InconsistentListing("half"), "AC"),
        ],
    )
    def test_of_datasets_and_datatables(self, bench, action, seen):
        node = bench.tenant.create_node("A")
        for name in "BCD":
            bench.tenant.create_node(name)
        for name in "ABCD":
            bench.tenant.create_datatable(node.id, name)
        bench.faults.add(
            Fault(action, occurrence=1), Fault(action, occurrence=2), Fault(action, occurrence=3)
        )
        for path in ("/datasets", "/datatables", f"/datasets/{node.id}"):
            assert listed(bench, path) == list(seen)

    def test_other_answers_stay_as_they_are(self, bench):
        bench.faults.add(Fault(ShortListing(keep=0), occurrence="every"))
        assert bench.create("A").read().json["displayName"] == "A"
        assert bench.ask("GET", "/datasets/nowhere").status == 404


class TestLag:
    def test_for_so_many_listings(self, bench):
        bench.faults.add(Fault(Lag(listings=2), endpoint="datasets.create", occurrence=2))
        made(bench, *"ABC")
        assert [listed(bench) for _ in range(3)] == [["A", "C"], ["A", "C"], ["A", "B", "C"]]

    def test_for_so_many_seconds_of_the_clock(self, bench):
        bench.faults.add(Fault(Lag(seconds=5), endpoint="datasets.create"))
        made(bench, "A")
        bench.clock.now += 4.9
        assert listed(bench) == []
        bench.clock.now += 0.1
        assert listed(bench) == ["A"]

    def test_by_its_id_it_is_there(self, bench):
        bench.faults.add(Fault(Lag(seconds=5)))
        new = bench.create().read().json["id"]
        assert bench.ask("GET", f"/datasets/{new}").status == 200

    def test_of_a_datatable(self, bench):
        node = bench.tenant.create_node("A")
        bench.faults.add(Fault(Lag(listings=2), endpoint="datatables.create"))
        bench.ask("POST", f"/datasets/{node.id}/datatables", {"displayName": "t"})
        assert listed(bench, "/datatables") == []
        assert listed(bench, f"/datasets/{node.id}") == []
        assert listed(bench, "/datatables") == ["t"]


class TestMutations:
    @pytest.mark.parametrize(
        ("change", "datasets", "tables"),
        [
            (Mutate("create-dataset", name="B"), ["A", "B"], [("t", 0)]),
            (Mutate("rename-dataset", dataset="A", name="B"), ["B"], [("t", 0)]),
            (Mutate("recreate-dataset", dataset="A"), ["A"], []),
            (Mutate("delete-dataset", dataset="A"), [], []),
            (Mutate("create-datatable", dataset="A", name="u"), ["A"], [("t", 0), ("u", 0)]),
            (Mutate("rename-datatable", datatable="t", name="u"), ["A"], [("u", 0)]),
            (Mutate("delete-datatable", datatable="t", dataset="A"), ["A"], []),
            (Mutate("add-rows", datatable="t", rows=7), ["A"], [("t", 7)]),
            (Mutate("delete-dataset", dataset="nowhere"), ["A"], [("t", 0)]),
            (Mutate("create-dataset", name="B", tenant="another"), ["A"], [("t", 0)]),
        ],
    )
    def test_change_the_tenant_behind_the_request(self, bench, change, datasets, tables):
        bench.new_table("A", "t")
        bench.faults.add(Fault(change))
        bench.ask("GET", "/datasets")
        assert bench.names == datasets
        assert [(table.name, table.row_count) for table in bench.tenant.datatables()] == tables
        assert bench.last.committed is False

    def test_things_go_by_their_ids_first(self, bench):
        first, second = bench.tenant.create_node("A"), bench.tenant.create_node("A")
        bench.faults.add(Fault(Mutate("delete-dataset", dataset=second.id)))
        bench.ask("GET", "/datasets")
        assert [node.id for node in bench.tenant.nodes()] == [first.id]

    def test_in_the_bucket_it_is_the_tenant_of_the_upload(self, bench):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(
            Fault(Mutate("delete-datatable", datatable="t"), host="bucket", phase="before-commit")
        )
        assert bench.put(url).read().status == 200
        assert (bench.last.committed, bench.tenant.datatables()) == (False, [])

    @pytest.mark.parametrize("phase", ["receive", "before-commit", "after-commit", "mid-response"])
    def test_happen_at_their_phase(self, bench, phase):
        bench.faults.add(
            Fault(Mutate("delete-dataset", dataset="A"), endpoint="datasets.create", phase=phase)
        )
        assert bench.create("A").read().status == 201
        assert bench.names == ([] if phase in {"after-commit", "mid-response"} else ["A"])

    @pytest.mark.parametrize("tenant", [None, "T"])
    def test_of_a_request_that_is_about_no_tenant_need_one(self, bench, tenant):
        bench.faults.add(Fault(Mutate("create-dataset", name="A", tenant=tenant)))
        client = bench.client(bench.emulator.api_url)
        assert client.send("GET", "/", headers=["x-api-key: pmsync-local"]).read().status == 404
        assert bench.emulator.world.ground.catalogue.tenant_ids() == (["T"] if tenant else [])
        assert bench.names == (["A"] if tenant else [])

    def test_that_cannot_be_made_are_left_out(self, bench):
        bench.emulator.by_hand("T").folder(["Finance", "Archive"])
        bench.faults.add(Fault(Mutate("delete-dataset", dataset="Finance")))
        assert bench.ask("GET", "/datasets").status == 200

    def test_that_are_not_told_what_they_need_are_refused(self):
        with pytest.raises(Invalid, match="rename-dataset needs dataset and name"):
            Mutate("rename-dataset")


@pytest.mark.parametrize(
    ("choice", "wrong"),
    [
        (StaleListing, {}),
        (StaleListing, {"commits": 1, "moment": "x"}),
        (ShortListing, {}),
        (ShortListing, {"keep": 1, "drop": 1}),
        (Lag, {}),
        (Lag, {"seconds": 1, "listings": 1}),
    ],
)
def test_one_of_two_choices_must_be_made(choice, wrong):
    with pytest.raises(Invalid, match="needs either"):
        choice(**wrong)


class TestTheHistory:
    def test_of_a_create_has_what_was_asked_and_what_came_of_it(self, bench):
        bench.create("Sales").read()
        entry = bench.last.as_json()
        node = bench.tenant.nodes()[0]
        assert entry["endpoint"] == "datasets.create"
        assert (
            entry["bodySha256"] == hashlib.sha256(json.dumps({"displayName": "Sales"}).encode()).hexdigest()
        )
        assert (entry["name"], entry["made"], entry["deleted"]) == ("Sales", [node.id], [])
        assert (entry["committed"], entry["commit"], entry["phase"]) == (True, 1, "mid-response")
        assert entry["began"] <= entry["committedAt"]

    def test_of_a_refused_create_has_its_name_and_no_commit(self, bench):
        bench.ask("POST", "/datasets/nowhere/datatables", {"displayName": "t"})
        entry = bench.last.as_json()
        assert (entry["name"], entry["committed"], entry["commit"], entry["made"]) == ("t", False, None, [])
        assert entry["committedAt"] is None

    def test_of_a_delete_has_all_ids_that_are_gone(self, bench):
        table = bench.new_table()
        bench.ask("DELETE", f"/datasets/{table.dataset_id}")
        assert (bench.last.deleted, bench.last.committed) == ([table.dataset_id, table.id], True)

    def test_numbers_commits_in_the_order_they_happen(self, bench):
        bench.faults.add(Fault(Pause(), phase="before-commit"))
        bench.create("A")
        paused = bench.faults.wait_paused()
        bench.create("B").read()
        paused.release()
        assert [(e.name, e.commit) for e in bench.emulator.history.since()] == [("A", 2), ("B", 1)]

    def test_reading_commits_nothing(self, bench):
        table = bench.new_table()
        url = bench.url(table)
        bench.ask("GET", "/datasets")
        assert not any(exchange.committed for exchange in bench.emulator.history.since())
        bench.put(url).read()
        assert (bench.last.commit, bench.last.committed) == (1, True)

    def test_names_the_faults_that_struck(self, bench):
        bench.faults.add(Fault(Mutate("create-dataset", name="B")), Fault(Drop(), phase="after-commit"))
        bench.create("A").read()
        assert bench.last.as_json()["faults"] == ["mutate", "drop"]
        assert bench.last.phase == "after-commit"

    def test_of_an_answered_request_has_an_end(self, bench):
        bench.faults.add(Fault(Pause(), phase="after-commit"), Fault(Answer(500), phase="after-commit"))
        bench.create("A")
        paused = bench.faults.wait_paused()
        assert paused.exchange.ended is None
        paused.release()
        assert paused.exchange.began <= paused.exchange.committed_at <= paused.exchange.ended
