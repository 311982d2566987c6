"""Datatables of one dataset: made, adopted, kept, or left behind.

The API cannot delete, rename or replace a datatable alone (vendor's API reference: no such endpoint), so
whatever needs one of these offers to build the whole dataset anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent
from pmsync.model.manifest import DatasetSpec, DatatableSpec
from pmsync.model.outcome import Drop, Put
from pmsync.model.plan import (
    Adopt,
    AnyChange,
    Block,
    BlockCode,
    CreateDatatable,
    Forget,
    Leftover,
    NoOp,
    Reason,
    ReasonCode,
    RecordState,
    Undecided,
)
from pmsync.model.snapshot import RemoteDatatable
from pmsync.model.source import SourceFile
from pmsync.model.state import DatatableRecord, IntentKind, Origin
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name, compare
from pmsync.planning.stakes import rebuild_losses
from pmsync.planning.table import Table
from pmsync.planning.uploads import Filled, first_uploads, source_changes
from pmsync.planning.wording import Ways, and_list, line_to_write, number, replace_way, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The dataset that the datatables are in: its live id, and what must be done before they can be.

    `adopting`: the dataset is being adopted, and its declared datatables with it.
    """

    spec: DatasetSpec
    live_id: str
    requires: tuple[Address, ...] = ()
    adopting: bool = False


def datatable_changes(world: World, home: Home) -> Filled:
    """The changes of every declared datatable of a live dataset, with its sources, and what is left over."""
    changes: list[AnyChange] = []
    leftovers: list[Leftover] = []
    for _, spec in sorted(home.spec.datatables.items()):
        filled = _datatable(world, home, spec)
        changes += filled.changes
        leftovers += filled.leftovers
    for address in world.records_in.get(home.spec.address, ()):
        if address not in home.spec.datatables:
            left = _undeclared(world, address)
            match left:
                case Leftover():
                    leftovers.append(left)
                case Forget():
                    changes.append(left)
    return Filled(tuple(changes), tuple(leftovers))


def new_datatables(world: World, spec: DatasetSpec, reason: Reason) -> tuple[AnyChange, ...]:
    """Everything that goes into a dataset which is still to be made."""
    changes: list[AnyChange] = []
    for _, datatable in sorted(spec.datatables.items()):
        changes += _made(world, datatable, reason, (spec.address,))
    return tuple(changes)


def _made(
    world: World, spec: DatatableSpec, reason: Reason, requires: tuple[Address, ...]
) -> tuple[AnyChange, ...]:
    create = CreateDatatable(
        address=spec.address,
        reason=reason,
        requires=requires,
        location=spec.location,
        display_name=spec.display_name,
    )
    files = world.files(spec.address)
    other_name = world.inputs.environment.uploads.other_name
    fill = Reason(reason.code, "fills it")
    return (create, *first_uploads(files, fill, (spec.address,), other_name=other_name))


def _undeclared(world: World, address: Address) -> Leftover | Forget:
    """A datatable of ours that is no longer declared: it stays, as the API cannot delete it alone."""
    live = world.snapshot.datatables.get(world.state.datatables[address].id)
    if live is None:
        drops = (*(Drop(one) for one in sorted(world.held(address))), Drop(address))
        reason = Reason(ReasonCode.REMOVED_RETAINED, "no longer declared, and gone from ProcessMind")
        return Forget(address=address, reason=reason, entries=drops)
    return Leftover(address, live.row_count)


def _datatable(world: World, home: Home, spec: DatatableSpec) -> Filled:
    record = world.state.datatables.get(spec.address)
    if record is None:
        return _unrecorded(world, home, spec)
    live = world.snapshot.datatables.get(record.id)
    if live is None or live.dataset_id != home.live_id:
        return _gone(world, home, spec, record)
    return _recorded(world, home, spec, live)


def _recorded(world: World, home: Home, spec: DatatableSpec, live: RemoteDatatable) -> Filled:
    record = world.state.datatables[spec.address]
    reason = compare(Name(spec.display_name), Name(record.display_name), Name(live.display_name))
    filled = _filled(world, spec, live, record.baseline)
    change = _named(world, home, spec, live, reason)
    if isinstance(change, NoOp) and not change.drift:
        change = replace(change, drift=_row_drift(world, spec, live, filled))
    return Filled((change, *filled.changes), filled.leftovers)


def _named(
    world: World, home: Home, spec: DatatableSpec, live: RemoteDatatable, reason: Reason
) -> RecordState | NoOp | Undecided:
    record = world.state.datatables[spec.address]
    match reason.code:
        case ReasonCode.IN_SYNC:
            return NoOp(address=spec.address, reason=reason, live_id=live.id, location=spec.location)
        case ReasonCode.RENAMED_LIVE:
            return NoOp(
                address=spec.address,
                reason=reason,
                live_id=live.id,
                location=spec.location,
                drift=reason.sentence,
            )
        case ReasonCode.RENAMED_EVERYWHERE:
            entry = Put(spec.address, replace(record, display_name=spec.display_name))
            return RecordState(
                address=spec.address,
                reason=reason,
                live_id=live.id,
                location=spec.location,
                entries=(entry,),
            )
        case _:
            return _rename_blocked(world, home, spec, live, reason)


