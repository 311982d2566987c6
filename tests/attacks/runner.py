"""A CI runner with secrets of its own, and a checkout on it that a stranger could edit.

What lies outside the checkout is noted before anything runs. Whatever a command did, afterwards it must be as it
was, nothing of it may be in an output or at the tenant, and the key may have gone to nobody but the tenant.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from canary import KEY
from faults.launcher import Launcher

from pmsync.emulator.server import RunningEmulator

TENANT: Final = "0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10"
FOREIGN: Final = "foreign-3b9e41d7"
"""Stands in everything outside the checkout: where it is printed or sent, a file was read."""

PROJECT: Final = """\
apiVersion: pmsync/v1
project: attacked
environments:
  local: {{tenant: emulator}}
  dev:
    tenantId: {tenant}
    state: file
    uploads: {{sameName: replaces, otherName: adds}}
    verify: {{timeout: 5s}}
"""
MANIFEST: Final = """\
apiVersion: pmsync/v1
datasets:
  orders:
    datatables:
      events: {sources: [data/a.csv]}
"""
ROWS: Final = "case,activity\nc1,go\nc2,go\n"


@dataclass(frozen=True, slots=True)
class Said:
    """One command that ended, and all that it printed."""

    arguments: tuple[str, ...]
    code: int
    text: str


@dataclass(slots=True)
class Runner:
    """`checkout` is the stranger's to write; everything else below `here` is not."""

    here: Path
    launcher: Launcher
    emulator: RunningEmulator
    said: list[Said] = field(default_factory=list)
    _before: Mapping[str, str] = field(default_factory=dict)

    @property
    def checkout(self) -> Path:
        return self.here / "checkout"

    @property
    def outside(self) -> Path:
        return self.here / "outside"

    def write(self, path: str, text: str) -> Path:
        file = self.checkout / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def prepare(self) -> None:
        """The runner as it is before the stranger's commit is checked out."""
        self.write("pmsync.yaml", PROJECT.format(tenant=TENANT))
        self.write("manifests/m.yaml", MANIFEST)
        self.write("data/a.csv", ROWS)
        self.outside.mkdir()
        self.outside.joinpath("folder").mkdir()
        for name in (
            "secret.csv",
            "secret.yaml",
            "secret",
            "folder/secret.csv",
            "folder/m.yaml",
            "folder/plan.json",
        ):
            self.outside.joinpath(name).write_text(f"{FOREIGN},column\n{FOREIGN},1\n", encoding="utf-8")

    def freeze(self) -> None:
        """From here on nothing outside may change."""
        self._before = _seen(self.outside)

    def run(self, *arguments: str, **environ: str) -> Said:
        env = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.here / "home"),
            "PMSYNC_STATE_DIR": str(self.here / "memory" / "state"),
            "PMSYNC_CACHE_DIR": str(self.here / "memory" / "cache"),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            "PMSYNC_API_KEY": KEY,
            "PMSYNC_API_URL": self.emulator.api_url,
            **environ,
        }
        with tempfile.TemporaryDirectory() as place:
            output = Path(place, "said")
            process = self.launcher.start(*arguments, cwd=self.checkout, env=env, output=output)
            code = process.wait(90)
            self.said.append(Said(arguments, code, output.read_text(encoding="utf-8", errors="replace")))
        return self.said[-1]

    def harm(self) -> list[str]:
        """Everything that no commit may bring about; empty if nothing of it happened."""
        found = [
            f"{one.arguments} printed {secret}"
            for one in self.said
            for secret in (FOREIGN, KEY)
            if secret in one.text
        ]
        found += [
            f"{one.arguments}: {one.text}"
            for one in self.said
            if "Traceback" in one.text or "is a bug" in one.text
        ]
        after = _seen(self.outside)
        found += [
            f"outside, {path} was {self._before.get(path)} and is {after.get(path)}"
            for path in sorted({*self._before, *after})
            if self._before.get(path) != after.get(path)
        ]
        foreign = {hashlib.sha256(file.read_bytes()).hexdigest() for file in _files(self.outside)}
        found += [
            f"sent: {one.path}" for one in self.emulator.history.since() if one.as_json()["sha256"] in foreign
        ]
        found += [
            f"{FOREIGN} is kept in {file}"
            for file in _files(self.here / "memory")
            if FOREIGN.encode() in file.read_bytes()
        ]
        return found


def _files(folder: Path) -> Iterator[Path]:
    yield from (file for file in folder.rglob("*") if stat.S_ISREG(file.lstat().st_mode))


def _seen(folder: Path) -> dict[str, str]:
    """Each thing below a folder: its kind, mode and content."""
    found = {}
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(mode) else ""
        found[str(path.relative_to(folder))] = f"{stat.filemode(mode)} {content}"
    return found
