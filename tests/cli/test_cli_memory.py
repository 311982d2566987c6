"""What pmsync remembers is not in the checkout, and nothing that travels with one is believed, read or written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import Settings

Call = Callable[..., Any]
Folder = Callable[[str], Path]
CANARY = "precious-5f0b"
KEY = {"PMSYNC_API_KEY": "pmsync-local"}


def everything(folder: Path) -> dict[str, bytes | str | None]:
    """All that is below a folder, links as links."""
    found: dict[str, bytes | str | None] = {}
    for one in sorted(folder.rglob("*")):
        name = str(one.relative_to(folder))
        found[name] = os.readlink(one) if one.is_symlink() else one.read_bytes() if one.is_file() else None
    return found


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is the runner's own."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret").write_text(f"{CANARY}: 1\n")
    return folder


@pytest.fixture
def emulator() -> Any:
    with running(Settings(show_tree=True)) as one:
        yield one


def clone(folder: Path, url: str) -> Path:
    """A clone of one repository, whose tenant is one in the cloud as far as it can tell."""
    (folder / "manifests").mkdir(parents=True)
    (folder / "pmsync.yaml").write_text(
        f"apiVersion: pmsync/v1\nproject: p\nenvironments:\n  dev: {{tenantId: t-1, apiUrl: '{url}', state: file}}\n"
    )
    (folder / "manifests" / "m.yaml").write_text(
        "apiVersion: pmsync/v1\ndatasets: {o2c: {datatables: {events: {sources: [a.csv]}}}}\n"
    )
    (folder / "a.csv").write_text("case,activity\nc1,Pay\n")
    return folder


# where it is


def test_nothing_is_written_into_the_project(project: Path, pmsync: Call, memory: Path) -> None:
    before = everything(project)
    assert pmsync("apply", "--auto-approve").code == 0
    assert pmsync("plan", "--detailed-exitcode").code == 0
    assert everything(project) == before
    # What the files held is kept only if they are clearly older than the reading.
    assert {"state"} <= {one.name for one in memory.iterdir()} <= {"cache", "state"}


def test_what_is_remembered_is_this_users_alone(project: Path, pmsync: Call, memory: Path) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    open_to_others = [
        one for one in (memory / "state").rglob("*") if one.is_dir() and one.stat().st_mode & 0o022
    ]
    assert open_to_others == []


def test_state_list_and_doctor_say_where(project: Path, pmsync: Call, state_folder: Folder) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    where = str(state_folder("local"))
    assert where in pmsync("state", "list", env={"COLUMNS": "500"}).out
    assert json.loads(pmsync("state", "list", "--format", "json").out)["folder"] == where
    assert where in pmsync("doctor", "--format", "json").out


def test_two_clones_on_one_machine_share_one_state(
    tmp_path: Path, environ: dict[str, str], in_process: Call, emulator: RunningEmulator
) -> None:
    first, second = clone(tmp_path / "one", emulator.api_url), clone(tmp_path / "two", emulator.api_url)
    env = {**environ, **KEY, "PMSYNC_API_URL": emulator.api_url}
    assert in_process(first, "apply", "--auto-approve", "--new-state", environ=env).code == 0
    ended = in_process(second, "plan", "--detailed-exitcode", environ=env)
    assert ended.code == 0, ended.out + ended.err
    assert len(emulator.tenant("t-1").nodes()) == 1


def test_embedded_tenants_of_two_copies_are_two(
    project: Path,
    tmp_path_factory: pytest.TempPathFactory,
    pmsync: Call,
    environ: dict[str, str],
    in_process: Call,
) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    copy = tmp_path_factory.mktemp("copies") / "copy"
    shutil.copytree(project, copy)
    assert in_process(copy, "plan", "--detailed-exitcode", environ=environ).code == 2


@pytest.mark.parametrize("variable", ["PMSYNC_STATE_DIR", "PMSYNC_CACHE_DIR"])
def test_a_relative_folder_is_a_mistake(project: Path, pmsync: Call, variable: str) -> None:
    ended = pmsync("plan", env={variable: "memory"})
    assert ended.code == 64
    assert f"{variable} is 'memory', which is relative" in ended.err
    assert not (project / "memory").exists()


def test_where_there_is_no_home_it_says_what_to_set(
    project: Path, pmsync: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: "~/.local/state/pmsync")
    ended = pmsync("plan", env={"PMSYNC_STATE_DIR": ""})
    assert ended.code == 64
    assert "PMSYNC_STATE_DIR" in ended.err


def test_without_a_variable_it_is_the_users_own_folder(project: Path, pmsync: Call, outside: Path) -> None:
    env = {"HOME": str(outside), "PMSYNC_STATE_DIR": "", "PMSYNC_CACHE_DIR": ""}
    assert pmsync("apply", "--auto-approve", env=env).code == 0
    assert list(outside.rglob("state.json"))


def test_a_state_folder_that_others_may_change_is_not_believed(
    project: Path, pmsync: Call, state_folder: Folder
) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    state_folder("local").chmod(0o777)
    ended = pmsync("plan")
    assert ended.code == 3
    assert "chmod go-w" in ended.err


@pytest.mark.parametrize("text", ["", "../../etc", "/proc/self/environ", "not-a-uuid", CANARY, "x" * 100_000])
def test_an_id_of_an_embedded_tenant_that_was_not_drawn_is_refused_and_not_shown(
    project: Path, pmsync: Call, state_folder: Folder, text: str
) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    (state_folder("local") / "tenant-id").write_text(text)
    ended = pmsync("plan", "--format", "json")
    assert ended.code == 1
    assert not text or text not in ended.out + ended.err
    assert "emulator reset" in ended.err or "PMSYNC_STATE_DIR" in ended.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_project_on_a_read_only_disk_plans_and_applies(project: Path, environ: dict[str, str]) -> None:
    script = (
        'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" || exit 99; '
        "! touch x 2>/dev/null && pmsync plan && pmsync apply --auto-approve && pmsync plan --detailed-exitcode"
    )
    script = script.replace("pmsync ", f"{sys.executable} -m pmsync ")
    words = ["unshare", "-m", "sh", "-c", script, "sh", str(project)]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == 99:
        pytest.skip("this machine lets nobody mount")
    assert done.returncode == 0, done.stdout + done.stderr


# an old memory in the checkout


def test_an_old_memory_is_named_with_the_command_and_never_opened(project: Path, pmsync: Call) -> None:
    old = project / ".pmsync" / "local"
    old.mkdir(parents=True)
    os.mkfifo(old / "state.json")
    os.mkfifo(old / "tenant-id")
    before = sorted(old.iterdir())
    ended = pmsync("plan")
    assert ended.code == 0
    assert ".pmsync beside pmsync.yaml is of an older pmsync" in ended.err
    assert "pmsync state push .pmsync/" in ended.err
    assert sorted(old.iterdir()) == before


@pytest.mark.parametrize("kind", ["link to a folder", "dangling link", "file"])
def test_an_old_memory_that_is_a_link_is_not_written_through(
    project: Path, pmsync: Call, outside: Path, kind: str
) -> None:
    old, before = project / ".pmsync", everything(outside)
    old.touch() if kind == "file" else old.symlink_to(
        outside if kind == "link to a folder" else outside / "gone"
    )
    assert pmsync("apply", "--auto-approve").code == 0
    assert everything(outside) == before


def test_a_state_is_pushed_from_an_old_memory(
    tmp_path: Path, environ: dict[str, str], in_process: Call, emulator: RunningEmulator, memory: Path
) -> None:
    here = clone(tmp_path / "one", emulator.api_url)
    env = {**environ, **KEY, "PMSYNC_API_URL": emulator.api_url}
    assert in_process(here, "apply", "--auto-approve", "--new-state", environ=env).code == 0
    (kept,) = [one.parent for one in memory.rglob("state.json")]
    old = here / ".pmsync" / "dev"
    old.parent.mkdir()
    kept.rename(old)
    assert in_process(here, "apply", "--auto-approve", environ=env).code == 3
    ended = in_process(here, "state", "push", ".pmsync/dev/state.json", environ=env)
    assert ended.code == 0, ended.err
    assert in_process(here, "plan", "--detailed-exitcode", environ=env).code == 0
    again = in_process(here, "state", "push", ".pmsync/dev/state.json", environ=env)
    assert (again.code, "already" in again.out) == (0, True)


def test_a_pushed_state_that_is_a_link_out_of_the_checkout_is_not_read(
    project: Path, pmsync: Call, outside: Path
) -> None:
    (project / "state.json").symlink_to(outside / "secret")
    ended = pmsync("state", "push", "state.json")
    assert ended.code == 3
    assert CANARY not in ended.out + ended.err


# emulator reset


def test_reset_removes_the_tenant_with_its_state(project: Path, pmsync: Call, memory: Path) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    assert pmsync("emulator", "reset").code == 3
    assert pmsync("plan", "--detailed-exitcode").code == 0
    ended = pmsync("emulator", "reset", "--auto-approve")
    assert ended.code == 0, ended.err
    assert list((memory / "state").rglob("tenant*")) == []
    assert pmsync("plan", "--detailed-exitcode").code == 2
    assert pmsync("apply", "--auto-approve").code == 0


def test_reset_mends_an_id_that_is_damaged(project: Path, pmsync: Call, state_folder: Folder) -> None:
    assert pmsync("apply", "--auto-approve").code == 0
    (state_folder("local") / "tenant-id").write_text("rubbish")
    assert pmsync("emulator", "reset", "--auto-approve").code == 0
    assert pmsync("plan").code == 0


def test_reset_of_what_is_not_there_is_nothing(project: Path, pmsync: Call, memory: Path) -> None:
    assert pmsync("emulator", "reset").code == 0
    assert list(memory.iterdir()) == []


def test_a_tenant_in_the_cloud_is_not_reset(tmp_path: Path, pmsync: Call, emulator: RunningEmulator) -> None:
    clone(tmp_path / "one", emulator.api_url)
    ended = pmsync("-C", "one", "emulator", "reset", "--auto-approve", env=KEY)
    assert ended.code == 3
    assert "pmsync destroy -e dev" in ended.err


# files of the checkout


LINKED = {
    "pmsync.yaml": 7,
    "manifests/m2.yaml": 7,
    "approvals.yaml": 7,
    "data/orders-2024.csv": 7,
}


@pytest.mark.parametrize("words", [("validate",), ("plan",), ("apply", "--auto-approve")], ids=" ".join)
@pytest.mark.parametrize(
    "target", ["outside", ".git/config", ".env", "/proc/self/environ", "/dev/zero", "pipe"]
)
@pytest.mark.parametrize("name", LINKED)
def test_a_link_in_place_of_a_file_shows_nothing_of_what_it_leads_to(
    project: Path, pmsync: Call, outside: Path, name: str, target: str, words: tuple[str, ...]
) -> None:
    (project / ".git").mkdir()
    for hidden in (".git/config", ".env"):
        (project / hidden).write_text(f"{CANARY}: 1\n")
    os.mkfifo(project / "pipe")
    there = {"outside": outside / "secret", "/proc/self/environ": target, "/dev/zero": target}.get(
        target, project / target
    )
    (project / name).unlink(missing_ok=True)
    (project / name).symlink_to(there)
    ended = pmsync(*words)
    assert ended.code == LINKED[name]
    assert CANARY not in ended.out + ended.err
    assert "error[PM" in ended.err


@pytest.mark.parametrize(
    "source",
    [
        ".git/config",
        ".env",
        "data/.secret/x.csv",
        ".pmsync/x",
        "./.git/config",
        "data//.x.csv",
        ".*",
        ".git/*",
        "**/.env",
    ],
)
def test_a_hidden_source_is_refused_with_a_sentence(project: Path, pmsync: Call, source: str) -> None:
    for path in (".git/config", ".env", "data/.secret/x.csv", ".pmsync/x", "data/.x.csv"):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(f"{CANARY},b\n1,2\n")
    (project / "manifests" / "order-to-cash.yaml").write_text(
        f"apiVersion: pmsync/v1\ndatasets: {{x: {{datatables: {{t: {{sources: ['{source}']}}}}}}}}\n"
    )
    (project / "manifests" / "returns.yaml").unlink()
    ended = pmsync("plan")
    assert ended.code == 7
    assert "PM218" in ended.err
    assert CANARY not in ended.out + ended.err


@pytest.mark.parametrize(
    "pattern", [".git", ".git/config", ".env", "manifests/.hidden.yaml", ".*", "../outside", "/etc"]
)
def test_a_hidden_or_foreign_manifest_is_refused(project: Path, pmsync: Call, pattern: str) -> None:
    for path in (".git/config", ".env", "manifests/.hidden.yaml"):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(f"{CANARY}: 1\n")
    text = (project / "pmsync.yaml").read_text()
    (project / "pmsync.yaml").write_text(
        f"manifests: ['{pattern}']\n" + text.replace("manifests:", "x-manifests:")
    )
    ended = pmsync("plan")
    assert ended.code == 7
    assert CANARY not in ended.out + ended.err


WRITERS = {
    "plan --out": ("plan", "--out", "PATH"),
    "plan --report": ("plan", "--report", "json=PATH"),
    "plan --report +": ("plan", "--report", "text=+PATH"),
    "apply --report": ("apply", "--auto-approve", "--report", "json=PATH"),
    "export --out": ("export", "--out", "PATH"),
    "schema --out": ("schema", "manifest", "--out", "PATH"),
    "init": ("init", "PATH"),
}


@pytest.mark.parametrize("path", ["reports/new", "reports/below/new", "file"])
@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_nothing_is_written_through_a_link_of_the_checkout(
    project: Path, pmsync: Call, outside: Path, words: tuple[str, ...], path: str
) -> None:
    (outside / "below").mkdir()
    before = everything(outside)
    (project / "reports").symlink_to(outside)
    (project / "file").symlink_to(outside / "secret")
    ended = pmsync(*(word.replace("PATH", path) for word in words))
    assert everything(outside) == before
    assert "Traceback" not in ended.err
    if path != "file":
        assert "leads outside the project" in ended.err


def test_a_schema_that_is_a_link_is_replaced(project: Path, pmsync: Call, outside: Path) -> None:
    schema = project / "schema" / "manifest.schema.json"
    schema.unlink()
    schema.symlink_to(outside / "secret")
    assert pmsync("schema", "--out", "schema").code == 0
    assert not schema.is_symlink()
    assert CANARY in (outside / "secret").read_text()


def test_a_saved_plan_that_is_a_link_out_is_not_read(project: Path, pmsync: Call, outside: Path) -> None:
    (project / "plan.json").symlink_to(outside / "secret")
    for words in (("show", "plan.json"), ("apply", "plan.json")):
        ended = pmsync(*words)
        assert ended.code == 7
        assert CANARY not in ended.out + ended.err


def test_a_report_that_is_added_to_keeps_what_was_there(project: Path, pmsync: Call) -> None:
    (project / "summary").write_text("before\n")
    assert pmsync("plan", "--report", "text=+summary").code == 0
    text = (project / "summary").read_text()
    assert text.startswith("before\n")
    assert "order-to-cash" in text
