"""States, entries and disks that the tests of this room share."""

import errno
import os
import posixpath

from hypothesis import strategies as st

from pmsync.disk.private import Files
from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent
from pmsync.model.ids import SAFE_ID
from pmsync.model.manifest import OnRemoval
from pmsync.model.outcome import Announce, Begin, Drop, Put, Settle, Spend
from pmsync.model.state import (
    AppliedPlan,
    AppliedRun,
    Binding,
    DatasetRecord,
    DatatableRecord,
    Evidence,
    FolderRecord,
    HeadLease,
    Intent,
    IntentKind,
    Origin,
    Owner,
    State,
    StoredFile,
    Superseded,
    UploadRecord,
)
from pmsync.statestore.local import LocalStateStore

BINDING = Binding(tenant_id="0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10", host="api.processmind.com")
LINEAGE = "9c0b7a54-0a7e-4f43-9b0e-4a1f1f3f7d10"
VERSION = "0.1.0"


class Clock:
    """Seconds, as the test says."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def store_in(folder, *, binding=BINDING, clock=None, files=None, **more):
    clock, files = clock or Clock(), files or Files()
    return LocalStateStore(str(folder), binding, pmsync_version=VERSION, clock=clock, files=files, **more)


def table(number, name="Table"):
    return Put(
        Address.datatable("o2c", f"t{number}"),
        DatatableRecord(id=f"id-{number}", display_name=name, origin=Origin.CREATED),
    )


def numbers(state):
    """Which of `table(0)`, `table(1)`, … are remembered."""
    return sorted(int(address.key[1:]) for address in state.datatables)


EVENTS = Address("o2c.events")
UPLOAD = UploadRecord(
    name="events.csv",
    path="data/events.csv",
    sha256="ab" * 32,
    size=1234,
    rows=17,
    evidence=Evidence.ROWS,
    append=False,
    run=3,
    uploaded_at="2025-03-01T08:00:00Z",
)
FULL = State(
    lineage=LINEAGE,
    serial=7,
    binding=BINDING,
    runs=4,
    folders={
        Address.folder(("Finance",)): FolderRecord(id="f-1", origin=Origin.ADOPTED),
        Address.folder(("Finance", "A/B")): FolderRecord(id="f-2", origin=Origin.CREATED),
    },
    datasets={
        Address("o2c"): DatasetRecord(
            id="d-2",
            display_name="Order to Cash – Übersicht",
            folder=("Finance", "A/B"),
            origin=Origin.CREATED,
            protect=True,
            on_removal=OnRemoval.RETAIN,
            superseded=Superseded(
                id="d-1",
                address=Address("order-to-cash"),
                display_name="Order to Cash",
                folder=("Finance",),
                origin=Origin.ADOPTED,
                retain=False,
                datatables={
                    EVENTS: DatatableRecord(
                        id="t-0", display_name="Events", origin=Origin.ADOPTED, baseline=-3
                    )
                },
                uploads={Address.source(EVENTS, "events.csv"): UPLOAD},
            ),
        ),
        Address("p2p"): DatasetRecord(
            id="d-3",
            display_name="p2p",
            folder=(),
            origin=Origin.ADOPTED,
            protect=False,
            on_removal=OnRemoval.DELETE,
        ),
    },
    datatables={EVENTS: DatatableRecord(id="t-1", display_name="Events", origin=Origin.CREATED, baseline=12)},
    uploads={Address.source(EVENTS, "events.csv"): UPLOAD},
    intents=(
        Intent(
            kind=IntentKind.CREATE_DATASET, address=Address("new"), display_name="New", ids_before=("x", "y")
        ),
        Intent(
            kind=IntentKind.UPLOAD,
            address=Address("o2c.events/b.csv"),
            parent_id="t-1",
            sha256="cd" * 32,
            size=5,
            rows=6,
            rows_before=7,
        ),
        Intent(kind=IntentKind.DELETE, address=Address("old"), target_id="d-9"),
    ),
    spent=frozenset(
        {
            Approval(environment="prod", address=Address("old"), consent=Consent.DELETE, live_id="d-9"),
            Approval(
                environment="prod", address=EVENTS, consent=Consent.ADD_ROWS, live_id="t-1", content="ef" * 32
            ),
            Approval(environment="prod", address=EVENTS, consent=Consent.ADD_ROWS, live_id="t-1"),
        }
    ),
    applied=AppliedPlan(digest="11" * 32, structure_digest="22" * 32, changes=frozenset({"b", "a"})),
)

# --- any state there can be ---------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), max_size=12)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
ids = st.from_regex(SAFE_ID, fullmatch=True)
uuids = st.uuids().map(str)
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
moments = st.just("") | st.datetimes().map(lambda at: at.isoformat(timespec="seconds"))
counts = st.integers(min_value=0, max_value=2**53)
keys = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,4}", fullmatch=True)
origins = st.sampled_from(Origin)
folder_paths = st.lists(names, max_size=3).map(tuple)
datasets_at = keys.map(Address.dataset)
datatables_at = st.builds(Address.datatable, keys, keys)
sources_at = st.builds(Address.source, datatables_at, names)
folders_at = st.lists(names, min_size=1, max_size=3).map(tuple).map(Address.folder)

folder_records = st.builds(FolderRecord, id=ids, origin=origins)
datatable_records = st.builds(
    DatatableRecord,
    id=ids,
    display_name=texts,
    origin=origins,
    baseline=st.integers(-(2**40), 2**40),
    accepted_duplicates=st.lists(ids, max_size=2).map(tuple),
    accepted_leftovers=st.lists(names, max_size=2).map(tuple),
)
upload_records = st.builds(
    UploadRecord,
    name=texts,
    path=texts,
    sha256=hashes,
    size=counts,
    rows=counts,
    evidence=st.sampled_from(Evidence),
    append=st.booleans(),
    run=counts,
    uploaded_at=moments,
    rows_tell=st.booleans(),
)
supersededs = st.builds(
    Superseded,
    id=ids,
    address=datasets_at,
    display_name=texts,
    folder=folder_paths,
    origin=origins,
    retain=st.booleans(),
    reverted=st.booleans(),
    datatables=st.dictionaries(datatables_at, datatable_records, max_size=2),
    uploads=st.dictionaries(sources_at, upload_records, max_size=2),
)
dataset_records = st.builds(
    DatasetRecord,
    id=ids,
    display_name=texts,
    folder=folder_paths,
    origin=origins,
    protect=st.booleans(),
    on_removal=st.sampled_from(OnRemoval),
    superseded=st.none() | supersededs,
    accepted_duplicates=st.lists(ids, max_size=2).map(tuple),
)
approvals = st.builds(
    Approval,
    environment=texts,
    address=datasets_at | sources_at,
    consent=st.sampled_from(Consent),
    live_id=texts,
    content=st.none() | texts,
)
applied_plans = st.builds(
    AppliedPlan, digest=texts, structure_digest=texts, changes=st.frozensets(texts, max_size=3)
)
commits = st.binary(min_size=20, max_size=20).map(bytes.hex)
applied_runs = st.builds(AppliedRun, at=moments, commit=st.none() | commits, committed_at=st.none() | moments)
owners = st.builds(Owner, project=names, environment=names, path=names)
stored_files = st.builds(StoredFile, sha256=hashes, size=counts)
intents = st.builds(
    Intent,
    kind=st.sampled_from(IntentKind),
    address=datasets_at | folders_at | sources_at,
    display_name=texts,
    parent_id=st.none() | ids,
    ids_before=st.lists(ids, max_size=2).map(tuple),
    sha256=st.just("") | hashes,
    size=counts,
    rows=counts,
    rows_before=counts,
    target_id=st.just("") | ids,
    at=moments,
)
states = st.builds(
    State,
    lineage=uuids,
    serial=counts,
    binding=st.builds(Binding, tenant_id=ids, host=names, owner=st.none() | owners),
    runs=counts,
    folders=st.dictionaries(folders_at, folder_records, max_size=3),
    datasets=st.dictionaries(datasets_at, dataset_records, max_size=3),
    datatables=st.dictionaries(datatables_at, datatable_records, max_size=3),
    uploads=st.dictionaries(sources_at, upload_records, max_size=3),
    intents=st.lists(intents, max_size=2).map(tuple),
    spent=st.frozensets(approvals, max_size=3),
    applied=st.none() | applied_plans,
    last_apply=st.none() | applied_runs,
    ephemeral=st.booleans(),
    lease=st.none() | st.builds(HeadLease, nonce=uuids, run=texts, ttl=counts, beats=counts),
    snapshot=st.none() | stored_files,
    parts=st.lists(stored_files, max_size=2).map(tuple),
)
entries = st.one_of(
    st.builds(Put, folders_at, folder_records),
    st.builds(Put, datasets_at, dataset_records),
    st.builds(Put, datatables_at, datatable_records),
    st.builds(Put, sources_at, upload_records),
    st.builds(Drop, st.one_of(folders_at, datasets_at, datatables_at, sources_at)),
    st.builds(Spend, approvals),
    st.builds(Begin, counts, applied_plans, st.none() | applied_runs),
    st.builds(Announce, intents),
    st.builds(Settle, st.sampled_from(IntentKind), st.one_of(folders_at, datasets_at, sources_at)),
)

# --- disks that fail ----------------------------------------------------------------------------------------

CHANGES = ("make_folder", "create", "write", "sync", "close", "sync_folder", "rename", "link", "discard")
"""The methods of `Files` that change something."""


class Killed(BaseException):
    """The process is gone."""


class Watched(Files):
    """A real disk that notes each change, and lets a test act before it."""

    def __init__(self):
        self.calls = []
        self.names = {}

    def before(self, method, *arguments):
        """Called with every change before it is made."""

    def _note(self, method, *arguments):
        shown = [self.names.get(each, each) for each in arguments if not isinstance(each, bytes)]
        self.calls.append((method, *(os.path.basename(each) for each in shown)))
        self.before(method, *arguments)

    def create(self, path):
        self._note("create", path)
        descriptor = super().create(path)
        self.names[descriptor] = path
        return descriptor


def _watching(method):
    def watched(self, *arguments):
        self._note(method, *arguments)
        return getattr(Files, method)(self, *arguments)

    return watched


for _method in CHANGES:
    if _method != "create":
        setattr(Watched, _method, _watching(_method))


class Failing(Watched):
    """The N-th change, and (if it lasts) every later one, fails; half of what was to be written is."""

    def __init__(self, nth, *, code=errno.ENOSPC, lasting=False):
        super().__init__()
        self.nth = nth
        self.code = code
        self.lasting = lasting

    def before(self, method, *arguments):
        count = len(self.calls)
        if count == self.nth or (self.lasting and count > self.nth and method != "close"):
            if method == "write":
                descriptor, data = arguments
                Files.write(self, descriptor, data[: len(data) // 2])
            raise OSError(self.code, os.strerror(self.code))


class Dying(Watched):
    """The process is killed before the N-th change, or in the middle of it where it is a write."""

    def __init__(self, nth):
        super().__init__()
        self.nth = nth

    def before(self, method, *arguments):
        count = len(self.calls)
        if count == self.nth and method == "write":
            descriptor, data = arguments
            Files.write(self, descriptor, data[: len(data) // 2])
        if count >= self.nth:
            raise Killed


class Inode:
    def __init__(self):
        self.cached = b""
        self.durable = b""


class Volatile(Files):
    """A disk in memory which knows what would be left after the power fails before the N-th change.

    What was not synced is lost or kept by the mode: "nothing" of it is kept, only "names", or only "content".
    """

    def __init__(self, nth, mode):
        self.nth = nth
        self.mode = mode
        self.count = 0
        self.names = {}
        self.durable_names = {}
        self.folders = {"/"}
        self.open = {}

    def _tick(self):
        self.count += 1
        if self.count >= self.nth:
            raise Killed

    def power_on(self):
        """The disk after the power failed."""
        after = Volatile(10**9, self.mode)
        after.folders = self.folders
        names = self.names if self.mode == "names" else self.durable_names
        for path, inode in names.items():
            left = Inode()
            left.cached = left.durable = inode.cached if self.mode == "content" else inode.durable
            after.names[path] = after.durable_names[path] = left
        return after

    def read(self, path):
        if path not in self.names:
            raise FileNotFoundError(path)
        return self.names[path].cached

    def exists(self, path):
        return path in self.names or path in self.folders

    def is_link(self, path):
        return False

    def make_folder(self, path):
        self._tick()
        self.folders.add(path)

    def create(self, path):
        self._tick()
        assert path not in self.names
        self.names[path] = Inode()
        descriptor = len(self.open)
        self.open[descriptor] = self.names[path]
        return descriptor

    def write(self, descriptor, data):
        inode = self.open[descriptor]
        before, inode.cached = inode.cached, inode.cached + data[: len(data) // 2]
        self._tick()
        inode.cached = before + data

    def sync(self, descriptor):
        self._tick()
        self.open[descriptor].durable = self.open[descriptor].cached

    def close(self, descriptor):
        self._tick()

    def sync_folder(self, path):
        self._tick()
        kept = {name: inode for name, inode in self.durable_names.items() if posixpath.dirname(name) != path}
        here = {name: inode for name, inode in self.names.items() if posixpath.dirname(name) == path}
        self.durable_names = kept | here

    def rename(self, source, target):
        self._tick()
        if self.names[source] is not self.names.get(target):  # as rename(2): two names of one file both stay
            self.names[target] = self.names.pop(source)

    def link(self, source, target):
        self._tick()
        if target in self.names:
            raise FileExistsError(target)
        self.names[target] = self.names[source]

    def discard(self, path):
        self._tick()
        self.names.pop(path, None)


class Attempt:
    """A run that records tables 0, 1, 2, … and remembers how far it was told that it got."""

    def __init__(self, folder):
        self.folder = folder
        self.tried = 0
        self.promised = 0
        self.begun = False

    def run(self, files, *, tables=5):
        """Two runs one after another: the second goes on from what the first left.

        Of an odd number of tables the last one is in no checkpoint when the ledger is closed.
        """
        clock = Clock()
        for _ in range(2):
            store = store_in(self.folder, files=files, clock=clock)
            ledger = store.begin(store.read() or State(lineage=LINEAGE, serial=0, binding=BINDING))
            self.begun = True
            for _ in range(tables):
                self.tried += 1
                ledger.record([table(self.tried - 1), Drop(Address("never-there"))])
                self.promised = self.tried
                clock.now += 3
                ledger.checkpoint()
            ledger.close()

    def check(self, files=None):
        """What is read is all that was promised and nothing that was not tried, in order."""
        state = store_in(self.folder, files=files).read()
        assert state is not None or not self.begun
        found = numbers(state) if state else []
        assert found == list(range(len(found)))
        assert self.promised <= len(found) <= self.tried
