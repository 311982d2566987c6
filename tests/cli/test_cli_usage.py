"""A command line that makes no sense: what is wrong with it, in the words of every other error, and exit 64."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("plan --format xml", "--format: 'xml' is not one of text, json"),
        ("--color purple plan", "--color: 'purple' is not one of auto, always, never"),
        ("plan --var", "--var needs a value"),
        ("plan --detailed-exitcode=3", "--detailed-exitcode takes no value"),
        ("plan extra", "not expected here: extra"),
        ("apply a b c", "not expected here: b c"),
        ("import a", "ID is missing"),
        ("completion", "SHELL is missing: one of bash, zsh, fish, powershell"),
        ("--parallelism 0 plan", "--parallelism: 0 is not between 1 and 64"),
        ("--parallelism x plan", "--parallelism: 'x' is no number"),
        ("--lock-timeout x plan", "--lock-timeout: use a duration, such as 30, 90s or 10m"),
        (
            "apply --allow x",
            "--allow: use KIND:ADDRESS-GLOB, where KIND is adopt, delete, replace, recreate, ",
        ),
        ("plan --bogus", "there is no option '--bogus'"),
    ],
)
def test_what_is_wrong_is_one_sentence_of_ours(pmsync: Any, line: str, said: str) -> None:
    ran = pmsync(*line.split())
    assert ran.code == 64
    (error,) = [one for one in ran.err.splitlines() if one.startswith("error: ")]
    assert error.startswith(f"error: {said}")


@pytest.mark.parametrize("group", ["state", "emulator"])
def test_a_group_without_a_command_shows_its_commands(pmsync: Any, group: str) -> None:
    ran = pmsync(group)
    assert ran.code == 64
    assert f"Usage: pmsync {group}" in ran.err
    assert "Commands:" in ran.err
    assert "\\n" not in ran.err
    assert "error:" not in ran.err
