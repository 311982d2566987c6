"""Every page of help ends in examples, and each of them is understood in a project that is at work."""

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from pmsync.cli.main import cli
from pmsync.emulator.server import running
from pmsync.emulator.settings import Settings

REFUSED = {
    "pmsync init": "there is one already",
    "pmsync apply -e prod": "no state was found, which is never taken for a first run",
    "pmsync apply -e prod --auto-approve --safe-only": "as that",
    "pmsync destroy": "nobody is there to type the name",
    "pmsync import order-to-cash 0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10": "nothing of the tenant has this id",
    "pmsync state list -e prod --format json": "there is no state yet",
    "pmsync state push old-state.json -e prod": "the state of another tenant",
    "pmsync state rebind old-name/prod -e prod": "nothing of that name is remembered",
    "pmsync doctor -e prod --probe": "nobody is there to say yes",
    "pmsync emulator reset -e local": "as that",
}
"""Examples that end with exit 3 here, because of what the project holds or because nobody sits at a terminal."""


def pages() -> Iterator[str]:
    yield ""
    ctx = click.Context(cli)
    for name in cli.list_commands(ctx):
        yield name
        command = cli.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {below}" for below in command.list_commands(ctx))


def examples_on(page: str) -> list[str]:
    text = CliRunner().invoke(cli, [*page.split(), "--help"], prog_name="pmsync").output
    _, found, block = text.partition("\n  Examples:\n")
    assert found, f"the page of {page or 'pmsync'} has no examples"
    return [line.strip() for line in block.split("\n\n")[0].splitlines()]


def words_of(example: str) -> list[str]:
    """What follows `pmsync`, without what the shell does around it."""
    inner = re.search(r"\$\((.*)\)", example)
    words = shlex.split(inner[1] if inner else example.partition(" > ")[0], comments=True)
    assert words[0] == "pmsync", example
    return words[1:]


@pytest.fixture
def at_work(project: Path, pmsync: Any, state_folder: Callable[[str], Path]) -> Iterator[Path]:
    """The sample project, applied, with a saved plan, an old state, and a `prod` that is a tenant elsewhere."""
    with running(Settings()) as emulator:
        with (project / "pmsync.yaml").open("a") as file:
            file.write(f"  prod: {{tenantId: t-1, apiUrl: '{emulator.api_url}', state: file}}\n")
        assert pmsync("apply", "-e", "local", "--auto-approve").code == 0
        assert pmsync("plan", "-e", "local", "--out", "plan.json").code == 0
        shutil.copy(state_folder("local") / "state.json", project / "old-state.json")
        yield project


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page or "pmsync")
def test_every_example_of_a_page_is_understood(
    at_work: Path, pmsync: Any, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr("pmsync.cli.handlers.emulator.serve_until_stopped", lambda *_: None)
    for example in examples_on(page):
        ended = pmsync(*words_of(example), env={"PMSYNC_API_KEY": "pmsync-local", "PMSYNC_ENV": "local"})
        assert ended.code == (3 if example in REFUSED else 0), (example, ended.err)
        assert "this is a bug" not in ended.err


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page or "pmsync")
def test_examples_fit_into_a_narrow_terminal(page: str) -> None:
    assert all(len(one) <= 78 for one in examples_on(page))


def test_no_example_is_excused_that_is_on_no_page() -> None:
    assert REFUSED.keys() <= {one for page in pages() for one in examples_on(page)}
