"""A declared dataset as the rules meet it, and the two answers that several rules give: made, or unclear."""

from __future__ import annotations

from msgspec import Struct

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.manifest import DatasetSpec, OnRemoval
from pmsync.model.plan import AnyChange, CreateDataset, Undecided
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy, Command
from pmsync.model.snapshot import RemoteDataset
from pmsync.model.state import DatasetRecord, Origin
from pmsync.planning.inputs import World
from pmsync.planning.naming import Name
from pmsync.planning.rebuilding import new_datatables
from pmsync.planning.wording import Ways, and_list, line_to_write, rows, tables


def facts_of(world: World, live: RemoteDataset) -> tuple[str, ...]:
    """What tells one live dataset from another: its id, its age, what it holds."""
    inside = world.datatables_in.get(live.id, ())
    held = rows(sum(one.row_count for one in inside))
    if not all(one.rows_shown for one in inside):
        held = f"{held} or more"
    created = f"created {live.created_at or 'at an unknown time'}"
    return (f"id {live.id}", created, tables(len(inside)), held)


class Declared(Struct, frozen=True):
    """A declared dataset: its spec, what is to be done first, and whom it may follow.

    `awaited`: addresses with a change of their own that comes before. `origin`: the one key that is gone
    and whose uploads are just what this new key declares.
    """

    world: World
    spec: DatasetSpec
    awaited: frozenset[Address] = frozenset()
    origin: Address | None = None

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

    @property
    def bearers(self) -> tuple[RemoteDataset, ...]:
        """Live datasets of its name and folder that nobody claims."""
        return self.world.unclaimed(self.world.candidates(self.spec.display_name, self.spec.folder))

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

    def created(self, reason: Reason) -> tuple[CreateDataset, tuple[AnyChange, ...]]:
        """The dataset made, and everything in it."""
        create = CreateDataset(
            address=self.address,
            reason=reason,
            requires=self.in_folder,
            location=self.spec.location,
            display_name=self.spec.display_name,
            folder=self.spec.folder,
            protect=self.spec.protect,
            on_removal=self.on_removal(Origin.CREATED),
            beside=tuple(live.id for live in self.bearers),
        )
        code = ReasonCode.NEW if reason.code is ReasonCode.NEW else ReasonCode.REBUILT
        return create, new_datatables(self.world, self.spec, Reason(code, "in a new dataset"))

    def ambiguous(self, live: tuple[RemoteDataset, ...]) -> Undecided:
        ids = tuple(one.id for one in live)
        sentence = f"{len(ids)} datasets of this name and folder are there: {and_list(ids)}"
        ways = tuple(self.taken(one) for one in live)
        reason = Reason(ReasonCode.AMBIGUOUS, sentence)
        return self.undecided(reason, Block(BlockCode.DECISION, sentence, ways))

    def taken(self, live: RemoteDataset) -> Command:
        """The way to manage just this one, with what tells it from the others."""
        facts = facts_of(self.world, live)[1:]
        return self.ways.command(f"take {live.id} ({', '.join(facts)})", "import", self.address, live.id)

    def contested(self, live: RemoteDataset, contenders: tuple[Address, ...]) -> Undecided:
        """One live dataset that several declared ones could be: nobody adopts it twice."""
        sentence = f"{live.id} has its name, and ProcessMind does not show in which folder it is: "
        sentence += f"it could be {and_list(contenders)}"
        ways: list[AnyRemedy] = [
            self.ways.command(f"it is {one}", "import", one, live.id) for one in contenders
        ]
        ways.append(line_to_write("it is none of them", "displayName: …", self.spec.location))
        reason = Reason(ReasonCode.AMBIGUOUS, sentence)
        return self.undecided(reason, Block(BlockCode.DECISION, sentence, tuple(ways)))

    def waiting_below(self) -> tuple[AnyChange, ...]:
        """What would be made in it, once it is clear which dataset it is."""
        return new_datatables(self.world, self.spec, Reason(ReasonCode.NEW, "waits for its dataset"))
