"""The three standard streams, made fit: UTF-8 whatever the locale says, and nobody's leaving ends a run.

A reader who has gone away (`pmsync plan | head`) or a stream that was never open must change neither what
is done nor the exit code. This module must not know what is written.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO, cast


class Patient(io.TextIOWrapper):
    """A text stream that drops what can no longer be written."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            self._lead_nowhere()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self._lead_nowhere()

    def _lead_nowhere(self) -> None:
        """What is still to be written goes nowhere, also what Python flushes at its end."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def prepare_streams() -> None:
    """Make sys.stdin, sys.stdout and sys.stderr fit, once, before anything is written."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = _patient(sys.stdout)
    sys.stderr = _patient(sys.stderr)


def _patient(stream: TextIO | None) -> TextIO:
    """The stream as a patient one. One that somebody put in place of the real one is left as it is."""
    whole = stream or _nowhere("w")
    if not isinstance(whole, io.TextIOWrapper):
        return whole
    lines = whole.line_buffering
    # The terminal's width is asked of sys.__stdout__, which must stay usable.
    buffer = whole.buffer if whole in (sys.__stdout__, sys.__stderr__) else whole.detach()
    return Patient(buffer, encoding="utf-8", errors="backslashreplace", line_buffering=lines)


def _nowhere(mode: str) -> TextIO:
    """What a stream that was closed before the start becomes, for as long as the process lives."""
    return cast("TextIO", open(os.devnull, mode, encoding="utf-8"))
