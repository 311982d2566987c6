"""What the engine does, while it does it: plain lines or JSON lines, for logs and pipes.

One line for each finished change and, if nothing was said for half a minute, a sign of life, because CI
kills jobs that are silent. Bars are in progress_bars, so that a log never pays for them. Events come from
several threads; every line is written whole. This module must not know streams: `write` is given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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


def waiting_words(event: StillWaiting) -> str:
    """What is waited for, for how long so far, and for how long at most."""
    more = f" ({event.others:,} more waits like it)" if event.others else ""
    return (
        f"waiting for {terminal(event.what)}: {seconds(event.seconds)} so far, "
        f"at most {seconds(event.left)} more{more}"
    )


def left_out_words(event: NotAddressable) -> str:
    """Which things of the tenant are left out, and why."""
    first = event.first
    more = f", and {event.count - 1:,} more like it" if event.count > 1 else ""
    return (
        f"warning: the {first.kind} '{terminal(first.display_name[:100])}' is left out{more}: {first.fault}"
    )


def stopping_words(event: Stopping, under_way: Sequence[AnyChange]) -> str:
    """That the run ends, what is finished first, and how to end it at once."""
    named = ", ".join(f"{action_of(one)} {terminal(one.address)}" for one in under_way[:_UNDER_WAY_SHOWN])
    more = len(under_way) - _UNDER_WAY_SHOWN
    what = f"{named}{f' and {more:,} more' if more > 0 else ''}" or "what is under way"
    return (
        f"stopping: nothing new is started; {what} gets up to {event.seconds:.0f} s "
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
        match event:
            case NotAddressable():
                write(f"{line(left_out_words(event))}\n")
            case Stopping():
                write(f"{line(stopping_words(event, ()))}\n")
            case CutOff():
                write(f"{CUT_OFF_WORDS}\n")
            case _:
                pass

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
            match event:
                case Reading(what):
                    self._say(f"reading {terminal(what)}")
                case NotAddressable():
                    self._say(left_out_words(event))
                case StillWaiting():
                    self._say(waiting_words(event))
                case ChangeEnded(result):
                    if self._tally.tells(result, with_report=self._with_report):
                        self._say(result_line(result))
                    else:
                        self._sign_of_life()
                case RunBegan() | ChangeBegan() | BytesSent():
                    self._sign_of_life()
                case WaitingForRows():
                    pass  # StillWaiting tells of it
                case Stopping():
                    self._say(stopping_words(event, tuple(self._tally.begun.values())))
                case CutOff():
                    self._say(CUT_OFF_WORDS)
                case _:
                    assert_never(event)

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
