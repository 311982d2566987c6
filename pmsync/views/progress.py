"""What the engine does, while it does it: plain lines or JSON lines, for logs and pipes.

One line for each finished change and, if nothing was said for half a minute, a sign of life, because CI
kills jobs that are silent. Bars are in progress_bars, so that a log never pays for them. Events come from
several threads; every line is written whole. This module must not know streams: `write` is given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from itertools import islice
from threading import Lock
from typing import Any, Final, assert_never

from pmsync.model.address import Address
from pmsync.model.events import (
    BytesSent,
    ChangeBegan,
    ChangeEnded,
    CutOff,
    Event,
    NotAddressable,
    Observer,
    Reading,
    RunBegan,
    StillWaiting,
    Stopping,
    WaitingForRows,
)
from pmsync.model.plan import AnyChange, action_of
from pmsync.model.report import Fate, Result
from pmsync.views.escape import line, terminal
from pmsync.views.plan_counts import MOST_LISTED
from pmsync.views.quantities import count, seconds, size
from pmsync.views.report_text import result_line

HEARTBEAT: Final = 30.0
"""Seconds of silence after which a sign of life is due."""

_UNDER_WAY_SHOWN: Final = 3

Write = Callable[[str], None]


def said_of(event: Event, under_way: Collection[AnyChange] = ()) -> str | None:
    """What is said of an event in words; None where it is only counted, or told with a result.

    Of what is `under_way` a few are named when the run ends.
    """
    match event:
        case Reading(what):
            return f"reading {terminal(what)}"
        case NotAddressable(amount, first):
            more = f", and {amount - 1:,} more like it" if amount > 1 else ""
            name = terminal(first.display_name[:100])
            return f"warning: the {first.kind} '{name}' is left out{more}: {first.fault}"
        case StillWaiting(what, so_far, left, others):
            more = f" ({others:,} more waits like it)" if others else ""
            return (
                f"waiting for {terminal(what)}: {seconds(so_far)} so far, at most {seconds(left)} more{more}"
            )
        case Stopping(left):
            return _stopping(left, under_way)
        case CutOff():
            return CUT_OFF_WORDS
        case RunBegan() | ChangeBegan() | BytesSent() | WaitingForRows() | ChangeEnded():
            return None
        case _:
            assert_never(event)


def _stopping(left: float, under_way: Collection[AnyChange]) -> str:
    """That the run ends, what is finished first, and how to end it at once."""
    first = islice(under_way, _UNDER_WAY_SHOWN)
    named = ", ".join(f"{action_of(change)} {terminal(change.address)}" for change in first)
    more = len(under_way) - _UNDER_WAY_SHOWN
    what = f"{named}{f' and {more:,} more' if more > 0 else ''}" or "what is under way"
    return (
        f"stopping: nothing new is started; {what} gets up to {left:.0f} s "
        "to end (a second signal stops at once)"
    )


CUT_OFF_WORDS: Final = "interrupted: the next run finds out what became of what was under way"


class Tally:
    """How far a run is: the sums behind every sign of life and every bar. Not locked: its owner is."""

    __slots__ = ("begun", "changes", "done", "sent", "upload_bytes")

    def __init__(self) -> None:
        self.begun: dict[Address, AnyChange] = {}
        self.changes = 0
        self.upload_bytes = 0
        self.done = 0
        self.sent = 0

    def take(self, event: Event) -> None:
        match event:
            case RunBegan(changes, upload_bytes):
                self.changes, self.upload_bytes = changes, upload_bytes
                self.done = self.sent = 0
            case BytesSent(_, amount):
                self.sent = max(0, self.sent + amount)
            case ChangeBegan(change):
                self.begun[change.address] = change
            case ChangeEnded(result):
                self.done += 1
                self.begun.pop(result.change.address, None)
            case Reading() | NotAddressable() | StillWaiting() | WaitingForRows() | Stopping() | CutOff():
                pass
            case _:
                assert_never(event)

    def tells(self, result: Result, *, with_report: bool) -> bool:
        """Whether a result has a line: not where the report has it, nor where very many are only counted."""
        if result.fate is Fate.DONE:
            return self.changes <= MOST_LISTED
        return not with_report

    def figures(self) -> str:
        """The same in few cells: `12/40 · 1.2 MiB of 30.0 MiB`."""
        head = f"{self.done:,}/{self.changes:,}"
        return f"{head} · {size(self.sent)} of {size(self.upload_bytes)}" if self.upload_bytes else head

    def words(self) -> str:
        """So far, such as `12 of 40 changes, 1.2 MiB of 30.0 MiB sent`."""
        head = f"{self.done:,} of {count(self.changes, 'change')}"
        return f"{head}, {size(self.sent)} of {size(self.upload_bytes)} sent" if self.upload_bytes else head


def warnings_alone(write: Write) -> Observer:
    """An observer that writes what must be said whatever was asked to be quiet."""

    def observe(event: Event) -> None:
        if isinstance(event, NotAddressable | Stopping | CutOff):
            write(f"{line(said_of(event) or '')}\n")

    return observe


class PlainProgress:
    """An observer that writes plain lines. `clock` counts seconds and never goes back.

    `with_report`: what did not work is left to the report, which goes to the same place.
    """

    def __init__(self, write: Write, *, clock: Callable[[], float], with_report: bool = False) -> None:
        self._write = write
        self._with_report = with_report
        self._clock = clock
        self._tally = Tally()
        self._lock = Lock()
        self._said_at = clock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._tally.take(event)
            said = said_of(event, self._tally.begun.values())
            if isinstance(event, ChangeEnded) and self._tally.tells(
                event.result, with_report=self._with_report
            ):
                said = result_line(event.result)
            if said is not None:
                self._say(said)
            elif not isinstance(event, WaitingForRows):  # StillWaiting tells of it
                self._sign_of_life()

    def _sign_of_life(self) -> None:
        if self._clock() - self._said_at >= HEARTBEAT:
            self._say(f"working: {self._tally.words()}")

    def _say(self, words: str) -> None:
        self._said_at = self._clock()
        self._write(f"{line(words)}\n")


class JsonProgress:
    """An observer that writes one JSON object a line: every event but single bytes, which are summed up."""

    def __init__(self, write: Write, *, clock: Callable[[], float]) -> None:
        self._write = write
        self._clock = clock
        self._tally = Tally()
        self._lock = Lock()
        self._said_at = clock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._tally.take(event)
            quiet = isinstance(event, BytesSent) and self._clock() - self._said_at < HEARTBEAT
            if quiet:
                return
            self._said_at = self._clock()
            self._write(json.dumps(self._fields(event)) + "\n")

    def _fields(self, event: Event) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind of event
        match event:
            case Reading(what):
                return {"event": "reading", "what": what}
            case NotAddressable(amount, first):
                name = first.display_name[:100]
                return {"event": "left-out", "count": amount, "kind": first.kind, "displayName": name}
            case StillWaiting(what, so_far, left, others):
                at_most = {"seconds": round(so_far, 1), "secondsLeft": round(left, 1), "others": others}
                return {"event": "waiting", "for": what, **at_most}
            case RunBegan(changes, upload_bytes):
                return {"event": "run-began", "changes": changes, "uploadBytes": upload_bytes}
            case ChangeBegan(change):
                return {"event": "change-began", "action": action_of(change), "address": change.address}
            case BytesSent():
                tally = self._tally
                return {"event": "progress", "sent": tally.sent, "done": tally.done, "of": tally.changes}
            case WaitingForRows(address, seen, expected):
                return {"event": "waiting-for-rows", "address": address, "seen": seen, "expected": expected}
            case Stopping(left):
                return {"event": "stopping", "seconds": left}
            case CutOff():
                return {"event": "cut-off"}
            case ChangeEnded(result):
                return {
                    "event": "change-ended",
                    "action": action_of(result.change),
                    "address": result.change.address,
                    "fate": result.fate,
                    "liveId": result.live_id,
                    "problem": result.problem,
                }
            case _:
                assert_never(event)
