"""Datatables that are still to be made: the first time, in a new dataset, or again after they vanished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Allow, Consent
from pmsync.model.manifest import DatasetSpec, DatatableSpec
from pmsync.model.plan import AnyChange, CreateDatatable
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import ApplyWith
from pmsync.model.snapshot import RemoteDatatable
from pmsync.model.source import SourceFile
from pmsync.model.state import DatatableRecord
from pmsync.planning.inputs import World
from pmsync.planning.sending import first_uploads
from pmsync.planning.stakes import rebuild_losses
from pmsync.planning.wording import rows


def new_datatables(world: World, spec: DatasetSpec, reason: Reason) -> tuple[AnyChange, ...]:
    """Everything that goes into a dataset which is still to be made."""
    changes: list[AnyChange] = []
    for _, datatable in sorted(spec.datatables.items()):
        changes += made(world, datatable, reason, (spec.address,))
    return tuple(changes)


def made(
    world: World, spec: DatatableSpec, reason: Reason, requires: tuple[Address, ...]
) -> tuple[CreateDatatable, *tuple[AnyChange, ...]]:
    """The datatable, and the uploads that fill it."""
    create = CreateDatatable(
        address=spec.address,
        reason=reason,
        requires=requires,
        location=spec.location,
        display_name=spec.display_name,
    )
    files = world.files(spec.address)
    other_name = world.inputs.environment.uploads.other_name
    fill = Reason(reason.code, "fills it")
    return (create, *first_uploads(files, fill, (spec.address,), other_name=other_name))


def rebuilt_datatable(
    world: World, spec: DatatableSpec, record: DatatableRecord, beside: tuple[RemoteDatatable, ...]
) -> tuple[AnyChange, ...]:
    """A datatable that vanished, made again; `loss` where some of its rows could not be loaded again."""
    lost = rebuild_losses(world.held(spec.address), comes_back(world, {spec.address: spec}))
    code = ReasonCode.GONE_SOURCES_MISSING if lost else ReasonCode.GONE
    sentence = f"the datatable in the state ({record.id}) was deleted from ProcessMind"
    if lost:
        sentence += f"; a rebuild would miss {rows(sum(loss.rows or 0 for loss in lost))}"
    create, *fill = made(world, spec, Reason(code, sentence), ())
    again = replace(
        create,
        live_id=record.id,
        needs=(Consent.RECREATE, Consent.LOSS) if lost else (Consent.RECREATE,),
        block=unseen_sources(world, [spec.address], Allow(consent=Consent.RECREATE, glob=spec.address)),
        beside=tuple(one.id for one in beside),
    )
    return (again, *fill)


def unseen_sources(world: World, datatables: Iterable[Address], *agreed: Allow) -> Block | None:
    """The block on a rebuild that cannot be judged: under `--no-data`, or while a source cannot be sent.

    `agreed`: the consents that it takes in any case.
    """
    if world.inputs.sources is not None:
        troubled = next((one for table in datatables for one in world.troubled.get(table, ())), None)
        if troubled is None:
            return None
        return Block(BlockCode.WAITS, f"a rebuild waits for {troubled}, whose file cannot be sent")
    out = ApplyWith(meaning="look at the sources: without --no-data", allow=agreed, with_data=True)
    return Block(BlockCode.NO_DATA, "a rebuild cannot be judged without looking at the sources", (out,))


def comes_back(world: World, datatables: Mapping[Address, DatatableSpec]) -> dict[Address, frozenset[str]]:
    """The contents that a rebuild fills each declared datatable with."""
    return {address: contents(world.files(address)) for address in datatables}


def contents(files: tuple[SourceFile, ...]) -> frozenset[str]:
    """The contents of some source files."""
    return frozenset(file.sha256 for file in files)
