"""Nowhere: what is written there is lost, and nothing can be read. For streams that are closed."""

from __future__ import annotations

import os
from typing import TextIO, cast


def lead_nowhere(descriptor: int) -> None:
    """Let what is written to an open descriptor be lost from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def nowhere(mode: str) -> TextIO:
    """A stream for as long as the process lives."""
    return cast("TextIO", open(os.devnull, mode, encoding="utf-8"))
