"""Chance that falls the same on every machine and with every version of Python.

Only `random.Random.random()` is promised to stay the same between versions, and only sums and products of
floats are the same on every processor: so nothing else is used here.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

Thing = TypeVar("Thing")


class Dice:
    """A seeded source of chance. Each process has its own, so that changing one leaves the others alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def chance(self, share: float) -> bool:
        """True in that share of the throws."""
        return self._random.random() < share

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def skewed(self, low: float, high: float) -> float:
        """Mostly near low, now and then near high: how long work takes, and what orders are worth."""
        throw = self._random.random()
        return low + (high - low) * throw * throw * throw

    def amount(self, low: float, high: float) -> Decimal:
        """A skewed sum of money with two decimals."""
        return Decimal(int(self.skewed(low, high) * 100)).scaleb(-2)

    def pick(self, things: Sequence[Thing]) -> Thing:
        return things[self.whole(0, len(things) - 1)]
