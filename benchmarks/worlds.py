"""A project of any size with its tenant, and a state in which everything is in sync.

The state comes about as it does elsewhere: by an apply that adopts what is there. So no file format is known
here, and whatever writes it may change.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.manifests import PER_DATASET, ROWS, write_manifests, write_project, write_sources
from benchmarks.measuring import PMSYNC, Program
from benchmarks.standin import tenant

PLAN: Final = ("plan", "-q")
ADOPT: Final = (
    "apply", "-q", "--auto-approve", "--new-state", "--allow", "adopt:*", "--assume-uploaded", "*",
)  # fmt: skip
"""After it everything is in sync."""


@dataclass(frozen=True)
class World:
    """A project in a folder, with a tenant at `url`, and a memory of its own."""

    folder: Path
    datatables: int
    url: str

    def pmsync(
        self, *arguments: str, codes: tuple[int, ...] = (0,), also: Mapping[str, str] | None = None
    ) -> Program:
        """A call of pmsync in it; `also`: more environment variables."""
        environ = {
            "PMSYNC_STATE_DIR": str(self.folder / "state"),
            "PMSYNC_CACHE_DIR": str(self.folder / "cache"),
            "PMSYNC_API_KEY": "pmsync-local",
            "PMSYNC_API_URL": self.url,
            "CI": "true",
            **(also or {}),
        }
        return Program(command=(PMSYNC, *arguments), environ=environ, folder=self.folder, codes=codes)

    def forget(self) -> None:
        """No state any more."""
        shutil.rmtree(self.folder / "state", ignore_errors=True)

    def put_back(self) -> None:
        """The state in which everything is in sync, whatever was done since."""
        self.forget()
        shutil.copytree(self.folder / "state-in-sync", self.folder / "state")


@contextmanager
def in_sync(worlds: Path, datatables: int) -> Iterator[World]:
    """A world where everything is in sync and every digest known. What a benchmark changes it puts back."""
    folder = worlds / str(datatables)
    if not folder.exists():
        with _tenant(datatables) as url:
            made = World(folder, datatables, url)
            write_project(folder, url)
            write_manifests(folder, datatables)
            write_sources(folder, datatables)
            made.pmsync(*ADOPT)()
            made.pmsync(*PLAN)()
            shutil.copytree(folder / "state", folder / "state-in-sync")
            (folder / "port").write_text(url.rpartition(":")[2])
    with _tenant(datatables, port=int((folder / "port").read_text())) as url:
        yield World(folder, datatables, url)


@contextmanager
def _tenant(datatables: int, *, port: int = 0) -> Iterator[str]:
    datasets = -(-datatables // PER_DATASET)
    with tenant(port, datasets, min(PER_DATASET, datatables), ROWS) as url:
        yield url
