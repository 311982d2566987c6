"""Bugs to plant, by the room they are planted in."""

from __future__ import annotations

from typing import Final

from verify.bugs import memory, plans, runs, wires
from verify.bugs.bug import Bug

__all__ = ["BUGS", "Bug"]

BUGS: Final = (*memory.BUGS, *runs.BUGS, *wires.BUGS, *plans.BUGS)
