"""A Manifest written as a manifest file says what it said, and reads back the same."""

from pmsync.diagnostics import Location
from pmsync.loading.writing import manifest_text
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest

HERE = Location("export")


def dataset(key, name, *, folder=(), tables=()):
    address = Address(key)
    specs = {
        one: DatatableSpec(address=one, display_name=display, location=HERE)
        for one, display in ((Address.datatable(address, table), display) for table, display in tables)
    }
    return DatasetSpec(address=address, display_name=name, folder=folder, datatables=specs, location=HERE)


def written(*datasets):
    return manifest_text(Manifest(datasets={one.address: one for one in datasets}))


def read(repository, text):
    """What pmsync makes of a written manifest, without the places in the file."""
    manifest = repository(manifest=text.removeprefix("apiVersion: pmsync/v1\n")).load().manifest
    return [
        (
            one.address,
            one.display_name,
            one.folder,
            [(t.address, t.display_name) for t in one.datatables.values()],
        )
        for one in manifest.datasets.values()
    ]


def test_a_dataset_of_the_root_without_datatables_is_its_name_alone():
    assert written(dataset("bare", "Bare")) == (
        "apiVersion: pmsync/v1\ndatasets:\n  bare:\n    displayName: Bare\n"
    )


def test_what_is_written_reads_back_the_same(repository):
    full = dataset(
        "o2c", "Größe: 012", folder=("Fin/ance", "A"), tables=[("no", "NO"), ("date", "2024-01-01")]
    )
    text = written(full, dataset("bare", "~"))
    assert read(repository, text) == [
        ("o2c", "Größe: 012", ("Fin/ance", "A"), [("o2c.no", "NO"), ("o2c.date", "2024-01-01")]),
        ("bare", "~", (), []),
    ]
