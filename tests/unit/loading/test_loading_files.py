"""The manifest files that pmsync.yaml names are found, and nothing outside the project folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pmsync.diagnostics import Location
from pmsync.disk.refusals import LeadsOutside
from pmsync.errors import InputError
from pmsync.loading.files import find_manifests
from pmsync.loading.problems import Problems

HERE = Location("pmsync.yaml", 1, 1)


def tree(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def found(root: Path, *patterns: str) -> list[str]:
    problems = Problems()
    files = find_manifests(
        str(root), [(one, HERE) for one in patterns], apart=frozenset({"pmsync.yaml"}), problems=problems
    )
    problems.settle()
    return [one.file for one in files]


def refused(root: Path, *patterns: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        found(root, *patterns)
    return [one.code for one in caught.value.diagnostics]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    tree(
        folder,
        "pmsync.yaml",
        "top.yaml",
        "m/b.yaml",
        "m/a.yml",
        "m/notes.txt",
        "m/.hidden.yaml",
        "m/.git/x.yaml",
        "m/deep/er/c.yaml",
        "m/deep/d.yaml",
        "Z/e.yaml",
        "odd.manifest",
    )
    return folder


ALL_M = ["m/a.yml", "m/b.yaml", "m/deep/d.yaml", "m/deep/er/c.yaml"]


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("m", ALL_M),
        ("m/", ALL_M),
        ("./m//", ALL_M),
        ("m/b.yaml", ["m/b.yaml"]),
        ("odd.manifest", ["odd.manifest"]),
        ("m/*.yaml", ["m/b.yaml"]),
        ("m/*", ALL_M),
        ("m/d*", ["m/deep/d.yaml", "m/deep/er/c.yaml"]),
        ("m/**", ALL_M),
        ("m/**/**", ALL_M),
        ("**/c.yaml", ["m/deep/er/c.yaml"]),
        ("m/**/*.yaml", ["m/b.yaml", "m/deep/d.yaml", "m/deep/er/c.yaml"]),
        ("m/?.y*ml", ["m/a.yml", "m/b.yaml"]),
        ("m/[ab].yaml", ["m/b.yaml"]),
        ("*/deep/*.yaml", ["m/deep/d.yaml"]),
        ("*/b.yaml", ["m/b.yaml"]),
        (".", ["Z/e.yaml", *ALL_M, "top.yaml"]),
        ("*.yaml", ["top.yaml"]),
    ],
)
def test_what_a_pattern_stands_for(root: Path, pattern: str, files: list[str]) -> None:
    assert found(root, pattern) == files


def test_each_file_is_there_once_in_the_order_of_code_points(root: Path) -> None:
    assert found(root, "m", "Z", "m/*.yaml", "top.yaml") == ["Z/e.yaml", *ALL_M, "top.yaml"]


@pytest.mark.parametrize("pattern", ["x", "m/x.yaml", "m/*.json", "x/*.yaml", "x/**/y.yaml", "top.yaml/x"])
def test_a_pattern_that_matches_nothing_is_an_error(root: Path, pattern: str) -> None:
    assert refused(root, "m", pattern) == ["PM022"]


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "PM032"),
        (" ", "PM032"),
        ("a\nb", "PM032"),
        ("/etc", "PM021"),
        ("../x", "PM021"),
        ("m/../..", "PM021"),
    ],
)
def test_a_pattern_that_cannot_be(root: Path, pattern: str, code: str) -> None:
    assert refused(root, pattern) == [code]


@pytest.mark.parametrize(
    "pattern", ["m", "m/out", "m/out/*.yaml", "m/**/s.yaml", "m/*", "link.yaml", "*.yaml"]
)
def test_a_symlink_that_leads_out_is_refused_and_not_skipped(root: Path, pattern: str) -> None:
    tree(root.parent, "secret/s.yaml")
    (root / "m" / "out").symlink_to(root.parent / "secret")
    (root / "link.yaml").symlink_to(root.parent / "secret" / "s.yaml")
    assert refused(root, pattern) == ["PM021"]


def test_a_folder_that_is_swapped_after_it_was_judged_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swapped(*_: Any) -> list[str]:
        raise LeadsOutside

    monkeypatch.setattr("pmsync.loading.files.names_in", swapped)
    assert refused(root, "m/*.yaml") == ["PM021"]


def test_nothing_is_suggested_from_outside(root: Path) -> None:
    tree(root.parent, "secret/s.yaml")
    (root / "out").symlink_to(root.parent / "secret")
    assert refused(root, "out/t.yaml") == ["PM022"]


def test_a_folder_whose_name_begins_alike_is_outside(root: Path) -> None:
    tree(root.parent, "project-2/s.yaml")
    (root / "out").symlink_to(root.parent / "project-2")
    assert refused(root, "out") == ["PM021"]


def test_a_symlink_inside_is_followed_and_a_file_is_read_once(root: Path) -> None:
    (root / "n").mkdir()
    (root / "n" / "linked").symlink_to(root / "m" / "deep")
    (root / "n" / "again.yaml").symlink_to(root / "top.yaml")
    assert found(root, "n") == ["n/again.yaml", "n/linked/d.yaml", "n/linked/er/c.yaml"]
    assert found(root, "m/deep", "n/linked") == ["m/deep/d.yaml", "m/deep/er/c.yaml"]


def test_the_project_folder_may_be_reached_by_a_symlink(root: Path) -> None:
    (root.parent / "link").symlink_to(root)
    assert found(root.parent / "link", "m") == ALL_M


@pytest.mark.parametrize("pattern", ["m", "m/**/b.yaml", "m/**"])
def test_symlinks_that_lead_round_in_circles_end(root: Path, pattern: str) -> None:
    (root / "m" / "deep" / "round").symlink_to(root / "m")
    (root / "m" / "self").symlink_to("self")
    assert "m/b.yaml" in found(root, pattern)


def test_a_folder_that_cannot_be_listed_is_an_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: str) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", denied)
    assert refused(root, "m") == ["PM001"]
    assert refused(root, "m/*.yaml", "m/x.yaml") == ["PM001", "PM022"]


def test_a_dangling_symlink_is_an_error_when_it_is_read(repository: Callable[..., Any]) -> None:
    made = repository()
    (made.root / "manifests" / "gone.yaml").symlink_to("nowhere.yaml")
    assert made.codes() == [("manifests/gone.yaml", "PM001")]


def test_a_file_name_does_not_break_the_line(repository: Callable[..., Any]) -> None:
    made = repository({"manifests/a\nb\x1b.yaml": "x"})
    assert made.codes() == [("manifests/a\\nb\\x1b.yaml:1:1", "PM015")]


def test_config_and_approvals_are_no_manifests(repository: Callable[..., Any]) -> None:
    made = repository(project="manifests: [., '*.yaml']\nenvironments: {a: {tenant: emulator}}\n")
    made.write("approvals.yaml", "apiVersion: pmsync/v1\napprovals: []\n")
    made.write("more.yaml", "apiVersion: pmsync/v1\ndatasets: {more: {}}\n")
    assert list(made.load().manifest.datasets) == ["fine", "more"]
