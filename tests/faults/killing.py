"""kill -9 at one exact moment of one exact request, and the way back: what a user would do, and nothing else.

After the kill the same command is given again with the same consents; a question is answered by one of the
ways out that it names, as somebody would who looks at the tenant. It must not judge: the checker does.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, get_args

from faults.checker import violations
from faults.ground import REQUEST_TIMEOUT, Ground, Scene
from faults.scenario import PHASES, PhaseName
from pmsync.emulator.endpoints import Phase as Moment
from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault
from pmsync.emulator.holding import Paused

MOMENTS: Final[tuple[Moment, ...]] = get_args(Moment)
_LATE: Final = 0.1
"""Seconds after the kill at which a request that was read is carried out: while the next run has begun."""

_MOST_APPLIES: Final = 9
_MOST_QUESTIONS: Final = 3
_UPLOAD: Final = re.compile(r"--(?:assume-uploaded|reupload) (\w[^\s*]*/[^\s*]+)")
_FOLDER: Final = re.compile(r"pmsync state forget folder:(\S+)")
_WAIT: Final = "→ wait"
_MOST_WAITS: Final = 2
"""How often in a row somebody waits where that is what is recommended, before taking another way out."""
_LONG_ENOUGH: Final = 0.5
"""Seconds after which rows that lag behind are there."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One moment: the number of the request in its run, from 1, and how far it has come."""

    request: int
    moment: Moment

    def __str__(self) -> str:
        return f"{self.request}:{self.moment}"


