"""Answers that were lost: what became of a request is read from the tenant, never guessed.

A POST takes no idempotency key, so it is sent again only when nothing of it can still arrive; until then the
tenant is listed again and again. Must not know how anything is sent or recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from pmsync.engine.tools import Tools
from pmsync.engine.waiting import Expected, Patience, wait_for_rows
from pmsync.errors import Unconfirmed
from pmsync.model.project import UploadBehaviour
from pmsync.model.state import IntentKind, Sent, State
from pmsync.planning.announced import moment, shows_until

QUIET: Final = 2.0
"""Seconds for which a found match must stay the only one: a second one would make it a guess."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_GROWTH: Final = 1.5


def found_again(
    matches: Callable[[], tuple[str, ...]], patience: Patience, *, what: str = "it"
) -> str | None:
    """The id of the one new thing that a create made whose answer was lost; None: it made nothing.

    `matches` lists what could be it; `what` it is, is for people. `patience.timeout` is how long a request
    can be under way: nothing is believed before that, and after it two listings must lack it, as one may be
    cut. Raises Unconfirmed if several could be it, or if the run is to stop before it is clear.
    """
    longest = patience.timeout + 2 * _FIRST_PAUSE
    told = f"the tenant to show whether {what} was made, as the answer was lost"
    with patience.waits(told, longest):
        return _found_again(matches, patience)


def _found_again(matches: Callable[[], tuple[str, ...]], patience: Patience) -> str | None:
    since = patience.monotonic()
    ends = since + patience.timeout
    pause, was_over = _FIRST_PAUSE, False
    seen: tuple[str, ...] = ()
    while True:
        is_over = patience.monotonic() >= ends
        again = matches()
        now = patience.monotonic()
        if again != seen:
            seen, since = again, now
        if len(seen) > 1:
            raise Unconfirmed(
                f"its answer was lost, and several things could be what it made: {', '.join(seen)}",
                hint="look at them in ProcessMind; the next plan names the ways to take one",
            )
        if seen and (is_over or now - since >= min(QUIET, patience.timeout)):
            return seen[0]
        if was_over:
            return None
        if patience.stopped():
            raise Unconfirmed("its answer was lost; the next run finds out what became of it")
        was_over = is_over
        patience.sleep(_FIRST_PAUSE if is_over else min(pause, max(ends - now, 0.0)))
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)


def let_settle(state: State | None, patience: Patience, now: datetime) -> None:
    """Wait until nothing that an earlier run announced can still arrive; without open intents, not at all."""
    seconds = _still_under_way(state, patience.timeout, now)
    if seconds <= 0:
        return
    ends = patience.monotonic() + seconds
    with patience.waits("requests of an earlier run to end, which was cut off", seconds):
        while (left := ends - patience.monotonic()) > 0 and not patience.stopped():
            patience.sleep(left)


def let_rows_show(state: State | None, uploads: UploadBehaviour, tools: Tools, *, at_most: float) -> None:
    """Wait for the rows of uploads whose answer was lost, as long as they may still show.

    That is until `uploads.ingestsWithin` is over, but not longer than `at_most` seconds; where the same name
    replaces, nobody needs to know. Raises TenantError where the tenant could not be read.
    """
    now, awaited, left = tools.now(), [], 0.0
    for intent in state.intents if state else ():
        until = shows_until(uploads, intent) if intent.kind is IntentKind.UPLOAD else None
        if until is None or intent.sent is Sent.BEGUN:
            continue
        left = max(left, (until - now) / timedelta(seconds=1))
        awaited.append(Expected(intent.address, intent.parent_id or "", intent.rows_before + intent.rows))
    if left <= 0:
        return

    def counts() -> dict[str, int]:
        return {id_: one.row_count for id_, one in tools.writer.datatables().items()}

    patience = tools.patience(min(left, at_most))
    wait_for_rows(tuple(awaited), counts, patience, tools.observer, sent_bytes=0)


def _still_under_way(state: State | None, timeout: float, now: datetime) -> float:
    """Seconds for which the youngest open intent's request may be under way.

    Never more than a whole timeout, whatever another machine's clock said.
    """
    left = [
        timeout - (now - began) / timedelta(seconds=1)
        for began in (moment(intent.at) for intent in (state.intents if state else ()))
        if began is not None
    ]
    return min(timeout, max(left, default=0.0))
