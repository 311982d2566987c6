"""Datasets on record that are declared: kept, renamed, built anew, or gone from the tenant."""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.model.consent import Allow, Consent
from pmsync.model.outcome import Put
from pmsync.model.plan import NoOp, RecordState, Undecided
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy
from pmsync.model.snapshot import RemoteDataset
from pmsync.model.state import DatasetRecord, IntentKind
from pmsync.planning.datatables import datatable_changes
from pmsync.planning.declared import Declared
from pmsync.planning.home import Home
from pmsync.planning.naming import Name, canonical, canonical_path, compare
from pmsync.planning.rebuilding import comes_back, unseen_sources
from pmsync.planning.replacing import end_of_replace, replace_changes, retire_changes, wants_replace
from pmsync.planning.stakes import rebuild_losses
from pmsync.planning.uploads import Filled
from pmsync.planning.wording import display_name_line, line_to_write, replace_way, rows


def recorded_changes(declared: Declared, record: DatasetRecord, live: RemoteDataset) -> Filled:
    """The changes of a declared dataset that is on record and live."""
    world = declared.world
    shown = world.folder_of(live)
    is_shown = shown is not None
    live_name = Name(live.display_name, record.folder if shown is None else shown, said=is_shown)
    recorded = Name(record.display_name, record.folder, said=is_shown)
    reason = compare(declared.name, recorded, live_name)
    change = _named(declared, record, reason, live)
    below = datatable_changes(world, Home(spec=declared.spec, live_id=record.id))
    if wants_replace(declared, record, (change, *below.changes), below.leftovers):
        return Filled(replace_changes(declared, declared.address))
    retire = retire_changes(world, declared.spec, record, below.changes)
    return Filled((change, *below.changes, *retire), below.leftovers)


def _named(
    declared: Declared, record: DatasetRecord, reason: Reason, live: RemoteDataset
) -> RecordState | NoOp | Undecided:
    match reason.code:
        case ReasonCode.IN_SYNC | ReasonCode.RENAMED_LIVE:
            drift = reason.sentence if reason.code is ReasonCode.RENAMED_LIVE else ""
            return _settings(declared, record, reason, drift)
        case ReasonCode.RENAMED_EVERYWHERE:
            return _write_down(declared, record, reason)
        case ReasonCode.RENAMED_IN_MANIFEST:
            block = Block(BlockCode.DECISION, reason.sentence, _rename_ways(declared, record, live))
            return declared.undecided(reason, block, live_id=record.id, consent=Consent.REPLACE)
        case _:
            block = Block(BlockCode.DECISION, reason.sentence, _differ_ways(declared, record, live))
            return declared.undecided(reason, block, live_id=record.id)


def _differ_ways(declared: Declared, record: DatasetRecord, live: RemoteDataset) -> tuple[AnyRemedy, ...]:
    """Renamed here and there: the live name is kept by declaring it, the new one is had by a rebuild."""
    ways = [_rename(declared, live)]
    prefix = declared.world.inputs.environment.name_prefix
    shown = declared.world.folder_of(live)
    if shown in {None, canonical_path(declared.spec.folder)} and live.display_name.startswith(prefix):
        line = display_name_line(live.display_name, prefix)
        ways.append(line_to_write("or keep its live name: declare it", line, declared.spec.location))
    accept = declared.ways.command("or update the state", "state", "accept", declared.address)
    if record.superseded is None:
        ways.append(replace(accept, then=(replace_way(declared.ways, declared.address),)))
    return tuple(ways)


def _rename_ways(declared: Declared, record: DatasetRecord, live: RemoteDataset) -> tuple[AnyRemedy, ...]:
    """A move by hand cannot be seen where the tenant does not show folders: then it can be said."""
    ways = [_rename(declared, live)]
    same_name = canonical(live.display_name) == canonical(declared.spec.display_name)
    if same_name and declared.world.folder_of(live) is None:
        accept = "or, moved there by hand already, update the state"
        ways.append(declared.ways.command(accept, "state", "accept", declared.address))
    if record.superseded is None:
        ways.append(replace_way(declared.ways, declared.address))
    else:
        ways.append(end_of_replace(declared.world, declared.address, "or finish the REPLACE under way first"))
    return tuple(ways)


