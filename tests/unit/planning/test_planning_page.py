"""The page on what a plan says, docs/planning.md: a program can look up every code that a plan may hold."""

from pathlib import Path

import pytest

from pmsync.model.consent import Consent
from pmsync.model.reason import BlockCode, ReasonCode

PAGE = (Path(__file__).parents[3] / "docs" / "planning.md").read_text("utf-8")


@pytest.mark.parametrize(
    "code", [*ReasonCode, *BlockCode, *Consent], ids=lambda code: f"{type(code).__name__}-{code}"
)
def test_every_code_is_on_the_page(code):
    assert f"`{code}`" in PAGE
