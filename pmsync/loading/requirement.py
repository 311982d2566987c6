"""Which versions of pmsync a project asks for: the specifiers of Python packages (`>=0.2`, `>=0.2,<1`).

The home of packaging, which is imported only where a project asks for something. It must not know where the
text stands, nor which version runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeGuard

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

PATTERN: Final = (
    r"(?:~=|==|!=|<=|>=|<|>) ?[0-9][0-9A-Za-z.*+!-]{0,39}"
    r"(?: ?, ?(?:~=|==|!=|<=|>=|<|>) ?[0-9][0-9A-Za-z.*+!-]{0,39}){0,9}"
)
"""As far as an editor can check it: not every text that it matches is one."""


_SHAPE: Final = re.compile(PATTERN)


def is_requirement(value: object) -> TypeGuard[str]:
    """Whether a value of a file is a requirement."""
    return isinstance(value, str) and bool(_SHAPE.fullmatch(value)) and _specifiers(value) is not None


def meets(version: str, requirement: str) -> bool:
    """Whether a version is one that is asked for; what comes before a release counts as it."""
    asked = _specifiers(requirement)
    return asked is not None and asked.contains(version, prereleases=True)


def _specifiers(text: str) -> SpecifierSet | None:
    """None: it is none that packaging knows."""
    from packaging import specifiers  # noqa: PLC0415 - costs 10 ms

    try:
        return specifiers.SpecifierSet(text)
    except specifiers.InvalidSpecifier:
        return None
