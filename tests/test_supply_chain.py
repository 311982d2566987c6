"""What make and CI install is named by hash, in step with pyproject.toml, and bound to no machine's package index."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = PYPROJECT["project"]["dependencies"]
GROUPS = PYPROJECT["dependency-groups"]
LOCKS = {
    "requirements.lock": [*RUNTIME, *GROUPS["build"]],
    "requirements-dev.lock": [*RUNTIME, *GROUPS["build"], *GROUPS["dev"]],
    "requirements-bench.lock": GROUPS["bench"],
}
# The module of a distribution whose name does not say it, and those that are never imported.
MODULES = {"pyyaml": "yaml", "python-calamine": "python_calamine", "h11": None}


def entries(lock: str) -> list[str]:
    """Return each requirement of a lock file with its hashes on one line."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pinned(lock: str) -> dict[str, Version]:
    """Return the version of each name in a lock file."""
    found = {}
    for entry in entries(lock):
        requirement = Requirement(entry.split("--hash", 1)[0].strip())
        (pin,) = requirement.specifier
        assert pin.operator == "==", entry
        found[canonicalize_name(requirement.name)] = Version(pin.version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_hashes(lock):
    assert [entry for entry in entries(lock) if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_package_index_and_no_url(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"(?i)--(?:extra-)?index-url|--find-links|--trusted-host|\w+://|@ ", text) == []


@pytest.mark.parametrize(("lock", "wanted"), LOCKS.items())
def test_a_lock_is_in_step_with_pyproject(lock, wanted):
    versions = pinned(lock)
    stale = []
    for text in wanted:
        requirement = Requirement(text)
        version = versions.get(canonicalize_name(requirement.name))
        if version is None or version not in requirement.specifier:
            stale.append(f"{text}: locked {version}")
    assert stale == [], "make lock"


def test_the_locks_name_the_same_versions():
    developers, peers = pinned("requirements-dev.lock"), pinned("requirements-bench.lock")
    assert pinned("requirements.lock").items() <= developers.items()
    assert {name: developers[name] for name in developers.keys() & peers.keys()}.items() <= peers.items()


def test_the_build_backend_is_locked_as_the_build_asks_for_it():
    assert set(PYPROJECT["build-system"]["requires"]) <= set(GROUPS["build"])


@pytest.mark.parametrize("text", RUNTIME)
def test_every_dependency_has_a_floor_and_a_ceiling(text):
    requirement = Requirement(text)
    operators = {part.operator for part in requirement.specifier}
    calendar = {"packaging"}  # its first number is a year and promises nothing
    assert operators == ({">="} if requirement.name in calendar else {">=", "<"})


@pytest.mark.parametrize(
    ("name", "floor", "hole"),
    [
        ("urllib3", "2.6.3", "nested gzip takes gigabytes: CVE-2025-66418, -66471, CVE-2026-21441"),
        ("requests", "2.32.4", "netrc of another host: CVE-2024-47081"),
        ("h11", "0.16", "request smuggling: CVE-2025-43859"),
        ("starlette", "0.49.1", "ranges in quadratic time: CVE-2025-62727"),
        ("deepdiff", "8.6.1", "class pollution: CVE-2025-58367"),
    ],
)
def test_the_floor_of_a_dependency_is_above_its_known_holes(name, floor, hole):
    (requirement,) = (found for found in map(Requirement, RUNTIME) if found.name == name)
    (lowest,) = (Version(part.version) for part in requirement.specifier if part.operator == ">=")
    assert lowest >= Version(floor), hole


def imported() -> set[str]:
    """Return the top-level modules that the package imports anywhere."""
    found = set()
    for path in (ROOT / "pmsync").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_every_imported_dependency_has_one_home():
    """import-linter takes no contract for a module that nothing imports yet; this asks for it as soon as one does."""
    names = (Requirement(text).name for text in RUNTIME)
    modules = {MODULES.get(name, name) for name in names} & imported()
    held = {
        module
        for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
        if contract["type"] == "protected"
        for module in contract["protected_modules"]
    }
    assert modules <= held, "add a 'has one home' contract to pyproject.toml"
