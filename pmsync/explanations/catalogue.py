"""All explanations, by code, in the order of the registry."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from pmsync.diagnostics import CODES
from pmsync.explanations import manifests, plans, project, sources, tables, yaml_syntax
from pmsync.explanations.explanation import Explanation

_ROOMS: Final = (yaml_syntax, manifests, project, sources, tables, plans)
_ALL: Final = {code: said for room in _ROOMS for code, said in room.EXPLANATIONS.items()}

EXPLANATIONS: Final[dict[str, Explanation]] = {code: _ALL[code] for code in CODES if code in _ALL}


def nearest(text: str) -> list[str]:
    """The codes that were probably meant."""
    begun = f"PM{''.join(filter(str.isdecimal, text))}"
    if begun == "PM":
        return []
    return [code for code in CODES if code.startswith(begun)][:3] or get_close_matches(begun, CODES, n=3)
