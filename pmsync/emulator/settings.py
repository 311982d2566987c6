"""How one emulator is to behave and where it keeps its data. Plain values; must not know who acts on them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from pmsync.emulator.errors import EmulatorError

SameName = Literal["replaces", "appends"]
OtherName = Literal["adds", "replaces"]

LOCAL_KEY = "pmsync-local"
"""The API key that every emulator takes. It is no secret: it opens nothing but a stand-in."""

_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices an emulator is started with; most of them play what the API reference leaves open.

    Raises EmulatorError for a value out of range.
    """

    port: int = 0
    """Port of the API on 127.0.0.1; 0 takes a free one. The bucket always takes a free one."""

    data: Path | None = None
    """Folder that keeps everything over a restart; None: nothing outlives the emulator."""

    seed: Path | None = None
    """JSON file of what a tenant holds when it is first met (docs/emulator.md, "Seed files")."""

    same_name: SameName = "replaces"
    """What an upload does to the rows of earlier uploads with the same file name."""

    other_name: OtherName = "adds"
    """What an upload does to the rows of uploads with other file names."""

    ingestion_lag: float = 0.0
    """Seconds between the end of an upload and its rows being counted."""

    show_tree: bool = False
    """Whether listings show folders, `treeNodeType` and `treeParentId`; the reference shows none of them."""

    unique_names: bool = False
    """Whether a second dataset, folder or datatable of one name is refused."""

    extra_key: str | None = field(default=None, repr=False)
    """An API key taken besides LOCAL_KEY."""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= _HIGHEST_PORT:
            raise EmulatorError(f"port {self.port} does not exist; choose 0 to {_HIGHEST_PORT}")
        if not 0 <= self.ingestion_lag < float("inf"):
            raise EmulatorError(f"an ingestion lag of {self.ingestion_lag} seconds cannot be waited for")
        if self.same_name not in get_args(SameName):
            raise EmulatorError(
                f"same name {self.same_name!r}: choose one of {', '.join(get_args(SameName))}"
            )
        if self.other_name not in get_args(OtherName):
            raise EmulatorError(
                f"other name {self.other_name!r}: choose one of {', '.join(get_args(OtherName))}"
            )

    def accepts(self, key: str | None) -> bool:
        """Whether this API key opens the emulator; an empty extra key opens nothing."""
        return key == LOCAL_KEY or (bool(self.extra_key) and key == self.extra_key)

    def public(self) -> dict[str, str | float | bool]:
        """The choices a client may see, under the names of the command line's options."""
        return {
            "data": ":memory:" if self.data is None else "folder",
            "sameName": self.same_name,
            "otherName": self.other_name,
            "ingestionLag": self.ingestion_lag,
            "showTree": self.show_tree,
            "uniqueNames": self.unique_names,
        }
