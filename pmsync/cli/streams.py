"""The three standard streams, made fit: UTF-8 whatever the locale says, and nobody's leaving ends a run.

A reader who has gone away (`pmsync plan | head`) or a stream that was never open must change neither what
is done nor the exit code. This module must not know what is written.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


class Patient(io.TextIOBase):
    """A text stream that drops what can no longer be written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has a plain attribute here
        return self._stream.encoding

    def write(self, text: str, /) -> int:
        try:
            return self._stream.write(text)
        except (BrokenPipeError, ValueError):
            _lead_nowhere(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            _lead_nowhere(self._stream)

    def isatty(self) -> bool:
        try:
            return self._stream.isatty()
        except ValueError:  # closed
            return False

    def fileno(self) -> int:
        return self._stream.fileno()

    def writable(self) -> bool:
        return True


def prepare_streams() -> None:
    """Make sys.stdin, sys.stdout and sys.stderr fit, once, before anything is written."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = _patient(sys.stdout or _nowhere("w"))
    sys.stderr = _patient(sys.stderr or _nowhere("w"))


def _nowhere(mode: str) -> TextIO:
    """What a stream that was closed before the start becomes."""
    return open(os.devnull, mode, encoding="utf-8")  # type: ignore[return-value]


def _patient(stream: TextIO) -> TextIO:
    return Patient(stream)  # type: ignore[return-value]  # a TextIO in all that anybody uses


def _lead_nowhere(stream: TextIO) -> None:
    """What is still to be written goes nowhere, also what Python flushes at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
