"""REPLACE: a new dataset beside the old one, filled and seen full, and only then the old one goes.

The record keeps the old half, with its records, until it is gone: a killed REPLACE goes on building the new
half without a question, and asks again before the old one is deleted.
"""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Allow, Consent
from pmsync.model.manifest import DatasetSpec, OnRemoval
from pmsync.model.notes import Leftover
from pmsync.model.outcome import Put, Settle
from pmsync.model.plan import AnyChange, Forget, NoOp, RecordState, Replace, Retire, Undecided, Upload
from pmsync.model.reason import AtStake, Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy, ApplyWith
from pmsync.model.state import DatasetRecord, IntentKind, Origin, Superseded, UploadRecord
from pmsync.planning.declared import Declared
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name, canonical_path
from pmsync.planning.protection import protected_block
from pmsync.planning.rebuilding import comes_back, new_datatables, unseen_sources
from pmsync.planning.stakes import planned_against, stake_of
from pmsync.planning.wording import Ways, and_list, display_name_line, line_to_write, number, rows

NOTHING_AT_STAKE = AtStake(datatables=0, rows=0)


def wants_replace(
    declared: Declared, record: DatasetRecord, changes: tuple[AnyChange, ...], leftovers: tuple[Leftover, ...]
) -> bool:
    """Whether the user asked for a rebuild *and* something calls for one.

    A flag that stays in a nightly job must not rebuild a dataset that is in sync.
    """
    asked = declared.world.granted.gives(Consent.REPLACE, declared.address, record.id)
    if record.superseded or not asked:
        return False
    offered = any(
        offer.consent is Consent.REPLACE
        for change in changes
        if isinstance(change, Undecided)
        for offer in change.offers
    )
    return offered or bool(leftovers)


def replace_changes(declared: Declared, origin: Address) -> tuple[AnyChange, ...]:
    """The whole REPLACE of the dataset recorded at `origin` (another address if the key changed too)."""
    world, spec = declared.world, declared.spec
    old = superseded(world, origin)
    stake, needs = _stake(world, spec, old)
    start = Replace(
        address=spec.address,
        reason=Reason(ReasonCode.REPLACE_ASKED, "rebuilt as a new dataset; it gets a new id"),
        live_id=old.id,
        needs=needs,
        block=_replace_block(declared, origin, old, needs),
        requires=declared.in_folder,
        location=spec.location,
        display_name=spec.display_name,
        folder=spec.folder,
        protect=spec.protect,
        on_removal=declared.on_removal(Origin.CREATED),
        superseded=old,
        stake=stake,
        beside=tuple(live.id for live in declared.bearers),
    )
    below = new_datatables(world, spec, Reason(ReasonCode.REBUILT, "part of the rebuild"))
    waits = (spec.address, *(change.address for change in below if not isinstance(change, NoOp)))
    retire = _retire(world, spec.address, old, waits, stake=stake)
    if not old.retain:
        retire = replace(retire, needs=needs)
    if start.block is not None:
        retire = replace(retire, block=Block(BlockCode.WAITS, "waits for its replacement"))
    return (start, *below, retire)


def _replace_block(
    declared: Declared, origin: Address, old: Superseded, needs: tuple[Consent, ...]
) -> Block | None:
    """What holds a REPLACE back whatever was agreed to."""
    world, spec = declared.world, declared.spec
    if world.state.datasets[origin].protect or spec.protect:
        return protected_block(world, origin, needs, goes_to=spec.address)
    live = world.snapshot.datasets.get(old.id)
    names = {old.display_name, live.display_name if live else old.display_name}
    if declared.bearers and not any(declared.name.same(Name(one, old.folder)) for one in names):
        ids = [live.id for live in declared.bearers]
        sentence = f"{declared.name} is there already and nobody manages it: {and_list(ids)}"
        return Block(BlockCode.DECISION, sentence, _other_names(declared, old))
    return unseen_sources(world, spec.datatables, Allow(consent=Consent.REPLACE, glob=spec.address))


def _other_names(declared: Declared, old: Superseded) -> tuple[AnyRemedy, ...]:
    """What gets on where the new name is taken: the old name kept, or ours renamed beside the other."""
    spec, prefix = declared.spec, declared.world.inputs.environment.name_prefix
    ways: list[AnyRemedy] = []
    if canonical_path(old.folder) == canonical_path(spec.folder) and old.display_name.startswith(prefix):
        keep = display_name_line(old.display_name, prefix)
        ways.append(line_to_write("keep the name that it has in ProcessMind", keep, spec.location))
    ways.append(declared.ways.rename(spec.address, old.id, spec.display_name, spec.folder))
    return tuple(ways)


def superseded(world: World, address: Address) -> Superseded:
    """The dataset recorded at this address as the old half of a REPLACE."""
    record = world.state.datasets[address]
    datatables = {one: world.state.datatables[one] for one in world.records_in.get(address, ())}
    return Superseded(
        id=record.id,
        address=address,
        display_name=record.display_name,
        folder=record.folder,
        origin=record.origin,
        retain=record.on_removal is OnRemoval.RETAIN,
        datatables=datatables,
        uploads={one: upload for table in datatables for one, upload in world.held(table).items()},
    )


def _stake(world: World, spec: DatasetSpec, old: Superseded) -> tuple[AtStake, tuple[Consent, ...]]:
    """What the old half takes with it. A retained one takes nothing: it stays in ProcessMind."""
    if old.retain:
        return NOTHING_AT_STAKE, (Consent.REPLACE,)
    again = comes_back(world, spec.datatables)
    by_key = {Address.datatable(old.address, one.key): found for one, found in again.items()}
    stake = stake_of(world, old.id, old.datatables, old.uploads, by_key)
    return stake, (Consent.REPLACE, Consent.LOSS) if stake.lost else (Consent.REPLACE,)


