"""What format 1 said otherwise: pmsync 0.1 wrote it, and it is read for as long as such states may be left.

It knew the tenant alone, and neither project nor place. It kept the consents of an unfinished REPLACE, which
are read and dropped: that there were none said that the REPLACE had been turned back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec import convert
from msgspec.structs import force_setattr

from pmsync.model.address import DatasetAddress, DatatableAddress, FolderAddress, SourceAddress
from pmsync.model.consent import Approval, Consent
from pmsync.model.outcome import Announce, Put
from pmsync.model.state import (
    AppliedPlan,
    Binding,
    DatasetRecord,
    DatatableRecord,
    FolderRecord,
    Intent,
    Superseded,
    UploadRecord,
)
from pmsync.model.written import Count, Id, Text, Uuid, Written
from pmsync.statestore.shape import PutDataset, Unchanged


class Superseded1(Superseded, frozen=True, kw_only=True):
    """The old half of an unfinished REPLACE, with what was agreed to."""

    consents: list[Consent]

    def __post_init__(self) -> None:
        """Without a consent to it the REPLACE had been turned back."""
        super().__post_init__()
        force_setattr(self, "reverted", Consent.REPLACE not in self.consents)


class Dataset1(DatasetRecord, frozen=True, kw_only=True):
    """A dataset's record."""

    superseded: Superseded1 | None


class Intent1(Intent, frozen=True, kw_only=True):
    """An announced mutation, with what was agreed to."""

    consents: list[Consent]


class Tenant1(Written, frozen=True, kw_only=True):
    """The tenant that the state belongs to."""

    host: Text
    id: Id


class State1(Written, frozen=True, kw_only=True, tag_field="formatVersion", tag=1):
    """state.json."""

    applied: AppliedPlan | None
    datasets: Mapping[DatasetAddress, Dataset1]
    datatables: Mapping[DatatableAddress, DatatableRecord]
    folders: Mapping[FolderAddress, FolderRecord]
    intents: tuple[Intent1, ...]
    lineage: Uuid
    pmsync_version: str
    runs: Count
    serial: Count
    spent: frozenset[Approval]
    tenant: Tenant1
    uploads: Mapping[SourceAddress, UploadRecord]
    may_lack: ClassVar = frozenset({"reverted"})

    @property
    def binding(self) -> Binding:
        """The tenant: that is all it said."""
        return Binding(tenant_id=self.tenant.id, host=self.tenant.host)


class PutDataset1(PutDataset, frozen=True, tag="put-dataset"):
    """A dataset's record now stands at the address."""

    record: Dataset1

    def now(self) -> Put:
        """As format 2 says it."""
        return Put(self.address, convert(self.record, DatasetRecord, from_attributes=True))


class Announce1(Announce, frozen=True, tag="announce"):
    """A mutation is about to be sent."""

    intent: Intent1

    def now(self) -> Announce:
        """As format 2 says it."""
        return Announce(convert(self.intent, Intent, from_attributes=True))


Entries = list[list[Unchanged | PutDataset1 | Announce1]]
"""The outcomes of one line of a journal."""
