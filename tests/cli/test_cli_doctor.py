"""`doctor`: each thing that can be wrong, one at a time; and `doctor --probe` through the command line."""

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pmsync.cli.handlers.doctor import clock_check
from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault
from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import Settings
from pmsync.model.checkup import Verdict

Folder = Callable[[str], Path]

Call = Callable[..., Any]
KEY = {"PMSYNC_API_KEY": "pmsync-local"}
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def checks(ended: Any) -> dict[str, dict[str, Any]]:
    """The checks of a JSON answer by name."""
    whole = json.loads(ended.out)
    assert whole["formatVersion"] == "1.0"
    assert whole["exitCode"] == ended.code
    return {check["name"]: check for check in whole["checks"]}


def problems(ended: Any) -> list[str]:
    return [name for name, check in checks(ended).items() if check["verdict"] == "problem"]


def write_cloud(folder: Path, url: str, *, more: str = "") -> None:
    """A project with one environment, whose tenant is at this address."""
    (folder / "pmsync.yaml").write_text(
        f"apiVersion: pmsync/v1\nproject: p\nenvironments:\n  dev: {{tenantId: t-1, apiUrl: '{url}', state: file{more}}}\n"
    )
    (folder / "manifests").mkdir(exist_ok=True)
    (folder / "manifests" / "m.yaml").write_text("apiVersion: pmsync/v1\ndatasets: {o2c: {}}\n")


def wrong_key(emulator: RunningEmulator) -> dict[str, str]:
    """A key that is none of the emulator's, and leave to send it there."""
    return {"PMSYNC_API_KEY": "wrong", "PMSYNC_API_URL": emulator.api_url}


@pytest.fixture
def emulator() -> Iterator[RunningEmulator]:
    with running(Settings(show_tree=True)) as one:
        yield one


@pytest.fixture
def cloud(tmp_path: Path, emulator: RunningEmulator) -> Path:
    """A project whose tenant is a real one, as far as it can tell."""
    write_cloud(tmp_path, emulator.api_url)
    return tmp_path


# all is well


def test_where_all_is_well_it_exits_0_with_a_line_for_each_check(project: Path, pmsync: Call) -> None:
    ended = pmsync("doctor")
    assert (ended.code, ended.err) == (0, "")
    *lines, blank, last = ended.out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        [name, "ok"]
        for name in (
            "config",
            "manifests",
            "schemas",
            "key",
            "network",
            "connection",
            "clock",
            "state",
            "lock",
            "folder",
        )
    ]
    assert (blank, last) == ("", "No problem found.")


def test_it_says_which_tenant_and_who_said_so(cloud: Path, pmsync: Call) -> None:
    seen = checks(pmsync("doctor", "--format", "json", env=KEY))
    assert "environment dev (the only one), tenant t-1 (from pmsync.yaml)" in seen["config"]["says"]
    assert seen["config"]["says"].endswith("(from pmsync.yaml)")
    assert seen["key"]["says"] == "from PMSYNC_API_KEY (PMSYNC_API_KEY_DEV is not set)"
    assert seen["state"]["remedy"] == "the first apply needs --new-state"


def test_it_sends_gets_only_and_leaves_no_file(cloud: Path, pmsync: Call, emulator: RunningEmulator) -> None:
    before = sorted(cloud.rglob("*"))
    assert pmsync("doctor", env=KEY).code == 0
    assert {one.method for one in emulator.history.since(0)} == {"GET"}
    assert sorted(cloud.rglob("*")) == before


def test_after_an_apply_it_says_what_the_state_is(project: Path, pmsync: Call) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    says = checks(pmsync("doctor", "--format", "json"))["state"]["says"]
    assert "format 2, serial" in says
    assert "2 datasets and 3 uploads in it" in says


