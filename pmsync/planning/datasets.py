"""Datasets: made, adopted, kept, rebuilt, deleted or forgotten.

Each rule is one row of the table "Datasets" in docs/planning.md; the first that matches wins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import DatasetSpec, OnRemoval
from pmsync.model.outcome import Put
from pmsync.model.plan import (
    Adopt,
    AnyChange,
    Block,
    BlockCode,
    CreateDataset,
    NoOp,
    Note,
    Reason,
    ReasonCode,
    RecordState,
    Undecided,
    WayOut,
)
from pmsync.model.snapshot import RemoteDataset
from pmsync.model.state import DatasetRecord, IntentKind, Origin
from pmsync.planning.datatables import (
    Home,
    comes_back,
    contents,
    datatable_changes,
    new_datatables,
    unseen_sources,
)
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name, compare
from pmsync.planning.replacing import replace_changes, retire_changes, wants_replace
from pmsync.planning.stakes import rebuild_losses
from pmsync.planning.uploads import Filled
from pmsync.planning.wording import Ways, and_list, line_to_write, place, replace_way, rows


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared dataset as the rules meet it: its spec, and the folders that are still to be made."""

    world: World
    spec: DatasetSpec
    awaited: frozenset[Address] = frozenset()

    @property
    def address(self) -> Address:
        return self.spec.address

    @property
    def ways(self) -> Ways:
        return Ways(self.world.inputs.environment.name)

    @property
    def name(self) -> Name:
        return Name(self.spec.display_name, self.spec.folder)

    @property
    def in_folder(self) -> tuple[Address, ...]:
        """The change of its folder that must be done first, if there is one."""
        folder = Address.folder(self.spec.folder)
        return (folder,) if folder in self.awaited else ()

    def on_removal(self, origin: Origin) -> OnRemoval:
        """By default pmsync deletes what it created and retains what it adopted."""
        default = OnRemoval.DELETE if origin is Origin.CREATED else OnRemoval.RETAIN
        return self.spec.on_removal or default

    def record(self, live_id: str, origin: Origin) -> DatasetRecord:
        return DatasetRecord(
            id=live_id,
            display_name=self.spec.display_name,
            folder=self.spec.folder,
            origin=origin,
            protect=self.spec.protect,
            on_removal=self.on_removal(origin),
        )

    def undecided(
        self,
        reason: Reason,
        block: Block,
        *,
        live_id: str = "",
        consent: Consent | None = None,
    ) -> Undecided:
        """The dataset waits for the user; `consent` is the kind that would choose an action."""
        granted = self.world.granted
        offers = (granted.approval(consent, self.address, live_id),) if consent else ()
        return Undecided(
            address=self.address,
            reason=reason,
            live_id=live_id,
            block=block,
            location=self.spec.location,
            offers=offers,
        )

    def waiting_below(self) -> tuple[AnyChange, ...]:
        """What would be made in it, once it is clear which dataset it is."""
        reason = Reason(ReasonCode.NEW, "waits for its dataset")
        return new_datatables(self.world, self.spec, reason)


def dataset_changes(declared: Declared) -> Filled:
    """The change of one declared dataset and of everything in it."""
    record = declared.world.state.datasets.get(declared.address)
    if record is None:
        return _unrecorded(declared)
    live = declared.world.snapshot.datasets.get(record.id)
    if live is None:
        return _gone(declared, record)
    return _recorded(declared, record, live)


def _unrecorded(declared: Declared) -> Filled:
    world = declared.world
    found = world.candidates(declared.spec.display_name, declared.spec.folder)
    free = world.unclaimed(found)
    if world.intent(IntentKind.CREATE_DATASET, declared.address) is not None and free:
        return _settled(declared, free)
    if (followed := _name_followed_key(declared)) is not None:
        return followed
    match free:
        case [one]:
            return _adopted(declared, one)
        case [] if found:
            return Filled((_claimed(declared, found[0]), *declared.waiting_below()))
        case []:
            return _created(declared, Reason(ReasonCode.NEW, "nothing of this name and folder is there"))
        case _:
            return Filled((_ambiguous(declared, free, BlockCode.DECISION), *declared.waiting_below()))


def _created(declared: Declared, reason: Reason) -> Filled:
    create = CreateDataset(
        address=declared.address,
        reason=reason,
        requires=declared.in_folder,
        location=declared.spec.location,
        display_name=declared.spec.display_name,
        folder=declared.spec.folder,
        protect=declared.spec.protect,
        on_removal=declared.on_removal(Origin.CREATED),
    )
    code = ReasonCode.NEW if reason.code is ReasonCode.NEW else ReasonCode.REBUILT
    below = Reason(code, "in a new dataset")
    return Filled((create, *new_datatables(declared.world, declared.spec, below)))


