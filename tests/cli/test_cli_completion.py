"""Completion of what only a project knows, as a shell asks for it; whatever is wrong, it is silent."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete

from pmsync.cli.choices import Given
from pmsync.cli.main import cli

Completed = Callable[..., list[str]]


@pytest.fixture
def completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], capsys: Any
) -> Completed:
    """What is offered for the last word of a line, in the project's folder."""
    monkeypatch.chdir(tmp_path)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    def complete(*words: str) -> list[str]:
        shell = ShellComplete(cli, {"obj": Given()}, "pmsync", "_PMSYNC_COMPLETE")
        offers = shell.get_completions(list(words[:-1]), words[-1])
        assert capsys.readouterr() == ("", "")
        return [one.value for one in offers]

    return complete


@pytest.fixture
def applied(project: Path, pmsync: Any) -> Path:
    assert pmsync("apply", "--auto-approve").code == 0
    return project


def test_environments(project: Path, completed: Completed) -> None:
    with (project / "pmsync.yaml").open("a") as file:
        file.write("  later: {tenant: emulator}\n")
    assert completed("plan", "-e", "l") == ["later", "local"]
    assert completed("-e", "lo") == ["local"]
    assert completed("destroy", "--confirm", "") == ["later", "local"]
    assert completed("state", "list", "--env", "la") == ["later"]


def test_environments_of_another_folder_or_config(project: Path, completed: Completed) -> None:
    (project / "pmsync.yaml").rename(project / "other.yaml")
    assert completed("plan", "-e", "") == []
    assert completed("--config", "other.yaml", "plan", "-e", "") == ["local"]
    (project / "sub").mkdir()
    (project / "other.yaml").rename(project / "sub" / "pmsync.yaml")
    assert completed("-C", "sub", "plan", "-e", "") == ["local"]


@pytest.mark.parametrize("flag", ["--select", "--exclude"])
def test_addresses_that_are_declared(project: Path, completed: Completed, flag: str) -> None:
    found = completed("plan", flag, "")
    assert {"order-to-cash", "order-to-cash.events", "returns"} <= {*found}
    assert all(one.startswith("ret") for one in completed("apply", flag, "ret"))


def test_sources_alone_for_flags_about_files(applied: Path, completed: Completed) -> None:
    for flag in ("--reupload", "--assume-uploaded"):
        found = completed("plan", flag, "")
        assert found
        assert all("/" in one for one in found)


def test_what_the_state_holds(applied: Path, completed: Completed) -> None:
    for path in (applied / "manifests").iterdir():
        path.unlink()
    assert "returns" in completed("plan", "--select", "")
    for command in ("show", "accept", "forget", "unprotect", "move"):
        assert "returns" in completed("state", command, "ret")
    assert completed("import", "ret") == []


def test_import_names_what_is_declared_and_no_file(project: Path, completed: Completed) -> None:
    found = completed("import", "ret")
    assert "returns" in found
    assert not [one for one in found if "/" in one]


def test_consents(project: Path, completed: Completed) -> None:
    assert completed("plan", "--allow", "") == [
        "add-rows:", "adopt:", "delete:", "loss:", "recreate:", "replace:"
    ]  # fmt: skip
    assert completed("plan", "--allow", "de") == ["delete:"]
    assert "delete:returns" in completed("plan", "--allow", "delete:re")
    assert completed("plan", "--allow", "nothing:re") == []


def test_formats_variables_and_codes(project: Path, completed: Completed) -> None:
    assert completed("plan", "--format", "") == ["text", "json"]
    assert completed("plan", "--report", "") == ["text=", "json="]
    assert completed("plan", "--report", "json=o") == ["json=o"]
    assert completed("plan", "--report", "html=o") == []
    assert completed("plan", "--var", "") == ["data="]
    assert "PM012" in completed("explain", "PM01")


BROKEN = {
    "no yaml": "[",
    "a list": "- a\n",
    "another shape": "environments: 3\nvariables: [x]\nmanifests: {a: b}\n",
    "nothing": "",
    "of a newer pmsync": 'apiVersion: pmsync/v1\nproject: p\nrequires: ">=99"\nenvironments: {l: {tenant: emulator}}\n',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("where", ["pmsync.yaml", "manifests/returns.yaml"])
def test_whatever_is_broken_completion_is_silent(
    project: Path, completed: Completed, where: str, text: str
) -> None:
    (project / where).write_text(text)
    for words in (
        ("plan", "-e", ""),
        ("plan", "--select", ""),
        ("plan", "--allow", "delete:"),
        ("plan", "--var", ""),
        ("state", "show", ""),
        ("import", ""),
    ):
        completed(*words)


def test_without_a_project_there_is_nothing_to_offer(completed: Completed) -> None:
    assert (
        completed("plan", "-e", "")
        == completed("plan", "--select", "")
        == completed("state", "show", "")
        == []
    )


def test_completing_makes_nothing(project: Path, completed: Completed, memory: Path) -> None:
    completed("plan", "--select", "")
    completed("state", "show", "")
    assert not [one for one in memory.rglob("*") if one.is_file()]


def test_names_that_a_shell_would_take_apart_are_not_offered(project: Path, completed: Completed) -> None:
    (project / "manifests" / "returns.yaml").write_text(
        "apiVersion: pmsync/v1\ndatasets:\n"
        "  a: {datatables: {t: {sources: ['data/$(x).csv', 'data/a b.csv', \"data/\\e[1m.csv\", data/ok.csv]}}}\n"
    )
    assert completed("plan", "--reupload", "a.") == ["a.t/ok.csv"]


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "words", "offered"),
    [
        ("pmsync plan --allow delete:retu", ["pmsync", "plan", "--allow", "delete", ":", "retu"], "returns"),
        ("pmsync plan -e lo", ["pmsync", "plan", "-e", "lo"], "local"),
        ("pmsync plan --select retu", ["pmsync", "plan", "--select", "retu"], "returns"),
        ("pmsync plan -e ", ["pmsync", "plan", "-e", ""], "local"),
    ],
)
def test_in_bash(
    project: Path, program: Any, environ: dict[str, str], line: str, words: list[str], offered: str
) -> None:
    script = program("completion", "bash").out
    bin_ = project / "bin"
    bin_.mkdir()
    (bin_ / "pmsync").write_text(f'#!/bin/sh\nexec {sys.executable} -m pmsync "$@"\n')
    (bin_ / "pmsync").chmod(0o755)
    quoted = " ".join(f"'{word}'" for word in words)
    asked = (
        f"{script}\nCOMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_WORDS=({quoted}); "
        f"COMP_CWORD={len(words) - 1}\n_pmsync_completion pmsync\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", asked],
        cwd=project,
        env={**environ, "PATH": f"{bin_}:{environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert offered in done.stdout.splitlines(), done.stderr


def test_every_option_that_takes_an_address_completes_it() -> None:
    """No command is forgotten when one is added."""
    ctx = click.Context(cli)
    for name in cli.list_commands(ctx):
        command = cli.get_command(ctx, name)
        commands = command.commands.values() if isinstance(command, click.Group) else (command,)
        for one in commands:
            for param in one.params:
                if param.name in {
                    "address",
                    "select",
                    "exclude",
                    "allow",
                    "reupload",
                    "assume_uploaded",
                    "env",
                }:
                    assert param._custom_shell_complete is not None, (name, param.name)
