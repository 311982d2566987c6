"""Which store keeps the state of an environment: one entry for each that `state:` can name.

A new store is a folder beside this file and its entry here. It must not know how any of them works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from pmsync.model.project import StateBackend
from pmsync.model.state import Binding, Owner
from pmsync.statestore.local import LocalStateStore


class Place(Struct, frozen=True, kw_only=True):
    """Whose state it is, and the folder that this machine has for it.

    `stands_here`: whether what another state belongs to is in this very checkout.
    """

    folder: str
    binding: Binding
    pmsync_version: str
    stands_here: Callable[[Owner], bool]


def _file(place: Place) -> LocalStateStore:
    return LocalStateStore(
        place.folder,
        place.binding,
        pmsync_version=place.pmsync_version,
        stands_here=place.stands_here,
    )


_STORES: Final[Mapping[StateBackend, Callable[[Place], LocalStateStore]]] = {StateBackend.FILE: _file}


def open_store(backend: StateBackend | None, place: Place) -> LocalStateStore:
    """The store of an environment; where its `state:` says nothing, a folder of this machine."""
    return _STORES[backend or StateBackend.FILE](place)
