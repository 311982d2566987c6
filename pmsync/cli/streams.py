"""The three standard streams, made fit: UTF-8 whatever the locale says, and nobody's leaving ends a run.

A reader who has gone away (`pmsync plan | head`) or a stream that was never open must change neither what
is done nor the exit code. A full disk is another matter where results go: whoever wanted them has none, and
is told so. On stderr there is nobody left to tell. This module must not know what is written.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from pmsync.disk.nowhere import lead_nowhere, nowhere
from pmsync.errors import PmsyncError


class Patient(io.TextIOWrapper):
    """A text stream that drops what can no longer be written."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, _error: OSError) -> None:
        """What is still to be written goes nowhere, also what Python flushes at its end."""
        with suppress(OSError):
            lead_nowhere(self.fileno())


class Results(Patient):
    """The stream of results: PmsyncError, once, where the system takes no more of them."""

    def _give_up(self, error: OSError) -> None:
        super()._give_up(error)
        if isinstance(error, BrokenPipeError):
            return
        reason = (error.strerror or "unknown error").lower()
        hint = "the result is not complete; what was sent and recorded stays so"
        raise PmsyncError(f"it cannot be written: {reason}", where="standard output", hint=hint) from None


def ensure_utf_8() -> None:
    """Start anew in UTF-8 mode where file names are not UTF-8 for Python: in manifests they are.

    Only a locale of the last century does that, or a PYTHONUTF8=0 beside one that says nothing.
    """
    if sys.getfilesystemencoding() == "utf-8" or sys.flags.utf8_mode or not sys.executable:
        return
    with suppress(OSError):  # then what can be named is named
        os.execve(sys.executable, sys.orig_argv, {**os.environ, "PYTHONUTF8": "1"})  # noqa: S606 - itself


def prepare_streams() -> None:
    """Make sys.stdin, sys.stdout and sys.stderr fit, once, before anything is written."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stdin = sys.stdin or nowhere("r")
    sys.stdout = _patient(sys.stdout, Results)
    sys.stderr = _patient(sys.stderr, Patient)


def _patient(stream: TextIO | None, kind: type[Patient]) -> TextIO:
    """The stream as a patient one. One that somebody put in place of the real one is left as it is."""
    whole = stream or nowhere("w")
    if not isinstance(whole, io.TextIOWrapper):
        return whole
    lines = whole.line_buffering
    # The terminal's width is asked of sys.__stdout__, which must stay usable.
    buffer = whole.buffer if whole in (sys.__stdout__, sys.__stderr__) else whole.detach()
    with suppress(OSError, ValueError):
        os.set_blocking(whole.fileno(), True)  # else a slow reader looks like a full disk
    return kind(buffer, encoding="utf-8", errors="backslashreplace", line_buffering=lines)
