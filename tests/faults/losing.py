"""Answers to creates that never arrive, each in another way; all of one run's at once.

Everything is carried out, at once or a moment later; nothing of it is told. It must not judge.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faults.checker import violations
from faults.ground import TENANT, Scene, Setup, scene_in
from faults.killing import folder_answers, told
from faults.launcher import Launcher
from faults.scenario import Repository, project
from faults.story import WantedDataset
from pmsync.emulator.endpoints import Phase as Moment
from pmsync.emulator.faultactions import Action, Answer, DelayedCommit, Drop, Reset
from pmsync.emulator.faults import Fault

_LATE: Final = 0.1
_WAYS: Final[tuple[tuple[Action, Moment], ...]] = (
    (Drop(), "after-commit"),
    (Reset(), "after-commit"),
    (Answer(500, {"message": "Internal server error"}), "after-commit"),
    (Answer(502, None), "after-commit"),
    (Answer(504, "<html>gateway</html>"), "after-commit"),
    (Answer(201, {}), "after-commit"),
    (Answer(201, "created"), "after-commit"),
    (Answer(201, {"id": 7, "displayName": None}), "after-commit"),
    (Answer(200, None), "after-commit"),
    (Drop(), "mid-response"),
    (Reset(), "mid-response"),
    (DelayedCommit(_LATE), "before-commit"),
)
_PLACES: Final[tuple[tuple[str, ...], ...]] = ((), ("North",), ("North", "East"), ("South",))
_MOST_CREATES: Final = 200
_MOST_APPLIES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What came of one repository whose creates were never answered."""

    seed: int
    setup: str
    lost: int
    duplicates: int
    applies: int
    broken: tuple[str, ...]
    told: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made: so many names of datasets, each in so many places, with so many datatables."""

    names: int = 3
    places: int = len(_PLACES)
    tables: int = 5


_FULL: Final = Size()


def declared(api_url: str, setup: Setup, size: Size) -> Repository:
    """So many dataset names, each in every place, so that a lost one can be taken for its sister."""
    lines = ["apiVersion: pmsync/v1", "datasets:"]
    wish = {}
    for number in range(size.names):
        for place in _PLACES[: size.places]:
            address = "-".join((f"d{number}", *(part.lower() for part in place)))
            lines += [f"  {address}:", f"    displayName: Sales {number}"]
            if place:
                lines.append(f"    folder: {'/'.join(place)}")
            lines.append("    datatables:")
            # Two names that every dataset has, the others of its own: equal names are made one after another.
            keys = [f"t{table}" if table < 2 else f"{address}-t{table}" for table in range(size.tables)]
            lines += [f"      {key}: {{}}" for key in keys]
            wish[address] = WantedDataset(f"Sales {number}", place, dict.fromkeys(keys, ()))
    files = {
        "manifests/m.yaml": "\n".join(lines) + "\n",
        "pmsync.yaml": project(setup.same_name, tenant=TENANT, api_url=api_url),
    }
    return Repository(files, wish)


def lose_all(seed: int, setup: Setup, here: Path, launcher: Launcher, *, size: Size = _FULL) -> Lost:
    """Create everything while no create is answered, and give the command again until it is done."""
    rng = random.Random(seed)
    with scene_in(here, setup, launcher, lambda url: declared(url, setup, size)) as scene:
        for _ in range(_MOST_APPLIES):
            scene.emulator.faults.clear()
            scene.emulator.faults.add(*_faults(rng))
            noted = scene.run(*scene.apply_arguments(parallelism=16))
            if noted.code == 0:
                break
            for command in list(folder_answers(noted.output, scene)):
                scene.run(*command)
        scene.emulator.faults.clear()
        scene.plan()
        broken = violations(scene.story(most_requests=5000))
        if scene.noted[-1].code != 0:
            broken.append(f"the last plan ended with {scene.noted[-1].code}")
        return Lost(
            seed=seed,
            setup=setup.name,
            lost=sum(bool(one.faults) and one.committed for one in scene.emulator.history.since()),
            duplicates=_duplicates(scene),
            applies=sum(one.arguments[0] == "apply" for one in scene.noted),
            broken=tuple(broken),
            told=told(scene) if broken else "",
        )


def _faults(rng: random.Random) -> Iterator[Fault]:
    for occurrence in range(1, _MOST_CREATES + 1):
        action, moment = rng.choice(_WAYS)
        yield Fault(action, host="api", method="POST", occurrence=occurrence, phase=moment)


def _duplicates(scene: Scene) -> int:
    """How many things were made that were there already: one place, one kind, one name, counted by body."""
    made = Counter(
        (one.path, one.body_sha256)
        for one in scene.emulator.history.since()
        if one.method == "POST" and one.committed
    )
    return sum(count - 1 for count in made.values())
