"""Faults on the line: each action in each phase, what it changes and what the client sees of it."""

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from pmsync.emulator.errors import Invalid
from pmsync.emulator.faultactions import (
    Answer,
    DelayedCommit,
    Drip,
    Drop,
    ExpireUrl,
    Hang,
    Mutate,
    Pause,
    Redirect,
    Remember,
    Reset,
    S3Error,
)
from pmsync.emulator.faults import Fault
from pmsync.emulator.server import running
from pmsync.emulator.settings import Settings

CLIENT = """
import sys, urllib.request as r
key = {"x-api-key": "pmsync-local"}
r.urlopen(r.Request(sys.argv[1] + "/tenant/T/datasets", b'{"displayName": "A"}', key)).read()
"""

COMMITTED = {"receive": False, "before-commit": False, "after-commit": True, "mid-response": True}


@pytest.mark.parametrize("phase", COMMITTED)
@pytest.mark.parametrize(("action", "end"), [(Drop(), "closed"), (Reset(), "reset")], ids=["drop", "reset"])
class TestBreakingTheLine:
    def test_of_a_create(self, bench, action, end, phase):
        bench.faults.add(Fault(action, endpoint="datasets.create", phase=phase))
        got = bench.create().read()
        assert got.end == end
        assert bool(got.raw) == (phase == "mid-response")
        assert bench.names == ["A"] * COMMITTED[phase]
        assert (bench.last.committed, bench.last.phase) == (COMMITTED[phase], phase)

    def test_of_an_upload(self, bench, action, end, phase):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(Fault(action, host="bucket", phase=phase))
        got = bench.put(url).read()
        assert got.end == end
        assert got.raw.startswith(b"HTTP/1.1 200") == (phase == "mid-response")
        assert bench.rows(table) == 2 * COMMITTED[phase]
        assert (bench.last.committed, bench.last.phase) == (COMMITTED[phase], phase)

    def test_leaves_no_status_where_no_answer_began(self, bench, action, end, phase):
        bench.faults.add(Fault(action, phase=phase))
        bench.create().read()
        assert bench.last.status == (201 if phase == "mid-response" else None)
        assert bench.last.faults == [bench.last.as_json()["faults"][0]]
        assert bench.last.faults == ["drop" if end == "closed" else "reset"]

    def test_is_over_after_its_request(self, bench, action, end, phase):
        bench.faults.add(Fault(action, phase=phase))
        bench.create("A").read()
        assert bench.create("B").read().status == 201
        assert bench.faults.left() == []


class TestMidResponse:
    def test_the_status_is_out_and_half_of_the_body(self, bench):
        bench.faults.add(Fault(Drop(), phase="mid-response"))
        got = bench.create().read()
        assert (got.status, got.end) == (201, "closed")
        assert len(got.body) == int(got.headers["content-length"]) // 2

    def test_an_answer_without_a_body_ends_within_its_head(self, bench):
        url = bench.url(bench.new_table())
        bench.faults.add(Fault(Drop(), phase="mid-response"))
        got = bench.put(url).read()
        assert got.raw
        assert b"\r\n\r\n" not in got.raw

    def test_the_other_half_comes_when_a_pause_is_released(self, bench):
        bench.faults.add(Fault(Pause(), phase="mid-response"))
        client = bench.create()
        bench.faults.wait_paused().release()
        got = client.read()
        assert (got.end, got.json["displayName"]) == ("whole", "A")
        assert got.headers["x-pmsync-emulator"] == "1"


class TestAnswering:
    @pytest.mark.parametrize("phase", ["receive", "before-commit", "after-commit"])
    def test_something_else(self, bench, phase):
        fault = Answer(503, {"message": "later"}, {"Retry-After": "7"})
        bench.faults.add(Fault(fault, endpoint="datasets.create", phase=phase))
        got = bench.create().read()
        assert (got.status, got.json, got.headers["retry-after"]) == (503, {"message": "later"}, "7")
        assert bench.names == ["A"] * COMMITTED[phase]
        assert (bench.last.status, bench.last.committed) == (503, COMMITTED[phase])

    @pytest.mark.parametrize("phase", ["receive", "before-commit", "after-commit"])
    def test_an_error_of_s3(self, bench, phase):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(Fault(S3Error(503, "SlowDown", "Reduce <it>"), endpoint="upload.put", phase=phase))
        got = bench.put(url).read()
        assert got.status == 503
        assert b"<Code>SlowDown</Code><Message>Reduce &lt;it&gt;</Message>" in got.body
        assert bench.rows(table) == 2 * COMMITTED[phase]

    def test_a_redirect(self, bench):
        bench.faults.add(Fault(Redirect("http://127.0.0.1:1/elsewhere", 302)))
        got = bench.ask("GET", "/datasets")
        assert (got.status, got.headers["location"]) == (302, "http://127.0.0.1:1/elsewhere")

    def test_nothing_but_a_status(self, bench):
        bench.faults.add(Fault(Answer(502)))
        got = bench.ask("GET", "/datasets")
        assert (got.status, got.body) == (502, b"")

    def test_in_place_of_the_file_leaves_the_connection_usable(self, bench):
        url = bench.url(bench.new_table())
        bench.faults.add(Fault(Answer(500), host="bucket"))
        client = bench.put(url, b"x" * 500_000)
        assert client.read().status == 500
        path = url.split("/", 3)[3]
        assert client.send("PUT", "/" + path, b"a\n1\n").read().status == 200


