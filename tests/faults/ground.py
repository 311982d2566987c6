"""Where fault tests take place: an emulator, a repository beside it, and real processes of the command.

Every phase of the scenario is prepared once and put back in milliseconds, so that each fault starts from the
right moment. It must not know what is done to a run, nor judge it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from whereabouts import folders_in, state_folder_in

from faults.launcher import ROOT, Launcher, Process
from faults.memory import Memory, memory_in
from faults.scenario import PHASES, PROJECT, PhaseName, Repository, SameName, repository
from faults.story import Live, Ran, Story
from faults.truth import folders_of, live_of
from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault
from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import Settings

KEY: Final = "canary-91b7c4d0e2f56a83"
TENANT: Final = "t-faults"
SECRETS: Final = (KEY, "X-Amz-Signature", "X-Amz-Credential")
REQUEST_TIMEOUT: Final = 0.5
_PORTS: Final = range(10_000, 32_000)


@dataclass(frozen=True, slots=True)
class Setup:
    """One kind of tenant, and what pmsync.yaml says of it. `lag`: seconds until rows show."""

    name: str
    same_name: SameName
    show_tree: bool
    lag: float = 0.0
    ingests_within: str = ""
    timeout: str = "20s"

    @property
    def phases(self) -> tuple[PhaseName, ...]:
        """Where rows come late, a run that was cut off half-way asks: no command alone resumes it."""
        return tuple(phase for phase in PHASES if not (self.lag and phase == "resume"))


SETUPS: Final[Mapping[str, Setup]] = {
    one.name: one
    for one in (
        Setup("replaces", "replaces", show_tree=True),
        Setup("appends", "appends", show_tree=False, ingests_within="1s"),
        Setup("unsaid", "appends", show_tree=False),
        Setup("slow", "appends", show_tree=True, lag=0.4),
        Setup("late", "appends", show_tree=True, lag=3.0, timeout="1s"),
    )
}


@dataclass(frozen=True, slots=True)
class _Noted:
    """A run that ended; its requests are read later, when none of them can change any more."""

    arguments: tuple[str, ...]
    code: int
    output: str
    first: int
    last: int
    seconds: float
    memory: Memory
    live: Live


@dataclass(slots=True)
class Scene:
    """One repository and one tenant at one moment, and what has been run there since."""

    root: Path
    emulator: RunningEmulator
    env: Mapping[str, str]
    launcher: Launcher
    repository: Repository
    consents: tuple[str, ...] = ()
    before: Memory = field(default_factory=Memory)
    noted: list[_Noted] = field(default_factory=list)
    lag: float = 0.0
    waits: int = 0
    _started: int = 0

    @property
    def state_folder(self) -> Path:
        url, names = self.emulator.api_url, {"tenant": TENANT, "project": PROJECT}
        return state_folder_in(self.root.parent / "memory", api_url=url, **names)

    def apply_arguments(self, *more: str, parallelism: int = 4) -> tuple[str, ...]:
        """The command of this phase. That there was no state is said until a run has begun."""
        agreed = (part for one in self.consents for part in ("--allow", one))
        new = () if memory_in(self.state_folder).runs else ("--new-state",)
        common = ("-e", "dev", "--request-timeout", f"{REQUEST_TIMEOUT}s", "--parallelism", str(parallelism))
        return ("apply", "--auto-approve", *common, *agreed, *new, *more)

    def start(self, *arguments: str) -> Process:
        """Start a command; it is the rig's to end it and to note that it did."""
        self._started += 1
        output = self.root.parent / f"said-{self._started}"
        return self.launcher.start(*arguments, cwd=self.root, env=self.env, output=output)

    def run(self, *arguments: str) -> _Noted:
        """Run a command to its end."""
        first, began = self.emulator.history.last, time.monotonic()
        process = self.start(*arguments)
        code = process.wait()
        return self.note(arguments, process, code=code, first=first, seconds=time.monotonic() - began)

    def note(
        self, arguments: tuple[str, ...], process: Process, *, code: int, first: int, seconds: float
    ) -> _Noted:
        """Note a run that has ended, and how it left everything."""
        last = self.quiet()
        memory = memory_in(self.state_folder)
        noted = _Noted(arguments, code, process.said, first, last, seconds, memory, self.live())
        self.noted.append(noted)
        return noted

    def quiet(self) -> int:
        """Wait until the emulator has taken up everything that was sent to it; the last request's number."""
        while True:
            last = self.emulator.history.last
            time.sleep(0.005)
            if self.emulator.history.last == last:
                return last

    def plan(self) -> _Noted:
        return self.run("plan", "-e", "dev", "--detailed-exitcode")

    def story(self, **more: float) -> Story:
        """Everything that was run here, for the checker."""
        everything = [one.as_json() for one in self.emulator.history.since()]
        runs = tuple(
            Ran(
                arguments=one.arguments,
                code=one.code,
                output=one.output,
                requests=tuple(it for it in everything if one.first < it["sequence"] <= one.last),
                seconds=one.seconds,
                memory=one.memory,
                live=one.live,
                wish=self.repository.wish,
            )
            for one in self.noted
        )
        return Story(runs=runs, before=self.before, secrets=SECRETS, **more)  # type: ignore[arg-type]

    def live(self) -> Live:
        """What the tenant holds in truth, folders included, whatever its API shows."""
        return live_of(self.emulator, TENANT)

    def folders(self) -> dict[str, tuple[str, ...]]:
        """The path of each folder that is there in truth, by id."""
        return folders_of(self.emulator, TENANT)


