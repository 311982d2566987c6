"""Addresses: the stable names of managed things, and the globs that select them.

An address is what the user types, what the state is keyed by and what a plan line starts with.
It must not know whether the thing exists.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta

FolderPath = tuple[str, ...]
"""Folder names from the root down; the empty tuple is the root itself."""

_FOLDER: Final = "folder:"


class Kind(StrEnum):
    """What an address names."""

    FOLDER = "folder"
    DATASET = "dataset"
    DATATABLE = "datatable"
    SOURCE = "source"


class Address(str):
    """The stable name of a managed thing.

    `order-to-cash`, `order-to-cash.events`, `order-to-cash.events/events-2024.csv`,
    `folder:Finance/Receivables`. Keys hold neither `.` nor `/`, so the first `.` and the first `/`
    after it always separate; a slash inside a folder's name is written `//`.
    """

    __slots__ = ()

    @classmethod
    def folder(cls, path: FolderPath) -> Address:
        return cls(_FOLDER + "/".join(name.replace("/", "//") for name in path))

    @classmethod
    def dataset(cls, key: str) -> Address:
        return cls(key)

    @classmethod
    def datatable(cls, dataset: str, key: str) -> Address:
        return cls(f"{dataset}.{key}")

    @classmethod
    def source(cls, datatable: str, name: str) -> Address:
        return cls(f"{datatable}/{name}")

    @property
    def kind(self) -> Kind:
        if self.startswith(_FOLDER):
            return Kind.FOLDER
        if "/" in self:
            return Kind.SOURCE
        return Kind.DATATABLE if "." in self else Kind.DATASET

    @property
    def reserved(self) -> bool:
        """Whether it is one of pmsync's own, for scratch things: no key of a manifest begins with `_`."""
        return self.startswith("_")

    @property
    def key(self) -> str:
        """The last part: a key, a file name, or the folder path as written."""
        match self.kind:
            case Kind.FOLDER:
                return self[len(_FOLDER) :]
            case Kind.SOURCE:
                return self.split("/", 1)[1]
            case Kind.DATATABLE:
                return self.split(".", 1)[1]
            case Kind.DATASET:
                return str(self)

    @property
    def datatable_address(self) -> Address:
        """The datatable of a source; for a datatable itself."""
        return Address(self.split("/", 1)[0])

    @property
    def dataset_address(self) -> Address:
        """The dataset that this thing is, or is in (not for folders)."""
        return Address(self.split("/", 1)[0].split(".", 1)[0])

    @property
    def path(self) -> FolderPath:
        """The names of a folder address from the root down."""
        return parse_folder(self.key)


if TYPE_CHECKING:
    AnyAddress = Address
    FolderAddress = Address
    DatasetAddress = Address
    DatatableAddress = Address
    SourceAddress = Address
else:
    # What a file holds where a noun has an Address: a text of this pattern, of which the noun makes one
    # (`__post_init__`). For a class that `msgspec` does not know it would first build whatever stands there.
    AnyAddress = Annotated[str, Meta(min_length=1)]
    FolderAddress = Annotated[str, Meta(pattern=r"\Afolder:")]
    DatasetAddress = Annotated[str, Meta(pattern=r"\A[^./:]+\Z")]
    DatatableAddress = Annotated[str, Meta(pattern=r"\A[^./:]+\.[^./]+\Z")]
    SourceAddress = Annotated[str, Meta(pattern=r"(?s)\A[^./:]+\.[^./]+/.+\Z")]


def parse_folder(text: str) -> FolderPath:
    """`Finance/Receivables` as names from the root; `//` is a slash inside a name, read from the left."""
    names = [name.replace("\0", "/") for name in text.replace("//", "\0").split("/")]
    return tuple(names) if text else ()


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in glob)
    return re.compile("".join(parts), re.DOTALL)


def matches(address: str, glob: str) -> bool:
    """Whether the whole address matches. `*` is any text, `.` and `/` included; `?` is one character."""
    return _compiled(glob).fullmatch(address) is not None


def matches_any(address: str, globs: tuple[str, ...]) -> bool:
    """Whether one of the globs matches; none are given: False."""
    return any(matches(address, glob) for glob in globs)
