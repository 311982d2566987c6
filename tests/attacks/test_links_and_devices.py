"""What a checkout can hold instead of a file or a folder, in every place that pmsync looks at or writes to.

Each case is one kind of thing in one place. Whatever pmsync makes of it, nothing outside the checkout is read,
printed, made, changed or deleted, and no command hangs, breaks off or calls it a bug.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from attacks.runner import PROJECT, ROWS, TENANT, Runner

Thing = Callable[[Path, Path], None]


def _link_to(target: str) -> Thing:
    return lambda place, outside: place.symlink_to(outside / target)


def _round_about(place: Path, outside: Path) -> None:
    """A link to a link that leads out: each alone looks harmless."""
    hop = place.with_name(f"{place.name}-hop")
    hop.symlink_to(outside / "secret.csv")
    place.symlink_to(hop.name)


def _dotted(place: Path, outside: Path) -> None:
    """The same target by way of `..`, as a relative link."""
    place.symlink_to(os.path.relpath(outside / "secret.csv", place.parent))


FILES: dict[str, Thing] = {
    "a link to a file outside": _link_to("secret.csv"),
    "a dangling link outside": _link_to("made-by-attack"),
    "a link to a link outside": _round_about,
    "a relative link outside": _dotted,
    "a link to itself": lambda place, _: place.symlink_to(place.name),
    "a link to the process's environment": lambda place, _: place.symlink_to("/proc/self/environ"),
    "a link to an endless device": lambda place, _: place.symlink_to("/dev/zero"),
    "a pipe": lambda place, _: os.mkfifo(place),
    "a folder": lambda place, _: place.mkdir(),
}
FOLDERS: dict[str, Thing] = {
    "a link to a folder outside": _link_to("folder"),
    "a dangling link outside": _link_to("made-by-attack"),
    "a link to the process's folder": lambda place, _: place.symlink_to("/proc/self"),
    "a pipe": lambda place, _: os.mkfifo(place),
}
READ_FILES = ("pmsync.yaml", "manifests/m.yaml", "approvals.yaml", "data/a.csv")
READ_FOLDERS = ("manifests", "data")
OLD_MEMORY_FILES = (
    ".pmsync/local/tenant-id",
    ".pmsync/local/state.json",
    ".pmsync/local/lock",
    ".pmsync/local/tenant/emulator.sqlite",
    ".pmsync/dev/state.json",
    ".pmsync/dev/journal.jsonl",
    ".pmsync/digests.sqlite",
)
OLD_MEMORY_FOLDERS = (".pmsync", ".pmsync/local", ".pmsync/local/tenant", ".pmsync/dev")

WRITTEN = {
    "plan --out": ("plan", "-e", "local", "--out", "out/plan.json"),
    "plan --report": ("plan", "-e", "local", "--report", "json=out/plan.json"),
    "apply --report": ("apply", "-e", "local", "--auto-approve", "--report", "json=out/plan.json"),
    "export --out": ("export", "-e", "local", "--out", "out/plan.json"),
}


@pytest.fixture
def runner(tmp_path, launcher, start_emulator) -> Runner:
    made = Runner(tmp_path, launcher, start_emulator(data=tmp_path / "world"))
    made.prepare()
    return made


def _laid(runner: Runner, place: str, thing: Thing) -> None:
    target = runner.checkout / place
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    thing(target, runner.outside)
    runner.freeze()


def _everything(runner: Runner) -> None:
    """What a pull request's plan job runs, and what is run once it is merged."""
    runner.run("validate", "-e", "dev")
    runner.run("plan", "-e", "dev", "--new-state")
    runner.run("plan", "-e", "local", "--format", "json")
    runner.run("apply", "-e", "local", "--auto-approve")
    runner.run("apply", "-e", "dev", "--new-state", "--auto-approve", "--safe-only")
    runner.run("state", "list", "-e", "dev")
    runner.run("doctor", "-e", "dev")


@pytest.mark.parametrize("place", READ_FILES)
@pytest.mark.parametrize("thing", FILES.values(), ids=FILES)
def test_a_file_that_is_read_leads_nowhere_else(runner, thing, place):
    _laid(runner, place, thing)
    _everything(runner)
    assert runner.harm() == []


