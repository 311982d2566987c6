"""Who holds which live id on record: only what one record holds, and nothing else, may ever be deleted.

A state may be mistaken or forged. An id that stands on record twice, or holds a datatable that is on record
elsewhere, is nobody's to delete, whatever was agreed to. Asked when a plan is made, and again right before a
DELETE is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from pmsync.model.address import Address
from pmsync.model.plan import Delete, Replace, Retire
from pmsync.model.state import State
from pmsync.planning.wording import and_list


class Role(StrEnum):
    """As what a record holds an id."""

    FOLDER = "the folder"
    DATASET = "the dataset"
    PROTECTED = "the protected dataset"
    OLD_HALF = "the old dataset of"
    DATATABLE = "the datatable"


class Claim(Struct, frozen=True):
    """One record that holds a live id. `dataset`: the live id of the dataset that it is, or is in."""

    role: Role
    address: Address
    dataset: str = ""

    def __str__(self) -> str:
        return f"{self.role} {self.address}"


Claims = Mapping[str, tuple[Claim, ...]]


def claims_of(state: State) -> Claims:
    """Every id on record, with all that holds it."""
    found: dict[str, list[Claim]] = {}
    for live_id, claim in _claims(state):
        found.setdefault(live_id, []).append(claim)
    return {live_id: tuple(claims) for live_id, claims in found.items()}


def _claims(state: State) -> Iterator[tuple[str, Claim]]:
    for address, folder in state.folders.items():
        yield folder.id, Claim(Role.FOLDER, address)
    for address, record in state.datasets.items():
        role = Role.PROTECTED if record.protect else Role.DATASET
        yield record.id, Claim(role, address, record.id)
        if (old := record.superseded) is not None:
            yield old.id, Claim(Role.OLD_HALF, address, old.id)
            for one, inside in old.datatables.items():
                yield inside.id, Claim(Role.DATATABLE, one, old.id)
    for address, table in state.datatables.items():
        home = state.datasets.get(address.dataset_address)
        yield table.id, Claim(Role.DATATABLE, address, home.id if home else "")


def why_not_ours_to_delete(change: Delete | Retire, claims: Claims, begun: Replace | None = None) -> str:
    """What on record speaks against deleting this dataset; empty if nothing does.

    `begun`: the REPLACE of the same plan that is to make an old half of it.
    """
    holders = claims.get(change.live_id, ())
    others = [claim for claim in holders if not _is_meant(claim, change, begun)]
    if others or len(holders) != 1:
        as_what = and_list(map(str, others or holders)) if holders else "nothing"
        return f"the state holds {change.live_id} as {as_what}"
    for inside, _ in change.datatables:
        for claim in claims.get(inside, ()):
            if claim.dataset != change.live_id:
                return f"{change.live_id} holds {inside}, which the state holds as {claim}"
    return ""


def _is_meant(claim: Claim, change: Delete | Retire, begun: Replace | None) -> bool:
    """Whether it is this record's id that goes: a Retire deletes the old half of a REPLACE, and no other."""
    if isinstance(change, Delete):
        return claim.address == change.address and claim.role in {*_WHOLE, Role.OLD_HALF}
    if begun is not None:
        return claim.address == begun.superseded.address and claim.role in _WHOLE
    return claim.address == change.address and claim.role is Role.OLD_HALF


_WHOLE = {Role.DATASET, Role.PROTECTED}
