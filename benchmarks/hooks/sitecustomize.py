"""Counts how often a program flushes to the disk, into the file that BENCH_FLUSHES names, when it ends.

Python imports it at its start where its folder is in PYTHONPATH.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_counted = {"flushes": 0}


def _counting(flush: Callable[[Any], None]) -> Callable[[Any], None]:
    def counted(descriptor: Any) -> None:
        _counted["flushes"] += 1
        flush(descriptor)

    return counted


if "BENCH_FLUSHES" in os.environ:
    for name in ("fsync", "fdatasync"):
        setattr(os, name, _counting(getattr(os, name)))
    atexit.register(lambda: Path(os.environ["BENCH_FLUSHES"]).write_text(str(_counted["flushes"])))
