"""Holds the specs of all files against each other and makes one Manifest of them.

This module must not know YAML.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

from pmsync.diagnostics import Diagnostic
from pmsync.loading.manifests import NOTHING
from pmsync.loading.problems import Problems, shown
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest


def merged(specs: Iterable[DatasetSpec], problems: Problems) -> Manifest:
    """One manifest of all specs. A key in two files, and one name for two things, go to `problems`."""
    datasets: dict[Address, DatasetSpec] = {}
    for spec in specs:
        first = datasets.setdefault(spec.address, spec)
        if first is not spec:
            message = f"dataset {shown(spec.address)} is declared twice; first at {first.location}"
            problems.add(Diagnostic(spec.location, "PM024", message, "keep one of the two"))
    _judge_names(datasets.values(), problems)
    for dataset in datasets.values():
        _judge_names(dataset.datatables.values(), problems)
    return Manifest(datasets=datasets)


def _judge_names(specs: Collection[DatasetSpec] | Collection[DatatableSpec], problems: Problems) -> None:
    """Two things of one parent that look the same could not be told apart in the tenant."""
    seen: dict[str | tuple[str, ...], DatasetSpec | DatatableSpec] = {}
    for spec in specs:
        first = seen.setdefault(_look(spec), spec)
        if first is not spec and spec.display_name != NOTHING:
            message = f"{shown(spec.display_name)} is also the name of {first.address} at {first.location}"
            hint = "give one of them another displayName"
            problems.add(Diagnostic(spec.location, "PM025", message, hint))


def _look(spec: DatasetSpec | DatatableSpec) -> str | tuple[str, ...]:
    """Folder and name, the same for texts that differ only in how their characters are put together."""
    if isinstance(spec, DatasetSpec):
        return (*map(_composed, spec.folder), _composed(spec.display_name))
    return _composed(spec.display_name)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
