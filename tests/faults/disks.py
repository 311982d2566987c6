"""Strikes at the disk under the state: the N-th system call killed or failing, a disk that is full.

Two ways lead there. strace injects into the very call of a real process, where it is there and may trace;
else the `Files` under the state store does it itself, in a process as real (faults/struck.py). It must not
judge: the checker does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from faults.checker import violations
from faults.ground import Ground, Scene
from faults.killing import come_back, told
from faults.launcher import ROOT
from faults.scenario import PhaseName
from faults.struck import METHODS, STRUCK

Way = Literal["strace", "files"]
CALLS: Final = tuple(METHODS)
HOWS: Final = ("SIGKILL", "ENOSPC+", "EIO")
"""A kill; a disk that is full and stays so; an error that comes once."""

_NAMES: Final = ("state.json", "state.previous.json", "journal.jsonl")


@dataclass(frozen=True, slots=True)
class Strike:
    """One strike: the N-th such call of a phase's apply, and how. `str` of it is what `parse` takes."""

    setup: str
    phase: PhaseName
    call: str
    number: int
    how: str

    def __str__(self) -> str:
        return f"{self.setup}/{self.phase}/{self.call}:{self.number}:{self.how}"

    @classmethod
    def parse(cls, text: str) -> Strike:
        setup, phase, what = text.split("/")
        call, number, how = what.split(":")
        return cls(setup, phase, call, int(number), how)  # type: ignore[arg-type]  # a KeyError says so soon


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """What came of it. `hit`: the run came as far as that call."""

    what: str
    hit: bool
    code: int = 0
    applies: int = 0
    broken: tuple[str, ...] = ()
    told: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    said: str


def way_here(folder: Path) -> Way:
    """strace where it is there and the system lets it trace and inject; else the seam."""
    strace = shutil.which("strace")
    if strace is None:
        return "files"
    probe = [strace, "-f", "-qq", "-o", str(folder / "probe"), "-e", "inject=mkdir:error=EIO:when=1"]
    made = folder / "made"
    try:
        subprocess.run([*probe, "mkdir", str(made)], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError):
        return "files"
    traced = (folder / "probe").exists() and "INJECTED" in (folder / "probe").read_text()
    return "strace" if traced and not made.exists() else "files"


def strikes(ground: Ground, phase: PhaseName, call: str, how: str, *, way: Way) -> Iterator[Struck]:
    """N = 1, 2, 3, … until a run passes untouched, which is the last one."""
    number = 0
    while True:
        number += 1
        outcome = struck(ground, Strike(ground.setup.name, phase, call, number, how), way=way)
        yield outcome
        if not outcome.hit:
            return


def struck(ground: Ground, strike: Strike, *, way: Way) -> Struck:
    """Strike, give the command again until it works, judge."""
    with ground.at(strike.phase) as scene:
        mark = scene.root.parent / "struck"
        mark.unlink(missing_ok=True)
        command = _command(scene, strike, mark, way=way)
        code = _run(scene, command, env={STRUCK: str(mark)})
        hit = _was_hit(mark, code, way=way)
        return _judged(scene, str(strike), code=code, hit=hit)


def _judged(scene: Scene, what: str, *, code: int, hit: bool) -> Struck:
    applies, _ = come_back(scene, parallelism=1)
    scene.plan()
    broken = violations(scene.story())
    if scene.noted[-1].code != 0:
        broken.append(f"the last plan ended with {scene.noted[-1].code}")
    words = told(scene) if broken else ""
    return Struck(what=what, hit=hit, code=code, applies=applies, broken=tuple(broken), told=words)


