"""What the state belongs to, as commands meet it: places, older formats, and where it lives."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pmsync.emulator.server import running
from pmsync.emulator.settings import Settings

Call = Callable[..., Any]
KEY = {"PMSYNC_API_KEY": "pmsync-local"}
CLOUD = """apiVersion: pmsync/v1
project: {project}
environments:
  {environment}: {{tenantId: t-1, apiUrl: '{url}'{state}}}
"""


class Cloud:
    """A project whose tenant is a real one, as far as it can tell."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        (folder / "manifests").mkdir()
        (folder / "manifests" / "m.yaml").write_text("apiVersion: pmsync/v1\ndatasets: {o2c: {}}\n")
        self.named()

    def named(self, project: str = "p", environment: str = "dev", state: str = ", state: file") -> None:
        text = CLOUD.format(project=project, environment=environment, state=state, url=self.url)
        (self.folder / "pmsync.yaml").write_text(text)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    (tmp_path / "etl").mkdir()
    with running(Settings(show_tree=True)) as emulator:
        yield Cloud(tmp_path / "etl", emulator.api_url)


@pytest.fixture
def pmsync(tmp_path: Path, environ: dict[str, str], in_process: Call) -> Call:
    """Calls pmsync in this process, in the project's folder."""

    def call(*arguments: str, env: dict[str, str] | None = None) -> Any:
        return in_process(tmp_path / "etl", *arguments, environ={**environ, **(env or {})}, stdin="")

    return call


def test_without_a_terminal_apply_asks_what_keeps_the_state(cloud: Cloud, pmsync: Call) -> None:
    cloud.named(state="")
    ended = pmsync("apply", "--auto-approve", "--new-state", env=KEY)
    assert ended.code == 3
    assert "pmsync.yaml:4:3" in ended.err
    assert "state: file" in ended.err
    assert pmsync("plan", env=KEY).code == 0
    cloud.named()
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0


def test_the_embedded_tenant_needs_no_word_about_its_state(tmp_path: Path, pmsync: Call) -> None:
    (tmp_path / "etl").mkdir()
    assert pmsync("init").code == 0
    assert pmsync("apply", "--auto-approve").code == 0


@pytest.mark.parametrize("command", [("plan",), ("apply", "--auto-approve"), ("state", "list")])
def test_a_project_that_moved_in_its_work_tree_is_another_place(
    cloud: Cloud, pmsync: Call, command: tuple[str, ...]
) -> None:
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0
    (cloud.folder.parent / ".git").mkdir()
    ended = pmsync(*command, env=KEY)
    assert ended.code == 3
    assert "pmsync state rebind p/dev:pmsync.yaml" in ended.err


def test_a_moved_project_takes_its_state_along(cloud: Cloud, pmsync: Call) -> None:
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0
    (cloud.folder.parent / ".git").mkdir()
    ended = pmsync("state", "rebind", "p/dev:pmsync.yaml", env=KEY)
    assert (ended.code, ended.err) == (0, "")
    assert "belongs to p/dev:etl/pmsync.yaml now" in ended.out
    assert pmsync("plan", "--detailed-exitcode", env=KEY).code == 0


def test_a_renamed_environment_takes_its_state_along(cloud: Cloud, pmsync: Call) -> None:
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0
    cloud.named(environment="test")
    lost = pmsync("apply", "--auto-approve", env=KEY)
    assert lost.code == 3
    assert "pmsync state rebind PROJECT/ENVIRONMENT" in lost.err
    assert pmsync("state", "rebind", "p/dev", env=KEY).code == 0
    assert pmsync("plan", "--detailed-exitcode", env=KEY).code == 0
    cloud.named()
    assert pmsync("apply", "--auto-approve", env=KEY).code == 3, "one memory, in one place"


def test_a_bad_source_outranks_a_missing_state_and_both_are_told(cloud: Cloud, pmsync: Call) -> None:
    (cloud.folder / "manifests" / "m.yaml").write_text(
        "apiVersion: pmsync/v1\ndatasets: {o2c: {datatables: {events: {sources: [gone.csv]}}}}\n"
    )
    ended = pmsync("apply", "--auto-approve", env=KEY)
    assert ended.code == 7
    assert "gone.csv" in ended.err
    assert "no state was found" in ended.err
    assert pmsync("plan", env=KEY).code == 7
    assert pmsync("apply", "--auto-approve", "--no-data", env=KEY).code == 3


def test_a_renamed_project_takes_its_state_along(cloud: Cloud, pmsync: Call) -> None:
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0
    cloud.named(project="q")
    assert pmsync("plan", env=KEY).code in {0, 3}
    assert pmsync("state", "rebind", "p/dev", env=KEY).code == 0
    assert pmsync("plan", "--detailed-exitcode", env=KEY).code == 0


def test_what_names_no_old_place_takes_nothing_along(cloud: Cloud, pmsync: Call) -> None:
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0
    cloud.named(environment="test")
    assert pmsync("state", "rebind", "dev").code == 64
    assert pmsync("state", "rebind", "p/gone").code == 3
    assert pmsync("state", "rebind", "q/dev").code == 3
    assert pmsync("plan", env=KEY).err.count("no state was found") == 1


def as_format_1(state: Path) -> None:
    """The same state, as the first pmsync wrote it."""
    raw = json.loads(state.read_text())
    binding = raw.pop("binding")
    for later in ("ephemeral", "lastApply", "lease", "parts", "snapshot"):
        del raw[later]
    raw |= {"formatVersion": 1, "tenant": {"host": binding["host"], "id": binding["tenantId"]}}
    state.write_text(json.dumps(raw))


def test_a_state_of_format_1_is_read_said_and_bound_by_the_next_apply(
    cloud: Cloud, pmsync: Call, memory: Path
) -> None:
    assert pmsync("apply", "--auto-approve", "--new-state", env=KEY).code == 0
    (state,) = memory.rglob("state.json")
    as_format_1(state)
    assert "an apply binds it to p/dev:pmsync.yaml" in pmsync("plan", env=KEY).err
    (cloud.folder / "manifests" / "n.yaml").write_text("apiVersion: pmsync/v1\ndatasets: {more: {}}\n")
    applied = pmsync("apply", "--auto-approve", env=KEY)
    assert applied.code == 0
    assert applied.err.count("an apply binds it to p/dev:pmsync.yaml") == 1
    assert json.loads(state.read_text())["binding"]["owner"]["project"] == "p"
    assert "binds it" not in pmsync("plan", env=KEY).err
