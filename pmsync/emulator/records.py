"""The nouns of a tenant, as the emulator keeps them. Plain data; must not know of SQL, HTTP or JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

Clock = Callable[[], float]
"""The time, in seconds since 1970, UTC."""

NewId = Callable[[], str]
"""A fresh id for each thing that is created."""

NodeKind = Literal["Dataset", "TreeGroup"]
ColumnType = Literal["string", "integer", "number", "boolean", "datetime"]


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """One tenant of the emulator; any id that is asked for becomes one."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Node:
    """A dataset, or a folder of datasets (a TreeGroup)."""

    id: str
    kind: NodeKind
    name: str
    parent_id: str | None
    created_at: str
    datatable_count: int


@dataclass(frozen=True, slots=True)
class Datatable:
    """A table of a dataset; `row_count` is what its visible loads add up to."""

    id: str
    dataset_id: str
    name: str
    created_at: str
    row_count: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a datatable."""

    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Content:
    """What one file holds: its columns in order, and how many records with a non-empty cell."""

    columns: tuple[Column, ...]
    row_count: int


NO_CONTENT: Final = Content((), 0)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes the bucket took: their digests in hexadecimal and their number."""

    sha256: str
    md5: str
    size: int


@dataclass(frozen=True, slots=True)
class WaitingLoad:
    """An uploaded file whose rows have not been counted yet."""

    sequence: int
    datatable: int
    file_name: str
    sha256: str
    visible_at: float


def timestamp(seconds: float) -> str:
    """An ISO 8601 time in UTC to the second, as the API reference shows `createdAt`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