def _rename_blocked(
    world: World, home: Home, spec: DatatableSpec, live: RemoteDatatable, reason: Reason
) -> Undecided:
    ways = Ways(world.inputs.environment.name)
    out = [ways.plan_again(f"rename it to '{spec.display_name}' in ProcessMind, then plan again")]
    offers: tuple[Approval, ...] = ()
    if reason.code is ReasonCode.RENAMED_IN_MANIFEST:
        out.append(replace_way(ways, home.spec.address))
        offers = (world.granted.approval(Consent.REPLACE, home.spec.address, home.live_id),)
    else:
        out.append(ways.command("or take its live name on record", "state", "accept", spec.address))
    return Undecided(
        address=spec.address,
        reason=reason,
        live_id=live.id,
        block=Block(BlockCode.DECISION, reason.sentence, tuple(out)),
        location=spec.location,
        offers=offers,
    )


def _filled(
    world: World,
    spec: DatatableSpec,
    live: RemoteDatatable,
    baseline: int,
    requires: tuple[Address, ...] = (),
) -> Filled:
    """What is to be done with the sources of a live datatable. Without a look at them, nothing."""
    if world.inputs.sources is None:
        return Filled(())
    columns = None if live.columns is None else tuple(column.name for column in live.columns)
    table = Table(
        world=world,
        address=spec.address,
        live_id=live.id,
        live_rows=live.row_count,
        live_columns=columns,
        baseline=baseline,
        held=world.held(spec.address),
        files=world.files(spec.address),
        requires=requires,
    )
    return source_changes(table)


def _row_drift(world: World, spec: DatatableSpec, live: RemoteDatatable, filled: Filled) -> str:
    """Rows that came or went without us. Without sources a datatable's rows are nobody's business here."""
    quiet = all(isinstance(change, NoOp) for change in filled.changes)
    if not spec.sources or not quiet or world.inputs.sources is None:
        return ""
    expected = world.state.datatables[spec.address].baseline
    expected += sum(upload.rows for upload in world.held(spec.address).values())
    if live.row_count == expected:
        return ""
    more = live.row_count - expected
    what = f"{number(more)} more" if more > 0 else f"{number(-more)} fewer"
    return f"{rows(live.row_count)} live, {what} than were loaded"


def _unrecorded(world: World, home: Home, spec: DatatableSpec) -> Filled:
    live = [one for one in world.datatables_in.get(home.live_id, ()) if one.display_name == spec.display_name]
    free = [one for one in live if one.id not in world.claimed]
    if free and world.intent(IntentKind.CREATE_DATATABLE, spec.address) is not None:
        return _settled(world, spec, free)
    if (followed := _name_followed_key(world, home, spec)) is not None:
        return Filled((followed,))
    match free:
        case [found]:
            return _adopted(world, home, spec, found)
        case [] if live:
            return Filled((_claimed(world, spec, live[0]),))
        case []:
            reason = Reason(ReasonCode.NEW, "no datatable of this name is there")
            return Filled(_made(world, spec, reason, home.requires))
        case _:
            return _several(world, spec, free, BlockCode.DECISION)


def _settled(world: World, spec: DatatableSpec, new: list[RemoteDatatable]) -> Filled:
    """A create whose answer was lost, found again; several matches are for the user."""
    if len(new) > 1:
        return _several(world, spec, new, BlockCode.UNSETTLED)
    made = new[0]
    record = DatatableRecord(id=made.id, display_name=spec.display_name, origin=Origin.CREATED)
    change = RecordState(
        address=spec.address,
        reason=Reason(ReasonCode.SETTLED, "an earlier run made it; its answer was lost"),
        live_id=made.id,
        location=spec.location,
        entries=(Put(spec.address, record),),
    )
    filled = _filled(world, spec, made, 0, (spec.address,))
    return Filled((change, *filled.changes), filled.leftovers)


def _several(world: World, spec: DatatableSpec, live: list[RemoteDatatable], code: BlockCode) -> Filled:
    ways = Ways(world.inputs.environment.name)
    ids = [one.id for one in live]
    sentence = f"{len(ids)} datatables of this name are there: {and_list(ids)}"
    out = tuple(
        ways.command(f"take {one.id} ({rows(one.row_count)})", "import", spec.address, one.id) for one in live
    )
    change = Undecided(
        address=spec.address,
        reason=Reason(ReasonCode.AMBIGUOUS, sentence),
        block=Block(code, sentence, out),
        location=spec.location,
    )
    return Filled((change,))