def _settled(declared: Declared, new: tuple[RemoteDataset, ...]) -> Filled:
    """A create whose answer was lost: exactly one new match is it; several are for the user."""
    if len(new) > 1:
        return Filled((_ambiguous(declared, new, BlockCode.UNSETTLED), *declared.waiting_below()))
    record = declared.record(new[0].id, Origin.CREATED)
    change = RecordState(
        address=declared.address,
        reason=Reason(ReasonCode.SETTLED, "an earlier run made it; its answer was lost"),
        live_id=new[0].id,
        location=declared.spec.location,
        entries=(Put(declared.address, record),),
    )
    home = Home(spec=declared.spec, live_id=new[0].id, requires=(declared.address,), adopting=True)
    below = datatable_changes(declared.world, home)
    return Filled((change, *below.changes), below.leftovers)


def _adopted(declared: Declared, live: RemoteDataset) -> Filled:
    inside = declared.world.datatables_in.get(live.id, ())
    total = sum(datatable.row_count for datatable in inside)
    sentence = f"{live.id} is there and nobody manages it; or choose another displayName"
    change = Adopt(
        address=declared.address,
        reason=Reason(ReasonCode.LIVE_UNCLAIMED, sentence),
        live_id=live.id,
        needs=(Consent.ADOPT,),
        requires=declared.in_folder,
        location=declared.spec.location,
        display_name=live.display_name,
        entries=(Put(declared.address, declared.record(live.id, Origin.ADOPTED)),),
        facts=(
            f"id {live.id}",
            f"created {live.created_at}",
            f"{len(inside)} datatables",
            rows(total),
        ),
    )
    home = Home(spec=declared.spec, live_id=live.id, requires=(declared.address,), adopting=True)
    below = datatable_changes(declared.world, home)
    return Filled((change, *below.changes), below.leftovers)


def _ambiguous(declared: Declared, live: tuple[RemoteDataset, ...], code: BlockCode) -> Undecided:
    ids = tuple(one.id for one in live)
    sentence = f"{len(ids)} datasets of this name and folder are there: {and_list(ids)}"
    ways = tuple(declared.ways.command(f"take {id_}", "import", declared.address, id_) for id_ in ids)
    return declared.undecided(Reason(ReasonCode.AMBIGUOUS, sentence), Block(code, sentence, ways))


def _claimed(declared: Declared, live: RemoteDataset) -> Undecided:
    records = declared.world.state.datasets.items()
    owner = next((one for one, record in records if record.id == live.id), None)
    sentence = f"the dataset of this name is managed as {owner or live.id}"
    meaning = "manage it under this address"
    ways: tuple[WayOut, ...] = ()
    if owner is not None:
        ways = (declared.ways.command(meaning, "state", "move", owner, declared.address),)
    reason = Reason(ReasonCode.CLAIMED, sentence)
    return declared.undecided(reason, Block(BlockCode.DECISION, sentence, ways), live_id=live.id)


def origin_by_contents(declared: Declared) -> Address | None:
    """The one key that is gone and whose uploads are just what this new key declares."""
    world = declared.world
    if declared.address in world.state.datasets:
        return None
    wanted = contents(tuple(file for one in declared.spec.datatables for file in world.files(one)))
    found = [
        address
        for address, record in sorted(world.state.datasets.items())
        if wanted
        and address not in world.inputs.manifest.datasets
        and record.folder == declared.spec.folder
        and record.id in world.snapshot.datasets
        and _uploaded_contents(world, address) == wanted
    ]
    return found[0] if len(found) == 1 else None


def _uploaded_contents(world: World, dataset: Address) -> frozenset[str]:
    return frozenset(
        upload.sha256 for one in world.records_in.get(dataset, ()) for upload in world.held(one).values()
    )


def _name_followed_key(declared: Declared) -> Filled | None:
    """One key gone, one new, same folder and contents: a rename that the API cannot do."""
    origin = origin_by_contents(declared)
    if origin is None:
        return None
    world = declared.world
    record = world.state.datasets[origin]
    if world.granted.gives(Consent.REPLACE, declared.address, record.id):
        return Filled(replace_changes(world, declared.spec, origin, declared.in_folder))
    sentence = f"it has the contents of {origin}, which is no longer declared; its name followed the key"
    line = f"displayName: {record.display_name}"
    ways = (
        line_to_write("keep the name it has in ProcessMind", line),
        replace_way(declared.ways, declared.address),
    )
    change = declared.undecided(
        Reason(ReasonCode.KEY_AND_NAME_CHANGED, sentence),
        Block(BlockCode.DECISION, sentence, ways),
        live_id=record.id,
        consent=Consent.REPLACE,
    )
    return Filled((change, *declared.waiting_below()))


