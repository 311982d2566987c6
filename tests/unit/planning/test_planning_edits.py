"""`state accept|forget|move|unprotect`, `import`, `ls` and `export`: what they write down and show."""

import pytest
from msgspec.structs import replace

from pmsync.diagnostics import Location
from pmsync.errors import Refused
from pmsync.loading.names import fault_of_display_name, fault_of_folder
from pmsync.model.address import Address
from pmsync.model.listing import Standing
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, OnRemoval, SourceSpec
from pmsync.model.outcome import Drop, Put, fold
from pmsync.model.project import CloudTenant, Environment
from pmsync.model.snapshot import NOT_SHOWN, RemoteDataset, RemoteDatatable, RemoteFolder, Snapshot
from pmsync.model.state import (
    Binding,
    DatasetRecord,
    DatatableRecord,
    Evidence,
    FolderRecord,
    Origin,
    State,
    Superseded,
    UploadRecord,
)
from pmsync.planning.edits import accept, forget, move, unprotect
from pmsync.planning.exporting import Rules, exported
from pmsync.planning.importing import take
from pmsync.planning.inputs import Inputs, look_at
from pmsync.planning.listing import live_things

HERE = Location("m.yaml", 1, 1)
RULES = Rules(display_name=fault_of_display_name, folder=fault_of_folder)
BINDING = Binding(tenant_id="t", host="h")
A = Address
UPLOAD = UploadRecord(
    name="a.csv",
    path="a.csv",
    sha256="ab",
    size=1,
    rows=10,
    evidence=Evidence.ROWS,
    append=False,
    run=1,
    uploaded_at="",
)


def dataset_record(**more):
    base = DatasetRecord(
        id="d1",
        display_name="O2C",
        folder=("Fin",),
        origin=Origin.CREATED,
        protect=False,
        on_removal=OnRemoval.DELETE,
    )
    return replace(base, **more)


def state(**more):
    base = State(
        lineage="l",
        serial=1,
        binding=BINDING,
        folders={A("folder:Fin"): FolderRecord(id="f1", origin=Origin.CREATED)},
        datasets={A("o2c"): dataset_record()},
        datatables={A("o2c.events"): DatatableRecord(id="t1", display_name="Ev", origin=Origin.CREATED)},
        uploads={A("o2c.events/a.csv"): UPLOAD},
    )
    return replace(base, **more)


def spec(key="o2c", name="O2C", tables=(("events", "Ev"),), folder=("Fin",)):
    address = A(key)
    inside = {
        Address.datatable(key, one): DatatableSpec(
            address=Address.datatable(key, one),
            display_name=label,
            sources=(SourceSpec(path="a.csv", location=HERE),),
            location=HERE,
        )
        for one, label in tables
    }
    return DatasetSpec(address=address, display_name=name, folder=folder, datatables=inside, location=HERE)


def live(id_="d1", name="O2C", parent="f1"):
    return RemoteDataset(id=id_, display_name=name, parent_id=parent)


def table(id_="t1", name="Ev", dataset="d1", count=10):
    return RemoteDatatable(id=id_, display_name=name, dataset_id=dataset, row_count=count)


LIVE, TABLE = live(), table()


def world(*, known=None, datasets=(LIVE,), tables=(TABLE,), specs=None, prefix="", folders=True):
    shown = {"f1": RemoteFolder(id="f1", display_name="Fin", parent_id=None)} if folders else {}
    declared = (spec(),) if specs is None else specs
    inputs = Inputs(
        environment=Environment(
            name="dev", tenant=CloudTenant(tenant_id="t"), name_prefix=prefix, location=HERE
        ),
        binding=BINDING,
        emulated=False,
        manifest=Manifest(datasets={one.address: one for one in declared}),
        sources={},
        still_here=frozenset(),
        state=state() if known is None else known,
        snapshot=Snapshot(
            folders=shown,
            datasets={one.id: one for one in datasets},
            datatables={one.id: one for one in tables},
        ),
    )
    return look_at(inputs)


def test_accepting_a_dataset_takes_its_live_name_and_folder():
    (entry,) = accept(world(datasets=(live(name="New", parent=None),)), A("o2c"))
    assert (entry.record.display_name, entry.record.folder) == ("New", ())


