"""Every remedy, on every kind of tenant and with all that pmsync.yaml may say of it, as the plan says it.

    python -m verify.remedies

Prints one JSON line for each figure; what does not lead on goes to stderr.
"""

from __future__ import annotations

import sys

from faults.launcher import Launcher
from remedies.clock import Clock
from remedies.everywhere import EVERY, manner_of, stuck
from remedies.tenant import emulators
from remedies.world import World

from verify.metrics import Metrics, note, scratch


def main() -> int:
    clock, metrics, broken = Clock(), Metrics(), 0
    with scratch() as place, Launcher() as launcher, emulators(clock) as started, clock.of_the_command():
        for number, (name, kind) in enumerate(EVERY):
            world = World(place / str(number), started.empty(manner_of(name, kind)), launcher)
            found = stuck(name, kind, world)
            broken += bool(found)
            for text in found:
                note(f"STUCK {name} on {'/'.join(kind)}\n  {text}")
    metrics.at_least("remedies, stories followed", len(EVERY), 100)
    metrics.at_most("remedies, stories that do not lead on", broken, 0)
    return metrics.exit_code


if __name__ == "__main__":
    sys.exit(main())