def test_no_output_holds_the_key(cloud: Path, pmsync: Call) -> None:
    secret = "very-secret-key-123"
    for form in ("text", "json"):
        ended = pmsync("doctor", "--format", form, "-vv", env={"PMSYNC_API_KEY": secret})
        assert secret not in ended.out + ended.err


# one thing is wrong


def test_without_a_project_it_is_the_config(pmsync: Call) -> None:
    ended = pmsync("doctor", "--format", "json")
    assert ended.code == 7
    assert problems(ended) == ["config"]
    assert "pmsync.yaml" in ended.out


def test_a_host_that_only_the_repository_names_is_not_asked(tmp_path: Path, pmsync: Call) -> None:
    write_cloud(tmp_path, "https://evil.example")
    ended = pmsync("doctor", "--format", "json", env=KEY)
    assert ended.code == 3
    assert problems(ended) == ["config"]
    assert "connection" not in checks(ended)


def test_a_real_key_does_not_go_to_a_program_that_only_the_repository_names(
    cloud: Path, emulator: RunningEmulator, pmsync: Call
) -> None:
    ended = pmsync("doctor", "--format", "json", env={"PMSYNC_API_KEY": "a-real-key"})
    assert ended.code == 3
    assert problems(ended) == ["connection"]
    assert "--api-url" in checks(ended)["connection"]["remedy"]
    assert emulator.history.since(0) == []


def test_a_manifest_that_is_wrong_is_exit_7_and_the_rest_is_checked(project: Path, pmsync: Call) -> None:
    (project / "manifests" / "returns.yaml").write_text("apiVersion: pmsync/v9\ndatasets: {a: {}}\n")
    ended = pmsync("doctor", "--format", "json")
    assert ended.code == 7
    assert problems(ended) == ["manifests"]
    assert checks(ended)["manifests"]["says"].startswith("manifests/returns.yaml:1:")


def test_a_missing_key_is_exit_8(cloud: Path, pmsync: Call) -> None:
    ended = pmsync("doctor", "--format", "json")
    assert ended.code == 8
    assert problems(ended) == ["key", "connection"]
    assert "PMSYNC_API_KEY_DEV" in checks(ended)["key"]["remedy"]


def test_a_wrong_key_is_exit_8(cloud: Path, emulator: RunningEmulator, pmsync: Call) -> None:
    ended = pmsync("doctor", "--format", "json", env=wrong_key(emulator))
    assert ended.code == 8
    assert problems(ended) == ["connection"]
    assert checks(ended)["clock"]["verdict"] == "skipped"


def test_a_tenant_that_cannot_be_reached_is_exit_1(tmp_path: Path, pmsync: Call) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listened on: nobody else gets the port
        write_cloud(tmp_path, f"http://127.0.0.1:{unused.getsockname()[1]}")
        ended = pmsync("doctor", "--format", "json", env=KEY)
    assert ended.code == 1
    assert problems(ended) == ["connection"]
    assert "refused the connection" in checks(ended)["connection"]["says"]


