"""Every repository in tests/data/malformed, through the command: exit 7, each problem in its place, nothing sent."""

from pathlib import Path
from typing import Any

import pytest
from malformed import CASES, unpack


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda case: case.stem)
@pytest.mark.parametrize("words", [("validate",), ("apply", "--auto-approve")], ids=" ".join)
def test_it_is_exit_7_with_every_place_and_nothing_sent(
    case: Path, words: tuple[str, ...], tmp_path: Path, memory: Path, pmsync: Any
) -> None:
    expected = unpack(case, tmp_path)
    ended = pmsync(*words)
    assert ended.code == 7
    assert ended.out == ""
    assert "Traceback" not in ended.err
    for one in expected:
        location, code = one.split(" ")
        assert f"{location}: error[{code}]: " in ended.err
    assert list(memory.iterdir()) == [], "not even an embedded tenant was made"
