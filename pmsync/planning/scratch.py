"""What is left of `doctor --probe`: its scratch datasets, found and removed apart from everything declared.

Every plan holds the same changes; here they stand alone, for the probe itself. Decides nothing of its own:
the rules are those of settling and removed.
"""

from __future__ import annotations

from msgspec import Struct

from pmsync.model.outcome import Settle
from pmsync.model.plan import Delete, Forget, RecordState
from pmsync.model.state import State
from pmsync.planning.inputs import Inputs, look_at
from pmsync.planning.removed import removed_changes
from pmsync.planning.settling import came_to_nothing, settle_creates


class Scratch(Struct, frozen=True):
    """What takes scratch datasets away, in order, and what crosses out the rest that was announced."""

    changes: tuple[RecordState | Delete | Forget, ...] = ()
    void: tuple[Settle, ...] = ()


def scratch(inputs: Inputs) -> Scratch:
    """Everything at a reserved address that goes without a question."""
    settled = settle_creates(look_at(inputs))
    world = settled.world
    removed = (
        change
        for address in sorted(world.state.datasets)
        if address.reserved
        for change in removed_changes(world, address)
    )
    return Scratch(
        changes=(
            *(change for change in settled.found if change.address.reserved),
            *(change for change in removed if not change.needs and change.block is None),
        ),
        void=tuple(entry for entry in came_to_nothing(world) if entry.address.reserved),
    )


def scratch_left(state: State) -> tuple[str, ...]:
    """What is still on record or announced at reserved addresses."""
    announced = {intent.address.dataset_address for intent in state.intents if intent.address.reserved}
    return tuple(sorted({one for one in state.datasets if one.reserved} | announced))
