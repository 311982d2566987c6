"""The order of a plan, from what is only written down to what can never be undone.

Folders from the root, datasets, datatables, uploads, then deletions; inside a stage by address, so that
equal inputs give equal plans everywhere.
"""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from pmsync.model.address import Kind
from pmsync.model.plan import (
    Adopt,
    AnyChange,
    CreateDataset,
    CreateDatatable,
    CreateFolder,
    Delete,
    Forget,
    Move,
    NoOp,
    RecordState,
    Replace,
    Retire,
    Undecided,
    Upload,
)


class Stage(IntEnum):
    """When a change has its turn."""

    WRITE_DOWN = 0
    FOLDERS = 1
    DATASETS = 2
    DATATABLES = 3
    UPLOADS = 4
    DELETIONS = 5


def stage_of(change: AnyChange) -> Stage:  # noqa: PLR0911 - one return for each kind of change
    """The stage a change runs in; what runs never (NO_OP, undecided) stands with its kind."""
    match change:
        case Move() | RecordState() | Adopt():
            return Stage.WRITE_DOWN
        case CreateFolder():
            return Stage.FOLDERS
        case CreateDataset() | Replace():
            return Stage.DATASETS
        case CreateDatatable():
            return Stage.DATATABLES
        case Upload():
            return Stage.UPLOADS
        case Delete() | Retire() | Forget():
            return Stage.DELETIONS
        case NoOp() | Undecided():
            return _BY_KIND[change.address.kind]
        case _:
            assert_never(change)


_BY_KIND = {
    Kind.FOLDER: Stage.FOLDERS,
    Kind.DATASET: Stage.DATASETS,
    Kind.DATATABLE: Stage.DATATABLES,
    Kind.SOURCE: Stage.UPLOADS,
}


def ordered(changes: list[AnyChange]) -> tuple[AnyChange, ...]:
    """The changes in the order in which they run. Folder addresses sort parents first.

    Of two at one address and stage (both halves of a REPLACE), the one on the old half comes first.
    """
    return tuple(sorted(changes, key=_place))


def _place(change: AnyChange) -> tuple[int, bool, str]:
    stage = stage_of(change)
    adopted = isinstance(change, Adopt) or (stage is Stage.WRITE_DOWN and bool(change.requires))
    return (stage, adopted, change.address)
