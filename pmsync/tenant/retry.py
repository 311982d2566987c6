"""The one retry layer: what may be sent again, how long to wait, and when to stop.

The libraries below are told never to retry. Only a request that cannot have arrived, or that means the
same when it arrives twice, is repeated; what may have arrived ends in AnswerLost, so that whoever asked
looks at the tenant instead of asking again. This module must not know what a request looks like.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from enum import Enum, StrEnum
from typing import Final, TypeVar

from msgspec import Struct, field

from pmsync.errors import AnswerLost, PmsyncError
from pmsync.model.waits import UNWATCHED, Wait, Waits, unwatched

T = TypeVar("T")


class Method(StrEnum):
    """What a request does: look, remove, store under one key, or make something new."""

    GET = "GET"
    DELETE = "DELETE"
    PUT = "PUT"
    POST = "POST"


class Mishap(Enum):
    """How one attempt went wrong, as far as repeating it is concerned.

    NOT_SENT: name, connection or TLS handshake; cannot have arrived. UNTRUSTED: the certificate does not
    verify. LOST: sent, perhaps in part, and no whole answer came. BUSY: an answer that says later, nothing
    done (429). BROKEN: the server failed (5xx); it may have done it before. GARBLED: an answer that cannot be
    understood. REFUSED: a clear no.
    """

    NOT_SENT = "not sent"
    UNTRUSTED = "untrusted"
    LOST = "lost"
    BUSY = "busy"
    BROKEN = "broken"
    GARBLED = "garbled"
    REFUSED = "refused"


_HARMLESS: Final = frozenset({Mishap.NOT_SENT, Mishap.BUSY})
_REPEATABLE: Final = _HARMLESS | {Mishap.LOST, Mishap.BROKEN}
REPEATED: Final[Mapping[Method, frozenset[Mishap]]] = {
    Method.GET: _REPEATABLE,
    Method.DELETE: _REPEATABLE,  # gone is gone, however often it is asked for
    Method.PUT: _REPEATABLE,  # one URL is one key: storing the same bytes twice is storing them once
    Method.POST: _HARMLESS,  # no idempotency key: a second one may be a second dataset
}
IN_DOUBT: Final = frozenset({Mishap.LOST, Mishap.BROKEN, Mishap.GARBLED})
"""After these the request may have been carried out."""


class Timing(Struct, frozen=True):
    """The clock of a run: seconds; `random` gives 0 ≤ x < 1. Tests pass their own.

    `stopped` says that the run is to end: then nothing is sent again, and `sleep` may return early.
    """

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random
    stopped: Callable[[], bool] = lambda: False


class Failure(Struct, frozen=True):
    """An attempt that did not work: what to raise if it is not repeated, and how it went wrong.

    `wait` is how many seconds the server asked for. `status` is the HTTP status where the API itself
    answered.
    """

    error: PmsyncError
    mishap: Mishap
    status: int | None = None
    wait: float | None = None


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often and how patiently, in seconds.

    `longest_attempt` is how long one attempt may take, `deadline` is for all attempts of one call together.
    """

    attempts: int = 5
    longest_backoff: float = 20.0
    longest_wait: float = 60.0
    longest_attempt: float = 120.0
    deadline: float = 300.0


class RetryQuota:
    """How many retries a whole run may spend, over all threads: a tenant that is down is not hammered.

    The figures are those of the AWS SDKs' standard mode: 500 tokens, 5 a retry, 10 after a lost answer;
    a success gives back what its last retry cost, or 1.
    """

    def __init__(self, capacity: int = 500) -> None:
        self._capacity = capacity
        self._left = capacity
        self._lock = threading.Lock()

    def take(self, cost: int) -> bool:
        """Spend tokens for a retry; False (and nothing spent) if there are not enough."""
        with self._lock:
            if cost > self._left:
                return False
            self._left -= cost
            return True

    def give_back(self, tokens: int) -> None:
        with self._lock:
            self._left = min(self._capacity, self._left + tokens)


def backoff(policy: RetryPolicy, retry: int, chance: float) -> float:
    """Seconds before retry 0, 1, 2, …: full jitter below min(2^retry, the longest)."""
    return chance * min(2.0**retry, policy.longest_backoff)


def asked_wait(retry_after: str | None, date: str | None) -> float | None:
    """Seconds that a `Retry-After` header asks for; None if it is absent, negative or makes no sense.

    A date is taken against the answer's own `Date`, so that a skewed clock here does not matter.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    until, now = _moment(text), _moment(date or "")
    return None if until is None or now is None else max(0.0, until - now)


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


class Retrier(Struct, frozen=True):
    """Policy, quota and clock of a run; `run` is the loop every request goes through.

    `waits` is told what may take long; who opens a wait there gives it to `run`.
    """

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    quota: RetryQuota = field(default_factory=RetryQuota)
    timing: Timing = field(default_factory=Timing)
    waits: Waits = unwatched

    def run(
        self,
        method: Method,
        attempt: Callable[[bool], T | Failure],
        *,
        where: str = "",
        longest: float | None = None,
        wait: Wait = UNWATCHED,
    ) -> T:
        """Call `attempt` until it works or may not be repeated, and give what it gave.

        The argument of `attempt` says whether an earlier one may have been carried out. `where` is what
        `wait` says is asked. `longest` is how many seconds one attempt may take where that is not the
        policy's; all together may take twice as long then. Raises the last failure's error, or AnswerLost
        where any attempt of something other than a GET may have been carried out.
        """
        ends = self.timing.monotonic() + (self.policy.deadline if longest is None else 2 * longest)
        doubt, cost, tries, told = False, 1, 0, ""
        while True:
            wait.is_for(f"an answer to {where}{told}", longest or self.policy.longest_attempt)
            result = attempt(doubt)
            tries += 1
            if not isinstance(result, Failure):
                self.quota.give_back(cost)
                return result
            doubt = doubt or (method is not Method.GET and result.mishap in IN_DOUBT)
            pause = self._pause(result, tries - 1)
            cost = 10 if result.mishap is Mishap.LOST else 5
            again = result.mishap in REPEATED[method] and tries < self.policy.attempts
            if not again or self.timing.monotonic() + pause > ends or not self.quota.take(cost):
                raise _final(result.error, tries, method if doubt else None)
            told = f", attempt {tries + 1} of {self.policy.attempts} ({result.error.what})"
            wait.is_for(f"{where}{told}", pause)
            self.timing.sleep(pause)
            if self.timing.stopped():
                raise _final(result.error, tries, method if doubt else None)

    def _pause(self, failure: Failure, retry: int) -> float:
        if failure.wait is not None:
            return min(failure.wait, self.policy.longest_wait)
        return backoff(self.policy, retry, self.timing.random())


def _final(error: PmsyncError, tries: int, doubted: Method | None) -> PmsyncError:
    """The error to raise, with the number of attempts; `doubted` if one of them may have been carried out."""
    what = error.what if tries == 1 else f"{error.what} (attempt {tries}, the last)"
    if doubted is not None and not isinstance(error, AnswerLost):
        hint = "what the tenant shows now decides; plan again"
        return AnswerLost(f"{what}; the {doubted} may have been carried out", where=error.where, hint=hint)
    error.what = what
    return error