def _rename(declared: Declared, live: RemoteDataset) -> AnyRemedy:
    """By hand; where another folder is not shown, the state must be told."""
    spec = declared.spec
    rename = declared.ways.rename(declared.address, live.id, spec.display_name, spec.folder)
    believed = declared.world.believed_folder(live)
    if declared.world.folder_of(live) is not None or believed == canonical_path(spec.folder):
        return rename
    accept = declared.ways.command(
        "then update the state, as ProcessMind shows no folders", "state", "accept", declared.address
    )
    return replace(rename, then=(accept,))


def _settings(declared: Declared, record: DatasetRecord, reason: Reason, drift: str) -> RecordState | NoOp:
    wanted = (declared.spec.protect, declared.on_removal(record.origin))
    if wanted == (record.protect, record.on_removal):
        return NoOp(
            address=declared.address,
            reason=reason,
            live_id=record.id,
            location=declared.spec.location,
            drift=drift,
        )
    sentence = "protect or onRemoval changed; protection ends with the next plan, not with this one"
    if declared.spec.protect or not record.protect:
        sentence = "protect or onRemoval changed"
    changed = replace(record, protect=wanted[0], on_removal=wanted[1])
    return RecordState(
        address=declared.address,
        reason=Reason(ReasonCode.SETTINGS_CHANGED, sentence),
        live_id=record.id,
        location=declared.spec.location,
        entries=(Put(declared.address, changed),),
    )


def _write_down(declared: Declared, record: DatasetRecord, reason: Reason) -> RecordState:
    fresh = declared.record(record.id, record.origin)
    return RecordState(
        address=declared.address,
        reason=reason,
        live_id=record.id,
        location=declared.spec.location,
        entries=(Put(declared.address, replace(fresh, superseded=record.superseded)),),
    )


def gone_changes(declared: Declared, record: DatasetRecord) -> Filled:
    """The changes of a declared dataset that is on record and not live any more."""
    world = declared.world
    intent = world.intent(IntentKind.DELETE, declared.address)
    if intent is not None and intent.target_id == record.id:
        reason = Reason(ReasonCode.NEW, "an earlier run deleted it, and it is declared again")
        create, below = declared.created(reason)
        return Filled((create, *below))
    uploads = {
        one: upload
        for datatable in world.records_in.get(declared.address, ())
        for one, upload in world.held(datatable).items()
    }
    lost = rebuild_losses(uploads, comes_back(world, declared.spec.datatables))
    needs = (Consent.RECREATE, Consent.LOSS) if lost else (Consent.RECREATE,)
    if declared.bearers and not world.granted.gives(Consent.RECREATE, declared.address, record.id):
        return Filled((_remade(declared, record, needs), *declared.waiting_below()))
    sentence = f"the dataset in the state ({record.id}) was deleted from ProcessMind"
    if lost:
        held = sum(upload.rows for upload in uploads.values())
        missing = sum(loss.rows or 0 for loss in lost)
        sentence += f"; a rebuild would hold {rows(held - missing)} of the {rows(held)} it had"
    code = ReasonCode.GONE_SOURCES_MISSING if lost else ReasonCode.GONE
    create, below = declared.created(Reason(code, sentence))
    agreed = Allow(consent=Consent.RECREATE, glob=declared.address)
    unseen = unseen_sources(world, declared.spec.datatables, agreed)
    return Filled((replace(create, live_id=record.id, needs=needs, block=unseen), *below))


def _remade(declared: Declared, record: DatasetRecord, needs: tuple[Consent, ...]) -> Undecided:
    """Taking one of them, or making it again; not while so much is gone that the listing is doubted."""
    ids = [live.id for live in declared.bearers]
    sentence = (
        f"the dataset in the state ({record.id}) was deleted; of this name there is now, "
        f"unknown to the state: {', '.join(ids)}"
    )
    ways: list[AnyRemedy] = [declared.taken(live) for live in declared.bearers]
    if not declared.world.doubted:
        ways.append(declared.ways.allow("make it again and fill it", needs, declared.address))
    return declared.undecided(
        Reason(ReasonCode.GONE_REMADE, sentence),
        Block(BlockCode.DECISION, sentence, tuple(ways)),
        live_id=record.id,
        consent=Consent.RECREATE,
    )
