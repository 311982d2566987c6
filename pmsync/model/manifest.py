"""What the user wants: the manifests of a repository, merged, as they are for one environment.

Variables are substituted, defaults filled in, the environment's name prefix and protection applied.
Nothing here knows YAML, the tenant, or which files a pattern matches.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from pmsync.diagnostics import Location
from pmsync.model.address import Address, FolderPath


class OnRemoval(StrEnum):
    """What becomes of the live dataset when its block is removed from the manifests."""

    DELETE = "delete"
    RETAIN = "retain"


class SourceMode(StrEnum):
    """How the files of one source entry relate."""

    SINGLE = "single"
    """One file (or a pattern that matches one)."""
    APPEND = "append"
    """The files that match add up."""
    LATEST = "latest"
    """Each file that matches is a full extract: only the last by name counts."""


class Encoding(StrEnum):
    """What the text of a source is in; it is sent as it is."""

    UTF_8 = "utf-8"
    WINDOWS_1252 = "windows-1252"
    ISO_8859_1 = "iso-8859-1"


class SourceSpec(Struct, frozen=True, kw_only=True):
    """One entry of a datatable's `sources`: a path or pattern below the project folder."""

    path: str
    mode: SourceMode = SourceMode.SINGLE
    name: str | None = None
    optional: bool = False
    encoding: Encoding = Encoding.UTF_8
    location: Location


class DatatableSpec(Struct, frozen=True, kw_only=True):
    """A datatable that is to exist. Without sources its rows are nobody's business here.

    `max_row_drop`: the share of its rows that an upload may take away without `loss`, 0 to 1 (infinity: no
    limit; None: what the environment says).
    """

    address: Address
    display_name: str
    sources: tuple[SourceSpec, ...] = ()
    max_row_drop: float | None = None
    location: Location


class DatasetSpec(Struct, frozen=True, kw_only=True):
    """A dataset that is to exist.

    `display_name` carries the environment's prefix already, `protect` the environment's protection.
    `on_removal` None: delete what pmsync created, retain what it adopted.
    """

    address: Address
    display_name: str
    folder: FolderPath = ()
    protect: bool = False
    on_removal: OnRemoval | None = None
    datatables: Mapping[Address, DatatableSpec] = field(default_factory=dict)
    location: Location


class Manifest(Struct, frozen=True, kw_only=True):
    """Everything declared, by address. Never empty: an empty wish is an input error."""

    datasets: Mapping[Address, DatasetSpec]
