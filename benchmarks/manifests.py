"""Writes projects of any size: pmsync.yaml, 240 bytes of manifest for each datatable, and a file for each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.standin import TENANT, dataset_name, datatable_name

PER_DATASET: Final = 10
LARGEST: Final = 90_000
"""Datatables: with their datasets and sources nearly the 200,000 things that a project may declare."""
ROWS: Final = 25
"""Of each source."""
_PER_FILE: Final = 1_000
"""Datasets of one manifest: more would be larger than a manifest may be."""
_LONG_AGO: Final = 1_700_000_000.0
_PROJECT: Final = """\
apiVersion: pmsync/v1
project: bench
environments:
  bench:
    tenantId: {tenant}
    apiUrl: "{url}"
    state: file
    uploads: {{sameName: replaces, otherName: adds}}
"""
_DATASET: Final = """\
  {key}:
    displayName: {name}
    datatables:
"""
_DATATABLE: Final = """\
      {key}:
        displayName: {name}
        checks: {{maxRowDrop: 20%}}
        sources:
          - path: data/{dataset:05}/events-{datatable:05}.csv
            name: events-{datatable:05}-extract.csv
            optional: true
"""
_NO_SOURCE: Final = "      {key}: {{displayName: {name}}}\n"


def write_project(folder: Path, url: str) -> None:
    """A pmsync.yaml with the one environment."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pmsync.yaml").write_text(_PROJECT.format(tenant=TENANT, url=url))


def write_manifests(
    folder: Path, datatables: int, *, dataset_key: str = "dataset", table_key: str = "events"
) -> None:
    """Manifests of so many datatables in datasets of ten, in place of those that are there."""
    shutil.rmtree(folder / "manifests", ignore_errors=True)
    (folder / "manifests").mkdir(parents=True)
    datasets = range(-(-datatables // PER_DATASET))
    for first in datasets[::_PER_FILE]:
        with (folder / "manifests" / f"from-{first:06}.yaml").open("w") as file:
            file.write("apiVersion: pmsync/v1\ndatasets:\n")
            for dataset in datasets[first : first + _PER_FILE]:
                file.write(_DATASET.format(key=f"{dataset_key}-{dataset:05}", name=dataset_name(dataset)))
                tables = range(min(PER_DATASET, datatables - dataset * PER_DATASET))
                file.writelines(_tables(dataset, tables, key=table_key, form=_DATATABLE))


def add_manifest(folder: Path, datatables: int) -> None:
    """One manifest more, of new datatables without a source, ten to a new dataset."""
    with (folder / "manifests" / "new.yaml").open("w") as file:
        file.write("apiVersion: pmsync/v1\ndatasets:\n")
        for dataset in range(90_000, 90_000 + datatables // PER_DATASET):
            file.write(_DATASET.format(key=f"new-{dataset:05}", name=dataset_name(dataset)))
            file.writelines(_tables(dataset, range(PER_DATASET), key="events", form=_NO_SOURCE))


def _tables(dataset: int, tables: range, *, key: str, form: str) -> Iterator[str]:
    for datatable in tables:
        name = datatable_name(dataset, datatable)
        yield form.format(key=f"{key}-{datatable:05}", name=name, dataset=dataset, datatable=datatable)


def write_sources(folder: Path, datatables: int) -> None:
    """A file of 1 KiB for each datatable, of other content each, last written long ago."""
    for number in range(datatables):
        dataset, datatable = divmod(number, PER_DATASET)
        path = folder / "data" / f"{dataset:05}" / f"events-{datatable:05}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        record = f"{number:08},2026-01-01T00:00:00Z,alice------\n"
        path.write_text("case,time,user\n" + record * ROWS)
        os.utime(path, (_LONG_AGO, _LONG_AGO))