class TestHanging:
    @pytest.mark.parametrize("phase", COMMITTED)
    def test_no_answer_comes_until_the_script_is_cleared(self, bench, phase):
        client = self.hanging(bench, phase)
        assert bench.create("B").read().status == 201
        bench.faults.clear()
        got = client.read()
        assert (got.end, bool(got.raw)) == ("closed", phase == "mid-response")
        assert ("A" in bench.names) == COMMITTED[phase]

    def test_ends_when_the_client_leaves(self, bench):
        client = self.hanging(bench, "before-commit")
        exchange = bench.last
        client.leave()
        bench.until(lambda: exchange.ended)
        assert bench.names == []

    def hanging(self, bench, phase):
        """A request of which it is sure that it hangs: it was let out of a pause into it."""
        bench.faults.add(Fault(Pause(), phase=phase), Fault(Hang(), phase=phase))
        client = bench.create("A")
        bench.faults.wait_paused().release()
        return client

    def test_ends_with_the_emulator_like_everything_that_stands_still(self):
        with ExitStack() as clients:
            with running(Settings()) as emulator:
                address = urlsplit(emulator.api_url)
                for number, action in enumerate((Drop(), Pause(), Hang()), start=1):
                    emulator.faults.add(Fault(action, occurrence=number))
                for _ in range(3):
                    client = socket.create_connection((address.hostname, address.port), timeout=10)
                    clients.enter_context(client).sendall(b"GET /tenant/T HTTP/1.1\r\nHost: x\r\n\r\n")
                emulator.faults.wait_paused()
                began = time.monotonic()
            assert time.monotonic() - began < 3  # the grace for requests in flight is five seconds


class TestDripping:
    def test_every_byte_comes_in_the_end(self, bench):
        bench.faults.add(Fault(Drip(0.0001)))
        got = bench.create().read()
        assert (got.end, got.status, got.json["displayName"]) == ("whole", 201, "A")

    def test_one_byte_and_then_nothing_for_the_time_being(self, bench):
        bench.faults.add(Fault(Drip(3600)))
        client = bench.create()
        assert client.socket.recv(65536) == b"H"
        bench.faults.clear()
        assert client.read().end == "closed"


