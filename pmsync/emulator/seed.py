"""What a tenant is to hold from the start: the nouns, and reading them from a JSON file.

The format is described in docs/emulator.md, "Seed files". Planting is the business of world.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pmsync.emulator.errors import EmulatorError
from pmsync.emulator.records import NO_CONTENT, Column, ColumnType, Content

EVERY_TENANT: Final = "*"

_MOST_ROWS: Final = 2**53
"""What any reader of JSON can tell from its neighbour."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SeedDatatable:
    """A datatable to plant: rows without a file, and files that are read like uploads."""

    name: str
    content: Content = NO_CONTENT
    files: tuple[Path, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class SeedDataset:
    """A dataset to plant, in a folder given by the names from the root; missing folders are made."""

    name: str
    datatables: tuple[SeedDatatable, ...] = ()
    folder: tuple[str, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class SeedTenant:
    """What one tenant is to hold."""

    name: str | None = None
    datasets: tuple[SeedDataset, ...] = ()
    folders: tuple[tuple[str, ...], ...] = ()


Seeds = Mapping[str, SeedTenant]
"""What to plant in the tenant of each id; EVERY_TENANT stands for all others."""


def read_seeds(path: Path) -> Seeds:
    """Read a seed file. Raises EmulatorError that names the place in the file."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise EmulatorError(f"cannot read the seed file {path}: {error.strerror}") from error
    return seeds_of(text, path)


def seeds_of(text: bytes, path: Path | None) -> Seeds:
    """What a seed document asks for. Raises EmulatorError that names the place in it.

    Without a path it came from a stranger, who may not name files of this machine.
    """
    document_name = f"the seed file {path}" if path else "the seed"
    try:
        reader = _Reader(path.parent if path else None)
        fields = _fields(json.loads(text), "the seed", {"tenants"})
        tenants = _object(fields.get("tenants"), "tenants")
        return {tenant: reader.tenant(value, f"tenants.{tenant}") for tenant, value in tenants.items()}
    except (ValueError, RecursionError) as error:
        raise EmulatorError(f"{document_name} is not JSON: {error}") from error
    except _MisfitError as error:
        raise EmulatorError(f"in {document_name}: {error}") from error


class _MisfitError(Exception):
    """A value that is not what its place asks for."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns JSON values into seeds; `at` is where in the file a value stands."""

    folder: Path | None
    """Where the files are; None where there may be none."""

    def tenant(self, value: Any, at: str) -> SeedTenant:
        fields = _fields(value, at, {"displayName", "datasets", "folders"})
        datasets = _list(fields.get("datasets", []), f"{at}.datasets", self.dataset)
        _check_ids([dataset.id for dataset in datasets], f"{at}.datasets")
        _check_ids([table.id for dataset in datasets for table in dataset.datatables], f"{at}.datasets")
        return SeedTenant(
            name=_optional(fields.get("displayName"), f"{at}.displayName", _text),
            datasets=datasets,
            folders=_list(fields.get("folders", []), f"{at}.folders", _path),
        )

    def dataset(self, value: Any, at: str) -> SeedDataset:
        fields = _fields(value, at, {"id", "displayName", "folder", "datatables"})
        return SeedDataset(
            name=_text(fields.get("displayName"), f"{at}.displayName"),
            datatables=_list(fields.get("datatables", []), f"{at}.datatables", self.datatable),
            folder=_path(fields.get("folder", []), f"{at}.folder"),
            id=_optional(fields.get("id"), f"{at}.id", _text),
        )

    def datatable(self, value: Any, at: str) -> SeedDatatable:
        fields = _fields(value, at, {"id", "displayName", "rowCount", "columns", "files"})
        columns = _list(fields.get("columns", []), f"{at}.columns", _column)
        return SeedDatatable(
            name=_text(fields.get("displayName"), f"{at}.displayName"),
            content=Content(columns, _count(fields.get("rowCount", 0), f"{at}.rowCount")),
            files=_list(fields.get("files", []), f"{at}.files", self.file),
            id=_optional(fields.get("id"), f"{at}.id", _text),
        )

    def file(self, value: Any, at: str) -> Path:
        if self.folder is None:
            raise _MisfitError(f"{at}: a seed that is posted names no files; upload them")
        path = self.folder / _text(value, at)
        if not path.is_file():
            raise _MisfitError(f"{at}: there is no file {path}")
        return path


def _check_ids(ids: list[str | None], at: str) -> None:
    for given, times in Counter(ids).items():
        if given is not None and times > 1:
            raise _MisfitError(f"{at}: the id {given!r} is given {times} times")


def _fields(value: Any, at: str, known: set[str]) -> dict[str, Any]:
    fields = _object(value, at)
    for key in fields:
        if key not in known:
            raise _MisfitError(f"{at}: unknown key {key!r}; known are {', '.join(sorted(known))}")
    return fields


def _object(value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _MisfitError(f"{at} must be an object")
    return value


def _list(value: Any, at: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise _MisfitError(f"{at} must be a list")
    return tuple(read(item, f"{at}[{index}]") for index, item in enumerate(value))


def _optional(value: Any, at: str, read: Callable[[Any, str], T]) -> T | None:
    return None if value is None else read(value, at)


def _text(value: Any, at: str) -> str:
    if not isinstance(value, str) or not value.strip() or not _is_unicode(value):
        raise _MisfitError(f"{at} must be a text that is not empty")
    return value


def _is_unicode(text: str) -> bool:
    """Whether no half of a surrogate pair is in it, which JSON can spell and no text can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _count(value: Any, at: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_ROWS:
        raise _MisfitError(f"{at} must be a whole number from 0 to {_MOST_ROWS}")
    return value


def _path(value: Any, at: str) -> tuple[str, ...]:
    return _list(value, at, _text)


def _column(value: Any, at: str) -> Column:
    fields = _fields(value, at, {"name", "type"})
    if fields.get("type") not in get_args(ColumnType):
        raise _MisfitError(f"{at}.type must be one of {', '.join(get_args(ColumnType))}")
    return Column(_text(fields.get("name"), f"{at}.name"), fields["type"])
