"""Datasets without a record: made, adopted, or waiting for the user to say which dataset they are.

Each rule is one row of the table "Datasets" in docs/planning.md; the first that matches wins. Those on
record are in recorded.py, those that are no longer declared in removed.py.
"""

from __future__ import annotations

from collections import defaultdict

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import DatasetSpec
from pmsync.model.outcome import Put
from pmsync.model.plan import Adopt, Undecided
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy
from pmsync.model.snapshot import RemoteDataset
from pmsync.model.state import Origin
from pmsync.planning.datatables import datatable_changes
from pmsync.planning.declared import Declared, facts_of
from pmsync.planning.home import Home
from pmsync.planning.inputs import World
from pmsync.planning.naming import canonical_path
from pmsync.planning.rebuilding import contents
from pmsync.planning.recorded import gone_changes, recorded_changes
from pmsync.planning.replacing import end_of_replace, replace_changes
from pmsync.planning.uploads import Filled
from pmsync.planning.wording import display_name_line, line_to_write, replace_way


def dataset_changes(declared: Declared) -> Filled:
    """The change of one declared dataset and of everything in it."""
    world, address = declared.world, declared.address
    record = world.state.datasets.get(address)
    if address in world.unsettled:
        below = () if record else declared.waiting_below()
        return Filled((world.unsettled[address], *below))
    if record is None:
        return _unrecorded(declared)
    live = world.snapshot.datasets.get(record.id)
    if live is None:
        return gone_changes(declared, record)
    return recorded_changes(declared, record, live)


def _unrecorded(declared: Declared) -> Filled:
    found = declared.world.candidates(declared.spec.display_name, declared.spec.folder)
    is_claimed = bool(found) and not declared.bearers
    if declared.origin is not None and not is_claimed:
        return _name_followed_key(declared, declared.origin)
    match declared.bearers:
        case [one] if len(contenders := declared.world.contenders(one)) > 1:
            return Filled((declared.contested(one, contenders), *declared.waiting_below()))
        case [one]:
            return _adopted(declared, one)
        case [] if found:
            return Filled((_claimed(declared, found[0]), *declared.waiting_below()))
        case []:
            create, below = declared.created(
                Reason(ReasonCode.NEW, "nothing of this name and folder is there")
            )
            return Filled((create, *below))
        case free:
            return Filled((declared.ambiguous(free), *declared.waiting_below()))


def _adopted(declared: Declared, live: RemoteDataset) -> Filled:
    sentence = f"{live.id} is there and nobody manages it; or choose another displayName"
    change = Adopt(
        address=declared.address,
        reason=Reason(ReasonCode.LIVE_UNCLAIMED, sentence),
        live_id=live.id,
        needs=(Consent.ADOPT,),
        location=declared.spec.location,
        display_name=live.display_name,
        entries=(Put(declared.address, declared.record(live.id, Origin.ADOPTED)),),
        facts=facts_of(declared.world, live),
    )
    home = Home(spec=declared.spec, live_id=live.id, requires=(declared.address,), adopting=True)
    below = datatable_changes(declared.world, home)
    return Filled((change, *below.changes), below.leftovers)


def _claimed(declared: Declared, live: RemoteDataset) -> Undecided:
    """The only one of its name is ours under another address, or half of a REPLACE under way."""
    ways: tuple[AnyRemedy, ...] = ()
    owner = "an unfinished run"
    for address in declared.world.datasets_by_id.get(live.id, ()):
        record = declared.world.state.datasets[address]
        if record.id == live.id:
            owner = address
            ways = (
                declared.ways.command(
                    "manage it under this address", "state", "move", owner, declared.address
                ),
            )
        elif record.superseded is not None and record.superseded.id == live.id:
            owner = f"the old dataset of {address}"
            ways = (end_of_replace(declared.world, address, "finish the REPLACE first"),)
    sentence = f"the dataset of this name ({live.id}) is managed as {owner}"
    reason = Reason(ReasonCode.CLAIMED, sentence)
    return declared.undecided(reason, Block(BlockCode.DECISION, sentence, ways), live_id=live.id)


def followed_origins(world: World) -> dict[Address, Address]:
    """New keys by the one gone key whose uploads are just what they declare, in the same folder.

    Only where it is one key gone and one key new: of several nobody can tell who followed whom.
    """
    declared = world.inputs.manifest.datasets
    gone = [
        one for one in sorted(world.state.datasets) if one not in declared and _may_be_followed(world, one)
    ]
    if not gone:
        return {}
    places: dict[object, list[Address]] = defaultdict(list)
    for one in gone:
        folder = canonical_path(world.state.datasets[one].folder)
        places[folder, _uploaded_contents(world, one)].append(one)
    followers: dict[object, list[Address]] = defaultdict(list)
    for address, spec in sorted(declared.items()):
        if address not in world.state.datasets:
            followers[canonical_path(spec.folder), _declared_contents(world, spec)].append(address)
    return {
        new[0]: places[place][0]
        for place, new in followers.items()
        if len(new) == 1 and len(places.get(place, ())) == 1
    }


def _may_be_followed(world: World, address: Address) -> bool:
    """Whether a gone key is live, was filled, and is not in the middle of a REPLACE."""
    record = world.state.datasets[address]
    return (
        record.id in world.snapshot.datasets
        and record.superseded is None
        and bool(_uploaded_contents(world, address))
    )


def _declared_contents(world: World, spec: DatasetSpec) -> frozenset[str]:
    return contents(tuple(file for one in spec.datatables for file in world.files(one)))


def _uploaded_contents(world: World, dataset: Address) -> frozenset[str]:
    return frozenset(
        upload.sha256 for one in world.records_in.get(dataset, ()) for upload in world.held(one).values()
    )


def _name_followed_key(declared: Declared, origin: Address) -> Filled:
    """One key gone, one new, same folder and contents: a rename that the API cannot do."""
    world = declared.world
    record = world.state.datasets[origin]
    if world.granted.gives(Consent.REPLACE, declared.address, record.id):
        return Filled(replace_changes(declared, origin))
    sentence = f"it has the contents of {origin}, which is no longer declared; its name followed the key"
    line = display_name_line(record.display_name, world.inputs.environment.name_prefix)
    ways = (
        line_to_write("keep the name it has in ProcessMind", line, declared.spec.location),
        replace_way(declared.ways, declared.address),
    )
    change = declared.undecided(
        Reason(ReasonCode.KEY_AND_NAME_CHANGED, sentence),
        Block(BlockCode.DECISION, sentence, ways),
        live_id=record.id,
        consent=Consent.REPLACE,
    )
    return Filled((change, *declared.waiting_below()))
