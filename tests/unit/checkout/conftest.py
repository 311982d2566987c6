"""A real Git repository, made by a git that knows no configuration but its own."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Repository:
    """A work tree and the commits in it."""

    root: Path
    home: Path

    def git(self, *words: str, at: int = 1_700_000_000) -> str:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{
                f"GIT_{who}_{what}": "t@example.com"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
            "GIT_AUTHOR_DATE": f"{at} +0000",
            "GIT_COMMITTER_DATE": f"{at} +0000",
        }
        done = subprocess.run(
            ["git", "-C", str(self.root), *words], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, at: int, text: str = "") -> str:
        """A commit of this second; its id."""
        (self.root / "file").write_text(text or str(at), encoding="utf-8")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "one", at=at)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def make_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Repository]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    def make(name: str = "repo") -> Repository:
        root = tmp_path / name
        root.mkdir()
        made = Repository(root, home)
        made.git("init", "-q", "-b", "main")
        return made

    return make


@pytest.fixture
def repository(make_repository: Callable[..., Repository]) -> Repository:
    return make_repository()