def test_accepting_where_the_folder_is_not_shown_takes_the_manifests():
    hidden = world(datasets=(live(parent=NOT_SHOWN),), specs=(spec(folder=("Other",)),), folders=False)
    (entry,) = accept(hidden, A("o2c"))
    assert entry.record.folder == ("Other",)


def test_accepting_an_undeclared_dataset_whose_folder_is_not_shown_keeps_the_records():
    (entry,) = accept(world(datasets=(live(parent=NOT_SHOWN),), specs=(), folders=False), A("o2c"))
    assert entry.record.folder == ("Fin",)


def test_accepting_a_datatable_makes_its_surplus_the_baseline():
    (entry,) = accept(world(tables=(table(name="Renamed", count=25),)), A("o2c.events"))
    assert (entry.record.baseline, entry.record.display_name) == (15, "Renamed")


def test_accepting_a_datatable_without_a_row_count_keeps_its_baseline():
    known = state(datatables={A("o2c.events"): replace(state().datatables[A("o2c.events")], baseline=7)})
    uncounted = replace(table(name="Renamed", count=0), rows_shown=False)
    (entry,) = accept(world(known=known, tables=(uncounted,)), A("o2c.events"))
    assert (entry.record.baseline, entry.record.display_name) == (7, "Renamed")


STORED = replace(UPLOAD, evidence=Evidence.STORED)
REPLACING = dataset_record(
    superseded=Superseded(
        id="d0",
        address=A("o2c"),
        display_name="O2C",
        folder=("Fin",),
        origin=Origin.CREATED,
        retain=False,
        datatables={},
        uploads={},
    )
)


def new_half(upload):
    return state(datasets={A("o2c"): REPLACING}, uploads={A("o2c.events/a.csv"): upload})


@pytest.mark.parametrize("count", [0, 9, 25])
def test_the_new_half_of_a_replace_is_not_accepted_while_an_upload_into_it_was_never_seen(count):
    with pytest.raises(Refused, match=f"replacement incomplete: {count} of 10 rows.*a.csv") as refused:
        accept(world(known=new_half(STORED), tables=(table(count=count),)), A("o2c.events"))
    assert "pmsync apply -e dev --assume-uploaded o2c.events/a.csv --safe-only" in refused.value.hint
    assert "pmsync state forget o2c.events/a.csv" in refused.value.hint


@pytest.mark.parametrize(
    ("upload", "count"),
    [
        (STORED, 10),
        (replace(STORED, evidence=Evidence.ASSUMED), 9),
        (replace(STORED, evidence=Evidence.ROWS), 9),
        (replace(STORED, rows_tell=False), 9),
    ],
)
def test_the_new_half_of_a_replace_is_accepted_once_its_uploads_are_clear(upload, count):
    (entry,) = accept(world(known=new_half(upload), tables=(table(count=count),)), A("o2c.events"))
    assert entry.record.baseline == count - 10


def test_a_half_that_a_replace_turned_back_to_is_accepted_whatever_was_seen():
    turned_back = replace(REPLACING, superseded=replace(REPLACING.superseded, reverted=True))
    known = replace(new_half(STORED), datasets={A("o2c"): turned_back})
    (entry,) = accept(world(known=known, tables=(table(count=9),)), A("o2c.events"))
    assert entry.record.baseline == -1


def test_where_nothing_hangs_on_it_rows_that_were_never_seen_are_accepted_as_missing():
    known = state(uploads={A("o2c.events/a.csv"): STORED})
    (entry,) = accept(world(known=known, tables=(table(count=0),)), A("o2c.events"))
    assert entry.record.baseline == -10


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("o2c.events/a.csv", "only datasets and datatables"),
        ("folder:Fin", "only datasets and datatables"),
        ("nope", "not in the state"),
        ("o2c.nope", "not in the state"),
    ],
)
def test_accepting_what_is_not_there_to_accept_is_refused(address, said):
    with pytest.raises(Refused, match=said):
        accept(world(), A(address))