class TestPausing:
    @pytest.mark.parametrize("phase", COMMITTED)
    def test_stands_still_exactly_there(self, bench, phase):
        bench.faults.add(Fault(Pause(), phase=phase))
        bench.create()
        paused = bench.faults.wait_paused()
        assert (paused.phase, paused.exchange.phase) == (phase, phase)
        assert paused.exchange.committed == COMMITTED[phase]
        assert bench.names == ["A"] * COMMITTED[phase]

    @pytest.mark.parametrize("phase", COMMITTED)
    def test_dropped_it_changes_nothing_more(self, bench, phase):
        bench.faults.add(Fault(Pause(), phase=phase))
        client = bench.create()
        bench.faults.wait_paused().drop()
        assert bench.names == ["A"] * COMMITTED[phase]
        assert client.read().end == "closed"
        assert bench.last.ended is not None

    @pytest.mark.parametrize("phase", COMMITTED)
    def test_released_it_goes_on_as_if_nothing_had_been(self, bench, phase):
        bench.faults.add(Fault(Pause(), phase=phase))
        client = bench.create()
        bench.faults.wait_paused().release()
        assert client.read().status == 201
        assert (bench.names, bench.last.committed, bench.last.status) == (["A"], True, 201)

    @pytest.mark.parametrize("phase", ["receive", "before-commit"])
    def test_a_client_that_is_gone_can_still_have_its_way(self, bench, phase):
        bench.faults.add(Fault(Pause(), phase=phase))
        client = bench.create()
        paused = bench.faults.wait_paused()
        client.leave()
        paused.release()
        assert bench.names == ["A"]
        assert (paused.exchange.committed, paused.exchange.status) == (True, None)

    @pytest.mark.parametrize("phase", COMMITTED)
    @pytest.mark.parametrize("verdict", ["release", "drop"])
    def test_a_client_that_was_killed_there_leaves_what_the_verdict_says(self, bench, phase, verdict):
        bench.faults.add(Fault(Pause(), endpoint="datasets.create", phase=phase))
        with subprocess.Popen([sys.executable, "-c", CLIENT, bench.emulator.api_url]) as process:
            paused = bench.faults.wait_paused()
            process.kill()
        getattr(paused, verdict)()
        assert process.returncode == -signal.SIGKILL
        committed = verdict == "release" or COMMITTED[phase]
        assert (bench.names, paused.exchange.committed) == (["A"] * committed, committed)

    @pytest.mark.parametrize("phase", ["receive", "before-commit"])
    def test_so_can_its_upload(self, bench, phase):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(Fault(Pause(), endpoint="upload.put", phase=phase))
        client = bench.put(url)
        paused = bench.faults.wait_paused()
        client.leave()
        assert bench.rows(table) == 0
        paused.release()
        assert bench.rows(table) == 2

    def test_an_upload_whose_rest_never_came_is_not_stored(self, bench, csv):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(Fault(Pause(), endpoint="upload.put", after_bytes=10))
        client = bench.put(url, csv[:10], length=len(csv))
        paused = bench.faults.wait_paused()
        client.leave()
        paused.release()
        assert (bench.rows(table), paused.exchange.committed) == (0, False)

    def test_others_go_on_meanwhile(self, bench):
        bench.faults.add(Fault(Pause(), phase="before-commit"))
        bench.create("A")
        bench.faults.wait_paused()
        assert bench.create("B").read().status == 201
        assert bench.names == ["B"]

    def test_at_the_nth_request_of_any_kind(self, bench):
        bench.faults.add(Fault(Pause(), occurrence=3, phase="after-commit"))
        table = bench.new_table()
        url = bench.url(table)
        bench.ask("GET", "/datasets")
        bench.put(url)
        paused = bench.faults.wait_paused()
        assert (paused.exchange.sequence, paused.exchange.endpoint) == (3, "upload.put")

    def test_in_two_phases_of_one_request(self, bench):
        bench.faults.add(Fault(Pause(), phase="before-commit"), Fault(Pause(), phase="after-commit"))
        bench.create()
        bench.faults.wait_paused().release()
        second = bench.faults.wait_paused()
        assert (second.phase, bench.names) == ("after-commit", ["A"])

    def test_nobody_comes_in_time(self, bench):
        with pytest.raises(TimeoutError, match="no request was paused"):
            bench.faults.wait_paused(0)

    def test_a_verdict_counts_once(self, bench):
        bench.faults.add(Fault(Pause(), phase="before-commit"))
        bench.create()
        paused = bench.faults.wait_paused()
        paused.drop()
        paused.release()
        assert bench.names == []


class TestDelayedCommits:
    def test_the_answer_is_lost_now_and_the_change_comes_when_a_test_says_so(self, bench):
        bench.faults.add(Fault(DelayedCommit(), endpoint="datasets.create"))
        assert bench.create().read().end == "closed"
        assert (bench.names, bench.last.committed) == ([], False)
        assert bench.faults.release_delayed() == 1
        assert (bench.names, bench.last.committed, bench.last.status) == (["A"], True, None)

    def test_it_comes_by_the_clock_before_the_next_request_is_looked_at(self, bench):
        bench.faults.add(Fault(DelayedCommit(30), endpoint="datasets.create"))
        bench.create().read()
        bench.clock.now += 29
        assert bench.ask("GET", "/datasets").json == []
        bench.clock.now += 1
        assert [entry["displayName"] for entry in bench.ask("GET", "/datasets").json] == ["A"]

    def test_it_comes_by_itself_too(self, bench):
        bench.faults.add(
            Fault(DelayedCommit(0), endpoint="datasets.create"), Fault(Pause(), phase="after-commit")
        )
        bench.create()
        bench.faults.wait_paused()
        assert bench.names == ["A"]

    def test_it_is_judged_when_it_comes(self, bench):
        node = bench.tenant.create_node("A")
        bench.faults.add(Fault(DelayedCommit(), endpoint="datatables.create"))
        bench.ask("POST", f"/datasets/{node.id}/datatables", {"displayName": "t"})
        bench.tenant.delete_node(node.id)
        bench.faults.release_delayed()
        assert (bench.last.committed, bench.tenant.datatables()) == (False, [])

    def test_of_an_upload(self, bench):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(Fault(DelayedCommit(), host="bucket"))
        assert bench.put(url).read().end == "closed"
        assert bench.rows(table) == 0
        bench.faults.release_delayed()
        assert bench.rows(table) == 2

    def test_it_never_comes_once_the_script_is_cleared(self, bench):
        bench.faults.add(Fault(DelayedCommit()))
        bench.create().read()
        bench.faults.clear()
        assert bench.faults.release_delayed() == 0
        assert bench.ask("GET", "/datasets").json == []


