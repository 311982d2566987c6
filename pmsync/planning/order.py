"""The order of a plan, from what is only written down to what can never be undone.

Folders from the root, datasets, datatables, uploads, then deletions; inside a stage by address, so that
equal inputs give equal plans everywhere.
"""

from __future__ import annotations

from enum import IntEnum

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
from pmsync.model.reason import ReasonCode


class Stage(IntEnum):
    """When a change has its turn."""

    WRITE_DOWN = 0
    FOLDERS = 1
    DATASETS = 2
    DATATABLES = 3
    UPLOADS = 4
    DELETIONS = 5


def stage_of(change: AnyChange) -> Stage:
    """The stage a change runs in; what runs never (NO_OP, undecided) stands with its kind."""
    if isinstance(change, NoOp | Undecided):
        return _BY_KIND[change.address.kind]
    return _BY_TYPE[type(change)]


_BY_TYPE: dict[type[AnyChange], Stage] = {
    Move: Stage.WRITE_DOWN,
    RecordState: Stage.WRITE_DOWN,
    Adopt: Stage.WRITE_DOWN,
    CreateFolder: Stage.FOLDERS,
    CreateDataset: Stage.DATASETS,
    Replace: Stage.DATASETS,
    CreateDatatable: Stage.DATATABLES,
    Upload: Stage.UPLOADS,
    Delete: Stage.DELETIONS,
    Retire: Stage.DELETIONS,
    Forget: Stage.DELETIONS,
}
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


def _place(change: AnyChange) -> tuple[int, int, str]:
    stage = stage_of(change)
    return (stage, _rank(change) if stage is Stage.WRITE_DOWN else 0, change.address)


def _rank(change: AnyChange) -> int:
    """What is written down builds on what was found before: what was settled, turned back, moved, all else.

    What requires something (a source of a datatable that is being adopted) comes last.
    """
    source = change.address.kind is Kind.SOURCE
    if change.reason.code is ReasonCode.SETTLED and not source:
        return 0
    if change.reason.code is ReasonCode.REPLACE_REVERTED and not source:
        return 1
    if isinstance(change, Move) and not source:
        return 2 if change.address.kind is Kind.DATASET else 3
    return 5 if change.requires or isinstance(change, Adopt) else 4