@pytest.mark.parametrize("place", READ_FOLDERS)
@pytest.mark.parametrize("thing", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_is_looked_into_leads_nowhere_else(runner, thing, place):
    _laid(runner, place, thing)
    _everything(runner)
    assert runner.harm() == []


@pytest.mark.parametrize("thing", FILES.values(), ids=FILES)
def test_a_memory_that_came_with_the_checkout_is_not_looked_at(runner, thing):
    for place in OLD_MEMORY_FILES:
        _laid(runner, place, thing)
    before = [os.lstat(runner.checkout / place) for place in OLD_MEMORY_FILES]
    _everything(runner)
    assert runner.harm() == []
    assert [os.lstat(runner.checkout / place) for place in OLD_MEMORY_FILES] == before


@pytest.mark.parametrize("place", OLD_MEMORY_FOLDERS)
@pytest.mark.parametrize("thing", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_of_memory_that_came_with_the_checkout_is_not_looked_into(runner, thing, place):
    _laid(runner, place, thing)
    _everything(runner)
    assert runner.harm() == []


@pytest.mark.parametrize("command", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(
    "thing",
    [
        "a link to a file outside",
        "a dangling link outside",
        "a relative link outside",
        "a link to a link outside",
    ],
)
def test_a_result_is_never_written_through_a_link(runner, thing, command):
    _laid(runner, "out/plan.json", FILES[thing])
    runner.run(*command)
    assert runner.harm() == []


@pytest.mark.parametrize("command", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("thing", FOLDERS.values(), ids=FOLDERS)
def test_a_result_is_never_written_below_a_link(runner, thing, command):
    _laid(runner, "out", thing)
    runner.run(*command)
    assert runner.harm() == []


@pytest.mark.parametrize("thing", ["a link to a folder outside", "a dangling link outside"])
def test_schemas_are_never_written_below_a_link(runner, thing):
    _laid(runner, "schema", FOLDERS[thing])
    runner.run("schema", "--out", "schema")
    assert runner.harm() == []


@pytest.mark.parametrize("name", ["manifest.schema.json", "project.schema.json"])
def test_a_schema_is_never_written_through_a_link(runner, name):
    _laid(runner, f"schema/{name}", FILES["a link to a file outside"])
    runner.run("schema", "--out", "schema")
    assert runner.harm() == []


def test_a_project_is_never_made_through_a_link(runner):
    _laid(runner, "fresh", FOLDERS["a link to a folder outside"])
    runner.run("init", "fresh")
    assert runner.harm() == []


HIDDEN = (".git/config", ".env", "data/.secret.csv", ".github/token.csv", "./.env", "data/../.env")


@pytest.mark.parametrize("path", HIDDEN)
def test_a_source_behind_a_dot_is_refused(runner, path):
    runner.write(os.path.normpath(path), ROWS)
    runner.write("manifests/m.yaml", _source(path))
    runner.freeze()
    planned = runner.run("plan", "-e", "dev", "--new-state")
    assert planned.code == 7, planned.text
    assert runner.run("apply", "-e", "dev", "--new-state", "--auto-approve").code == 7
    assert not [one for one in runner.emulator.history.since() if one.method == "PUT"]


def test_a_link_to_something_behind_a_dot_is_refused(runner):
    runner.write(".git/config", ROWS)
    (runner.checkout / "data" / "a.csv").unlink()
    (runner.checkout / "data" / "a.csv").symlink_to("../.git/config")
    runner.freeze()
    assert runner.run("apply", "-e", "dev", "--new-state", "--auto-approve").code == 7
    assert not [one for one in runner.emulator.history.since() if one.method == "PUT"]


OUTSIDE = (
    "../outside/secret.csv",
    "/etc/passwd",
    "data/../../outside/secret.csv",
    "/proc/self/environ",
    "../*/*.csv",
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_source_outside_the_project_is_refused(runner, path):
    runner.write("manifests/m.yaml", _source(path))
    runner.freeze()
    _everything(runner)
    assert {one.code for one in runner.said if one.arguments[:1] == ("validate",)} == {7}
    assert runner.harm() == []


def test_a_config_above_that_another_user_wrote_is_not_taken(runner):
    if os.getuid() != 0:
        pytest.skip("only root can give a file to another user")
    os.chown(runner.checkout / "pmsync.yaml", 12345, 12345)
    below = runner.checkout / "data"
    os.chown(below, 0, 0)
    runner.freeze()
    said = runner.run("-C", str(below), "plan", "-e", "dev", "--new-state")
    assert said.code == 7, said.text
    assert "--config" in said.text
    assert not list(runner.emulator.history.since())


def test_the_search_for_a_config_ends_at_the_root_of_the_work_tree(runner):
    inner = runner.checkout / "vendored"
    (inner / ".git").mkdir(parents=True)
    (inner / "deep").mkdir()
    runner.freeze()
    said = runner.run("-C", str(inner / "deep"), "plan", "-e", "dev", "--new-state")
    assert said.code == 7, said.text


def test_the_key_goes_to_no_host_that_the_checkout_names(runner, start_emulator):
    other = start_emulator()
    runner.write(
        "pmsync.yaml",
        PROJECT.format(tenant=TENANT).replace(
            "    state: file", f"    apiUrl: {other.api_url}\n    state: file"
        ),
    )
    runner.freeze()
    said = runner.run("plan", "-e", "dev", "--new-state", PMSYNC_API_URL="")
    assert said.code == 3, said.text
    assert not list(other.history.since())


def test_an_environment_that_has_a_key_is_not_swapped_for_an_emulated_one(runner):
    runner.write(
        "pmsync.yaml",
        PROJECT.format(tenant=TENANT).replace(
            f"\n    tenantId: {TENANT}\n    state: file", "\n    tenant: emulator"
        ),
    )
    runner.freeze()
    said = runner.run("apply", "-e", "dev", "--auto-approve", PMSYNC_API_KEY_DEV="some-key-0123456789")
    assert said.code == 3, said.text


def _source(path: str) -> str:
    return f"apiVersion: pmsync/v1\ndatasets:\n  orders:\n    datatables:\n      events: {{sources: ['{path}']}}\n"
