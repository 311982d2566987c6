"""Exit codes are said in one place: numbers, their order, and what the README tells of them."""

import ast
import re
from itertools import groupby
from pathlib import Path

import pytest

from pmsync.exit_codes import ExitCode, ranked

ROOT = Path(__file__).parent.parent
RANKING = (130, 143, 64, 8, 5, 7, 4, 6, 1, 3, 2, 0)


def test_the_ranking_is_that_of_the_decision():
    assert tuple(ExitCode) == RANKING
    text = (ROOT / "docs" / "decisions" / "0001-exit-codes.md").read_text(encoding="utf-8")
    (order,) = re.findall(r"the first of ([0-9/, ]+)\.", text)
    assert tuple(map(int, re.findall(r"[0-9]+", order))) == RANKING[:-1]


@pytest.mark.parametrize(
    ("codes", "wins"), [((3, 1, 4), 4), ((2, 7), 7), ((0, 0), 0), ((), 0), ((1, 143), 143)]
)
def test_of_several_codes_the_first_in_the_ranking_wins(codes, wins):
    assert ranked(codes) is ExitCode(wins)


def test_the_table_of_the_readme_says_what_the_codes_mean():
    rows = groupby(sorted(ExitCode), key=lambda code: code.meaning)
    table = "".join(
        f"| {', '.join(str(int(code)) for code in codes)} | {meaning} |\n" for meaning, codes in rows
    )
    assert f"| exit code | meaning |\n|---|---|\n{table}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_other_module_writes_an_exit_code_as_a_number():
    places = []
    for path in (ROOT / "pmsync").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg="exit_code", value=ast.Constant(value=int())):
                    places.append(f"{path}:{node.value.lineno}")
                case ast.Assign(targets=[ast.Name(id="exit_code")], value=ast.Constant(value=int())):
                    places.append(f"{path}:{node.lineno}")
    assert places == []