@pytest.mark.parametrize("address", ["o2c", "o2c.events"])
def test_accepting_what_is_gone_is_refused(address):
    with pytest.raises(Refused, match="not there"):
        accept(world(datasets=(), tables=()), A(address))


def test_forgetting_a_dataset_forgets_everything_below_it():
    after = fold(state(), forget(state(), A("o2c")))
    assert (after.datasets, after.datatables, after.uploads) == ({}, {}, {})
    assert list(after.folders) == ["folder:Fin"]


def test_forgetting_a_folder_forgets_that_folder_alone():
    nested = state(
        folders={**state().folders, A("folder:Fin/Rec"): FolderRecord(id="f2", origin=Origin.CREATED)}
    )
    assert forget(nested, A("folder:Fin")) == (Drop(A("folder:Fin")),)


def test_forgetting_the_unknown_is_refused():
    with pytest.raises(Refused, match="not in the state"):
        forget(state(), A("o2"))


def test_forgetting_the_protected_is_refused():
    with pytest.raises(Refused, match="protected"):
        forget(state(datasets={A("o2c"): dataset_record(protect=True)}), A("o2c"))


def test_moving_a_dataset_takes_everything_below_along():
    after = fold(state(), move(state(), A("o2c"), A("sales")))
    assert list(after.datasets) == ["sales"]
    assert list(after.datatables) == ["sales.events"]
    assert list(after.uploads) == ["sales.events/a.csv"]


@pytest.mark.parametrize(
    ("origin", "address", "moved"),
    [
        ("o2c.events", "o2c.log", "datatables"),
        ("o2c.events/a.csv", "o2c.events/b.csv", "uploads"),
        ("folder:Fin", "folder:Finance", "folders"),
    ],
)
def test_moving_smaller_things_keeps_them_where_they_are(origin, address, moved):
    after = fold(state(), move(state(), A(origin), A(address)))
    assert list(getattr(after, moved)) == [address]


@pytest.mark.parametrize(
    ("origin", "address", "said"),
    [
        ("o2c", "o2c.x", "is a dataset"),
        ("o2c.events", "p2p.events", "stays in its dataset"),
        ("o2c.events/a.csv", "o2c.other/a.csv", "stays in its datatable"),
        ("nope", "sales", "not in the state"),
        ("o2c", "o2c", "already"),
    ],
)
def test_moving_what_cannot_be_is_refused(origin, address, said):
    with pytest.raises(Refused, match=said):
        move(state(), A(origin), A(address))


def test_unprotecting_lifts_the_protection_on_record():
    (entry,) = unprotect(state(datasets={A("o2c"): dataset_record(protect=True)}), A("o2c"))
    assert entry.record.protect is False


def test_unprotecting_the_unknown_is_refused():
    with pytest.raises(Refused, match="not in the state"):
        unprotect(state(), A("nope"))


def empty():
    return State(lineage="l", serial=0, binding=BINDING)


def test_importing_a_dataset_brings_its_declared_datatables():
    entries = take(world(known=empty()), A("o2c"), "d1")
    after = fold(empty(), entries)
    assert after.datasets[A("o2c")].origin is Origin.ADOPTED
    assert after.datasets[A("o2c")].on_removal is OnRemoval.RETAIN
    assert after.datatables[A("o2c.events")].id == "t1"


def test_importing_leaves_datatables_of_one_name_to_the_user():
    twins = world(known=empty(), tables=(table(), table(id_="t2")))
    assert len(take(twins, A("o2c"), "d1")) == 1


def test_importing_replaces_the_record_of_what_is_gone():
    remade = world(datasets=(live(id_="d2"),), tables=(table(id_="t2", dataset="d2"),))
    after = fold(state(), take(remade, A("o2c"), "d2"))
    assert after.datasets[A("o2c")].id == "d2"
    assert after.uploads == {}


def test_importing_where_the_folder_is_not_shown_takes_the_declared_one():
    hidden = world(known=empty(), datasets=(live(parent=NOT_SHOWN),), folders=False)
    assert take(hidden, A("o2c"), "d1")[0].record.folder == ("Fin",)


