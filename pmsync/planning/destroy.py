"""The plan of `destroy`: from the state alone, everything that pmsync created goes.

What it adopted or retains is forgotten. One protected dataset refuses the whole: half a destroyed
environment is worse than none. Folders stay, as the API deletes no TreeGroup by any documented call.
"""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.manifest import OnRemoval
from pmsync.model.notes import Leftover
from pmsync.model.plan import AnyChange
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.state import Origin
from pmsync.planning.inputs import World
from pmsync.planning.protection import all_lifted
from pmsync.planning.removed import is_scratch, removed_changes
from pmsync.planning.uploads import Filled
from pmsync.planning.wording import and_list


def destroy_changes(world: World) -> Filled:
    """A DELETE or FORGET for each recorded dataset; created folders are left over."""
    changes: list[AnyChange] = [world.unsettled[address] for address in sorted(world.unsettled)]
    for address in sorted(world.state.datasets):
        if address not in world.unsettled:
            changes += _destroyed(world, address)
    protected = [
        address
        for address, record in sorted(world.state.datasets.items())
        if (record.protect or world.inputs.environment.protect) and not address.reserved
    ]
    if protected:
        sentence = f"nothing is destroyed while {and_list(protected)} is protected"
        block = Block(BlockCode.PROTECTED, sentence, (all_lifted(world, protected),))
        changes = [_held_back(change, block) for change in changes]
    folders = world.state.folders.items()
    left = tuple(Leftover(one, None) for one, record in sorted(folders) if record.origin is Origin.CREATED)
    return Filled(tuple(changes), left)


def _destroyed(world: World, address: Address) -> tuple[AnyChange, ...]:
    if is_scratch(world, address):
        return removed_changes(world, address)
    record = world.state.datasets[address]
    keep = record.origin is Origin.ADOPTED or record.on_removal is OnRemoval.RETAIN
    old = record.superseded
    judged = replace(
        record,
        on_removal=OnRemoval.RETAIN if keep else OnRemoval.DELETE,
        superseded=old and replace(old, retain=old.retain or old.origin is Origin.ADOPTED),
    )
    state = replace(world.state, datasets={**world.state.datasets, address: judged})
    changes = removed_changes(replace(world, state=state), address)
    return tuple(replace(one, reason=Reason(ReasonCode.DESTROY, one.reason.sentence)) for one in changes)


def _held_back(change: AnyChange, block: Block) -> AnyChange:
    held = change.block is not None and change.block.code is not BlockCode.PROTECTED
    if held or change.address.reserved:
        return change
    return replace(change, block=block)
