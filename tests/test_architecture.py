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


OPENERS = {"open", "os.open", "io.open", "codecs.open", "os.fdopen", "Path.open"}
CHANGERS = {
    f"os.{name}"
    for name in [
        "chmod",
        "chown",
        "link",
        "makedirs",
        "mkdir",
        "mkfifo",
        "mknod",
        "remove",
        "removedirs",
        "rename",
        "renames",
        "replace",
        "rmdir",
        "symlink",
        "truncate",
        "unlink",
        "utime",
    ]
}
METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "touch", "symlink_to", "hardlink_to"}
"""Of pathlib alone, whatever they are called on."""

WITH_FILES_OF_THEIR_OWN = ("disk", "emulator")


def test_only_one_room_opens_and_changes_files():
    """So that what travels with a checkout is opened, and what an option names is written, in one way."""
    found = []
    for path in CODE:
        room = path.relative_to(ROOT / "pmsync").parts[0]
        if room not in WITH_FILES_OF_THEIR_OWN:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [f"{path.relative_to(ROOT)}:{line} {what}" for line, what in _file_calls(tree)]
    assert found == []


def _file_calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).replace("pathlib.", "")
            name = called.rpartition(".")[2]
            on_a_path = name == "open" and re.match(r"(Path|PurePath|PosixPath)\b", called)
            if called in OPENERS | CHANGERS or name in METHODS or on_a_path:
                yield node.lineno, called
        elif isinstance(node, ast.ImportFrom) and node.module in {"os", "io", "codecs"}:
            names = {f"{node.module}.{one.name}" for one in node.names}
            yield from ((node.lineno, name) for name in names & (OPENERS | CHANGERS))
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.open", "io.open"}:
            yield node.lineno, f"{ast.unparse(node)} handed on"


@pytest.mark.parametrize(
    "line",
    [
        "open('x')",
        "os.open('x', 0)",
        "io.open('x')",
        "Path('x').read_text()",
        "Path('x').open()",
        "folder.joinpath('x').write_bytes(b'')",
        "os.replace('x', 'y')",
        "from os import unlink",
        "f(opener=os.open)",
    ],
)
def test_a_file_call_is_found_however_it_is_written(line):
    assert list(_file_calls(ast.parse(line)))
