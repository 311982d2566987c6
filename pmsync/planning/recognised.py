"""Whether a live thing is still what is declared: nothing goes up into what no declared name vouches for.

An id alone proves nothing: a mistaken or forged state may point an address at a stranger's datatable and call
it by its own name. A dataset or datatable that was renamed is known by the name of the other; where neither
bears the name that the manifest gives it, whoever knows better must declare it.
"""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.model.plan import AnyChange, CreateDatatable, Upload
from pmsync.model.reason import Block, BlockCode
from pmsync.model.remedy import AnyRemedy, Edit
from pmsync.planning.home import Home
from pmsync.planning.inputs import World
from pmsync.planning.naming import canonical
from pmsync.planning.wording import Ways, display_name_line, line_to_write


def held_back_from_strangers(
    world: World, home: Home, changes: tuple[AnyChange, ...]
) -> tuple[AnyChange, ...]:
    """The changes inside a live dataset; what would put something where no name is the declared one waits."""
    live = world.snapshot.datasets[home.live_id]
    if canonical(live.display_name) == canonical(home.spec.display_name):
        return changes
    known = _known_tables(world, home)
    block = _stranger(world, home, live.display_name)
    return tuple(_held_back(change, known, block) for change in changes)


def _known_tables(world: World, home: Home) -> set[str]:
    """The datatables on record in it that bear their declared name, by id."""
    known = set()
    for address, spec in home.spec.datatables.items():
        record = world.state.datatables.get(address)
        live = world.snapshot.datatables.get(record.id) if record else None
        if live is not None and canonical(live.display_name) == canonical(spec.display_name):
            known.add(live.id)
    return known


def _held_back(change: AnyChange, known: set[str], block: Block) -> AnyChange:
    """Into a datatable goes what it is known for; a new one is made beside any that is known."""
    match change:
        case Upload() if change.live_id:
            vouched = change.live_id in known
        case CreateDatatable():
            vouched = bool(known)
        case _:
            return change
    return change if vouched or change.block is not None else replace(change, block=block)


def _stranger(world: World, home: Home, live_name: str) -> Block:
    sentence = (
        f"neither the dataset ({home.live_id}, now '{live_name}') nor the datatable bears the name that is "
        "declared: the state may point at somebody else's data"
    )
    prefix = world.inputs.environment.name_prefix
    ways: list[AnyRemedy] = [
        Ways(world.inputs.environment.name).rename(
            home.spec.address, home.live_id, home.spec.display_name, home.spec.folder
        )
    ]
    if live_name.startswith(prefix):
        ways.insert(0, _keep(home, live_name, prefix))
    return Block(BlockCode.DECISION, sentence, tuple(ways))


def _keep(home: Home, live_name: str, prefix: str) -> Edit:
    return line_to_write(
        "if it is ours, keep its name: declare it", display_name_line(live_name, prefix), home.spec.location
    )