def test_importing_a_datatable_into_its_dataset():
    only = state(datatables={}, uploads={})
    (entry,) = take(world(known=only), A("o2c.events"), "t1")
    assert entry == Put(A("o2c.events"), DatatableRecord(id="t1", display_name="Ev", origin=Origin.ADOPTED))


def test_importing_a_folder():
    (entry,) = take(world(known=empty()), A("folder:Fin"), "f1")
    assert entry.record == FolderRecord(id="f1", origin=Origin.ADOPTED)


@pytest.mark.parametrize(
    ("known", "address", "id_", "said"),
    [
        (None, "p2p", "d1", "in the state as the dataset o2c"),
        (None, "o2c", "d1", "managed here already"),
        (None, "o2c.events", "t1", "managed here already"),
        (None, "o2c", "d2", "it is d1 in the state, which is live"),
        (None, "o2c.events", "t2", "it is t1 in the state, which is live"),
        (None, "folder:Fin", "f2", "it is f1 in the state, which is live"),
        (None, "folder:Rec", "f1", "in the state as the folder folder:Fin"),
        (None, "o2c.more", "t1", "in the state as the datatable o2c.events"),
        (None, "o2c.more", "f1", "in the state as the folder"),
        (empty(), "o2c", "f1", "listed as a folder"),
        (empty(), "o2c", "t1", "listed as a datatable"),
        (empty(), "folder:Fin", "d1", "listed as a dataset"),
        (empty(), "folder:Fin", "t1", "listed as a datatable"),
        (empty(), "p2p", "d1", "not declared"),
        (empty(), "o2c", "d9", "not there"),
        (empty(), "folder:Fin", "f9", "not there"),
        (empty(), "o2c.events", "t1", "dataset is not in the state"),
        (state(datatables={}, uploads={}), "o2c.events", "t9", "no datatable of o2c"),
        (state(datatables={}, uploads={}), "o2c.events", "d1", "in the state as the dataset"),
        (state(datatables={}, uploads={}), "o2c.events", "d2", "listed as a dataset"),
        (empty(), "o2c.events/a.csv", "x", "no ids for uploads"),
    ],
)
def test_importing_what_cannot_be_is_refused(known, address, id_, said):
    two = world(known=known, datasets=(LIVE, live(id_="d2")), tables=(TABLE, table(id_="t2")))
    with pytest.raises(Refused, match=said):
        take(two, A(address), id_)


@pytest.mark.parametrize(
    ("known", "address", "id_", "hint"),
    [
        (state(), "p2p", "d1", "pmsync state move o2c p2p -e dev"),
        (state(), "o2c", "d2", "pmsync state forget o2c -e dev lets go of it"),
        (state(), "o2c.more", "f1", "pmsync state list -e dev"),
        (state(datasets={A("o2c"): REPLACING}), "p2p", "d0", "finish the REPLACE of o2c first"),
        (state(datasets={A("o2c"): REPLACING}), "o2c", "d0", "finish the REPLACE of o2c first"),
    ],
)
def test_an_import_that_is_refused_says_what_to_do(known, address, id_, hint):
    two = world(known=known, datasets=(LIVE, live(id_="d2")))
    with pytest.raises(Refused) as caught:
        take(two, A(address), id_)
    assert hint in caught.value.hint


def test_importing_a_folder_over_one_that_is_not_shown_takes_the_users_word():
    hidden = world(datasets=(live(parent=NOT_SHOWN),), folders=False)
    assert take(hidden, A("folder:Fin"), "f9")[0].record.id == "f9"
    with pytest.raises(Refused, match="listed as a dataset"):
        take(world(known=empty(), datasets=(live(parent=NOT_SHOWN),), folders=False), A("folder:Fin"), "d1")


def test_importing_leaves_out_datatables_that_are_managed_elsewhere():
    elsewhere = state(
        datasets={},
        datatables={A("p2p.events"): DatatableRecord(id="t1", display_name="Ev", origin=Origin.CREATED)},
        uploads={},
    )
    assert [entry.address for entry in take(world(known=elsewhere), A("o2c"), "d1")] == ["o2c"]


def test_importing_in_place_of_a_new_half_that_is_gone_still_knows_the_old_one():
    known = state(datasets={A("o2c"): replace(REPLACING, id="d9")}, datatables={}, uploads={})
    after = fold(known, take(world(known=known), A("o2c"), "d1"))
    assert after.datasets[A("o2c")].superseded.id == "d0"


