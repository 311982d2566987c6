"""Every repository in tests/data/malformed is refused with exactly what its first line says."""

from __future__ import annotations

from pathlib import Path

import pytest
from malformed import CASES, FINE, unpack

from pmsync.diagnostics import CODES
from pmsync.errors import InputError
from pmsync.loading.repository import Wish, load


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
