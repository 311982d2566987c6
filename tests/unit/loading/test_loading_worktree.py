"""Where pmsync.yaml stands in its Git work tree."""

from pathlib import Path

import pytest

from pmsync.loading.worktree import path_in_work_tree


def test_without_a_work_tree_it_is_the_name_of_the_file(tmp_path: Path) -> None:
    assert path_in_work_tree(str(tmp_path / "a" / "pmsync.yaml")) == "pmsync.yaml"


@pytest.mark.parametrize(("folder", "path"), [(".", "pmsync.yaml"), ("etl/o2c", "etl/o2c/pmsync.yaml")])
def test_it_is_the_path_from_the_root_of_the_work_tree(tmp_path: Path, folder: str, path: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    assert path_in_work_tree(str(tmp_path / folder / "pmsync.yaml")) == path


def test_a_work_tree_may_have_a_file_named_git(tmp_path: Path) -> None:
    """So git makes the second work tree of a repository, and a submodule."""
    (tmp_path / "linked" / "etl").mkdir(parents=True)
    (tmp_path / "linked" / ".git").write_text("gitdir: elsewhere\n")
    (tmp_path / ".git").mkdir()
    assert path_in_work_tree(str(tmp_path / "linked" / "etl" / "pmsync.yaml")) == "etl/pmsync.yaml"


def test_a_link_to_the_project_is_the_same_place(tmp_path: Path) -> None:
    (tmp_path / "repo" / "etl").mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "repo" / "etl")
    assert path_in_work_tree(str(tmp_path / "link" / "pmsync.yaml")) == "etl/pmsync.yaml"
