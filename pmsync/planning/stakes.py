"""What a DELETE or REPLACE takes away, in data terms, and what of it could not be loaded again.

"Does not come back" are datatables that nobody declared, rows that no upload on record explains, and
uploads whose content is no longer here (for a DELETE) or no longer declared (for a rebuild).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pmsync.model.address import Address
from pmsync.model.reason import AtStake, Loss
from pmsync.model.snapshot import RemoteDatatable
from pmsync.model.state import DatatableRecord, UploadRecord
from pmsync.planning.inputs import World


def stake_of(
    world: World,
    dataset_id: str,
    records: Mapping[Address, DatatableRecord],
    uploads: Mapping[Address, UploadRecord],
    comes_back: Mapping[Address, Collection[str]] | None = None,
) -> AtStake:
    """What goes with the live dataset `dataset_id`, whose records are given.

    `comes_back`: for a rebuild, the sha256 that each datatable will be filled with again (a datatable
    that is missing there is not rebuilt); None for a DELETE, where what is still on disk is not lost.
    """
    live = world.datatables_in.get(dataset_id, ())
    by_id = {record.id: address for address, record in records.items()}
    loaded: dict[Address, dict[Address, UploadRecord]] = {}
    for one, upload in uploads.items():
        loaded.setdefault(one.datatable_address, {})[one] = upload
    lost: list[Loss] = []
    for datatable in live:
        address = by_id.get(datatable.id)
        if address is None or (comes_back is not None and address not in comes_back):
            why = "nobody declared it"
            count = datatable.row_count if datatable.rows_shown else None
            lost.append(Loss(f"datatable '{datatable.display_name}'", count, why))
            continue
        here = world.inputs.still_here if comes_back is None else comes_back[address]
        lost += _losses(address, datatable, loaded.get(address, {}), here)
    return AtStake(
        datatables=len(live),
        rows=sum(datatable.row_count for datatable in live),
        last_upload=max((upload.uploaded_at for upload in uploads.values()), default=""),
        lost=tuple(lost),
    )


def _losses(
    address: Address,
    live: RemoteDatatable,
    uploads: Mapping[Address, UploadRecord],
    here: Collection[str],
) -> list[Loss]:
    lost = []
    if not live.rows_shown:
        lost.append(Loss(address, None, "the tenant does not say how many rows it holds"))
    unexplained = live.row_count - sum(upload.rows for upload in uploads.values())
    if unexplained > 0:
        lost.append(Loss(address, unexplained, "no upload of ours explains them"))
    for one, upload in sorted(uploads.items()):
        if upload.sha256 not in here:
            lost.append(Loss(one, upload.rows, "the file is gone, changed or no longer declared"))
    return lost


def rebuild_losses(
    uploads: Mapping[Address, UploadRecord], comes_back: Mapping[Address, Collection[str]]
) -> tuple[Loss, ...]:
    """Uploads on record of something that is gone, which a rebuild would not hold."""
    return tuple(
        Loss(one, upload.rows, "the file is gone, changed or no longer declared")
        for one, upload in sorted(uploads.items())
        if upload.sha256 not in comes_back.get(one.datatable_address, ())
    )


def planned_against(world: World, dataset_id: str) -> tuple[tuple[str, int], ...]:
    """Ids and row counts of a live dataset's datatables: the precondition of its DELETE."""
    live = world.datatables_in.get(dataset_id, ())
    return tuple(sorted((datatable.id, datatable.row_count) for datatable in live))
