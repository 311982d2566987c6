"""Manifest files become the specs of one environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pmsync.errors import InputError
from pmsync.loading.repository import Wish
from pmsync.model.address import Address, Kind
from pmsync.model.manifest import OnRemoval, SourceMode

FULL = """\
datasets:
  order-to-cash:
    displayName: Order to Cash
    folder: Finance/A//R
    protect: true
    onRemoval: retain
    datatables:
      events:
        displayName: Order events
        sources:
          - ${data}/events-2023.csv
          - {path: "${data}/events-2024-*.csv", mode: append, optional: true}
          - path: extracts/*.csv
            mode: latest
            name: all.csv
      lookup: {displayName: Region lookup}
      bare:
  2024:
"""


def test_everything_a_manifest_can_say(repository: Callable[..., Any]) -> None:
    datasets = repository(manifest=FULL).load().manifest.datasets
    assert list(datasets) == ["order-to-cash", "2024"]
    dataset = datasets[Address("order-to-cash")]
    assert dataset.address.kind is Kind.DATASET
    assert (dataset.display_name, dataset.folder) == ("Order to Cash", ("Finance", "A/R"))
    assert (dataset.protect, dataset.on_removal) == (True, OnRemoval.RETAIN)
    assert str(dataset.location) == "manifests/m.yaml:3:3"
    tables = list(dataset.datatables.values())
    assert [(one.address, one.display_name, str(one.location)) for one in tables] == [
        ("order-to-cash.events", "Order events", "manifests/m.yaml:9:7"),
        ("order-to-cash.lookup", "Region lookup", "manifests/m.yaml:17:7"),
        ("order-to-cash.bare", "bare", "manifests/m.yaml:18:7"),
    ]
    sources = tables[0].sources
    assert [(one.path, one.mode, one.name, one.optional, str(one.location)) for one in sources] == [
        ("data/events-2023.csv", SourceMode.SINGLE, None, False, "manifests/m.yaml:12:13"),
        ("data/events-2024-*.csv", SourceMode.APPEND, None, True, "manifests/m.yaml:13:13"),
        ("extracts/*.csv", SourceMode.LATEST, "all.csv", False, "manifests/m.yaml:14:13"),
    ]


def test_what_is_not_said_has_its_default(repository: Callable[..., Any]) -> None:
    dataset = repository(manifest=FULL).load().manifest.datasets[Address("2024")]
    assert type(dataset.display_name) is str
    assert (dataset.display_name, dataset.folder, dataset.datatables) == ("2024", (), {})
    assert (dataset.protect, dataset.on_removal) == (False, None)


def test_the_environment_prefixes_and_protects_datasets_only(repository: Callable[..., Any]) -> None:
    project = (
        "variables: {data: {default: d}}\n"
        "environments: {e: {tenant: emulator, namePrefix: '[e] ', protect: true}}\n"
    )
    datasets = repository(project=project, manifest=FULL).load().manifest.datasets
    assert [(one.display_name, one.protect) for one in datasets.values()] == [
        ("[e] Order to Cash", True),
        ("[e] 2024", True),
    ]
    assert datasets[Address("order-to-cash")].folder == ("Finance", "A/R")
    assert datasets[Address("order-to-cash")].datatables[Address("order-to-cash.lookup")].display_name == (
        "Region lookup"
    )


def test_several_files_make_one_manifest(repository: Callable[..., Any]) -> None:
    made = repository(
        {
            "manifests/b/deep.yml": "apiVersion: pmsync/v1\ndatasets: {b: {}}\n",
            "manifests/a.yaml": "apiVersion: pmsync/v1\ndatasets: {c: {}}\n",
            "manifests/empty.yaml": "apiVersion: pmsync/v1\ndatasets: {}\n",
        }
    )
    assert list(made.load().manifest.datasets) == ["c", "b", "fine"]


def test_one_name_in_two_folders_or_two_datasets_is_fine(repository: Callable[..., Any]) -> None:
    manifest = (
        "datasets:\n"
        "  a: {displayName: Same, datatables: {t: {displayName: T}}}\n"
        "  b: {displayName: Same, folder: F, datatables: {t: {displayName: T}}}\n"
        "  c: {displayName: same}\n"
    )
    assert len(repository(manifest=manifest).load().manifest.datasets) == 3


def test_names_that_only_look_the_same_collide_in_their_folders_too(repository: Callable[..., Any]) -> None:
    manifest = "datasets:\n  a: {displayName: N, folder: 'é'}\n  b: {displayName: N, folder: 'e\u0301'}\n"
    assert repository(manifest=manifest).codes() == [("manifests/m.yaml:4:3", "PM025")]


def test_every_place_of_a_key_is_shown(repository: Callable[..., Any]) -> None:
    made = repository({"manifests/n.yaml": "apiVersion: pmsync/v1\ndatasets:\n  fine: {}\n"})
    (said,) = made.refused()
    assert (str(said.location), said.code) == ("manifests/n.yaml:3:3", "PM024")
    assert "manifests/m.yaml:2:12" in said.message


def test_faulty_names_do_not_collide(repository: Callable[..., Any]) -> None:
    manifest = (
        "datasets:\n"
        "  a: {displayName: '${x}'}\n"
        "  b: {displayName: '${y}'}\n"
        "  c: {displayName: ok, folder: /}\n"
        "  d: {displayName: ok, folder: /}\n"
    )
    assert [code for _, code in repository(manifest=manifest).codes()] == ["PM109", "PM109", "PM027", "PM027"]


def test_half_a_source_is_complained_of_once(repository: Callable[..., Any]) -> None:
    manifest = (
        "datasets: {a: {datatables: {t: {sources: [{path: x, mode: latest, name: [y]}, b.csv, {}]}}}}\n"
    )
    assert [code for _, code in repository(manifest=manifest).codes()] == ["PM017", "PM016"]


def test_one_wrong_thing_does_not_hide_another(repository: Callable[..., Any]) -> None:
    manifest = (
        "datasets:\n"
        "  Bad: {folder: [x], colour: red}\n"
        "  a: {displayName: '${x}', colour: red, datatables: {t: [x], u: {displayName: ' '}}}\n"
        "  b: [c]\n"
    )
    assert [code for _, code in repository(manifest=manifest).codes()] == [
        "PM019",
        "PM017",
        "PM012",
        "PM109",
        "PM012",
        "PM017",
        "PM026",
        "PM017",
    ]


def test_very_many_deviations_are_one_problem_and_their_number(
    repository: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pmsync.loading.checked._MOST_EXAMINED", 200)
    manifest = "datasets: {a: {}}\n" + "".join(f"k{number}: x\n" for number in range(201))
    with pytest.raises(InputError) as caught:
        repository(manifest=manifest).load()
    assert [(str(one.location), one.code) for one in caught.value.diagnostics] == [
        ("manifests/m.yaml", "PM033")
    ]
    assert caught.value.count == 201


def test_a_few_thousand_problems_are_told_up_to_a_hundred(repository: Callable[..., Any]) -> None:
    manifest = "datasets: {a: {}}\n" + "".join(f"k{number}: x\n" for number in range(1_234))
    with pytest.raises(InputError) as caught:
        repository(manifest=manifest).load()
    assert [one.location.line for one in caught.value.diagnostics] == list(range(3, 103))
    assert caught.value.count == 1_234


def test_a_file_of_nothing_but_faults_is_read_no_further(
    repository: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pmsync.loading.documents.MOST_REFUSED", 3)
    made = repository(manifest="datasets: {a: {}}\n" + "x: y\n" * 9)
    codes = [code for _, code in made.codes()]
    assert codes == ["PM006", "PM006", "PM006", "PM033"]


def test_a_folder_of_very_many_levels_is_refused(repository: Callable[..., Any]) -> None:
    made = repository(manifest=f"datasets: {{a: {{folder: {'/'.join('x' * 50)}}}}}\n")
    assert len(made.load().manifest.datasets[Address("a")].folder) == 50
    made = repository(manifest=f"datasets: {{a: {{folder: {'/'.join('x' * 51)}}}}}\n")
    assert made.codes() == [("manifests/m.yaml:2:24", "PM027")]


def test_a_control_character_in_a_part_of_a_folder_is_seen(repository: Callable[..., Any]) -> None:
    made = repository(manifest='datasets: {a: {folder: "A/B\\u0085C"}}\n')
    assert made.codes() == [("manifests/m.yaml:2:24", "PM027")]


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a\\b", "\u0085"])
def test_file_names_that_cannot_be(repository: Callable[..., Any], name: str) -> None:
    manifest = "datasets: {a: {datatables: {t: {sources: [{path: x, name: '${data}'}]}}}}\n"
    codes = repository(manifest=manifest).codes(Wish(variables={"data": name}))
    assert [code for _, code in codes] == ["PM028"]


def test_one_source_is_fine_where_only_one_is_kept(repository: Callable[..., Any]) -> None:
    made = repository(
        project="environments: {e: {tenantId: x, uploads: {otherName: replaces}}}\n",
        manifest="datasets: {a: {datatables: {t: {sources: [x.csv]}, u: {sources: []}}}}\n",
    )
    assert len(made.load().manifest.datasets[Address("a")].datatables) == 2


def test_more_than_anybody_means_is_refused_where_it_begins(
    repository: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pmsync.loading.repository.MOST_DECLARED", 5)
    made = repository(manifest="datasets:\n  a: {datatables: {t: {sources: [x, y]}}}\n  b: {}\n")
    assert len(made.load().manifest.datasets) == 2
    made.write("manifests/m2.yaml", "apiVersion: pmsync/v1\ndatasets: {c: {}}\n")
    assert made.codes() == [("manifests/m2.yaml:2:12", "PM034")]
