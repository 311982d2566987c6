"""`pmsync demo`: the main job on an embedded tenant, step by step, with the real commands."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from pmsync.cli import output
from pmsync.cli.main import run
from pmsync.cli.settings import GlobalOptions
from pmsync.disk.named import append_named, make_folders
from pmsync.disk.private import Files
from pmsync.errors import PmsyncError

_DIRS: Final = ("PMSYNC_STATE_DIR", "PMSYNC_CACHE_DIR")
_LATE: Final = "SO25-1001,Close case,2025-04-30T16:12:00,System,0.00\n"


class Step(Struct, frozen=True, kw_only=True):
    """One act of the demo: what it shows, what happens to the files first, the command, its exit code."""

    title: str
    command: tuple[str, ...]
    code: int = 0
    before: Callable[[str], None] | None = None


def _late_event(folder: str) -> None:
    append_named(os.path.join(folder, "data", "orders-2025.csv"), _LATE.encode())


def _without_returns(folder: str) -> None:
    Files().discard(os.path.join(folder, "manifests", "returns.yaml"))


STEPS: Final = (
    Step(title="A first project: manifests, and event logs to upload.", command=("init",)),
    Step(title="A plan reads the tenant and changes nothing.", command=("plan",)),
    Step(
        title="Apply makes it so: it creates, uploads, waits for the rows, and looks again.",
        command=("apply", "--auto-approve"),
    ),
    Step(title="Nothing changed, so there is nothing to do.", command=("plan",)),
    Step(
        title="An event arrives late: one file changes, and one file is sent again.",
        command=("apply", "--auto-approve"),
        before=_late_event,
    ),
    Step(
        title="A manifest is deleted. Data never goes without your consent: exit code 3, nothing sent.",
        command=("apply", "--auto-approve"),
        code=3,
        before=_without_returns,
    ),
    Step(
        title="With it, the dataset goes.",
        command=("apply", "--auto-approve", "--allow", "delete:returns"),
    ),
)


def demo(options: GlobalOptions, *, keep: bool) -> None:
    """Create, upload, converge, change, and be stopped before anything is lost; in ten seconds."""
    folder = tempfile.mkdtemp(prefix="pmsync-demo-")
    project = os.path.join(folder, "project")
    make_folders(project)
    try:
        with _memory(None if keep else os.path.join(folder, "memory")):
            for number, step in enumerate(STEPS, 1):
                _play(number, step, project, options)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    output.emit("\nThat is all there is to it. Start your own: pmsync init my-project")
    if keep:
        output.emit(f"This one is in {project}")


@contextmanager
def _memory(folder: str | None) -> Iterator[None]:
    """Keep what the commands remember in this folder, and none of it in the user's; None: in the user's."""
    before = {name: os.environ.get(name) for name in _DIRS}
    if folder is not None:
        os.environ.update(dict.fromkeys(_DIRS, folder))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _play(number: int, step: Step, folder: str, options: GlobalOptions) -> None:
    if step.before:
        step.before(folder)
    words = " ".join(("pmsync", *step.command))
    output.emit(f"\n[{number}/{len(STEPS)}] {step.title}\n$ {words}\n\n")
    # The demo is the same whatever environment the caller works in.
    where = () if step.command == ("init",) else ("-e", "local")
    code = run(("-C", folder, "-q", "--color", options.color, *where, *step.command))
    if code != step.code:
        raise PmsyncError(f"the demo went wrong at '{words}': exit code {code}, not {step.code}")
