"""A Manifest written as a manifest file says what it said, and reads back the same."""

import pytest
from msgspec.structs import replace

from pmsync.diagnostics import Location
from pmsync.loading.writing import manifest_text
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, OnRemoval
from pmsync.views.escape import terminal, yaml_quoted

HERE = Location("export")


def dataset(key, name, *, folder=(), tables=()):
    address = Address(key)
    specs = {
        one: DatatableSpec(address=one, display_name=display, location=HERE)
        for one, display in ((Address.datatable(address, table), display) for table, display in tables)
    }
    return DatasetSpec(address=address, display_name=name, folder=folder, datatables=specs, location=HERE)


def written(*datasets):
    return manifest_text(Manifest(datasets={one.address: one for one in datasets}), quoted=yaml_quoted)


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


@pytest.mark.parametrize(
    "name",
    [
        *(
            "##teamcity[message text='x']",
            "##vso[task.setvariable]x",
            "::error::x",
            "a ::set-output name=x::y",
        ),
        *("a\u202eb", "a\u200bb", "\ufeffx", "\U000e0041", "e" + "\u0301" * 40, "\u0e47" * 9),
        *(
            'say "##[x]"',
            "back\\slash ##[x]",
            "a'\u202e'b",
            "\u202e: - #{}[]",
            "\u2066" * 5000,
            "x" * 5000 + " ##[x]",
        ),
    ],
)
def test_a_hostile_name_is_written_harmless_and_reads_back_the_same(repository, name):
    text = written(dataset("a", name, folder=(name.replace("/", ""),), tables=[("t", name)]))
    assert [line for line in text.splitlines() if terminal(line) != line] == []
    if len(name) <= 255:
        assert read(repository, text)[0][1] == name
        assert read(repository, text)[0][3] == [("a.t", name)]


def test_a_text_that_is_fit_to_be_shown_is_quoted_as_yaml_does_it():
    one = dataset("a", "tab\there")
    text = manifest_text(Manifest(datasets={one.address: one}), quoted=lambda _: None)
    assert 'displayName: "tab\\there"\n' in text


def test_protection_removal_comments_and_braces_are_written(repository):
    full = replace(dataset("a", "A ${x}", folder=("$${y}",)), protect=True, on_removal=OnRemoval.RETAIN)
    text = manifest_text(
        Manifest(datasets={full.address: full}), quoted=yaml_quoted, comments=["left out: b"]
    )
    assert text == (
        "# left out: b\napiVersion: pmsync/v1\ndatasets:\n  a:\n    displayName: A $${x}\n"
        "    folder: $$${y}\n    protect: true\n    onRemoval: retain\n"
    )
    (spec,) = (
        repository(manifest=text.replace("apiVersion: pmsync/v1\n", "")).load().manifest.datasets.values()
    )
    assert (spec.display_name, spec.folder, spec.protect) == ("A ${x}", ("$${y}",), True)
