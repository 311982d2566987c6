"""Two machines with a state folder each apply one repository at once: what is made twice is seen by both.

Each round has a tenant of its own. It judges: whoever ends last, and every later plan and apply of either, names
every dataset that is there twice, and says `converged` only where nothing is.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faults.ground import SETUPS, TENANT, Scene, scene_in
from faults.launcher import Launcher, Process
from faults.scenario import Repository, csv, project
from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault

_LONGEST_OFFSET: Final = 0.15
_LONGEST_HOLD: Final = 0.3
NAMES: Final = ("north", "south")


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """What came of one round. `doubled`: how many names were made twice."""

    seed: int
    doubled: int
    broken: tuple[str, ...]


def race_apart(here: Path, launcher: Launcher, seed: int) -> Apart:
    """One round: both apply within a few hundredths of a second, one of them perhaps held up on its way."""
    rng = random.Random(seed)
    with scene_in(here, SETUPS["replaces"], launcher, _declared) as scene:
        clones = [scene.root, here / "clone"]
        shutil.copytree(scene.root, clones[1], symlinks=True)
        held = rng.random() < 0.7
        if held:
            place = rng.choice([("POST", "receive"), ("POST", "before-commit"), ("PUT", "receive")])
            fault = Fault(Pause(), method=place[0], phase=place[1], occurrence=rng.randint(1, 2))  # type: ignore[arg-type]
            scene.emulator.faults.add(fault)
        first = _start(scene, clones[0], "here")
        time.sleep(rng.random() * _LONGEST_OFFSET)
        second = _start(scene, clones[1], "there")
        if held:
            _let_go(scene, (first, second), rng.random() * _LONGEST_HOLD)
        runs = {"here": first, "there": second}
        for process in runs.values():
            process.wait()
        scene.quiet()
        twice = _made_twice(scene)
        return Apart(seed=seed, doubled=len(twice), broken=tuple(_faults(scene, clones, runs, twice)))


def _declared(api_url: str) -> Repository:
    lines = ["apiVersion: pmsync/v1", "datasets:"]
    for name in NAMES:
        lines += [f"  {name}: {{datatables: {{events: {{sources: [data/{name}.csv]}}}}}}"]
    files = {f"data/{name}.csv": csv(name, 3) for name in NAMES}
    config = project("replaces", tenant=TENANT, api_url=api_url)
    return Repository({"manifests/m.yaml": "\n".join(lines) + "\n", "pmsync.yaml": config, **files}, {})


def _start(scene: Scene, clone: Path, machine: str, *words: str) -> Process:
    memory = {"PMSYNC_STATE_DIR": str(scene.root.parent / machine)}
    output = scene.root.parent / f"said-{machine}-{time.monotonic_ns()}"
    apply = ("apply", "-e", "dev", "--auto-approve", "--new-state")
    return scene.launcher.start(*(words or apply), cwd=clone, env={**scene.env, **memory}, output=output)


def _let_go(scene: Scene, processes: tuple[Process, ...], after: float) -> None:
    """Let whoever is held up go on, a while later."""
    while not all(process.has_ended for process in processes):
        try:
            paused = scene.emulator.faults.wait_paused(0.02)
        except TimeoutError:
            continue
        time.sleep(after)
        paused.release()
        return


def _made_twice(scene: Scene) -> dict[str, set[str]]:
    """The ids of each name that is there more than once."""
    found: dict[str, set[str]] = {}
    for node in scene.emulator.tenant(TENANT).nodes():
        found.setdefault(node.name, set()).add(node.id)
    return {name: ids for name, ids in found.items() if len(ids) > 1}


def _faults(
    scene: Scene, clones: list[Path], runs: dict[str, Process], twice: dict[str, set[str]]
) -> Iterator[str]:
    last = max(runs.values(), key=lambda process: process.output.stat().st_mtime_ns)
    yield from _unsaid("who ended last", last.said, twice)
    for clone, machine in zip(clones, runs, strict=True):
        for words in (("plan", "-e", "dev"), ("apply", "-e", "dev", "--auto-approve")):
            later = _start(scene, clone, machine, *words)
            code = later.wait()
            if code not in {0, 3}:  # 3: the other machine was first, and it asks whether to take over
                yield f"{words[0]} of {machine} ended with {code}:\n{later.said}"
            yield from _unsaid(f"{words[0]} of {machine}", later.said, twice)


def _unsaid(who: str, said: str, twice: dict[str, set[str]]) -> Iterator[str]:
    for name, ids in twice.items():
        if not all(one in said for one in ids):
            yield f"{who} does not name {name}, which is there as {sorted(ids)}:\n{said}"
    if twice and any(line == "converged" or line.endswith("is in sync.") for line in said.splitlines()):
        yield f"{who} says that all is well:\n{said}"
