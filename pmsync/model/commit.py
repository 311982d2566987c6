"""The commit that a project is applied from: what tells an older run from a newer one."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Commit(Struct, frozen=True):
    """A commit by its full id, and its committer's time, with a time zone."""

    id: str
    at: datetime
