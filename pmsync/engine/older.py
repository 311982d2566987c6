"""An older run does not win: what a newer commit applied is not undone by a job that was started again.

Pure: the commit that is applied, what Git knows of its history, and the time are passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec import Struct

from pmsync.errors import StalePlan
from pmsync.model.commit import Commit
from pmsync.model.state import AppliedRun, State

_SHOWN: Final = 12


def _unknown(_earlier: str, _later: str) -> bool:
    return False


class Checkout(Struct, frozen=True, kw_only=True):
    """What a run is made from: its commit (None: no Git), and whether one commit is known to precede another.

    `may_be_older`: somebody says so, or sits at a terminal and sees what is to happen.
    """

    commit: Commit | None = None
    came_before: Callable[[str, str], bool] = _unknown
    may_be_older: bool = False

    def is_news_to(self, state: State) -> bool:
        """Whether the last apply that the state knows ran from another commit."""
        known = state.last_apply.commit if state.last_apply else None
        return self.commit is not None and self.commit.id != known


NO_CHECKOUT: Final = Checkout()


def must_not_be_older(state: State | None, checkout: Checkout) -> None:
    """Raises StalePlan where a newer commit was applied to this state already.

    Newer is what says so by its committer's time, unless this commit is known to descend from it. Where one
    of the two is not known the rule is off, and so it is for an environment that is thrown away.
    """
    last, here = state.last_apply if state else None, checkout.commit
    if last is None or last.commit is None or here is None or here.id == last.commit:
        return
    if checkout.may_be_older or (state is not None and state.ephemeral):
        return
    before = _moment(last.committed_at)
    if before is None or here.at >= before or checkout.came_before(last.commit, here.id):
        return
    what = f"{last.commit[:_SHOWN]} was applied after this one ({here.id[:_SHOWN]}), so nothing was sent"
    raise StalePlan(what, hint="run the newest commit, or --older if this one is to win")


def began(state: State, checkout: Checkout, now: datetime) -> AppliedRun:
    """What the state keeps of an apply that begins now. Without Git the last known commit stays the last."""
    at = now.isoformat(timespec="seconds")
    last, here = state.last_apply, checkout.commit
    if here is None:
        known = (last.commit, last.committed_at) if last else (None, None)
        return AppliedRun(at=at, commit=known[0], committed_at=known[1])
    committed_at = min(here.at, now).isoformat(timespec="seconds")
    return AppliedRun(at=at, commit=here.id, committed_at=committed_at)


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None