def test_importing_a_datatable_that_turned_up_in_another_dataset_is_over_what_is_gone():
    strayed = table(id_="t1", dataset="d2")
    here = world(datasets=(LIVE, live(id_="d2")), tables=(strayed, table(id_="t3")))
    assert take(here, A("o2c.events"), "t3")[-1].record.id == "t3"


def test_importing_a_datatable_into_an_empty_dataset_says_that_it_has_none():
    with pytest.raises(Refused) as caught:
        take(world(known=state(datatables={}, uploads={}), tables=()), A("o2c.events"), "t1")
    assert caught.value.hint == "it has none"


def standings(found):
    return [(thing.standing, thing.display_name) for thing in found]


def test_ls_tells_managed_from_unmanaged():
    both = world(
        datasets=(live(), live(id_="d2", name="Theirs", parent=None)),
        tables=(table(), table(id_="t2", name="X", dataset="d2")),
    )
    assert standings(live_things(both)) == [
        (Standing.UNMANAGED, "Theirs"),
        (Standing.UNMANAGED, "X"),
        (Standing.MANAGED, "O2C"),
        (Standing.MANAGED, "Ev"),
    ]


def test_ls_shows_drift_of_names_and_rows():
    drifted = world(datasets=(live(name="New"),), tables=(table(count=12),))
    found = live_things(drifted)
    assert standings(found) == [(Standing.DRIFTED, "New"), (Standing.DRIFTED, "Ev")]
    assert found[0].remark == "in the state as 'O2C' in Fin"
    assert found[1].remark == "10 rows were loaded"


def test_ls_takes_an_absent_row_count_for_no_drift():
    found = live_things(world(tables=(replace(table(count=0), rows_shown=False),)))
    assert found[1].standing is Standing.MANAGED


def test_ls_names_no_folder_that_is_only_believed():
    hidden = world(datasets=(live(name="New", parent=NOT_SHOWN),), folders=False)
    assert live_things(hidden)[0].remark == "in the state as 'O2C'"


def test_ls_shows_a_renamed_datatable():
    assert live_things(world(tables=(table(name="Neu"),)))[1].remark == "in the state as 'Ev'"


def test_ls_shows_leftovers_and_what_is_no_longer_declared():
    assert live_things(world(specs=(spec(tables=()),)))[1].standing is Standing.LEFTOVER
    assert live_things(world(specs=()))[0].remark == "no longer declared"
    assert live_things(world(specs=()))[1].standing is Standing.MANAGED


def test_ls_shows_what_is_gone():
    assert standings(live_things(world(datasets=(), tables=()))) == [
        (Standing.GONE, "O2C"),
        (Standing.GONE, "Ev"),
    ]


def test_ls_without_manifests_takes_everything_in_the_state_for_declared():
    nothing = {"specs": ()}
    things = live_things(world(**nothing), with_manifests=False)
    assert standings(things) == [(Standing.MANAGED, "O2C"), (Standing.MANAGED, "Ev")]
    more = live_things(world(**nothing, tables=(table(count=12),)), with_manifests=False)
    assert (more[1].standing, more[1].remark) == (Standing.DRIFTED, "10 rows were loaded")


def test_ls_shows_the_root_for_a_dataset_whose_folder_is_not_shown():
    assert live_things(world(datasets=(live(parent=NOT_SHOWN),), folders=False))[0].folder is None


def test_export_keeps_the_keys_of_what_is_managed_and_makes_others_from_names():
    more = world(
        datasets=(live(), live(id_="d2", name="Größe & Maß!"), live(id_="d3", name="o2c", parent=None)),
        tables=(
            table(),
            table(id_="t2", name="ev", dataset="d1"),
            table(id_="t3", name="日本", dataset="d2"),
        ),
    )
    found = exported(more, RULES)
    assert sorted(found.manifest.datasets) == ["grosse-mass", "o2c", "o2c-2"]
    assert sorted(found.manifest.datasets[A("o2c")].datatables) == ["o2c.ev", "o2c.events"]
    assert list(found.manifest.datasets[A("grosse-mass")].datatables) == ["grosse-mass.unnamed"]
    assert found.left_out == ()


