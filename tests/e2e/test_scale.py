"""10,000 datatables in sync: a plan sends two requests."""

from pmsync.emulator.seed import SeedDataset, SeedDatatable
from pmsync.model.address import Address
from pmsync.model.manifest import OnRemoval
from pmsync.model.outcome import Put
from pmsync.model.state import Binding, DatasetRecord, DatatableRecord, Origin
from pmsync.statestore.local import LocalStateStore, fresh


def test_ten_thousand_datatables_in_sync_are_planned_with_two_requests(repo):
    tables = [f"t{number}" for number in range(10)]
    names = [f"d{number:04}" for number in range(1000)]
    planted = repo.by_hand.add_datasets(
        SeedDataset(name=name, datatables=[SeedDatatable(name=table) for table in tables]) for name in names
    )
    inside = "{" + ", ".join(f"{table}: {{}}" for table in tables) + "}"
    repo.declare("".join(f"  {name}: {{datatables: {inside}}}\n" for name in names))
    host = repo.emulator.api_url.removeprefix("http://")
    binding = Binding(tenant_id="t-e2e", host=host)
    store = LocalStateStore(str(repo.state_folder), binding, pmsync_version="0")
    ledger = store.begin(fresh(binding, "9c0b7a54-0a7e-4f43-9b0e-4a1f1f3f7d10"))
    for name, (node, datatables) in zip(names, planted, strict=True):
        record = DatasetRecord(
            id=node.id,
            display_name=name,
            folder=(),
            origin=Origin.CREATED,
            protect=False,
            on_removal=OnRemoval.DELETE,
        )
        entries = [Put(Address(name), record)]
        for one in datatables:
            table = DatatableRecord(id=one.id, display_name=one.name, origin=Origin.CREATED)
            entries.append(Put(Address.datatable(name, one.name), table))
        ledger.record(entries)
    ledger.close()

    requests = repo.requests_of(lambda: _in_sync(repo))

    assert requests == ["GET", "GET"]


def _in_sync(repo):
    ran = repo.pmsync("plan", "--detailed-exitcode")
    assert ran.code == 0, ran.text