class TestBodiesCutShort:
    @pytest.mark.parametrize(("action", "end"), [(Drop(), "closed"), (Reset(), "reset")])
    def test_after_so_many_bytes(self, bench, csv, action, end):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(Fault(action, endpoint="upload.put", after_bytes=20))
        client = bench.put(url, csv[:20], length=len(csv))
        assert client.read().end == end
        assert (bench.rows(table), bench.last.sha256) == (0, None)

    def test_a_client_that_goes_on_sending_is_not_reset_by_a_drop(self, bench):
        url = bench.url(bench.new_table())
        bench.faults.add(Fault(Drop(), endpoint="upload.put"))
        assert bench.put(url, b"x" * 3_000_000).read().end == "closed"


class TestUploadUrls:
    def test_one_that_is_issued_counts_as_expired(self, bench):
        table = bench.new_table()
        bench.faults.add(Fault(ExpireUrl(), endpoint="upload.url"))
        dead, alive = bench.url(table), bench.url(table)
        got = bench.put(dead).read()
        assert got.status == 403
        assert b"<Message>Request has expired</Message>" in got.body
        assert bench.put(alive).read().status == 200

    def test_one_that_is_used_counts_as_expired(self, bench):
        table = bench.new_table()
        url = bench.url(table)
        bench.faults.add(Fault(ExpireUrl(), endpoint="upload.put"))
        assert bench.put(url).read().status == 403
        assert bench.rows(table) == 0


class TestTheScript:
    def test_strikes_the_kth_request_that_matches(self, bench):
        bench.faults.add(Fault(Answer(500), method="POST", path="*/datasets", occurrence=2))
        bench.ask("GET", "/datasets")
        assert [bench.create(name).read().status for name in "ABC"] == [201, 500, 201]

    def test_strikes_every_request_that_matches(self, bench):
        bench.faults.add(Fault(Answer(500), endpoint="datasets.list", occurrence="every"))
        assert [bench.ask("GET", "/datasets").status for _ in range(3)] == [500] * 3
        assert bench.create().read().status == 201
        ((fault, seen),) = bench.faults.left()
        assert (fault.name, seen) == ("answer", 3)

    def test_takes_faults_of_one_request_in_their_order(self, bench):
        bench.faults.add(
            Fault(Mutate("create-dataset", name="Theirs")),
            Fault(Answer(429)),
            Fault(Mutate("create-dataset", name="Never")),
        )
        assert bench.ask("GET", "/datasets").status == 429
        assert (bench.names, bench.last.faults) == (["Theirs"], ["mutate", "answer"])

    def test_counts_from_when_a_fault_was_added(self, bench):
        bench.create("A").read()
        bench.faults.add(Fault(Answer(500)))
        assert bench.create("B").read().status == 500

    def test_a_request_without_a_key_is_refused_before_it_could_commit(self, bench):
        bench.faults.add(Fault(Drop(), phase="before-commit"))
        got = bench.client(bench.emulator.api_url).send("GET", "/tenant/T/datasets").read()
        assert (got.status, bench.last.faults) == (401, [])

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"action": Drop(), "occurrence": 0}, "occurrence"),
            ({"action": DelayedCommit(), "phase": "receive"}, "before-commit, not receive"),
            ({"action": Drip(1), "phase": "receive"}, "mid-response, not receive"),
            ({"action": ExpireUrl()}, "upload.url or upload.put"),
            ({"action": Drop(), "phase": "after-commit", "after_bytes": 1}, "afterBytes"),
        ],
    )
    def test_faults_whose_parts_do_not_fit_are_refused(self, wrong, said):
        with pytest.raises(Invalid, match=said):
            Fault(**wrong)

    def test_a_failure_of_the_emulator_itself_is_answered_under_faults_too(self, bench, monkeypatch):
        monkeypatch.setattr(type(bench.emulator.world), "tenant", lambda *_: 1 / 0)
        bench.faults.add(Fault(Pause(), phase="after-commit"))
        client = bench.create()
        bench.faults.wait_paused().release()
        assert client.read().status == 500

    def test_remembering_a_moment_is_an_action_too(self, bench):
        bench.create("A").read()
        bench.faults.add(Fault(Remember("now"), phase="after-commit"))
        assert bench.create("B").read().status == 201
        assert json.loads(bench.ask("GET", "/datasets").body)[1]["displayName"] == "B"
