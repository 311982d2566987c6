"""What Git is asked, in real repositories, some of whose configuration wants to start a program."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmsync.checkout.git import Head, came_before, head_of

AT = 1_700_000_000


def test_the_commit_and_its_time_are_read(repository):
    made = repository.commit(AT)
    head = head_of(str(repository.root))
    assert (head.commit.id, head.commit.at) == (made, datetime.fromtimestamp(AT, UTC))


def test_a_project_below_the_root_of_the_work_tree_is_in_it(repository):
    made = repository.commit(AT)
    below = repository.root / "projects" / "o2c"
    below.mkdir(parents=True)
    assert head_of(str(below)).commit.id == made


def test_outside_a_checkout_nothing_is_started_and_nothing_said(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: pytest.fail("started"))
    assert head_of(str(tmp_path)) == Head()


def test_a_repository_without_a_commit_has_none(repository):
    assert head_of(str(repository.root)) == Head(why_not="git knows no commit here")


def test_a_machine_without_git_says_so(repository, monkeypatch, tmp_path):
    repository.commit(AT)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert head_of(str(repository.root)).why_not == "git is not installed"
    assert not came_before(str(repository.root), "a" * 40, "b" * 40)


def test_a_program_called_git_in_the_checkout_is_not_git(repository, monkeypatch):
    repository.commit(AT)
    fake = repository.root / "git"
    fake.write_text("#!/bin/sh\ntouch started\n", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.chdir(repository.root)
    for path in (".", "", str(repository.root)):
        monkeypatch.setenv("PATH", path)
        assert head_of(str(repository.root)).why_not == "git is not installed"
    assert not (repository.root / "started").exists()


def test_a_checkout_of_another_user_says_so(repository, monkeypatch):
    repository.commit(AT)
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda *_args, **_more: subprocess.CompletedProcess(
            [], 128, b"", b"fatal: detected dubious ownership in repository at 'x'\n"
        ),
    )
    assert "safe.directory" in head_of(str(repository.root)).why_not


def test_git_that_never_answers_is_not_waited_for(repository, monkeypatch):
    repository.commit(AT)

    def never(*_args, **_more):
        raise subprocess.TimeoutExpired("git", 1)

    monkeypatch.setattr(subprocess, "run", never)
    assert head_of(str(repository.root)).why_not == "git did not answer"
    assert not came_before(str(repository.root), "a" * 40, "b" * 40)


def test_a_time_that_no_calendar_knows_is_none(repository, monkeypatch):
    repository.commit(AT)
    answer = subprocess.CompletedProcess([], 0, b"999999999999 " + b"a" * 40 + b"\n", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: answer)
    assert "no time" in head_of(str(repository.root)).why_not


def test_an_ancestor_came_before(repository):
    first, second = repository.commit(AT), repository.commit(AT + 1)
    assert came_before(str(repository.root), first, second)
    assert not came_before(str(repository.root), second, first)


def test_a_sister_did_not_come_before(repository):
    base = repository.commit(AT)
    ours = repository.commit(AT + 1)
    repository.git("checkout", "-q", "-b", "other", base)
    assert not came_before(str(repository.root), ours, repository.commit(AT + 2))


def test_what_a_shallow_clone_lacks_is_not_known(repository, make_repository):
    first, second = repository.commit(AT), repository.commit(AT + 1)
    shallow = make_repository("shallow")
    shallow.git("fetch", "-q", "--depth", "1", f"file://{repository.root}", "main")
    shallow.git("checkout", "-q", "FETCH_HEAD")
    assert head_of(str(shallow.root)).commit.id == second
    assert not came_before(str(shallow.root), first, second)


@pytest.mark.parametrize("odd", ["", "HEAD", "--upload-pack=touch started", "a" * 39, "A" * 40])
def test_only_whole_ids_are_asked_about(repository, odd, monkeypatch):
    made = repository.commit(AT)
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: pytest.fail("started"))
    assert not came_before(str(repository.root), odd, made)
    assert not came_before(str(repository.root), made, odd)


def test_no_program_that_the_configuration_names_is_started(repository, tmp_path):
    """Each of these would leave a file behind."""
    first, second = repository.commit(AT), repository.commit(AT + 1)
    started = tmp_path / "started"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {started}\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    hooks = repository.root / ".git" / "hooks"
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        shutil.copy(program, hooks / hook)
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.editor",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "gpg.program",
        "gpg.ssh.program",
        "pager.rev-list",
        "pager.merge-base",
        "filter.x.smudge",
        "filter.x.process",
        "diff.x.textconv",
        "alias.rev-list",
        "remote.origin.uploadpack",
        "uploadpack.packObjectsHook",
    ):
        repository.git("config", name, str(program))
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "core.hooksPath", str(hooks))

    assert head_of(str(repository.root)).commit.id == second
    assert came_before(str(repository.root), first, second)
    assert not started.exists()


def test_what_a_partial_clone_lacks_is_not_fetched(repository, make_repository, tmp_path):
    """A promised object is fetched by a program that the checkout's configuration names."""
    first, second = repository.commit(AT), repository.commit(AT + 1)
    partial = make_repository("partial")
    started = tmp_path / "started"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {started}\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    partial.git("fetch", "-q", f"file://{repository.root}", "main")
    partial.git("checkout", "-q", "FETCH_HEAD")
    partial.git("remote", "add", "origin", f"ssh://nowhere.example{repository.root}")
    partial.git("config", "core.repositoryFormatVersion", "1")
    partial.git("config", "extensions.partialClone", "origin")
    partial.git("config", "remote.origin.promisor", "true")
    partial.git("config", "remote.origin.uploadpack", str(program))
    partial.git("config", "core.sshCommand", str(program))
    (gone,) = _loose_object(partial.root, first)
    gone.unlink()

    assert not came_before(str(partial.root), first, second)
    assert not started.exists()


def _loose_object(root: Path, id_: str) -> list[Path]:
    return list((root / ".git" / "objects" / id_[:2]).glob(id_[2:]))


def test_a_repository_that_the_checkout_holds_as_files_is_not_asked(repository):
    """A bare repository can be committed like any files, with a configuration of somebody's choice."""
    made = repository.commit(AT)
    bare = repository.root / "projects"
    bare.mkdir()
    repository.git("init", "-q", "--bare", str(bare))
    head = head_of(str(bare))
    assert head.commit is None or head.commit.id == made


def test_the_callers_own_variables_do_not_choose_another_repository(repository, make_repository, monkeypatch):
    made = repository.commit(AT)
    other = make_repository("other")
    other.commit(AT + 5)
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_TRACE", str(other.root / "trace"))
    assert head_of(str(repository.root)).commit.id == made
    assert not os.path.exists(other.root / "trace")