def _command(scene: Scene, strike: Strike, mark: Path, *, way: Way) -> list[str]:
    inner = f"{strike.call}:{strike.number}:{strike.how}" if way == "files" else "-"
    plain = [sys.executable, "-m", "faults.struck", inner, *scene.apply_arguments(parallelism=1)]
    if way == "files":
        return plain
    code = strike.how.rstrip("+")
    effect = "signal=SIGKILL" if code == "SIGKILL" else f"error={code}"
    when = f"{strike.number}+" if strike.how.endswith("+") else str(strike.number)
    here = [scene.state_folder]
    here += [scene.state_folder / f"{name}{end}" for name in _NAMES for end in ("", ".tmp")]
    paths = [part for path in here for part in ("-P", str(path))]
    fast = () if code == "SIGKILL" else ("--seccomp-bpf",)  # strace sends no signals where the kernel filters
    tracing = ["-f", "-qq", *fast, "-e", "signal=none", "-o", str(mark), "-e", f"trace={strike.call}", *paths]
    return ["strace", *tracing, "-e", f"inject={strike.call}:{effect}:when={when}", *plain]


def _was_hit(mark: Path, code: int, *, way: Way) -> bool:
    if way == "files":
        return mark.exists()
    return code == -9 or (mark.exists() and "INJECTED" in mark.read_text(errors="replace"))


def _run(scene: Scene, command: Sequence[str], *, env: Mapping[str, str]) -> int:
    """Run an apply in this way, and note it as one."""
    arguments = scene.apply_arguments(parallelism=1)
    first, began = scene.emulator.history.last, time.monotonic()
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        command,
        cwd=scene.root,
        env={**scene.env, "PYTHONPATH": paths, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = _Said(done.stdout + done.stderr)
    scene.note(arguments, said, code=done.returncode, first=first, seconds=time.monotonic() - began)  # type: ignore[arg-type]
    return done.returncode


# --- a disk that is full

_ON_A_SMALL_DISK: Final = """
mount -t tmpfs -o size=$1,mode=700 none "$2" || exit 99
cp -a "$3/." "$2/" || exit 98
shift 3
"$@"
code=$?
cp -a "$STATE/." "$KEEP/"
exit $code
"""


def may_mount() -> bool:
    """Whether this process may mount a small disk where nobody else sees it."""
    trial = ["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=4k none /mnt"]
    try:
        return subprocess.run(trial, capture_output=True, timeout=30, check=False).returncode == 0
    except OSError:
        return False


def full(ground: Ground, phase: PhaseName, size: int, *, mounting: bool) -> Struck:
    """An apply whose state is on a disk of so many bytes; or, unless mounting, whose files may not grow beyond.

    `hit`: it was too small.
    """
    with ground.at(phase) as scene:
        scene.state_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        arguments = scene.apply_arguments(parallelism=1)
        if mounting:
            code = _on_small_disk(scene, size, arguments)
        else:
            limited = [sys.executable, "-m", "faults.struck", f"size:{size}", *arguments]
            code = _run(scene, limited, env={})
        what = f"{ground.setup.name}/{phase}/{'tmpfs' if mounting else 'limit'}:{size}"
        outcome = _judged(scene, what, code=code, hit=code != 0)
        untold = () if code in {0, 1, 3, 4} else (f"the run on a full disk ended with {code}",)
        return Struck(
            what=outcome.what,
            hit=outcome.hit,
            code=code,
            applies=outcome.applies,
            broken=(*outcome.broken, *untold),
            told=outcome.told,
        )


def _on_small_disk(scene: Scene, size: int, arguments: tuple[str, ...]) -> int:
    """What is on the small disk in the end is put in the state's place, as if it had been that disk."""
    kept, before = scene.root.parent / "kept", scene.root.parent / "before"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(mode=0o700)
    shutil.copytree(scene.state_folder, before, dirs_exist_ok=True)
    plain = [sys.executable, "-m", "faults.struck", "-", *arguments]
    places = [str(size), str(scene.state_folder), str(before)]
    inside = ["unshare", "-m", "sh", "-c", _ON_A_SMALL_DISK, "sh", *places, *plain]
    first, began = scene.emulator.history.last, time.monotonic()
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    env = {**scene.env, "PYTHONPATH": paths, "KEEP": str(kept), "STATE": str(scene.state_folder)}
    done = subprocess.run(
        inside, cwd=scene.root, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    shutil.rmtree(scene.state_folder)
    kept.rename(scene.state_folder)
    said = _Said(done.stdout + done.stderr)
    scene.note(arguments, said, code=done.returncode, first=first, seconds=time.monotonic() - began)  # type: ignore[arg-type]
    return done.returncode
