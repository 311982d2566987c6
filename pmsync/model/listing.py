"""What `ls` shows: the live tenant, thing by thing, and what each is to this project."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pmsync.model.address import Address, FolderPath


class Standing(StrEnum):
    """What a live (or missing) thing is to this project."""

    MANAGED = "managed"
    DRIFTED = "drifted"
    """Managed, and not what the state remembers."""
    LEFTOVER = "leftover"
    """Made by pmsync, no longer declared, and not removable by the API."""
    UNMANAGED = "unmanaged"
    GONE = "gone"
    """On record, and not live any more."""


class LiveThing(Struct, frozen=True, kw_only=True):
    """One dataset or datatable. `address` is empty for what nobody manages; `folder` None: not shown."""

    standing: Standing
    address: Address | None
    id: str
    display_name: str
    folder: FolderPath | None = None
    dataset_id: str = ""
    rows: int | None = None
    remark: str = ""
