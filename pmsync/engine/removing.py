"""Deletions: the last thing a run does, and the only one that nobody can take back.

Each dataset is read by id just before: what is deleted is what was approved, row for row, or nothing is.
A window of one round trip remains between that look and the DELETE.
"""

from __future__ import annotations

from collections.abc import Iterator

from pmsync.engine.run import Run
from pmsync.engine.wave import Wave
from pmsync.errors import AnswerLost, PmsyncError, Refused, StalePlan
from pmsync.model.outcome import Entry, Put, Settle
from pmsync.model.plan import Delete, Retire
from pmsync.model.snapshot import RemoteFolder
from pmsync.model.state import Intent, IntentKind, State
from pmsync.planning.claims import Claims, why_not_ours_to_delete
from pmsync.planning.replacing import alone_after
from pmsync.tenant.client import TenantWriter


def delete_intent(change: Delete | Retire) -> Intent:
    """What is announced ahead of a deletion."""
    return Intent(kind=IntentKind.DELETE, address=change.address, target_id=change.live_id)


def remove(change: Delete | Retire, run: Run, *, wave: Wave, claims: Claims) -> tuple[Entry, ...]:
    """Delete the dataset if it is what was planned; what to record then.

    `claims`: who held what before the first deletion. A dataset that is gone already is done.
    Raises StalePlan if it is not what was planned against.
    """
    intent = delete_intent(change)
    retained = isinstance(change, Retire) and change.retain
    if not retained:
        _must_be_ours_alone(change, claims)
    if not retained and _is_there(change, run.tools.writer):
        wave.sends(intent)
        try:
            run.tools.writer.delete_dataset(change.live_id)
        except AnswerLost:
            raise
        except PmsyncError:
            run.settle(intent)
            raise
    settled = Settle(intent.kind, intent.address)
    match change:
        case Delete():
            return (*change.entries, settled)
        case Retire():
            state = run.ledger.state
            alone = Put(change.address, alone_after(change, state.datasets[change.address]))
            return (alone, settled, *_announced_inside(change, state))


def _must_be_ours_alone(change: Delete | Retire, claims: Claims) -> None:
    """Raises Refused where what is on record holds this id as anything else."""
    why = why_not_ours_to_delete(change, claims)
    if why:
        raise Refused(f"{why}, so it was not deleted", where=change.address, hint="pmsync state list")


def _announced_inside(change: Retire, state: State) -> Iterator[Settle]:
    """What was announced and never confirmed in a half that is ours no longer: nobody has to know."""
    inside = {change.live_id, *(id_ for id_, _ in change.datatables)}
    for intent in state.intents:
        if intent.parent_id in inside:
            yield Settle(intent.kind, intent.address)


def _is_there(change: Delete | Retire, writer: TenantWriter) -> bool:
    detail = writer.dataset(change.live_id)
    if detail is None:
        return False
    live = tuple(sorted((datatable.id, datatable.row_count) for datatable in detail.datatables))
    name = detail.entry.display_name
    # Rows of a scratch dataset may still be loading: they are nobody's.
    as_planned = name == change.display_name and (change.address.reserved or live == change.datatables)
    if as_planned and not detail.left_out and not isinstance(detail.entry, RemoteFolder):
        return True
    what = f"'{name}' ({change.live_id}) is not what it was when this was planned, so it was not deleted"
    raise StalePlan(what, where=change.address, hint="plan again")