class Ground:
    """All phases of the scenario on one kind of tenant, prepared once."""

    def __init__(self, setup: Setup, folder: Path, launcher: Launcher) -> None:
        self.setup = setup
        self._folder = folder
        self._launcher = launcher
        self._port = free_port()
        self._requests: dict[PhaseName, int] = {}

    def requests(self, phase: PhaseName) -> int:
        """How many requests the apply of a phase sends when nothing happens to it, even if its rows come late."""
        if phase not in self._requests:
            with self.at(phase) as scene:
                noted = scene.run(*scene.apply_arguments())
                self._requests[phase] = noted.last - noted.first
                if noted.code == 4 and scene.lag:
                    time.sleep(1.2 * scene.lag)
                    noted = scene.run(*scene.apply_arguments())
                assert noted.code == 0, noted.output
                self._keep(scene, f"after-{phase}")
        return self._requests[phase]

    @contextmanager
    def at(self, phase: PhaseName) -> Iterator[Scene]:
        """A fresh copy of everything as it is right before the apply of that phase."""
        before = self._before(phase)
        here = self._folder / "now"
        shutil.rmtree(here, ignore_errors=True)
        if before:
            shutil.copytree(before, here)
        same_name = self.setup.same_name

        def wanted(url: str) -> Repository:
            made = repository(phase, same_name=same_name, tenant=TENANT, api_url=url)
            return made.said(self.setup.ingests_within, self.setup.timeout)

        with scene_in(here, self.setup, self._launcher, wanted, port=self._port) as scene:
            scene.consents = PHASES[phase].consents
            yield scene

    def _before(self, phase: PhaseName) -> Path | None:
        """Where everything is kept as it was before a phase; made if it is not there yet."""
        if phase == "resume":
            kept = self._folder / "half-way"
            if not kept.exists():
                self._stop_half_way()
            return kept
        earlier = PHASES[phase].after
        if earlier is None:
            return None
        self.requests(earlier)
        return self._folder / f"after-{earlier}"

    def _stop_half_way(self) -> None:
        """A first run of everything, killed when half of its requests were done."""
        half = self.requests("whole") // 2
        with self.at("whole") as scene:
            scene.emulator.faults.add(Fault(Pause(), occurrence=half, phase="after-commit"))
            process = scene.start(*scene.apply_arguments(parallelism=1))
            paused = scene.emulator.faults.wait_paused()
            process.kill()
            process.wait()
            paused.drop()
            scene.quiet()
            self._keep(scene, "half-way")

    def _keep(self, scene: Scene, name: str) -> None:
        """Keep the repository with its state, and the tenant's data as of now."""
        kept = self._folder / name
        shutil.copytree(scene.root, kept / "repo")
        shutil.copytree(scene.root.parent / "memory", kept / "memory")
        # What SQLite has not moved into its main file yet is beside it, and comes along.
        shutil.copytree(scene.root.parent / "world", kept / "world")


@contextmanager
def scene_in(
    here: Path, setup: Setup, launcher: Launcher, wanted: Callable[[str], Repository], *, port: int = 0
) -> Iterator[Scene]:
    """An emulator that goes on with what is in a folder, or begins there, and the repository beside it.

    `wanted` makes the repository from the address of the API.
    """
    settings = Settings(
        port=port,
        data=here / "world",
        same_name=setup.same_name,
        show_tree=setup.show_tree,
        ingestion_lag=setup.lag,
        extra_key=KEY,
    )
    with running(settings) as emulator:
        (here / "repo").mkdir(parents=True, exist_ok=True)
        made = wanted(emulator.api_url)
        made.write(here / "repo")
        scene = Scene(here / "repo", emulator, environment_of(here, emulator.api_url), launcher, made)
        scene.lag = setup.lag
        scene.before = memory_in(scene.state_folder)
        yield scene


def environment_of(home: Path, api_url: str) -> dict[str, str]:
    """The variables of a run: nothing of the caller's but what a process needs."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        **folders_in(home / "memory"),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "COLUMNS": "200",
        "PYTHONPATH": str(ROOT),
        "PMSYNC_API_KEY": KEY,
        "PMSYNC_API_URL": api_url,
    }


def free_port() -> int:
    """A port that stays the same over many emulators: none of those that connections are given at random."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