def _retire(
    world: World,
    address: Address,
    old: Superseded,
    waits: tuple[Address, ...],
    *,
    stake: AtStake,
) -> Retire:
    verb = "forgotten" if old.retain else "deleted"
    return Retire(
        address=address,
        reason=Reason(
            ReasonCode.REPLACED, f"the old dataset is {verb} after the new one is loaded and verified"
        ),
        live_id=old.id,
        requires=waits,
        display_name=world.snapshot.datasets[old.id].display_name,
        retain=old.retain,
        stake=stake,
        datatables=planned_against(world, old.id),
    )


def retire_changes(
    world: World, spec: DatasetSpec, record: DatasetRecord, below: tuple[AnyChange, ...]
) -> tuple[AnyChange, ...]:
    """What is left to do about the half of an unfinished REPLACE that is to go.

    Deleting the old one takes the consent of the run that does it: the state carries none. A half that goes
    because the REPLACE was turned back is a DELETE like any other.
    """
    old = record.superseded
    if old is None:
        return ()
    if old.id not in world.snapshot.datasets:
        entries = (
            Put(spec.address, replace(record, superseded=None)),
            Settle(IntentKind.DELETE, spec.address),
        )
        reason = Reason(ReasonCode.REPLACED, "the old dataset is gone already")
        return (Forget(address=spec.address, reason=reason, live_id=old.id, entries=entries),)
    if not old.retain and _knows_older(world, below):
        return ()
    stake, needs = _stake(world, spec, old)
    waits = tuple(change.address for change in below if not isinstance(change, NoOp))
    retire = _retire(world, spec.address, old, waits, stake=stake)
    if old.retain:
        return (retire,)
    if old.reverted:
        reverted = "replace reverted: the unfinished replacement is deleted"
        retire = replace(retire, reason=Reason(ReasonCode.REPLACE_REVERTED, reverted))
        needs = (Consent.DELETE, Consent.LOSS) if stake.lost else (Consent.DELETE,)
    return (replace(retire, needs=needs, block=_retire_block(world, spec, record, below, needs)),)


def end_of_replace(world: World, address: Address, meaning: str) -> ApplyWith:
    """Agreeing that the old half of the REPLACE under way at this address goes."""
    record, spec = world.state.datasets[address], world.inputs.manifest.datasets.get(address)
    needs: tuple[Consent, ...] = (Consent.REPLACE,)
    if record.superseded is not None and spec is not None:
        _, needs = _stake(world, spec, record.superseded)
    agree = Ways(world.inputs.environment.name).allow(meaning, needs, address)
    return replace(agree, first=True)


def alone_after(change: Retire, record: DatasetRecord) -> DatasetRecord:
    """The record of a dataset whose REPLACE has come to an end. A retained old half is no twin of it."""
    known = record.accepted_duplicates
    if change.retain:
        known = tuple(sorted({*known, change.live_id}))
    return replace(record, superseded=None, accepted_duplicates=known)


def _knows_older(world: World, below: tuple[AnyChange, ...]) -> bool:
    """Whether what is written down now is an older version of a file: only the next plan decides on that."""
    written = {
        entry.record.sha256: change.address.datatable_address
        for change in below
        if isinstance(change, RecordState)
        for entry in change.entries
        if isinstance(entry, Put) and isinstance(entry.record, UploadRecord)
    }
    return any(sha256 not in {file.sha256 for file in world.files(one)} for sha256, one in written.items())


def _retire_block(
    world: World,
    spec: DatasetSpec,
    record: DatasetRecord,
    below: tuple[AnyChange, ...],
    needs: tuple[Consent, ...],
) -> Block | None:
    """What holds the end of a REPLACE back: protection since it began, or a new half that is not full.

    A datatable that something is about to be sent to is seen full afterwards.
    """
    if record.protect or spec.protect:
        return protected_block(world, spec.address, needs)
    if (unseen := unseen_sources(world, spec.datatables)) is not None:
        return unseen
    filled = {change.address.datatable_address for change in below if isinstance(change, Upload)}
    settled = {change.address for change in below if isinstance(change, RecordState)}
    for one in world.records_in.get(spec.address, ()):
        live = world.snapshot.datatables.get(world.state.datatables[one].id)
        if one not in spec.datatables or one in filled or live is None:
            continue
        if not live.rows_shown and any(upload not in settled for upload in world.unseen(one)):
            return _not_counted(world, one)
        if live.rows_shown and live.row_count < world.expected_rows(one):
            return _not_full(world, one, live.row_count)
    return None


def _not_full(world: World, datatable: Address, shown: int) -> Block:
    expected = rows(world.expected_rows(datatable))
    ways = Ways(world.inputs.environment.name)
    out: list[AnyRemedy] = [
        ways.plan_again("wait and look again"),
        ways.reupload("load its sources again", Address(f"{datatable}/*")),
    ]
    if not world.unseen(datatable):
        meaning = "accept the new dataset as it is; the old one is then deleted"
        out.append(ways.command(meaning, "state", "accept", datatable))
    sentence = f"replacement incomplete: {datatable} shows {number(shown)} of {expected}"
    return Block(BlockCode.WAITS, sentence, tuple(out))


def _not_counted(world: World, datatable: Address) -> Block:
    """Stored is not enough for the old half to go; a word of the user's is."""
    ways = Ways(world.inputs.environment.name)
    everything = Address(f"{datatable}/*")
    out = (
        ways.plan_again("wait and look again"),
        ways.assume_uploaded("look into it in ProcessMind; if it is all there, say so", everything),
    )
    sentence = f"ProcessMind shows no row count for {datatable}: nobody saw the rows of the new dataset"
    return Block(BlockCode.WAITS, sentence, out)
