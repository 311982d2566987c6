from __future__ import annotations

from dataclasses import dataclass, field

from pmsync.tenant.retry import Timing

KEY = "canary-key-4711"
NO_IDS = [
    "", ".", "..", "...", "a/b", "../x", "a\\b", "a b", "a\nb", "a\x00", "a\x7f", "%2e%2e", "a%2fb", "a?b", "a#b", "ä",
    "a\u202e", "\ud800", "i" * 201, "a;b/..", "<a>", '"', "{id}",
]  # fmt: skip


@dataclass
class FakeClock:
    """Time passes only when someone sleeps, or by `tick` each time someone looks."""

    now: float = 1000.0
    tick: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        self.now += self.tick
        return self.now

    @property
    def timing(self) -> Timing:
        return Timing(sleep=self.sleep, monotonic=self.monotonic, random=lambda: 0.5)
