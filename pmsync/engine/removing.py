"""Deletions: the last thing a run does, and the only one that nobody can take back.

Each dataset is read by id just before: what is deleted is what was approved, row for row, or nothing is.
A window of one round trip remains between that look and the DELETE.
"""

from __future__ import annotations

from dataclasses import replace

from pmsync.errors import StalePlan
from pmsync.model.outcome import Entry, Put
from pmsync.model.plan import Delete, Retire
from pmsync.model.snapshot import RemoteFolder
from pmsync.model.state import State
from pmsync.tenant.client import TenantWriter


def remove(change: Delete | Retire, writer: TenantWriter, state: State) -> tuple[Entry, ...]:
    """Delete the dataset if it is what was planned; what to record then.

    A dataset that is gone already is done. Raises StalePlan if it is not what was planned against.
    """
    retained = isinstance(change, Retire) and change.retain
    if not retained and _is_there(change, writer):
        writer.delete_dataset(change.live_id)
    match change:
        case Delete():
            return change.entries
        case Retire():
            record = state.datasets[change.address]
            return (Put(change.address, replace(record, superseded=None)),)


def _is_there(change: Delete | Retire, writer: TenantWriter) -> bool:
    detail = writer.dataset(change.live_id)
    if detail is None:
        return False
    live = tuple(sorted((datatable.id, datatable.row_count) for datatable in detail.datatables))
    name = detail.entry.display_name
    as_planned = live == change.datatables and name == change.display_name
    if as_planned and not isinstance(detail.entry, RemoteFolder):
        return True
    what = f"'{name}' ({change.live_id}) is not what it was when this was planned, so it was not deleted"
    raise StalePlan(what, where=change.address, hint="plan again")
