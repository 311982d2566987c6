"""Several applies of one environment at once, each with extracts of its own, so that the tenant shows whose they are.

Rounds go on from one another, as runs of CI jobs do. It judges each round: who changed what, in which order.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from faults import endings, tenancy
from faults.checker import violations
from faults.ground import SECRETS, SETUPS, TENANT, Scene, scene_in
from faults.launcher import Launcher, Process
from faults.memory import memory_in
from faults.scenario import Repository, content_of, csv, project
from faults.story import Content, Ran, Request, Story, WantedDataset, Wish
from pmsync.emulator.endpoints import Phase as Moment
from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault

FILES: Final = tuple((dataset, table) for dataset in ("north", "south") for table in ("events", "cases"))
_LONGEST_OFFSET: Final = 0.08
_HELD: Final = 0.7
_MOMENTS: Final[tuple[Moment, ...]] = ("receive", "before-commit", "after-commit")
_CHECKS: Final = (
    endings.runs_do_not_interleave,
    tenancy.creates_nothing_twice,
    tenancy.deletes_only_what_is_ours,
    tenancy.deletes_only_what_was_agreed,
    endings.memory_is_never_torn,
    endings.no_secret_is_told,
    endings.the_key_stays_at_the_api,
    endings.failures_speak,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One of the applies of a round: `waits` for the lock, or gives up at once."""

    name: str
    waits: bool
    offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What came of one round."""

    seed: int
    runners: int
    won: int
    locked_out: int
    broken: tuple[str, ...]


@contextmanager
def track(here: Path, launcher: Launcher) -> Iterator[Scene]:
    """A tenant on which rounds can be run, one after another."""
    with scene_in(here, SETUPS["replaces"], launcher, _declared) as scene:
        yield scene


def _declared(api_url: str) -> Repository:
    lines = ["apiVersion: pmsync/v1", "datasets:"]
    for dataset in ("north", "south"):
        lines += [f"  {dataset}:", "    folder: Regions", "    datatables:"]
        lines += [
            f"      {table}: {{sources: [{{path: 'data/${{who}}/{dataset}-{table}.csv', name: {table}.csv}}]}}"
            for table in ("events", "cases")
        ]
    config = project("replaces", tenant=TENANT, api_url=api_url)
    config = config.replace("environments:", "variables:\n  who: {default: nobody}\nenvironments:")
    return Repository({"manifests/m.yaml": "\n".join(lines) + "\n", "pmsync.yaml": config}, {})


def race(scene: Scene, seed: int) -> Round:
    """One round: two to four applies within a few hundredths of a second."""
    rng = random.Random(seed)
    runners = [
        Runner(name=f"r{seed}-{i}", waits=rng.random() < 0.5, offset=rng.random() * _LONGEST_OFFSET)
        for i in range(rng.randint(2, 4))
    ]
    wishes = {runner.name: _write(scene, runner.name) for runner in runners}
    before, first = memory_in(scene.state_folder), scene.emulator.history.last
    if rng.random() < 0.5:
        fault = Fault(Pause(), method="PUT", occurrence=rng.randint(1, 4), phase=rng.choice(_MOMENTS))
        scene.emulator.faults.add(fault)
    processes = _started(scene, runners)
    alone = _hold_one(scene, processes)
    codes = {name: process.wait() for name, process in processes.items()}
    scene.emulator.faults.clear()
    scene.quiet()
    runs = _runs(scene, processes, wishes, first=first)
    story = Story(runs=tuple(runs.values()), before=before, secrets=SECRETS)
    broken = [*violations(story, _CHECKS), *alone]
    broken += _outcome(scene, runners, runs, codes, before.runs)
    broken += _left(scene, runs, wishes)
    return Round(
        seed=seed,
        runners=len(runners),
        won=sum(code == 0 for code in codes.values()),
        locked_out=sum(code == 5 for code in codes.values()),
        broken=tuple(broken),
    )


def _write(scene: Scene, who: str) -> Wish:
    """The extracts of one runner, and what the tenant holds if it is the last."""
    tables: dict[str, dict[str, tuple[Content, ...]]] = {}
    for dataset, table in FILES:
        text = csv(f"{who}/{dataset}/{table}", 3 + len(who))
        target = scene.root / "data" / who / f"{dataset}-{table}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        tables.setdefault(dataset, {})[table] = (content_of(f"{table}.csv", text),)
    return {dataset: WantedDataset(dataset, ("Regions",), held) for dataset, held in tables.items()}


def _started(scene: Scene, runners: list[Runner]) -> dict[str, Process]:
    processes = {}
    began = time.monotonic()
    for runner in sorted(runners, key=lambda one: one.offset):
        time.sleep(max(0.0, began + runner.offset - time.monotonic()))
        more = ("--lock-timeout", "60s") if runner.waits else ()
        arguments = scene.apply_arguments("--var", f"who={runner.name}", *more)
        processes[runner.name] = scene.start(*arguments)
    return processes


def _hold_one(scene: Scene, processes: dict[str, Process]) -> list[str]:
    """Hold up one upload, if that was prepared; whatever another run sends meanwhile, it may not change a thing."""
    while True:
        ended = all(process.has_ended for process in processes.values())
        try:
            paused = scene.emulator.faults.wait_paused(0.02)
            break
        except TimeoutError:
            if ended:
                return []
    datatable = paused.exchange.path.split("/")[3]
    time.sleep(_HELD)
    others = [
        one
        for one in scene.emulator.history.since(paused.exchange.sequence)
        if one.method in {"POST", "DELETE"} or (one.method == "PUT" and one.path.split("/")[3] == datatable)
    ]
    paused.release()
    return [
        f"request {one.sequence} ({one.method} {one.path}) came while another run stood still"
        for one in others
    ]


def _runs(
    scene: Scene, processes: dict[str, Process], wishes: dict[str, Wish], *, first: int
) -> dict[str, Ran]:
    """Each run with its uploads, which its content tells; creates belong to whoever uploads next."""
    owner = {
        content.sha256: name
        for name, wish in wishes.items()
        for dataset in wish.values()
        for contents in dataset.tables.values()
        for content in contents
    }
    requests: dict[str, list[Request]] = {name: [] for name in processes}
    unknown: list[Request] = []
    for exchange in scene.emulator.history.since(first):
        one = exchange.as_json()
        if one["method"] == "GET":
            continue
        name = owner.get(one["sha256"] or "")
        if name is None:
            unknown.append(one)
        else:
            requests[name] += [*unknown, one]
            unknown = []
    memory = memory_in(scene.state_folder)
    return {
        name: Ran(
            arguments=("apply",),
            code=process.wait(),
            output=process.said,
            requests=tuple(requests[name]),
            memory=memory,
            wish=wishes[name],
        )
        for name, process in processes.items()
    }


def _outcome(
    scene: Scene, runners: list[Runner], runs: dict[str, Ran], codes: dict[str, int], runs_before: int
) -> Iterator[str]:
    """Who waits is served; who does not is served or told; nobody's run is forgotten."""
    first_time = runs_before == 0
    for runner in runners:
        fine = {0} if runner.waits else {0, 5}
        if first_time:
            fine.add(3)  # who waited while the state was made said --new-state, which is refused by then
        if codes[runner.name] not in fine:
            yield f"{runner.name} ended with {codes[runner.name]}:\n{runs[runner.name].output}"
        if codes[runner.name] in {3, 5} and runs[runner.name].mutations:
            yield f"{runner.name} ended with {codes[runner.name]} and sent {len(runs[runner.name].mutations)} changes"
    if 0 not in codes.values():
        yield "nobody's run worked"
    remembered = memory_in(scene.state_folder).runs - runs_before
    won = sum(code == 0 for code in codes.values())
    if remembered != won:
        yield f"{won} runs worked, and the state remembers {remembered}"


def _left(scene: Scene, runs: dict[str, Ran], wishes: dict[str, Wish]) -> list[str]:
    """The tenant and the state are the last one's, whole, and a plan says so."""
    last = max(runs, key=lambda name: max((one["sequence"] for one in runs[name].mutations), default=0))
    noted = scene.run("plan", "-e", "dev", "--detailed-exitcode", "--var", f"who={last}")
    ran = Ran(
        arguments=noted.arguments, code=noted.code, memory=noted.memory, live=noted.live, wish=wishes[last]
    )
    apply = replace(ran, arguments=("apply",), code=0)
    story = Story(runs=(apply, ran))
    broken = violations(story, (endings.success_means_converged, endings.records_tell_the_truth))
    if noted.code != 0:
        broken.append(f"a plan for {last}, who was last, ended with {noted.code}")
    return broken
