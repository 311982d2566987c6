"""A live dataset as the home of datatables, and what fills one of them."""

from __future__ import annotations

from msgspec import Struct

from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec
from pmsync.model.snapshot import RemoteDatatable
from pmsync.planning.inputs import World
from pmsync.planning.table import Table
from pmsync.planning.uploads import Filled, in_sync, source_changes


class Home(Struct, frozen=True, kw_only=True):
    """The dataset that the datatables are in: its live id, and what must be done before they can be.

    `adopting`: the dataset is being adopted, and its declared datatables with it.
    """

    spec: DatasetSpec
    live_id: str
    requires: tuple[Address, ...] = ()
    adopting: bool = False


def filled_table(
    world: World,
    spec: DatatableSpec,
    live: RemoteDatatable,
    baseline: int,
    requires: tuple[Address, ...] = (),
) -> Filled:
    """What is to be done with the sources of a live datatable. Without a look at them, nothing."""
    if world.inputs.sources is None:
        return Filled(())
    held, files = world.held(spec.address), world.files(spec.address)
    if (quiet := in_sync(world, live.id, held, files)) is not None:
        return quiet
    columns = None if live.columns is None else tuple(column.name for column in live.columns)
    explained = baseline + sum(upload.rows for upload in held.values())
    table = Table(
        world=world,
        address=spec.address,
        live_id=live.id,
        live_rows=live.row_count if live.rows_shown else explained,
        counted=live.rows_shown,
        live_columns=columns,
        baseline=baseline,
        held=held,
        files=files,
        requires=requires,
        troubled=world.troubled.get(spec.address, ()),
    )
    return source_changes(table)
