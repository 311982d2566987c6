"""A whole repository, read: what every command begins with.

Holds what all files declare against each other, and shows all problems at once. Nothing is sent or written.
This module must not know what is done with what was read.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from pmsync.collector import collector_paused
from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import UsageProblem
from pmsync.loading.approvals import APPROVALS, read_approvals
from pmsync.loading.checked import checked
from pmsync.loading.documents import read_document
from pmsync.loading.files import ManifestFile, find_manifests
from pmsync.loading.manifests import NOTHING, Reading
from pmsync.loading.problems import Problems, shown
from pmsync.loading.project import Config, choose_environment, read_config
from pmsync.loading.shape import ManifestShape
from pmsync.loading.variables import Values, require_declared, uncertain, values_for
from pmsync.model.address import Address
from pmsync.model.consent import Approval
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, SourceMode, SourceSpec
from pmsync.model.project import EmulatedTenant, Environment, Project

MOST_DECLARED: Final = 200_000
"""Datasets, datatables and sources of one environment."""


class Wish(Struct, frozen=True, kw_only=True):
    """What the user says beside the files.

    `environment`: the one that is named; `may_default`: whether one that is not named may be the default.
    `variables`: `--var name=value`. `environ`: the process's environment variables, of which only
    PMSYNC_VAR_… are looked at.
    """

    environment: str | None = None
    may_default: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)


class Loaded(Struct, frozen=True, kw_only=True):
    """A repository for one environment."""

    project: Project
    environment: Environment
    manifest: Manifest
    approvals: frozenset[Approval]


def load(config: str, wish: Wish) -> Loaded:
    """The repository whose pmsync.yaml is at the path `config`, for one environment.

    Raises InputError with every problem of every file, or UsageProblem if no environment can be chosen or
    `--var` names no declared variable.
    """
    problems = Problems()
    with collector_paused():
        known = read_config(config, problems)
        if known is None:
            problems.refuse()
        project, sound = known.project, not problems
        environment, values = _chosen(project, wish, sound=sound)
        manifest = _manifest(known, environment, values, problems)
        approvals = read_approvals(project.root, project.environments if sound else (), problems)
    problems.settle()
    return Loaded(project=project, environment=environment, manifest=manifest, approvals=approvals)


def load_what_is_sound(config: str, wish: Wish) -> tuple[str, Manifest] | None:
    """The project's folder and what its manifests soundly declare, where `load` refuses them.

    So that problems of sources can be told beside those of manifests. None: nothing can be believed.
    """
    problems = Problems()
    with collector_paused():
        known = read_config(config, problems)
        if known is None:
            return None
        environment, values = _chosen(known.project, wish, sound=not problems)
        found = _files(known, problems)
        specs = chain.from_iterable(_specs(one, environment, values, problems) for one in found)
        manifest = merged(_bounded(map(_sound, specs), problems), problems)
    return known.project.root, manifest


def _sound(spec: DatasetSpec) -> DatasetSpec:
    """The dataset with those sources alone that can be looked at."""
    tables = {
        address: replace(table, sources=tuple(one for one in table.sources if _can_be_looked_at(one)))
        for address, table in spec.datatables.items()
    }
    return replace(spec, datatables=tables)


def _can_be_looked_at(source: SourceSpec) -> bool:
    contradicts = source.mode is not SourceMode.SINGLE and (source.mode is SourceMode.LATEST) is (
        source.name is None
    )
    return NOTHING not in {source.path, source.name} and not contradicts


def load_environment(config: str, wish: Wish) -> tuple[Project, Environment]:
    """The project and the environment alone, for what works without manifests. Raises as `load` does."""
    problems = Problems()
    known = read_config(config, problems)
    if known is None:
        problems.refuse()
    problems.settle()
    environment, _ = _chosen(known.project, wish, sound=True)
    return known.project, environment


def _chosen(project: Project, wish: Wish, *, sound: bool) -> tuple[Environment, Values]:
    """The environment and its values. Where pmsync.yaml is not sound, one that stands in for the missing."""
    try:
        environment = choose_environment(project, wish.environment, may_default=wish.may_default)
        require_declared(project, wish.variables)
    except UsageProblem:
        if sound:
            raise
        stand_in = Environment(name="", tenant=EmulatedTenant(), location=project.location)
        return stand_in, uncertain(project)
    values = values_for(project, environment, given=wish.variables, environ=wish.environ)
    return environment, values if sound else replace(values, certain=False)


def _manifest(config: Config, environment: Environment, values: Values, problems: Problems) -> Manifest:
    files = _files(config, problems)
    specs = chain.from_iterable(_specs(one, environment, values, problems) for one in files)
    manifest = merged(_bounded(specs, problems), problems)
    if not manifest.datasets and not problems:
        message = "the manifests declare no dataset: empty manifests would delete everything"
        problems.add(
            Diagnostic(Location(files[0].file, 1, 1), "PM023", message, "declare one, or use pmsync destroy")
        )
    return manifest


def _files(config: Config, problems: Problems) -> list[ManifestFile]:
    apart = frozenset({os.path.basename(config.path), APPROVALS})
    patterns = zip(config.project.manifests, config.places, strict=True)
    return find_manifests(config.project.root, patterns, apart=apart, problems=problems)


def _bounded(specs: Iterable[DatasetSpec], problems: Problems) -> Iterator[DatasetSpec]:
    """The specs, as long as they are not more than anybody means: each takes memory."""
    room = MOST_DECLARED
    for spec in specs:
        room -= 1 + sum(1 + len(table.sources) for table in spec.datatables.values())
        if room < 0:
            message = f"more than {MOST_DECLARED:,} datasets, datatables and sources are declared"
            hint = "make several projects of it, or use patterns for sources"
            problems.add(Diagnostic(spec.location, "PM034", message, hint))
            return
        yield spec


def _specs(
    file: ManifestFile, environment: Environment, values: Values, problems: Problems
) -> Iterable[DatasetSpec]:
    document = read_document(file.path, file.file, problems, root=file.root)
    shape = checked(document, ManifestShape, problems) if document else None
    if document is None or shape is None:
        return ()
    return Reading(document, environment, values, problems).datasets(shape)


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
