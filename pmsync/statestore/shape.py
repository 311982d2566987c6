"""What stands around the nouns in a state and its journal: the file format of `formatVersion` 2.

What a record, an intent, an entry holds is said by the nouns themselves (`model`); what format 1 says
otherwise stands in `format1`. It must not know where the files are.
"""

from __future__ import annotations

from typing import ClassVar, Final

from pmsync.model.address import DatasetAddress, DatatableAddress, FolderAddress, SourceAddress
from pmsync.model.outcome import Announce, Begin, Drop, Put, Settle, Spend
from pmsync.model.state import (
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Record,
    State,
    UploadRecord,
)
from pmsync.model.written import Count, Uuid, Written

FORMAT_VERSION: Final = 2


class StateFile(State, frozen=True, kw_only=True, tag_field="formatVersion", tag=2):
    """state.json: the state, and who wrote it."""

    pmsync_version: str
    may_lack: ClassVar = frozenset({"ephemeral", "lastApply", "lease", "parts", "snapshot"})
    """Keys that were kept free for what comes next."""


class FirstLine(Written, frozen=True, kw_only=True):
    """The first line of a journal."""

    format_version: Count
    lineage: Uuid
    pmsync_version: str
    serial: Count


class PutFolder(Put, frozen=True, tag_field="entry", tag="put-folder"):
    """A folder's record now stands at the address."""

    address: FolderAddress
    record: FolderRecord


class PutDataset(Put, frozen=True, tag_field="entry", tag="put-dataset"):
    """A dataset's record now stands at the address."""

    address: DatasetAddress
    record: DatasetRecord


class PutDatatable(Put, frozen=True, tag_field="entry", tag="put-datatable"):
    """A datatable's record now stands at the address."""

    address: DatatableAddress
    record: DatatableRecord


class PutUpload(Put, frozen=True, tag_field="entry", tag="put-upload"):
    """An upload's record now stands at the address."""

    address: SourceAddress
    record: UploadRecord


PUTS: Final[dict[type[Record], type[Put]]] = {
    FolderRecord: PutFolder,
    DatasetRecord: PutDataset,
    DatatableRecord: PutDatatable,
    UploadRecord: PutUpload,
}
Unchanged = PutFolder | PutDatatable | PutUpload | Drop | Spend | Begin | Settle
"""The entries that both formats say in the same way."""
Entries = list[list[Unchanged | PutDataset | Announce]]
"""The outcomes of one line of a journal."""
