"""Starting and stopping the emulator, its settings and its history."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from pmsync.emulator.errors import EmulatorError
from pmsync.emulator.history import History
from pmsync.emulator.server import running, serve_until_stopped
from pmsync.emulator.settings import Settings


def health(url):
    with urllib.request.urlopen(f"{url}/_pmsync/health", timeout=10) as answer:
        return json.loads(answer.read())


def port_of(url):
    return urlsplit(url).port


def test_it_answers_on_two_loopback_ports():
    with running(Settings()) as emulator:
        assert health(emulator.api_url)["ready"]
        assert {urlsplit(url).hostname for url in (emulator.api_url, emulator.bucket_url)} == {"127.0.0.1"}
        assert port_of(emulator.api_url) != port_of(emulator.bucket_url)


def test_it_is_gone_when_the_context_ends():
    with running(Settings()) as emulator:
        threads = {thread.name for thread in threading.enumerate()}
    assert "pmsync-emulator" in threads
    assert "pmsync-emulator" not in {thread.name for thread in threading.enumerate()}
    with (
        pytest.raises(OSError, match="refused"),
        socket.create_connection(("127.0.0.1", port_of(emulator.api_url))),
    ):
        pass


def test_it_stops_though_a_client_keeps_its_connection():
    with ExitStack() as clients:
        with running(Settings()) as emulator:
            address = ("127.0.0.1", port_of(emulator.api_url))
            client = clients.enter_context(socket.create_connection(address, timeout=10))
            client.sendall(b"GET /_pmsync/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 200"
        with client.makefile("rb") as rest:
            assert rest.read().endswith(b"}")


def test_a_port_can_be_asked_for_and_taken_again():
    with running(Settings()) as emulator:
        port = port_of(emulator.api_url)
    with running(Settings(port=port)) as emulator:
        assert port_of(emulator.api_url) == port


def test_a_port_that_is_taken_is_an_error_with_a_way_out(tmp_path):
    with running(Settings()) as emulator:
        port = port_of(emulator.api_url)
        with (
            pytest.raises(EmulatorError, match=f"port {port} .*choose another"),
            running(Settings(port=port)),
        ):
            pass
        assert health(emulator.api_url)["ready"]


def test_two_run_side_by_side_with_tenants_of_their_own():
    with running(Settings()) as one, running(Settings()) as other:
        one.tenant("T").create_node("A")
        assert other.tenant("T").nodes() == []


def test_an_error_inside_the_context_still_stops_it():
    with pytest.raises(KeyError), running(Settings()) as emulator:
        raise KeyError
    with running(Settings(port=port_of(emulator.api_url))):
        pass


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_a_signal_ends_it(sent):
    before = signal.getsignal(sent)
    seen = []

    def ready(emulator):
        seen.append(health(emulator.api_url)["ready"])
        os.kill(os.getpid(), sent)

    assert serve_until_stopped(Settings(), ready) == sent
    assert seen == [True]
    assert signal.getsignal(sent) is before


def test_importing_it_loads_neither_the_workbook_reader_nor_anything_of_pmsync():
    code = "import sys, pmsync.emulator.server; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "openpyxl" not in loaded
    assert [
        name for name in loaded if name.startswith("pmsync.") and not name.startswith("pmsync.emulator")
    ] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"port": -1}, "port -1"),
        ({"port": 65536}, "port 65536"),
        ({"ingestion_lag": -0.1}, "lag"),
        ({"ingestion_lag": float("inf")}, "lag"),
        ({"ingestion_lag": float("nan")}, "lag"),
        ({"same_name": "adds"}, "same name 'adds'"),
        ({"other_name": "appends"}, "other name 'appends'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong, said):
    with pytest.raises(EmulatorError, match=said):
        Settings(**wrong)


def test_the_extra_key_is_not_in_what_settings_show():
    settings = Settings(extra_key="canary")
    assert "canary" not in f"{settings!r} {settings.public()}"


class TestHistory:
    def test_requests_are_numbered_in_the_order_they_begin(self):
        history = History()
        first, second = history.begin("api", "GET", "/a"), history.begin("bucket", "PUT", "/b")
        second.status = 200
        assert history.since() == [first, second]
        assert history.since(1) == [second]
        assert history.last == 2

    def test_a_request_without_an_answer_has_no_status(self):
        assert History().begin("api", "GET", "/a").as_json()["status"] is None

    def test_requests_are_counted_by_host_and_method(self):
        history = History()
        for method in ("GET", "POST", "GET"):
            history.begin("api", method, "/a")
        history.begin("bucket", "PUT", "/b")
        assert history.as_json()["counts"] == {"api GET": 2, "api POST": 1, "bucket PUT": 1}
