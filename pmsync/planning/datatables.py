"""Datatables of one dataset: made, adopted, kept, or left behind.

The API cannot delete, rename or replace a datatable alone (vendor's API reference: no such endpoint), so
whatever needs one of these offers to build the whole dataset anew.
"""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent
from pmsync.model.manifest import DatatableSpec
from pmsync.model.notes import Leftover
from pmsync.model.outcome import Drop, Put
from pmsync.model.plan import AnyChange, Forget, Move, NoOp, RecordState, Undecided, Upload
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy
from pmsync.model.snapshot import RemoteDatatable
from pmsync.planning.home import Home, filled_table
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name, compare
from pmsync.planning.recognised import held_back_from_strangers
from pmsync.planning.unrecorded import followed_origins, gone_changes, unrecorded_changes
from pmsync.planning.uploads import Filled
from pmsync.planning.wording import (
    Ways,
    display_name_line,
    line_to_write,
    number,
    replace_way,
    rows,
)


def datatable_changes(world: World, home: Home) -> Filled:
    """The changes of every declared datatable of a live dataset, with its sources, and what is left over."""
    changes: list[AnyChange] = []
    leftovers: list[Leftover] = []
    origins = followed_origins(world, home)
    for _, spec in sorted(home.spec.datatables.items()):
        filled = _datatable(world, home, spec, origins.get(spec.address))
        changes += filled.changes
        leftovers += filled.leftovers
    for address in world.records_in.get(home.spec.address, ()):
        if address not in home.spec.datatables:
            left = _undeclared(world, address)
            if isinstance(left, Leftover):
                leftovers.append(left)
            else:
                changes.append(left)
    return Filled(held_back_from_strangers(world, home, tuple(changes)), tuple(leftovers))


def _undeclared(world: World, address: Address) -> Leftover | Forget:
    """A datatable of ours that is no longer declared: it stays, as the API cannot delete it alone."""
    live = world.snapshot.datatables.get(world.state.datatables[address].id)
    if live is None:
        drops = (*(Drop(one) for one in sorted(world.held(address))), Drop(address))
        reason = Reason(ReasonCode.REMOVED_RETAINED, "no longer declared, and gone from ProcessMind")
        return Forget(address=address, reason=reason, entries=drops)
    return Leftover(address, live.row_count if live.rows_shown else None)


def _datatable(world: World, home: Home, spec: DatatableSpec, origin: Address | None) -> Filled:
    if spec.address in world.unsettled:
        return Filled((world.unsettled[spec.address],))
    record = world.state.datatables.get(spec.address)
    if record is None:
        return unrecorded_changes(world, home, spec, origin)
    live = world.snapshot.datatables.get(record.id)
    if live is None or live.dataset_id != home.live_id:
        return Filled(gone_changes(world, home, spec, record))
    return _recorded(world, home, spec, live)


def _recorded(world: World, home: Home, spec: DatatableSpec, live: RemoteDatatable) -> Filled:
    record = world.state.datatables[spec.address]
    reason = compare(Name(spec.display_name), Name(record.display_name), Name(live.display_name))
    filled = filled_table(world, spec, live, record.baseline)
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
    out: list[AnyRemedy] = [ways.rename(spec.address, live.id, spec.display_name)]
    offers: tuple[Approval, ...] = ()
    if reason.code is ReasonCode.RENAMED_IN_MANIFEST:
        out.append(replace_way(ways, home.spec.address))
        offers = (world.granted.approval(Consent.REPLACE, home.spec.address, home.live_id),)
    else:
        keep = display_name_line(live.display_name, "")
        out.append(line_to_write("or keep its live name: declare it", keep, spec.location))
        accept = ways.command("or update the state", "state", "accept", spec.address)
        out.append(replace(accept, then=(replace_way(ways, home.spec.address),)))
    return Undecided(
        address=spec.address,
        reason=reason,
        live_id=live.id,
        block=Block(BlockCode.DECISION, reason.sentence, tuple(out)),
        location=spec.location,
        offers=offers,
    )


def _row_drift(world: World, spec: DatatableSpec, live: RemoteDatatable, filled: Filled) -> str:
    """Rows that came or went without us. Without sources a datatable's rows are nobody's business here.

    What a change of one of its sources says already is not said twice.
    """
    expected = world.expected_rows(spec.address)
    if live.row_count == expected or not live.rows_shown:
        return ""
    said = {change.reason.code for change in filled.changes if not isinstance(change, NoOp | Upload | Move)}
    if world.inputs.options.refresh_only:
        said &= {ReasonCode.UNCONFIRMED, ReasonCode.ANSWER_LOST}
    if not spec.sources or said or world.inputs.sources is None:
        return ""
    more = live.row_count - expected
    what = f"{number(more)} more" if more > 0 else f"{number(-more)} fewer"
    drift = f"{rows(live.row_count)} live, {what} than were loaded"
    if any(isinstance(change, Upload) for change in filled.changes):  # after which it is another count
        return drift
    accept = Ways(world.inputs.environment.name).typed("state", "accept", spec.address)
    return f"{drift}; to take that as it is: {accept}"