def test_export_leaves_out_what_manifests_cannot_say():
    odd = world(
        known=empty(),
        datasets=(live(), live(id_="d2"), live(id_="d3", name="a\nb"), live(id_="d4", name="Ok")),
        tables=(
            table(id_="t2", name="x", dataset="d4"),
            table(id_="t3", name="x", dataset="d4"),
            table(id_="t4", name=" ", dataset="d4"),
        ),
    )
    found = exported(odd, RULES)
    assert list(found.manifest.datasets) == ["ok"]
    assert found.manifest.datasets[A("ok")].datatables == {}
    assert len(found.left_out) == 6


def names(found):
    return {str(one): spec.display_name for one, spec in found.manifest.datasets.items()}


def test_export_keeps_what_is_managed_beside_a_twin_and_leaves_the_twin_out():
    found = exported(world(datasets=(live(), live(id_="d2"))), RULES)
    assert names(found) == {"o2c": "O2C"}
    assert found.left_out == ("dataset 'O2C' (d2): another dataset of this name is in the same place",)


def test_export_keeps_of_a_managed_thing_the_recorded_name_where_no_manifest_may_have_the_live_one():
    found = exported(world(datasets=(live(name="a\nb"),), tables=(table(name="x" * 256),)), RULES)
    assert names(found) == {"o2c": "O2C"}
    assert found.manifest.datasets[A("o2c")].datatables[A("o2c.events")].display_name == "Ev"


def test_export_keeps_protection_and_what_is_to_be_kept():
    known = state(datasets={A("o2c"): dataset_record(protect=True, on_removal=OnRemoval.RETAIN)})
    spec_ = exported(world(known=known), RULES).manifest.datasets[A("o2c")]
    assert (spec_.protect, spec_.on_removal) == (True, OnRemoval.RETAIN)
    spec_ = exported(world(), RULES).manifest.datasets[A("o2c")]
    assert (spec_.protect, spec_.on_removal) == (False, None)
    adopted = dataset_record(origin=Origin.ADOPTED, on_removal=OnRemoval.RETAIN)
    assert exported(world(known=state(datasets={A("o2c"): adopted})), RULES).manifest.datasets[
        A("o2c")
    ] == replace(spec_)


def test_export_leaves_scratch_datasets_and_folders_that_nobody_can_write_out():
    odd = world(known=empty(), datasets=(live(name="pmsync probe ab1 (safe to delete)"), live(id_="d2")))
    found = exported(odd, replace(RULES, folder=lambda text: f"no {text}"))
    assert found.left_out == (
        "dataset 'O2C' (d2): no Fin",
        "dataset 'pmsync probe ab1 (safe to delete)' (d1): it is a scratch dataset of doctor --probe",
    )


def test_export_leaves_out_what_is_in_a_folder_that_no_manifest_can_name():
    base = world(known=empty(), datasets=(live(), live(id_="d2", name="Two", parent="f3")))
    folders = {
        "f1": RemoteFolder(id="f1", display_name="Fin", parent_id=None),
        "f2": RemoteFolder(id="f2", display_name="Fin", parent_id=None),
        "f3": RemoteFolder(id="f3", display_name="/x", parent_id="f4"),
        "f4": RemoteFolder(id="f4", display_name="a", parent_id=None),
    }
    snapshot = replace(base.inputs.snapshot, folders=folders)
    found = exported(look_at(replace(base.inputs, snapshot=snapshot)), RULES)
    assert found.left_out == (
        "dataset 'O2C' (d1): several folders are 'Fin'",
        "dataset 'Two' (d2): the folder 'a///x' has a name that begins with a slash",
    )


def test_export_takes_the_environments_prefix_off():
    mine = world(
        known=empty(), datasets=(live(name="[dev] Sales"), live(id_="d2", name="Sales")), prefix="[dev] "
    )
    found = exported(mine, RULES)
    assert [spec.display_name for spec in found.manifest.datasets.values()] == ["Sales"]
    assert "prefix" in found.left_out[0]
