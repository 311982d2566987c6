"""Consent: what a change needs before it may run, and how a user gives it.

This module must not know how consents are asked for or where approvals are written down.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pmsync.model.address import Address, matches
from pmsync.model.written import Addressed


class Consent(StrEnum):
    """What the user agrees to. Each kind names one thing that could go wrong without them."""

    ADOPT = "adopt"
    """pmsync takes over something it did not make."""
    DELETE = "delete"
    """A dataset and all its data go, for ever."""
    REPLACE = "replace"
    """A new dataset is made and filled, then the old one is deleted; its id changes."""
    RECREATE = "recreate"
    """Something that vanished is made again."""
    ADD_ROWS = "add-rows"
    """Rows are added beside rows that are not declared."""
    LOSS = "loss"
    """Rows go that cannot be loaded again from here."""


class Allow(Struct, frozen=True, kw_only=True):
    """`--allow KIND:ADDRESS-GLOB`: a consent for this one run."""

    consent: Consent
    glob: str

    def covers(self, consent: Consent, address: Address) -> bool:
        """REPLACE needs the exact address: a glob must not choose what is rebuilt."""
        if consent is not self.consent:
            return False
        return address == self.glob if consent is Consent.REPLACE else matches(address, self.glob)

    def __str__(self) -> str:
        return f"{self.consent}:{self.glob}"


class Approval(Addressed, frozen=True, kw_only=True):
    """One line of approvals.yaml: a consent bound to what it was given for.

    `live_id` is the tenant's id of what the change would touch (of the datatable for a source file);
    `content` the sha256 of the new content where the consent is about a source file. So an approval can
    never cover another dataset of the same name or tomorrow's file, and it is spent once it has run.
    """

    environment: str
    consent: Consent
    live_id: str
    content: str | None = None

    def __lt__(self, other: Approval) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, ...]:
        return self.environment, self.address, self.consent, self.live_id, self.content or ""
