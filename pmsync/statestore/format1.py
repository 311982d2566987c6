"""What format 1 said otherwise: pmsync 0.1 wrote it, and it is read for as long as such states may be left.

It knew the tenant alone, and neither project nor place. It kept the consents of an unfinished REPLACE, which
are read and dropped: that there were none said that the REPLACE had been turned back.
"""

from __future__ import annotations

from typing import Literal

from pmsync.model.consent import Consent
from pmsync.model.manifest import OnRemoval
from pmsync.model.state import Binding, Origin
from pmsync.statestore import shape


class Superseded1(shape.OldHalf, frozen=True, kw_only=True):
    """The old half of an unfinished REPLACE, with what was agreed to."""

    consents: list[Consent]

    @property
    def reverted(self) -> bool:
        """Whether the REPLACE was turned back."""
        return Consent.REPLACE not in self.consents


class Dataset1(shape.Shape, frozen=True, kw_only=True):
    """A dataset's record."""

    display_name: str
    folder: list[str]
    id: shape.Id
    on_removal: OnRemoval
    origin: Origin
    protect: bool
    superseded: Superseded1 | None


class Intent1(shape.IntentShape, frozen=True, kw_only=True):
    """An announced mutation, with what was agreed to."""

    consents: list[Consent]


class Tenant1(shape.Shape, frozen=True, kw_only=True):
    """The tenant that the state belongs to."""

    host: shape.Text
    id: shape.Id


class State1(shape.Records, frozen=True, kw_only=True):
    """state.json."""

    datasets: dict[shape.DatasetKey, Dataset1]
    format_version: Literal[1]
    intents: list[Intent1]
    tenant: Tenant1

    @property
    def binding(self) -> Binding:
        """The tenant: that is all it said."""
        return Binding(tenant_id=self.tenant.id, host=self.tenant.host)


class PutDataset1(shape.EntryShape, frozen=True, kw_only=True, tag="put-dataset"):
    """A dataset's record now stands at the address."""

    address: shape.DatasetKey
    record: Dataset1


class Announce1(shape.EntryShape, frozen=True, kw_only=True, tag="announce"):
    """A mutation is about to be sent."""

    intent: Intent1


Entries = list[list[shape.Unchanged | PutDataset1 | Announce1]]
"""The outcomes of one line of a journal."""
