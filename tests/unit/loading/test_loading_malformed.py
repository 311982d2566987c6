"""Every repository in tests/data/malformed is refused with exactly what its first line says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pmsync.diagnostics import CODES
from pmsync.errors import InputError
from pmsync.loading.repository import Wish, load

CASES = Path(__file__).parents[2] / "data" / "malformed"
FINE = dict(
    re.findall(r"```yaml\n# (.+)\n((?:[^`].*\n)+)", (CASES / "README.md").read_text(encoding="utf-8"))
)


def unpack(case: Path, root: Path) -> list[str]:
    """Write the repository of the case into the folder; what must be said of it."""
    head, _, body = case.read_bytes().partition(b"\n")
    if not body.startswith(b"=== "):
        body = b"=== manifests/m.yaml\n" + body
    files = {name: text.encode() for name, text in FINE.items()}
    parts = iter(re.split(rb"(?m)^=== (.+)\n", body)[1:])
    files |= {name.decode(): data for name, data in zip(parts, parts, strict=True)}
    for name, data in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)
    return head.decode().removeprefix("# ").split("; ")


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda case: case.stem)
def test_says_what_is_wrong_and_where(case: Path, tmp_path: Path) -> None:
    expected = unpack(case, tmp_path)
    with pytest.raises(InputError) as caught:
        load(str(tmp_path / "pmsync.yaml"), Wish())
    assert [f"{one.location} {one.code}" for one in caught.value.diagnostics] == expected
    for one in caught.value.diagnostics:
        assert one.code in CODES
        assert str(one).isprintable()


def test_what_a_case_leaves_out_is_fine(tmp_path: Path) -> None:
    assert set(FINE) == {"pmsync.yaml", "manifests/m.yaml"}
    (tmp_path / "manifests").mkdir()
    for name, text in FINE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(load(str(tmp_path / "pmsync.yaml"), Wish()).manifest.datasets) == ["fine"]


def test_there_are_enough_cases() -> None:
    assert len(list(CASES.glob("*.txt"))) >= 60


def test_a_url_is_never_repeated_because_it_may_hold_a_secret(tmp_path: Path) -> None:
    unpack(CASES / "api-url-with-a-user.txt", tmp_path)
    with pytest.raises(InputError) as caught:
        load(str(tmp_path / "pmsync.yaml"), Wish())
    assert "secret" not in "".join(map(str, caught.value.diagnostics))