def _recorded(declared: Declared, record: DatasetRecord, live: RemoteDataset) -> Filled:
    world = declared.world
    shown = world.folder_of(live)
    live_name = Name(live.display_name, record.folder if shown is None else shown)
    reason = compare(declared.name, Name(record.display_name, record.folder), live_name)
    change = _named(declared, record, reason)
    home = Home(spec=declared.spec, live_id=record.id)
    below = datatable_changes(world, home)
    if wants_replace(world, declared.spec, record, (change, *below.changes), below.leftovers):
        return Filled(replace_changes(world, declared.spec, declared.address, declared.in_folder))
    retire = retire_changes(world, declared.spec, record, below.changes)
    return Filled((change, *below.changes, *retire), below.leftovers)


def _named(declared: Declared, record: DatasetRecord, reason: Reason) -> RecordState | NoOp | Undecided:
    match reason.code:
        case ReasonCode.IN_SYNC | ReasonCode.RENAMED_LIVE:
            drift = reason.sentence if reason.code is ReasonCode.RENAMED_LIVE else ""
            return _settings(declared, record, reason, drift)
        case ReasonCode.RENAMED_EVERYWHERE:
            return _write_down(declared, record, reason)
        case ReasonCode.RENAMED_IN_MANIFEST:
            sentence = f"rename it to {declared.name} in ProcessMind (no data moves), then plan again"
            accept = "or, moved there by hand already, take it on record"
            ways = (
                declared.ways.plan_again(sentence),
                declared.ways.command(accept, "state", "accept", declared.address),
                replace_way(declared.ways, declared.address),
            )
            block = Block(BlockCode.DECISION, reason.sentence, ways)
            return declared.undecided(reason, block, live_id=record.id, consent=Consent.REPLACE)
        case _:
            out = (
                declared.ways.plan_again(f"rename it to {declared.name} in ProcessMind, then plan again"),
                declared.ways.command("or take its live name on record", "state", "accept", declared.address),
            )
            block = Block(BlockCode.DECISION, reason.sentence, out)
            return declared.undecided(reason, block, live_id=record.id)


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


def _gone(declared: Declared, record: DatasetRecord) -> Filled:
    world = declared.world
    agreed = world.granted.gives(Consent.RECREATE, declared.address, record.id)
    recreate = declared.ways.allow("make it again and fill it", [Consent.RECREATE], declared.address)
    intent = world.intent(IntentKind.DELETE, declared.address)
    if intent is not None and intent.target_id == record.id:
        return _created(
            declared, Reason(ReasonCode.NEW, "an earlier run deleted it, and it is declared again")
        )
    again = world.unclaimed(world.candidates(declared.spec.display_name, declared.spec.folder))
    if again and not agreed:
        sentence = f"ours ({record.id}) is gone; one of its name was made by hand: {again[0].id}"
        take = declared.ways.command("take that one", "import", declared.address, again[0].id)
        change = declared.undecided(
            Reason(ReasonCode.GONE_REMADE, sentence),
            Block(BlockCode.DECISION, sentence, (take, recreate)),
            live_id=record.id,
            consent=Consent.RECREATE,
        )
        return Filled((change, *declared.waiting_below()))
    uploads = {
        one: upload
        for datatable in world.records_in.get(declared.address, ())
        for one, upload in world.held(datatable).items()
    }
    lost = rebuild_losses(uploads, comes_back(world, declared.spec.datatables))
    sentence = f"ours ({record.id}) is gone from ProcessMind"
    if lost:
        held = sum(upload.rows for upload in uploads.values())
        missing = sum(loss.rows or 0 for loss in lost)
        sentence += f"; a rebuild would hold {rows(held - missing)} of the {rows(held)} it had"
    code = ReasonCode.GONE_SOURCES_MISSING if lost else ReasonCode.GONE
    create, *below = _created(declared, Reason(code, sentence)).changes
    needs = (Consent.RECREATE, Consent.LOSS) if lost else (Consent.RECREATE,)
    rebuilt = replace(create, live_id=record.id, needs=needs, block=unseen_sources(world))
    return Filled((rebuilt, *below))


def twin_notes(world: World) -> tuple[Note, ...]:
    """A second live dataset with the name and folder of a managed one: worth a warning, with both ids."""
    notes: list[Note] = []
    for address, record in sorted(world.state.datasets.items()):
        if len(world.datasets_named.get(record.display_name, ())) < 2:
            continue
        for twin in world.unclaimed(world.candidates(record.display_name, record.folder)):
            name = place(record.display_name, record.folder)
            sentence = f"a second dataset {name} is there: ours is {record.id}, the other is {twin.id}"
            notes.append(Note(address, sentence))
    return tuple(notes)
