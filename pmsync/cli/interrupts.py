"""Signals that end a command: SIGINT, SIGTERM and SIGHUP, as an exception and as an exit code.

Must stay light: `pmsync --version` imports it. What a run under way does about them: `signals`.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Final

from pmsync.exit_codes import ExitCode

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def exit_code_of(number: int) -> int:
    """130 for SIGINT, 143 for whatever else asks a run to end: there is one code for "run it again"."""
    return ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED


class Interrupted(BaseException):
    """A signal came while nothing was being changed. `exit_code` is 130 or 143.

    No KeyboardInterrupt: click would turn that into an Abort, which knows no signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = exit_code_of(number)


def interruptible() -> None:
    """From now on SIGTERM and SIGHUP end a command as Ctrl-C does: what it made for itself is taken away."""

    def heard(number: int, _frame: FrameType | None) -> None:
        raise Interrupted(number)

    for number in heeded():
        if number != signal.SIGINT:
            signal.signal(number, heard)


def heeded() -> list[signal.Signals]:
    """All but a SIGHUP that somebody had ignored before the start: `nohup` means it."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [number for number in _SIGNALS if number != signal.SIGHUP or not ignored]
