"""The house rules that no linter knows: sizes, one home for each library, and what a release must not name."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = sorted((ROOT / "pmsync").rglob("*.py"))


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_its_job(path):
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{path} has no docstring"


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_room(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, "is it one room, or two?"


def test_functions_are_short():
    long = []
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > 60:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines")
    assert long == []


def test_no_foreign_exception_is_swallowed_bare():
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert bare == []


def test_certificates_are_always_verified():
    assert not any("verify=False" in path.read_text(encoding="utf-8") for path in CODE)


def test_the_project_speaks_of_itself_alone():
    """No path of a machine in what is released."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    machine = re.compile(r"/(work|home|root|Users)/[a-z.]+/|/tmp/[a-z]")
    found = []
    for name in filter(None, tracked):
        path = ROOT / name
        if name.startswith(("tests/", "examples/manifests/")) or path.suffix not in {
            ".py",
            ".md",
            ".toml",
            ".yaml",
        }:
            continue
        found += [f"{name}: {hit.group()}" for hit in machine.finditer(path.read_text(encoding="utf-8"))]
    assert found == []