@contextmanager
def tenant_at(moment: datetime | None) -> Iterator[str]:
    """An empty tenant whose clock stands there (None: it tells no time); its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = b"[]"
            self.send_response_only(200)
            if moment is not None:
                self.send_header("Date", moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_clock_that_is_two_hours_off_is_exit_1(tmp_path: Path, pmsync: Call) -> None:
    with tenant_at(datetime.now(UTC) - timedelta(hours=2)) as url:
        write_cloud(tmp_path, url)
        ended = pmsync("doctor", "--format", "json", env=KEY)
    assert ended.code == 1
    assert problems(ended) == ["clock"]
    assert "ahead of the tenant's" in checks(ended)["clock"]["says"]


def test_a_tenant_that_tells_no_time_is_no_problem(tmp_path: Path, pmsync: Call) -> None:
    with tenant_at(None) as url:
        write_cloud(tmp_path, url)
        ended = pmsync("doctor", "--format", "json", env=KEY)
    assert ended.code == 0
    assert checks(ended)["clock"]["verdict"] == "skipped"


@pytest.mark.parametrize(
    ("seconds", "verdict", "words"),
    [
        (0, Verdict.OK, "within a minute"),
        (60, Verdict.OK, "within a minute"),
        (-60, Verdict.OK, "within a minute"),
        (61, Verdict.PROBLEM, "61 seconds ahead of"),
        (-7200, Verdict.PROBLEM, "7,200 seconds behind"),
    ],
)
def test_a_minute_is_what_a_clock_may_be_off(seconds: int, verdict: Verdict, words: str) -> None:
    check = clock_check(NOON + timedelta(seconds=seconds), NOON)
    assert check.verdict is verdict
    assert words in check.says


def test_a_state_of_another_tenant_is_exit_3(project: Path, pmsync: Call, state_folder: Folder) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    state = state_folder("local") / "state.json"
    whole = json.loads(state.read_text())
    whole["binding"]["tenantId"] = "another"
    state.write_text(json.dumps(whole))
    ended = pmsync("doctor", "--format", "json")
    assert ended.code == 3
    assert problems(ended) == ["state"]
    assert "another tenant" in checks(ended)["state"]["says"]


def test_a_damaged_state_is_exit_3_and_says_how_to_mend_it(
    project: Path, pmsync: Call, state_folder: Folder
) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    (state_folder("local") / "state.json").write_text('{"formatVersion": 1')
    ended = pmsync("doctor", "--format", "json")
    assert ended.code == 3
    assert problems(ended) == ["state"]
    assert "cp " in checks(ended)["state"]["remedy"]


def test_what_a_cut_off_run_left_open_is_said(cloud: Path, pmsync: Call, state_folder: Folder) -> None:
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0
    state = state_folder("dev") / "state.json"
    whole = json.loads(state.read_text())
    intent = {
        "address": "x",
        "at": "",
        "displayName": "x",
        "idsBefore": [],
        "kind": "create-dataset",
        "parentId": None,
        "rows": 0,
        "rowsBefore": 0,
        "sha256": "",
        "size": 0,
        "targetId": "",
    }
    state.write_text(json.dumps({**whole, "intents": [intent]}))
    ended = pmsync("doctor", "--format", "json", env=KEY)
    assert ended.code == 0
    assert "1 announced request of unknown outcome" in checks(ended)["state"]["says"]
    assert "pmsync plan" in checks(ended)["state"]["remedy"]


def test_a_held_lock_is_exit_5_and_says_whose(project: Path, pmsync: Call, state_folder: Folder) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    holder = {"id": "abc", "who": "ann", "host": os.uname().nodename, "pid": os.getpid()}
    lock = state_folder("local") / "lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        json.dump({**holder, "since": "2026-01-02T00:00:00+00:00", "command": "pmsync apply"}, file)
        file.flush()
        ended = pmsync("doctor", "--format", "json")
    assert ended.code == 5
    assert problems(ended) == ["lock"]
    assert "ann at" in checks(ended)["lock"]["says"]
    assert "pmsync state unlock abc" in checks(ended)["lock"]["remedy"]


def test_a_folder_that_cannot_be_made_is_said(cloud: Path, pmsync: Call, memory: Path) -> None:
    (memory / "state").mkdir()
    (memory / "state" / "readme").write_text("a file")
    env = {**KEY, "PMSYNC_STATE_DIR": str(memory / "state" / "readme")}
    ended = pmsync("doctor", "--format", "json", env=env)
    assert ended.code == 3
    assert problems(ended) == ["connection", "state", "lock", "folder"]
    assert "not a folder" in checks(ended)["folder"]["says"]


def test_schemas_of_another_version_are_exit_1(project: Path, pmsync: Call) -> None:
    (project / "schema" / "manifest.schema.json").write_text("{}\n")
    ended = pmsync("doctor", "--format", "json")
    assert ended.code == 1
    assert problems(ended) == ["schemas"]
    assert "manifest.schema.json" in checks(ended)["schemas"]["says"]
    pmsync(*checks(ended)["schemas"]["remedy"].split()[1:])
    assert pmsync("doctor").code == 0


def test_of_several_problems_the_worst_is_the_exit_code(
    cloud: Path, emulator: RunningEmulator, pmsync: Call
) -> None:
    (cloud / "manifests" / "m.yaml").write_text("apiVersion: pmsync/v1\ndatasets: {}\n")
    ended = pmsync("doctor", env=wrong_key(emulator))
    assert ended.code == 8
    assert ended.out.splitlines()[-1] == "2 problems."


# --probe


def test_a_probe_prints_what_to_paste_and_leaves_nothing(
    cloud: Path, pmsync: Call, emulator: RunningEmulator
) -> None:
    ended = pmsync("doctor", "--probe", "--auto-approve", env=KEY)
    assert ended.code == 0, ended.err
    assert "a second upload of the same file name  replaces the rows" in ended.out
    assert "\n    uploads: {sameName: replaces, otherName: adds}\n" in ended.out
    assert "\n    verify: {timeout: 1m}\n" in ended.out
    assert emulator.tenant("t-1").nodes() == []


def test_a_probe_as_json_is_for_programs(cloud: Path, pmsync: Call) -> None:
    ended = pmsync("doctor", "--probe", "--auto-approve", "--format", "json", env=KEY)
    whole = json.loads(ended.out)
    lag = whole["findings"].pop("lagSeconds")
    assert lag >= 0
    assert whole["findings"] == {
        "sameName": "replaces",
        "otherName": "adds",
        "headerOnly": "empties",
        "sameBytes": "once",
        "showsTree": True,
        "uniqueDatasets": False,
        "uniqueDatatables": False,
    }
    assert (whole["formatVersion"], whole["exitCode"], whole["left"]) == ("1.0", 0, [])


def test_what_a_probe_prints_can_be_pasted(cloud: Path, pmsync: Call, emulator: RunningEmulator) -> None:
    snippet = json.loads(pmsync("doctor", "--probe", "--auto-approve", "--format", "json", env=KEY).out)[
        "snippet"
    ]
    tenant = f"    tenantId: t-1\n    apiUrl: {emulator.api_url}\n"
    (cloud / "pmsync.yaml").write_text(f"apiVersion: pmsync/v1\nproject: p\n{snippet}{tenant}")
    assert pmsync("validate").code == 0


BODIES = {
    "block": "  dev:\n    tenantId: t-1\n    apiUrl: URL\n",
    "four blanks": "    dev:\n        tenantId: t-1\n        apiUrl: URL\n",
    "braces": "  dev: {tenantId: t-1, apiUrl: 'URL', namePrefix: \"[dev] \", limits: {maxDeletes: 1}}\n",
    "braces of several lines": "  dev: {\n    tenantId: t-1,\n    apiUrl: 'URL'}\n",
    "settings that are there": (
        "  dev:\n    tenantId: t-1\n    uploads: {otherName: adds}\n    apiUrl: URL\n    verify: {rows: true}\n"
    ),
}


def pasted(config: str, where: str, text: str) -> str:
    """The file with the lines at the place that was said, as a person would do it."""
    lines = config.splitlines(keepends=True)
    dev = next(index for index, one in enumerate(lines) if one.strip().startswith("dev:"))
    assert f"(line {dev + 1})" in where
    if f"in place of dev: (line {dev + 1})" in where:
        return "".join(lines[:dev]) + text
    gone = {int(number) - 1 for number in re.findall(r"line (\d+)", where)} - {dev}
    return "".join(
        (*lines[: dev + 1], text, *(one for i, one in enumerate(lines) if i > dev and i not in gone))
    )


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_a_probe_prints_is_pasted_where_it_says(
    cloud: Path, pmsync: Call, emulator: RunningEmulator, body: str
) -> None:
    config = "apiVersion: pmsync/v1\nproject: p\nenvironments:\n" + body.replace("URL", emulator.api_url)
    (cloud / "pmsync.yaml").write_text(config)
    shown = pmsync("doctor", "--probe", "--auto-approve", env=KEY).out
    where, text = re.search(r"^For pmsync\.yaml, (.*):\n((?:.*\n)+)\Z", shown, re.MULTILINE).groups()
    (cloud / "pmsync.yaml").write_text(pasted(config, where, text))
    assert pmsync("validate").code == 0, (cloud / "pmsync.yaml").read_text()
    assert "uploads: {" in text
    assert text.count("sameName: replaces") == text.count("timeout: 1m") == 1


def test_a_probe_sends_nothing_where_nobody_can_say_yes(
    cloud: Path, pmsync: Call, emulator: RunningEmulator
) -> None:
    ended = pmsync("doctor", "--probe", env=KEY)
    assert ended.code == 3
    assert "--auto-approve" in ended.err
    assert emulator.history.since(0) == []


def test_yes_without_a_probe_is_a_mistake(cloud: Path, pmsync: Call) -> None:
    assert pmsync("doctor", "--auto-approve", env=KEY).code == 64


def test_a_probe_takes_the_lock(cloud: Path, pmsync: Call, state_folder: Folder) -> None:
    assert pmsync("doctor", "--probe", "--auto-approve", env=KEY).code == 0
    with (state_folder("dev") / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert pmsync("doctor", "--probe", "--auto-approve", env=KEY).code == 5


def test_a_probe_before_the_first_apply_does_not_stand_for_a_state(cloud: Path, pmsync: Call) -> None:
    assert pmsync("doctor", "--probe", "--auto-approve", env=KEY).code == 0
    assert "no state was found" in pmsync("plan", env=KEY).err
    assert checks(pmsync("doctor", "--format", "json", env=KEY))["state"]["says"].startswith("none yet")
    assert pmsync("apply", "--auto-approve", env=KEY).code == 3
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0
    assert pmsync("apply", "--auto-approve", env=KEY).code == 0


def test_the_embedded_tenant_can_be_probed_too(project: Path, pmsync: Call) -> None:
    assert pmsync("doctor", "--probe", "--auto-approve").code == 0
    assert pmsync("apply", "--auto-approve").code == 0


@pytest.mark.parametrize(
    ("endpoint", "occurrence", "phase", "then"),
    [
        ("datasets.create", 2, "before-commit", "doctor --probe"),
        ("datasets.create", 2, "after-commit", "doctor --probe"),
        ("datasets.create", 2, "after-commit", "apply --new-state"),
        ("upload.put", 6, "after-commit", "apply --new-state"),
        ("dataset.delete", 1, "after-commit", "doctor --probe"),
    ],
)
def test_what_a_killed_probe_left_goes_with_the_next_run(
    cloud: Path,
    pmsync: Call,
    emulator: RunningEmulator,
    environ: dict[str, str],
    endpoint: Any,
    occurrence: int,
    phase: Any,
    then: str,
) -> None:
    emulator.faults.add(Fault(Pause(), endpoint=endpoint, occurrence=occurrence, phase=phase))
    call = [sys.executable, "-m", "pmsync", "doctor", "--probe", "--auto-approve"]
    with subprocess.Popen(
        call, cwd=cloud, env={**environ, **KEY}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        paused = emulator.faults.wait_paused(timeout=60)
        process.kill()
    paused.release()
    assert emulator.tenant("t-1").nodes() != []
    ended = pmsync(*then.split(), "--auto-approve", "--request-timeout", "1", env=KEY)
    assert ended.code == 0, ended.err
    left = [node.name for node in emulator.tenant("t-1").nodes()]
    assert left == ([] if then.startswith("doctor") else ["o2c"])
