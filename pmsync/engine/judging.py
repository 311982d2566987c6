"""What a probe's observations mean. Pure: numbers in, findings out; what they cannot tell stays unknown."""

from __future__ import annotations

import http
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from pmsync.errors import PmsyncError, Rejected
from pmsync.model.findings import Findings, HeaderOnly, SameBytes
from pmsync.model.project import OtherName, SameName

FIRST: Final = 3
"""Rows of the first file of every scratch datatable."""
SECOND: Final = 5
"""Rows of a second file that brings other rows: alone, after and beside the first it makes three numbers."""
DECISIVE: Final = frozenset({SECOND, FIRST + SECOND})
"""Row counts that say what a second file did; any other may be one that is still loading."""

SAME: Final = "same"
OTHER: Final = "other"
EMPTY: Final = "empty"
TWICE: Final = "twice"
TABLES: Final = (SAME, OTHER, EMPTY, TWICE)
"""The experiments, one scratch datatable each."""

_TAKEN: Final = frozenset(
    {http.HTTPStatus.BAD_REQUEST, http.HTTPStatus.CONFLICT, http.HTTPStatus.UNPROCESSABLE_ENTITY}
)


class Observations(Struct, frozen=True, kw_only=True):
    """What was seen.

    `before` and `after`: each experiment's row count once its first file had time to show, and once its
    second had; an experiment that is missing was not made. `lag` as in Findings. `second_dataset`,
    `second_datatable`: the id, or the error, that a create of a name already there ended in.
    """

    before: Mapping[str, int] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)
    lag: float | None = None
    shows_tree: bool | None = None
    second_dataset: str | PmsyncError | None = None
    second_datatable: str | PmsyncError | None = None


def judged(seen: Observations) -> Findings:
    """The findings. An experiment counts only if its first file was seen whole."""
    after = {one: rows for one, rows in seen.after.items() if seen.before.get(one) == FIRST}
    # That nothing moved means something only where second files are known to have been loaded by then.
    loads = any(after.get(one) not in {None, FIRST} for one in TABLES)
    return Findings(
        same_name=_SAME_NAME.get(after.get(SAME), SameName.UNKNOWN),
        other_name=_OTHER_NAME.get(after.get(OTHER), OtherName.UNKNOWN),
        header_only=_header_only(after.get(EMPTY), loads=loads),
        same_bytes=_same_bytes(after.get(TWICE), loads=loads),
        lag=seen.lag,
        shows_tree=seen.shows_tree,
        unique_datasets=_refused(seen.second_dataset),
        unique_datatables=_refused(seen.second_datatable),
    )


_SAME_NAME: Final[Mapping[int | None, SameName]] = {
    SECOND: SameName.REPLACES,
    FIRST + SECOND: SameName.APPENDS,
}
_OTHER_NAME: Final[Mapping[int | None, OtherName]] = {
    SECOND: OtherName.REPLACES,
    FIRST + SECOND: OtherName.ADDS,
}


def _header_only(rows: int | None, *, loads: bool) -> HeaderOnly:
    if rows == 0:
        return HeaderOnly.EMPTIES
    return HeaderOnly.KEEPS if rows == FIRST and loads else HeaderOnly.UNKNOWN


def _same_bytes(rows: int | None, *, loads: bool) -> SameBytes:
    if rows == 2 * FIRST:
        return SameBytes.TWICE
    return SameBytes.ONCE if rows == FIRST and loads else SameBytes.UNKNOWN


def _refused(second: str | PmsyncError | None) -> bool | None:
    """Whether a name must be unique: only a clear no to a request that was fine before says so."""
    if isinstance(second, str):
        return False
    return True if isinstance(second, Rejected) and second.status in _TAKEN else None
