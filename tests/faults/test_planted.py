"""The planted bugs of `python -m verify.planted`: their texts are still there, and a sample of them is caught."""

from pathlib import Path

import pytest

from verify.bugs import BUGS
from verify.planted import planted

ROOT = Path(__file__).parents[2]
SAMPLE = ("count spent approvals", "retry a POST whose answer was lost")


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_still_has_its_place_and_its_tests(bug):
    assert (ROOT / bug.file).read_text(encoding="utf-8").count(bug.old) == 1
    assert bug.old != bug.new
    for test in bug.tests:
        assert (ROOT / test.partition("::")[0]).is_file()


def test_the_page_on_reliability_names_every_planted_bug():
    page = " ".join((ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").split())
    assert [bug.name for bug in BUGS if f"- {bug.name}" not in page] == []


@pytest.mark.parametrize("name", SAMPLE)
def test_a_planted_bug_is_caught(name, tmp_path):
    (bug,) = [one for one in BUGS if one.name == name]
    assert planted(bug, tmp_path) == ""
