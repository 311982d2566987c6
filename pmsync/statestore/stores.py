"""Which store keeps the state of an environment: one entry for each that `state:` can name.

A new store is a folder beside this file and its entry here. It must not know how any of them works.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pmsync.model.project import StateBackend
from pmsync.statestore.local import LocalStateStore

_STORES: Final[Mapping[StateBackend, type[LocalStateStore]]] = {StateBackend.FILE: LocalStateStore}


def store_of(backend: StateBackend | None) -> type[LocalStateStore]:
    """What keeps the state of an environment; where its `state:` says nothing, a folder of this machine."""
    return _STORES[backend or StateBackend.FILE]
