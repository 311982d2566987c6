"""Projects in the folders below: a bounded look."""

from pathlib import Path

import pytest

from pmsync.loading import worktree
from pmsync.loading.worktree import projects_below


def project(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "pmsync.yaml").write_text("")


def test_the_look_ends_after_so_many_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        project(tmp_path / f"p{number}")
    monkeypatch.setattr(worktree, "_MOST_ENTRIES", 2)
    assert "and more" not in projects_below(str(tmp_path), "pmsync.yaml")
    monkeypatch.setattr(worktree, "_MOST_ENTRIES", 0)
    assert projects_below(str(tmp_path), "pmsync.yaml") == ""


def test_a_folder_that_cannot_be_listed_has_none(tmp_path: Path) -> None:
    assert projects_below(str(tmp_path / "gone"), "pmsync.yaml") == ""
