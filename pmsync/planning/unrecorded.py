"""Datatables that are not on record, or not live any more: made, adopted, or waiting for the user."""

from __future__ import annotations

from collections import defaultdict

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import DatatableSpec
from pmsync.model.outcome import Put
from pmsync.model.plan import Adopt, AnyChange, Undecided
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy, Command
from pmsync.model.snapshot import RemoteDatatable
from pmsync.model.state import DatatableRecord, Origin
from pmsync.planning.home import Home, filled_table
from pmsync.planning.inputs import World
from pmsync.planning.rebuilding import comes_back, contents, made, rebuilt_datatable
from pmsync.planning.stakes import rebuild_losses
from pmsync.planning.uploads import Filled
from pmsync.planning.wording import (
    Ways,
    and_list,
    display_name_line,
    line_to_write,
    replace_way,
    rows,
)


def unrecorded_changes(world: World, home: Home, spec: DatatableSpec, origin: Address | None) -> Filled:
    """The change of a declared datatable without a record, and what fills it."""
    live = world.tables_named(home.live_id, spec.display_name)
    free = tuple(one for one in live if one.id not in world.claimed)
    match free:
        case [found]:
            return _adopted(world, home, spec, found)
        case [] if live:
            return Filled((_claimed(world, spec, live[0]),))
        case [] if origin is not None:
            return Filled((_name_followed_key(world, home, spec, origin),))
        case []:
            reason = Reason(ReasonCode.NEW, "no datatable of this name is there")
            return Filled(made(world, spec, reason, home.requires))
        case _:
            return Filled((_several(world, spec, free),))


def rows_in(live: RemoteDatatable) -> str:
    """Its rows as the tenant shows them."""
    return rows(live.row_count) if live.rows_shown else "an unknown number of rows"


def _told(live: RemoteDatatable) -> tuple[str, str]:
    """What tells it from another: its age, and its rows."""
    return f"created {live.created_at or 'at an unknown time'}", rows_in(live)


def _taken(ways: Ways, spec: DatatableSpec, live: RemoteDatatable) -> Command:
    """The way to manage just this one."""
    return ways.command(f"take {live.id} ({', '.join(_told(live))})", "import", spec.address, live.id)


def _several(world: World, spec: DatatableSpec, live: tuple[RemoteDatatable, ...]) -> Undecided:
    ways = Ways(world.inputs.environment.name)
    ids = [one.id for one in live]
    sentence = f"{len(ids)} datatables of this name are there: {and_list(ids)}"
    out = tuple(_taken(ways, spec, one) for one in live)
    return Undecided(
        address=spec.address,
        reason=Reason(ReasonCode.AMBIGUOUS, sentence),
        block=Block(BlockCode.DECISION, sentence, out),
        location=spec.location,
    )


def _claimed(world: World, spec: DatatableSpec, live: RemoteDatatable) -> Undecided:
    ways = Ways(world.inputs.environment.name)
    owners = world.datatables_by_id.get(live.id, ())
    sentence = f"the datatable of this name is managed as {owners[0] if owners else live.id}"
    out = [ways.command("manage it under this address", "state", "move", one, spec.address) for one in owners]
    return Undecided(
        address=spec.address,
        reason=Reason(ReasonCode.CLAIMED, sentence),
        live_id=live.id,
        block=Block(BlockCode.DECISION, sentence, tuple(out)),
        location=spec.location,
    )


def _adopted(world: World, home: Home, spec: DatatableSpec, found: RemoteDatatable) -> Filled:
    record = DatatableRecord(id=found.id, display_name=spec.display_name, origin=Origin.ADOPTED)
    sentence = f"{found.id} is there, with {rows_in(found)}"
    with_parent = Reason(
        ReasonCode.PARENT_ADOPTED, f"adopted with its dataset ({found.id}, {rows_in(found)})"
    )
    change = Adopt(
        address=spec.address,
        reason=with_parent if home.adopting else Reason(ReasonCode.LIVE_UNCLAIMED, sentence),
        live_id=found.id,
        needs=() if home.adopting else (Consent.ADOPT,),
        requires=home.requires,
        location=spec.location,
        display_name=spec.display_name,
        entries=(Put(spec.address, record),),
        facts=(f"id {found.id}", *_told(found)),
    )
    filled = filled_table(world, spec, found, 0, (spec.address,))
    return Filled((change, *filled.changes), filled.leftovers)


def gone_changes(
    world: World, home: Home, spec: DatatableSpec, record: DatatableRecord
) -> tuple[AnyChange, ...]:
    """The change of a datatable that is on record and not live any more, and what fills it again."""
    named = world.tables_named(home.live_id, spec.display_name)
    free = tuple(one for one in named if one.id not in world.claimed)
    if free and not world.granted.gives(Consent.RECREATE, spec.address, record.id):
        return (_remade(world, spec, record, free),)
    return rebuilt_datatable(world, spec, record, free)


def _remade(
    world: World, spec: DatatableSpec, record: DatatableRecord, free: tuple[RemoteDatatable, ...]
) -> Undecided:
    ways = Ways(world.inputs.environment.name)
    ids = [one.id for one in free]
    sentence = (
        f"the datatable in the state ({record.id}) was deleted; of this name there is now, "
        f"unknown to the state: {', '.join(ids)}"
    )
    out: list[AnyRemedy] = [_taken(ways, spec, one) for one in free]
    lost = rebuild_losses(world.held(spec.address), comes_back(world, {spec.address: spec}))
    needs = (Consent.RECREATE, Consent.LOSS) if lost else (Consent.RECREATE,)
    out.append(ways.allow("make it again and fill it", needs, spec.address))
    return Undecided(
        address=spec.address,
        reason=Reason(ReasonCode.GONE_REMADE, sentence),
        live_id=record.id,
        block=Block(BlockCode.DECISION, sentence, tuple(out)),
        location=spec.location,
        offers=(world.granted.approval(Consent.RECREATE, spec.address, record.id),),
    )


def followed_origins(world: World, home: Home) -> dict[Address, Address]:
    """New keys by the one gone key that was filled with just what they declare."""
    known = world.records_in.get(home.spec.address, ())
    gone: dict[frozenset[str], list[Address]] = defaultdict(list)
    for address in known:
        held = frozenset(upload.sha256 for upload in world.held(address).values())
        live = world.state.datatables[address].id in world.snapshot.datatables
        if address not in home.spec.datatables and held and live:
            gone[held].append(address)
    new: dict[frozenset[str], list[Address]] = defaultdict(list)
    for address in sorted(home.spec.datatables) if gone else ():
        if address not in world.state.datatables:
            new[contents(world.files(address))].append(address)
    return {
        found[0]: gone[held][0] for held, found in new.items() if len(found) == 1 == len(gone.get(held, ()))
    }


def _name_followed_key(world: World, home: Home, spec: DatatableSpec, origin: Address) -> Undecided:
    """One key gone, one new, and the same contents: a rename that the API cannot do."""
    record = world.state.datatables[origin]
    sentence = f"it has the contents of {origin}, which is no longer declared"
    ways = Ways(world.inputs.environment.name)
    out = (
        line_to_write(
            "keep the name it has in ProcessMind", display_name_line(record.display_name, ""), spec.location
        ),
        replace_way(ways, home.spec.address),
    )
    return Undecided(
        address=spec.address,
        reason=Reason(ReasonCode.KEY_AND_NAME_CHANGED, sentence),
        live_id=record.id,
        block=Block(BlockCode.DECISION, sentence, out),
        location=spec.location,
        offers=(world.granted.approval(Consent.REPLACE, home.spec.address, home.live_id),),
    )
