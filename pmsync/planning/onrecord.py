"""What is on record, and the indexes by which it is found: no rule searches a whole state for one thing.

It must not know what is declared or live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from msgspec import Struct

from pmsync.model.address import Address, Kind
from pmsync.model.state import Intent, IntentKind, State, UploadRecord, intents_below

_Thing = TypeVar("_Thing")
_Key = TypeVar("_Key")


class OnRecord(Struct, frozen=True, kw_only=True, dict=True):
    """A state with its indexes, each made when it is first asked for."""

    state: State

    @cached_property
    def records_in(self) -> Mapping[Address, tuple[Address, ...]]:
        """The datatables on record, by their dataset."""
        return grouped(self.state.datatables, attrgetter("dataset_address"))

    @cached_property
    def uploads_in(self) -> Mapping[Address, Mapping[Address, UploadRecord]]:
        """The uploads on record, by their datatable."""
        found: dict[Address, dict[Address, UploadRecord]] = {}
        for address, upload in self.state.uploads.items():
            found.setdefault(address.datatable_address, {})[address] = upload
        return found

    @cached_property
    def _all_in(self) -> Mapping[Address, tuple[Address, ...]]:
        return grouped((*self.state.datatables, *self.state.uploads), attrgetter("dataset_address"))

    @cached_property
    def _intents_in(self) -> Mapping[Address, tuple[Intent, ...]]:
        return in_order(self.state.intents, lambda intent: intent.address.dataset_address)

    @cached_property
    def announced_uploads(self) -> Mapping[str | None, tuple[Intent, ...]]:
        """The open intents of uploads, by the id of the datatable that they were sent to."""
        uploads = (one for one in self.state.intents if one.kind is IntentKind.UPLOAD)
        return in_order(uploads, attrgetter("parent_id"))

    @cached_property
    def datasets_by_id(self) -> Mapping[str, tuple[Address, ...]]:
        """Where each id of a dataset is on record, as itself or as the old half of a REPLACE, sorted."""
        found: dict[str, list[Address]] = {}
        for address, record in sorted(self.state.datasets.items()):
            old = () if record.superseded is None else (record.superseded.id,)
            for id_ in {record.id, *old}:
                found.setdefault(id_, []).append(address)
        return {id_: tuple(addresses) for id_, addresses in found.items()}

    @cached_property
    def datatables_by_id(self) -> Mapping[str, tuple[Address, ...]]:
        """Where each datatable id is on record, sorted."""
        return in_order(sorted(self.state.datatables), lambda one: self.state.datatables[one].id)

    def held(self, datatable: Address) -> Mapping[Address, UploadRecord]:
        """The uploads on record for a datatable."""
        return self.uploads_in.get(datatable, {})

    def everything_below(self, address: Address) -> tuple[Address, ...]:
        """Every recorded address at or below a dataset or datatable, sorted."""
        known = address in self.state.datasets or address in self.state.datatables
        is_table = address.kind is Kind.DATATABLE
        below = sorted(self.held(address)) if is_table else self._all_in.get(address, ())
        return (*((address,) if known else ()), *below)

    def intents_below(self, address: Address) -> tuple[Intent, ...]:
        """The open intents for a thing and for what is in it."""
        return intents_below(self._intents_in.get(address.dataset_address, ()), address)

    def intent(self, kind: IntentKind, address: Address) -> Intent | None:
        """The open intent of this kind for this address (there is at most one)."""
        found = (one for one in self.intents_below(address) if one.kind is kind and one.address == address)
        return next(found, None)


def grouped(
    addresses: Iterable[Address], parent: Callable[[Address], Address]
) -> dict[Address, tuple[Address, ...]]:
    """The addresses, sorted, by what they are in."""
    return in_order(sorted(addresses), parent)


def in_order(things: Iterable[_Thing], key: Callable[[_Thing], _Key]) -> dict[_Key, tuple[_Thing, ...]]:
    """The things by what the key says of each, in the order in which they come."""
    found: dict[_Key, list[_Thing]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return {value: tuple(inside) for value, inside in found.items()}