def _claimed(world: World, spec: DatatableSpec, live: RemoteDatatable) -> Undecided:
    owners = (one for one, record in world.state.datatables.items() if record.id == live.id)
    owner = next(owners, Address(""))
    ways = Ways(world.inputs.environment.name)
    sentence = f"the datatable of this name is managed as {owner or live.id}"
    out = (ways.command("manage it under this address", "state", "move", owner, spec.address),)
    return Undecided(
        address=spec.address,
        reason=Reason(ReasonCode.CLAIMED, sentence),
        live_id=live.id,
        block=Block(BlockCode.DECISION, sentence, out if owner else ()),
        location=spec.location,
    )


def _adopted(world: World, home: Home, spec: DatatableSpec, found: RemoteDatatable) -> Filled:
    record = DatatableRecord(id=found.id, display_name=spec.display_name, origin=Origin.ADOPTED)
    sentence = f"{found.id} is there, with {rows(found.row_count)}"
    with_parent = Reason(ReasonCode.PARENT_ADOPTED, f"comes with its dataset: {sentence}")
    change = Adopt(
        address=spec.address,
        reason=with_parent if home.adopting else Reason(ReasonCode.LIVE_UNCLAIMED, sentence),
        live_id=found.id,
        needs=() if home.adopting else (Consent.ADOPT,),
        requires=home.requires,
        location=spec.location,
        display_name=spec.display_name,
        entries=(Put(spec.address, record),),
        facts=(f"id {found.id}", f"created {found.created_at}", rows(found.row_count)),
    )
    filled = _filled(world, spec, found, 0, (spec.address,))
    return Filled((change, *filled.changes), filled.leftovers)


def _gone(world: World, home: Home, spec: DatatableSpec, record: DatatableRecord) -> Filled:
    ways = Ways(world.inputs.environment.name)
    live = world.datatables_in.get(home.live_id, ())
    again = [one for one in live if one.display_name == spec.display_name and one.id not in world.claimed]
    agreed = world.granted.gives(Consent.RECREATE, spec.address, record.id)
    recreate = ways.allow("make it again and fill it", [Consent.RECREATE], spec.address)
    if again and not agreed:
        sentence = f"ours ({record.id}) is gone; one of its name was made by hand: {again[0].id}"
        out = (ways.command("take that one", "import", spec.address, again[0].id), recreate)
        change = Undecided(
            address=spec.address,
            reason=Reason(ReasonCode.GONE_REMADE, sentence),
            live_id=record.id,
            block=Block(BlockCode.DECISION, sentence, out),
            location=spec.location,
            offers=(world.granted.approval(Consent.RECREATE, spec.address, record.id),),
        )
        return Filled((change,))
    sentence = f"ours ({record.id}) is gone from ProcessMind"
    return Filled(rebuilt_datatable(world, spec, record, sentence))


def rebuilt_datatable(
    world: World, spec: DatatableSpec, record: DatatableRecord, sentence: str
) -> tuple[AnyChange, ...]:
    """A datatable that vanished, made again; `loss` where some of its rows could not be loaded again."""
    lost = rebuild_losses(world.held(spec.address), comes_back(world, {spec.address: spec}))
    code = ReasonCode.GONE_SOURCES_MISSING if lost else ReasonCode.GONE
    if lost:
        sentence += f"; a rebuild would miss {rows(sum(loss.rows or 0 for loss in lost))}"
    create, *fill = _made(world, spec, Reason(code, sentence), ())
    needs = (Consent.RECREATE, Consent.LOSS) if lost else (Consent.RECREATE,)
    block = unseen_sources(world)
    return (replace(create, live_id=record.id, needs=needs, block=block), *fill)


def unseen_sources(world: World) -> Block | None:
    """The block on every rebuild under `--no-data`."""
    if world.inputs.sources is not None:
        return None
    ways = Ways(world.inputs.environment.name)
    out = (ways.plan_again("plan without --no-data"),)
    return Block(BlockCode.NO_DATA, "a rebuild cannot be judged without looking at the sources", out)


def comes_back(world: World, datatables: Mapping[Address, DatatableSpec]) -> dict[Address, frozenset[str]]:
    """The contents that a rebuild fills each declared datatable with."""
    return {address: frozenset(file.sha256 for file in world.files(address)) for address in datatables}


def contents(files: tuple[SourceFile, ...]) -> frozenset[str]:
    """The contents of some source files."""
    return frozenset(file.sha256 for file in files)


def _name_followed_key(world: World, home: Home, spec: DatatableSpec) -> Undecided | None:
    """One key gone, one new, and the same contents: a rename that the API cannot do."""
    wanted = contents(world.files(spec.address))
    if not wanted:
        return None
    for address in world.records_in.get(home.spec.address, ()):
        record = world.state.datatables[address]
        held = frozenset(upload.sha256 for upload in world.held(address).values())
        if address not in home.spec.datatables and held == wanted and record.id in world.snapshot.datatables:
            sentence = f"it has the contents of {address}, which is no longer declared"
            ways = Ways(world.inputs.environment.name)
            line = f"displayName: {record.display_name}"
            out = (
                line_to_write("keep the name it has in ProcessMind", line),
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
    return None
