"""SIGINT, SIGTERM and SIGHUP: a run under way ends in order, within seconds; anything else ends at once.

The first signal asks the run to stop: nothing new is started, what is in flight may finish. Where that takes
too long, or at a second signal, the process ends: what was in flight is announced in the journal, the kernel
takes its lock away, and the next run finds out what became of it. Must not know what a run does.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from pmsync.cli.interrupts import Interrupted, exit_code_of, heeded
from pmsync.model.events import CutOff, Event, Observer, Stopping

GRACE: Final = 5.0
"""Seconds that requests in flight get. CI systems kill about seven seconds after they asked."""

_AT_ONCE: Final = 0.3
"""Seconds in which a message must have been written."""


class Stop:
    """Whether, and by which signal, a run was asked to end. Its methods may be called from any thread.

    A pipe wakes whoever sleeps: a signal handler may interrupt the very thread that holds a lock, so it must
    take none. `observer`, where there is one, is told that the run ends.
    """

    def __init__(self) -> None:
        self._wakes, self._wake = os.pipe()
        self._number = 0
        self.running = False
        self.over = False
        self.observer: Observer | None = None

    def ask(self, number: int) -> None:
        self._number = self._number or number
        os.write(self._wake, b"!")

    def asked(self) -> bool:
        return self._number != 0

    def sleep(self, seconds: float) -> None:
        """Sleep so long, or until a signal comes."""
        select.select([self._wakes], [], [], max(0.0, seconds))

    def end_when_too_late(self) -> None:
        """End the process if it is still there a while after a signal came; for a thread of its own.

        It has the pipe in its hands until everything is over, and takes it away then.
        """
        select.select([self._wakes], [], [])
        if not self.over:
            self._say(Stopping(GRACE), "stopping: nothing new is started, what is under way may finish\n")
            time.sleep(GRACE)
        if not self.over:
            self.end(self._number)
        self.forget()

    def end(self, number: int) -> None:
        """End here: what is in flight is announced in the journal."""
        self._say(CutOff(), "interrupted while requests were in flight\n")
        os._exit(exit_code_of(number))

    def _say(self, event: Event, words: str) -> None:
        """Tell the observer; straight to stderr where it has none, or does not come to it.

        It may wait for a lock of whom the signal interrupted.
        """
        said = threading.Event()

        def say(observer: Observer) -> None:
            observer(event)
            said.set()

        if self.observer is not None:
            threading.Thread(target=say, args=(self.observer,), daemon=True).start()
            said.wait(_AT_ONCE)
        if not said.is_set():
            _tell(words)

    def forget(self) -> None:
        os.close(self._wakes)
        os.close(self._wake)

    def close(self) -> None:
        """No signal is heard any more."""
        self.over = True
        os.write(self._wake, b"!")

    @property
    def exit_code(self) -> int:
        """130 or 143; 0 where no signal came."""
        return exit_code_of(self._number) if self._number else 0


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Signals are heard inside: once `running` is set they ask the run to end, before that they end it.

    Elsewhere than in the main thread, signals are left alone.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        try:
            yield stop
        finally:
            stop.forget()
        return

    def heard(number: int, _frame: FrameType | None) -> None:
        if not stop.running:
            raise Interrupted(number)
        if stop.asked():
            stop.end(number)
        stop.ask(number)

    threading.Thread(target=stop.end_when_too_late, name="too-late", daemon=True).start()
    before = {number: signal.signal(number, heard) for number in heeded()}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()


def _tell(words: str) -> None:
    """Straight to stderr: a lock of the stream may be held by whom the signal interrupted."""
    try:
        os.write(sys.stderr.fileno(), words.encode())
    except (OSError, ValueError):
        return
