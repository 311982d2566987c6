"""What `doctor --probe` found out about a tenant where its API reference is silent.

`None` and `unknown` are answers too: the rows could not tell. Nothing here knows how it was found.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pmsync.model.project import OtherName, SameName


class HeaderOnly(StrEnum):
    """What a file without data rows does to the rows of an earlier one of its name."""

    EMPTIES = "empties"
    KEEPS = "keeps"
    UNKNOWN = "unknown"


class SameBytes(StrEnum):
    """How often rows count of which the same file, under the same name, was sent twice."""

    ONCE = "once"
    TWICE = "twice"
    UNKNOWN = "unknown"


class Findings(Struct, frozen=True, kw_only=True):
    """What this tenant does.

    `lag`: seconds from the end of an upload until its rows showed, the longest that was seen. `shows_tree`:
    whether listings show where a dataset is. `unique_datasets`, `unique_datatables`: whether a second one of
    a name is refused. None: not known.
    """

    same_name: SameName = SameName.UNKNOWN
    other_name: OtherName = OtherName.UNKNOWN
    header_only: HeaderOnly = HeaderOnly.UNKNOWN
    same_bytes: SameBytes = SameBytes.UNKNOWN
    lag: float | None = None
    shows_tree: bool | None = None
    unique_datasets: bool | None = None
    unique_datatables: bool | None = None


class Paste(Struct, frozen=True):
    """Lines for a file of the user's: `where` they belong, and the text as it is to stand there."""

    where: str
    text: str