@dataclass(frozen=True, slots=True)
class Point:
    """One story to be told: a tenant, a phase of the scenario, and one kill, or several in a row.

    `parallelism` is no part of what makes two points distinct.
    """

    setup: str
    phase: PhaseName
    kills: tuple[Kill, ...]
    parallelism: int = 4

    def __str__(self) -> str:
        return f"{self.setup}/{self.phase}/{'+'.join(map(str, self.kills))}/{self.parallelism}"

    @classmethod
    def parse(cls, text: str) -> Point:
        """What `str` gave."""
        setup, phase, kills, parallelism = text.split("/")
        known: dict[str, PhaseName] = {name: name for name in PHASES}
        moments: dict[str, Moment] = {moment: moment for moment in MOMENTS}
        parsed = (one.split(":") for one in kills.split("+"))
        struck = tuple(Kill(int(request), moments[moment]) for request, moment in parsed)
        return cls(setup, known[phase], struck, int(parallelism))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a point.

    `reached`: how many of its kills struck; `applies`: how many it took to converge, without those that ended
    with a question; `broken`: what must not have been.
    """

    point: Point
    reached: int
    applies: int = 0
    asked: bool = False
    broken: tuple[str, ...] = ()
    told: str = ""


def points(setup: str, phase: PhaseName, requests: int) -> Iterator[Point]:
    """Every moment of every request of a phase; by turns one after another and in parallel."""
    for request in range(1, requests + 1):
        for number, moment in enumerate(MOMENTS):
            yield Point(
                setup, phase, (Kill(request, moment),), parallelism=1 if (request + number) % 2 else 4
            )


def tried(ground: Ground, point: Point) -> Outcome:
    """Kill, come back, judge. Where the machine was too slow for a fair try, once more."""
    most_requests = 4 * ground.requests(point.phase) + 100
    for _ in range(2):
        with ground.at(point.phase) as scene:
            outcome = _tried(scene, point, most_requests=most_requests)
            if _was_fair(scene):
                return outcome
    with ground.at(point.phase) as scene:
        return _tried(scene, point, most_requests=most_requests)


def _tried(scene: Scene, point: Point, *, most_requests: int) -> Outcome:
    reached, asked_before = 0, False
    for kill in point.kills:
        struck, asks = _killed_or_asked(scene, kill, point.parallelism)
        asked_before |= asks
        if not struck:
            break
        reached += 1
    if not reached:
        return Outcome(point=point, reached=0)
    applies, asked = come_back(scene, parallelism=point.parallelism)
    if point.kills[0].request % 4 == 0:
        scene.run(*scene.apply_arguments(parallelism=point.parallelism))
    scene.plan()
    broken = violations(scene.story(most_requests=most_requests))
    if scene.noted[-1].code != 0:
        broken.append(f"the last plan ended with {scene.noted[-1].code}")
    return Outcome(
        point=point,
        reached=reached,
        applies=applies,
        asked=asked or asked_before,
        broken=tuple(broken),
        told=told(scene) if broken else "",
    )


def _killed_or_asked(scene: Scene, kill: Kill, parallelism: int) -> tuple[bool, bool]:
    """Whether a run was killed at that moment, and whether one asked something first, which was answered."""
    answers: tuple[str, ...] = ()
    for attempt in range(_MOST_QUESTIONS):
        if killed(scene, kill, scene.apply_arguments(*answers, parallelism=parallelism)):
            return True, attempt > 0
        found = answered(scene)
        if found is None:
            return False, attempt > 0
        answers = found or answers
    return False, True


def killed(scene: Scene, kill: Kill, arguments: tuple[str, ...]) -> bool:
    """Run a command up to that moment and kill it; False where it ended before.

    What was not yet looked at never happens; what was read is carried out a little later, when nobody waits
    for it any more; what was done is done.
    """
    scene.emulator.faults.add(Fault(Pause(), occurrence=kill.request, phase=kill.moment))
    first, began = scene.emulator.history.last, time.monotonic()
    process = scene.start(*arguments)
    paused = _paused_or_over(scene, lambda: process.has_ended)
    if paused is None:
        scene.emulator.faults.clear()
        scene.note(arguments, process, code=process.wait(), first=first, seconds=time.monotonic() - began)
        return False
    process.kill()
    code = process.wait()
    if kill.moment == "before-commit":
        threading.Timer(_LATE, paused.release).start()
    else:
        paused.drop()
    scene.note(arguments, process, code=code, first=first, seconds=time.monotonic() - began)
    return True


def _paused_or_over(scene: Scene, over: Callable[[], bool]) -> Paused | None:
    while True:
        ended = over()
        try:
            return scene.emulator.faults.wait_paused(0.02)
        except TimeoutError:
            if ended:
                return None


def come_back(scene: Scene, *, parallelism: int) -> tuple[int, bool]:
    """Give the command again until it works.

    How many applies that took, not counting those that ended with a question; and whether one did.
    """
    answers: tuple[str, ...] = ()
    clean, asked = 0, False
    for _ in range(_MOST_APPLIES):
        if scene.run(*scene.apply_arguments(*answers, parallelism=parallelism)).code == 0:
            return clean + 1, asked
        found = answered(scene)
        clean += found is None
        asked = asked or found is not None
        answers = found or answers
    return clean, asked


def answered(scene: Scene) -> tuple[str, ...] | None:
    """Answer what the last run asked: options for the next one; whatever else is to be done is done here.

    None where it asked nothing.
    """
    noted = scene.noted[-1]
    if noted.code not in {3, 4}:
        return None
    if _WAIT in noted.output and scene.waits < _MOST_WAITS:
        scene.waits += 1
        time.sleep(max(_LONG_ENOUGH, 1.2 * scene.lag))
        return ()
    scene.waits = 0
    found = honest_answers(noted.output, scene)
    folders = list(folder_answers(noted.output, scene))
    for command in folders:
        scene.run(*command)
    return found if found or folders else None


def honest_answers(output: str, scene: Scene) -> tuple[str, ...]:
    """What somebody answers who knows what the tenant holds: there already, or to be sent once more."""
    held = {
        (dataset.name, table.name, content)
        for dataset in scene.live()
        for table in dataset.tables
        for content in table.contents
    }
    answers: list[str] = []
    for address in dict.fromkeys(_UPLOAD.findall(output)):
        dataset, _, rest = address.partition(".")
        table, _, file = rest.partition("/")
        wanted = scene.repository.wish[dataset]
        there = any(
            (wanted.name, table, (one.name, one.sha256)) in held
            for one in wanted.tables[table]
            if one.name == file
        )
        answers += ["--assume-uploaded" if there else "--reupload", address]
    return tuple(answers)


def folder_answers(output: str, scene: Scene) -> Iterator[tuple[str, ...]]:
    """The same of folders that the tenant does not show: take the one that is there, or say that none is."""
    live = {path: id_ for id_, path in scene.folders().items()}
    for address in dict.fromkeys(_FOLDER.findall(output)):
        found = live.get(tuple(address.split("/")))
        yield (
            ("import", f"folder:{address}", found, "-e", "dev")
            if found
            else (
                "state",
                "forget",
                f"folder:{address}",
                "-e",
                "dev",
            )
        )


def _was_fair(scene: Scene) -> bool:
    """Whether the emulator kept the promise that the engine relies on: no request is under way for longer."""
    slowest = max(
        (one.committed_at - one.began for one in scene.emulator.history.since() if one.committed_at),
        default=0,
    )
    return slowest < REQUEST_TIMEOUT * 0.8


def told(scene: Scene) -> str:
    """The whole story in words, for whoever replays it."""
    lines = []
    for noted in scene.noted:
        lines += [f"$ pmsync {' '.join(noted.arguments)}", noted.output.rstrip(), f"→ exit {noted.code}"]
        lines += [
            f"   {one.sequence} {one.method} {one.path} {one.name or one.file_name or ''} {one.phase}"
            f" {one.status} {'commit ' + str(one.commit) if one.commit else ''} {','.join(one.faults)}"
            for one in scene.emulator.history.since(noted.first)
            if one.sequence <= noted.last
        ]
    return "\n".join(lines)
