"""One repository whose state is on a disk in memory, and what is known of it: by pmsync, and by nobody any more.

It must not know how a run goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from planning_bench import BINDING, Bench

from faults.modelhost import Clock, Disk, Life
from faults.modelled import Watch
from pmsync.model.outcome import Entry
from pmsync.model.state import State, UploadRecord
from pmsync.statestore.local import LocalStateStore, fresh

FOLDER = "/repo/.pmsync/dev"


@dataclass
class RememberingBench(Bench):
    """The planning bench with a real state store, and a colleague who may lose or change what it stands for."""

    clock: Clock = field(default_factory=Clock)
    disk: Disk = field(default_factory=Disk)
    watch: Watch = field(default_factory=Watch)
    ever: set[str] = field(default_factory=set)
    """Ids that were on record at some time."""

    excused: set[str] = field(default_factory=set)
    """Ids made before somebody lost what was known of them."""

    lost_at: int = 0
    """The last request that was sent before that: what it makes may come late."""

    mistakable: set[str] = field(default_factory=set)
    """Ids of a colleague's that nobody could tell from what a lost create of ours would have made."""

    lineages: int = 0

    @property
    def store(self) -> LocalStateStore:
        return LocalStateStore(FOLDER, BINDING, pmsync_version="0", clock=self.clock, files=self.disk)

    def refresh(self) -> None:
        """Read the state anew, as the next command will."""
        before, self.state = self.state, self.store.read()
        self.forgotten |= self._left_behind(before)
        if self.state is not None:
            records = (
                *self.state.folders.values(),
                *self.state.datasets.values(),
                *self.state.datatables.values(),
            )
            self.ever |= {record.id for record in records}
            self.ever |= {one.superseded.id for one in self.state.datasets.values() if one.superseded}

    def _left_behind(self, before: State | None) -> set[str]:
        """Contents of datasets that were on record before, are no more, and stay where they are."""
        now = set(_uploads_by_dataset(self.state))
        return {
            self.contents[upload.sha256]
            for id_, uploads in _uploads_by_dataset(before).items()
            for upload in uploads
            if id_ not in now and id_ in self.tenant.datasets
        }

    def places(self) -> dict[str, tuple[str, str | None]]:
        """What everything in the tenant is called and where it is, by id."""
        tenant = self.tenant
        inside = {
            one.id: (one.name, one.parent) for one in (*tenant.folders.values(), *tenant.datasets.values())
        }
        return inside | {one.id: (one.name, one.dataset_id) for one in tenant.tables.values()}

    def may_be_mistaken(self, changed: set[str]) -> None:
        """A colleague made, named or moved these.

        While a create of ours is lost, its name's next bearer is ours; and what it made, and somebody renamed,
        moved or put something into before it was on record, nobody can find.
        """
        tables = self.tenant.tables
        filled = {tables[one].dataset_id for one in changed if one in tables}
        self.excused |= (changed | filled) & self.watch.made - self.ever
        names = {one: name for one, (name, _) in self.places().items()}
        lost = {one.display_name for one in (self.state.intents if self.state else ())}
        found = {one for one in changed if names[one] in lost}
        self.mistakable |= found
        self.excused |= found
        self.watch.made |= found

    # what users do with the state

    def record(self, *entries: Entry) -> None:
        self.disk.begin(Life())
        ledger = self.store.begin(self.state or self._fresh())
        ledger.record(entries)
        ledger.close()
        self.refresh()

    def lose_state(self, *addresses: str) -> None:
        self.excused |= self.watch.made
        self.lost_at = self.watch.requests.last
        if addresses:
            super().lose_state(*addresses)
            return
        uploads = self.state.uploads.values() if self.state else ()
        self.forgotten |= {self.contents[upload.sha256] for upload in uploads}
        self.disk.wipe()
        self.refresh()

    @property
    def unknowable(self) -> set[str]:
        """Ids of ours that nobody can find: what was known of them is lost, or somebody changed them first."""
        late = (one for one in self.watch.requests.told if one["sequence"] <= self.lost_at)
        return self.excused.union(id_ for one in late for id_ in one["made"])

    def _fresh(self) -> State:
        self.lineages += 1
        return fresh(BINDING, str(UUID(int=self.lineages)))


def _uploads_by_dataset(state: State | None) -> dict[str, list[UploadRecord]]:
    """What is on record of each dataset's contents, old halves included, by the dataset's id."""
    found: dict[str, list[UploadRecord]] = {}
    for address, record in state.datasets.items() if state else ():
        uploads = [upload for at, upload in state.uploads.items() if at.dataset_address == address]
        found[record.id] = uploads
        if record.superseded:
            found[record.superseded.id] = list(record.superseded.uploads.values())
    return found
