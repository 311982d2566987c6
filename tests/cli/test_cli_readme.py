"""The README and the pages tell the truth: commands, options, exit codes, links, and what the demo prints."""

import re
from pathlib import Path
from typing import Any

import click
import pytest

from pmsync.cli.lazy import COMMANDS
from pmsync.cli.main import cli
from pmsync.errors import PmsyncError

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
)
OF_OTHERS = {
    *("--version", "--help", "--upload-file"),
    *("--require-hashes", "--no-deps", "--no-build-isolation", "--universal"),
    *("--is-ancestor", "--timestamp"),
    *("--only", "--quick"),
}
"""click's own, and those of curl, pip, uv, git and the benchmarks."""


def commands(group: click.Group | None = None) -> dict[str, click.Command]:
    """Every command by its words, subcommands too."""
    found: dict[str, click.Command] = {}
    ctx = click.Context(group or cli)
    for name in (group or cli).list_commands(ctx):
        command = (group or cli).get_command(ctx, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {below}": one for below, one in commands(command).items()}
    return found


def flags() -> set[str]:
    """Every flag of every command, and the global ones."""
    return {flag for one in (cli, *commands().values()) for param in one.params for flag in param.opts} | {
        flag for one in commands().values() for param in one.params for flag in param.secondary_opts
    }


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_command_is_in_the_readme_s_table() -> None:
    table = README.partition("## What you run")[2].partition("\n\nIn CI:")[0]
    missing = {name for name in COMMANDS if not re.search(rf"[`\s]{name}\b", table)}
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_on_a_page_is_there(page: Path) -> None:
    known = commands()
    told = set(re.findall(r"(?:`|\$ |^ +)pmsync ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
    assert not {name for name in told if name not in known}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_option_on_a_page_is_there(page: Path) -> None:
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.read_text("utf-8")))
    assert not told - flags() - OF_OTHERS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    local = [link for link in links if "://" not in link]
    assert not [link for link in local if not (page.parent / link).exists()]


def test_the_exit_codes_are_in_the_readme() -> None:
    def classes(root: type[PmsyncError]) -> set[type[PmsyncError]]:
        return {root, *(one for below in root.__subclasses__() for one in classes(below))}

    listed = {
        int(code) for row in re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE) for code in row.split(",")
    }
    assert {one.exit_code for one in classes(PmsyncError)} | {0, 2, 64, 130, 143} <= listed


def test_the_demo_prints_what_the_readme_shows(tmp_path: Path, pmsync: Any) -> None:
    shown = re.search(r"\$ make demo\n(.*?)```", README, re.DOTALL)
    assert shown
    ended = pmsync("demo", env={"TMPDIR": str(tmp_path), "COLUMNS": "120"})
    printed = words(ended.out + ended.err)
    # The demo is quiet about progress, so a line of what apply did stands in its report.
    missing = [line for line in shown[1].splitlines() if words(line) not in printed]
    assert not missing
