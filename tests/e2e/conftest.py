"""A user's repository on disk, the real command in a process of its own, and a real emulator beside it.

Everything a test makes pmsync print or write is searched for the key and for signatures, and all that was run
against an emulator is judged by the checker of the fault tests.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from canary import KEY, SECRETS, must_not_tell
from e2e_declared import declared_in, written_in
from faults.checker import ALWAYS, violations
from faults.launcher import Launcher
from faults.memory import memory_in
from faults.recording import Recorder, Sight
from faults.truth import live_of
from whereabouts import folders_in, state_folder_in

from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import Settings

TENANT = "t-e2e"


@dataclass(frozen=True)
class Ran:
    """One command that ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def text(self) -> str:
        return self.stdout + self.stderr


def rows(count: int, first: int = 1) -> str:
    """A CSV of so many rows, numbered from `first`."""
    return "case,activity\n" + "".join(f"c{i},go\n" for i in range(first, first + count))


@dataclass
class Repo:
    """One repository and its commands. `emulator` is None where the environment embeds its tenant."""

    root: Path
    launcher: Launcher
    emulator: RunningEmulator | None = None
    key: str = KEY
    api_url: str = ""
    project_name: str = "e2e"
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self._look)

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def project(
        self, uploads: str = "{sameName: replaces, otherName: adds}", more: str = "", api_url: str = ""
    ) -> None:
        """A pmsync.yaml with one environment `dev`, on the emulator beside unless another URL is given."""
        if not api_url:
            assert self.emulator is not None
            api_url = self.emulator.api_url
        self.api_url = api_url  # named outside the repository too: a key of one's own goes nowhere else
        self.write(
            "pmsync.yaml",
            "apiVersion: pmsync/v1\n"
            f"project: {self.project_name}\n"
            "environments:\n"
            "  dev:\n"
            f"    tenantId: {TENANT}\n"
            f"    apiUrl: {api_url}\n"
            "    state: file\n"
            f"    uploads: {uploads}\n"
            "    verify: {timeout: 20s}\n" + more,
        )

    def declare(self, text: str) -> None:
        """The one manifest: what stands below `datasets:`."""
        self.write("manifests/m.yaml", f"apiVersion: pmsync/v1\ndatasets:\n{text}")

    @property
    def memory(self) -> Path:
        """Where the machine of this repository remembers: another one has another."""
        return self.root.with_name(f"{self.root.name}-memory")

    @property
    def state_folder(self) -> Path:
        assert self.emulator is not None
        names = {"tenant": TENANT, "project": self.project_name}
        return state_folder_in(self.memory, api_url=self.emulator.api_url, **names)

    def pmsync(self, *args: str, env: dict[str, str] | None = None) -> Ran:
        """Run the real command in this repository; never on a terminal."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PMSYNC_")}
        full = clean | self.environ | {"NO_COLOR": "1", "COLUMNS": "120"} | (env or {})
        recorded = self.emulator is not None and not {"-e", "--api-url"} & {*args}
        if recorded:
            self.recorder.begin()
        ran = self._ran(args, full)
        must_not_tell(ran.text)
        assert "Traceback" not in ran.stderr, ran.stderr
        if recorded:
            self.recorder.end(args, ran.code, ran.text, written=written_in(self.root))
        return ran

    def _ran(self, args: tuple[str, ...], env: Mapping[str, str]) -> Ran:
        with tempfile.TemporaryDirectory() as place:
            out, err = Path(place, "out"), Path(place, "err")
            process = self.launcher.start(*args, cwd=self.root, env=env, output=out, errors=err)
            code = process.wait(120)
            return Ran(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def _look(self) -> Sight:
        assert self.emulator is not None
        memory, live = memory_in(self.state_folder), live_of(self.emulator, TENANT)
        return Sight(memory, live, declared_in(self.root), self.emulator.history.last)

    def violations(self) -> list[str]:
        """Whatever the checker finds in all that was run here."""
        requests = (one.as_json() for one in self.emulator.history.since()) if self.emulator else ()
        return violations(self.recorder.story(requests, secrets=SECRETS), ALWAYS)

    @property
    def environ(self) -> dict[str, str]:
        """What a run needs from outside the repository: the key, the host that may have it, and a memory."""
        named = {"PMSYNC_API_URL": self.api_url} if self.api_url else {}
        return {"PMSYNC_API_KEY": self.key, **folders_in(self.memory)} | named

    def plan(self, *args: str) -> Any:
        """The plan as JSON; it may find what it likes, but must be made."""
        ran = self.pmsync("plan", "--format", "json", *args)
        assert ran.code == 0, ran.text
        return ran.json

    def steps(self, *args: str) -> list[str]:
        """The plan's changes as `action address`, sorted."""
        return sorted(f"{change['action']} {change['address']}" for change in self.plan(*args)["changes"])

    def reasons(self, *args: str) -> dict[str, str]:
        """The plan's changes as address to reason code."""
        return {change["address"]: change["reason"] for change in self.plan(*args)["changes"]}

    def apply(self, *args: str) -> Ran:
        return self.pmsync("apply", "--auto-approve", *args)

    @property
    def by_hand(self) -> Any:
        assert self.emulator is not None
        return self.emulator.by_hand(TENANT)

    @property
    def live(self) -> Any:
        assert self.emulator is not None
        return self.emulator.tenant(TENANT)

    def rows_of(self, name: str) -> int:
        """The row count of the one live datatable of this name."""
        (found,) = [one for one in self.live.datatables() if one.name == name]
        return int(found.row_count)

    def requests_of(self, action: Callable[[], Any]) -> list[str]:
        """The methods of the requests that an action makes."""
        assert self.emulator is not None
        before = self.emulator.history.last
        action()
        return [one.method for one in self.emulator.history.since(before)]


@pytest.fixture(autouse=True)
def searched(nothing_secret_is_left: None) -> None:
    """Every test here is searched for secrets."""


@pytest.fixture
def make_repo(tmp_path: Path, launcher: Launcher) -> Iterator[Callable[..., Repo]]:
    """Makes repositories; at the end the checker looks at all that was run in each."""
    repos: list[Repo] = []

    def make(name: str = "repo", emulator: RunningEmulator | None = None) -> Repo:
        root = tmp_path / name
        root.mkdir(parents=True, exist_ok=True)
        repos.append(Repo(root, launcher, emulator))
        return repos[-1]

    yield make
    assert [found for one in repos for found in one.violations()] == []


@pytest.fixture
def start_emulator() -> Iterator[Callable[..., RunningEmulator]]:
    from contextlib import ExitStack  # noqa: PLC0415

    with ExitStack() as stack:
        yield lambda **choices: stack.enter_context(running(Settings(**{"extra_key": KEY, **choices})))


@pytest.fixture
def repo(make_repo: Callable[..., Repo], start_emulator: Callable[..., RunningEmulator]) -> Repo:
    """A repository whose `dev` is an emulator that replaces and adds."""
    made = make_repo(emulator=start_emulator())
    made.project()
    return made


@pytest.fixture
def csv() -> Callable[..., str]:
    """Makes a CSV of so many rows, numbered from `first`."""
    return rows
