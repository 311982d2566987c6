"""What a plan says beside its changes: notes, leftovers and duplicates. Nothing is done about any of them."""

from __future__ import annotations

from msgspec import Struct

from pmsync.model.address import Address


class Note(Struct, frozen=True):
    """Something worth knowing that is no change; `address` may be empty.

    `code`: of the diagnostic that it is, where it is about a source file.
    """

    address: str
    sentence: str
    code: str = ""


class Leftover(Struct, frozen=True):
    """Something pmsync made that is no longer declared and that the API cannot remove.

    `recent`: its entry was removed from the manifest and nobody accepted that yet, or its file became a copy
    of another, so a run cannot be called simply converged.
    """

    address: Address
    rows: int | None
    recent: bool = False


class Duplicate(Struct, frozen=True):
    """A live thing is managed, and others of its name are in the same place: somebody made them twice.

    `live_id` is the managed one's. `certain` is False where the tenant does not show the folder of one.
    """

    address: Address
    live_id: str
    others: tuple[str, ...]
    certain: bool = True
