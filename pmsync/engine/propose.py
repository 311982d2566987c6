"""A proposal: read the tenant, plan, look closer where the plan asks for it.

It is handed a reader that has no method but GETs, so that planning cannot change anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from pmsync.collector import collector_paused
from pmsync.engine.reading import known_ids, read_tenant, with_columns
from pmsync.model.consent import Approval
from pmsync.model.events import Observer, silent
from pmsync.model.manifest import Manifest
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import AnyChange, Plan
from pmsync.model.project import Environment
from pmsync.model.reason import ReasonCode
from pmsync.model.snapshot import Snapshot
from pmsync.model.source import Sources
from pmsync.model.state import Binding, State, UploadRecord
from pmsync.planning.diff import plan
from pmsync.planning.inputs import Inputs
from pmsync.tenant.client import TenantReader


class Question(Struct, frozen=True, kw_only=True):
    """What a plan is asked for: everything but the live tenant.

    `sources` is None under `--no-data`. `contents_at` gives the sha256 of files by the paths on record,
    leaving out what is not there: it is asked only about uploads that might be deleted. `now`: when it is
    asked.
    """

    environment: Environment
    binding: Binding
    emulated: bool
    manifest: Manifest
    sources: Sources | None
    state: State | None
    contents_at: Callable[[Sequence[str]], Mapping[str, str]]
    options: PlanningOptions = field(default_factory=PlanningOptions)
    approvals: frozenset[Approval] = frozenset()
    now: datetime | None = None


def propose(question: Question, reader: TenantReader, observer: Observer = silent) -> Plan:
    """The plan against the live tenant, judged and digested.

    Raises TenantError where the tenant could not be read whole, InputError and UsageProblem as the
    planner does.
    """
    snapshot = read_tenant(reader, known_ids(question.state, question.manifest), observer)
    found = _planned(_inputs(question, snapshot))
    unseen = frozenset(change.live_id for change in found.changes if _needs_columns(change, snapshot))
    if not unseen:
        return found
    return _planned(_inputs(question, with_columns(reader, snapshot, unseen)))


def _planned(inputs: Inputs) -> Plan:
    """The plan, made without a search for rings of garbage: it makes none, and much that would be searched.

    What was set is set again. Of several threads at once some may search; none leaves it off.
    """
    with collector_paused():
        return plan(inputs)


def _inputs(question: Question, snapshot: Snapshot) -> Inputs:
    found = question.sources
    return Inputs(
        environment=question.environment,
        binding=question.binding,
        emulated=question.emulated,
        manifest=question.manifest,
        sources=found.files if found else None,
        problems=found.problems if found else {},
        warnings=found.warnings if found else (),
        still_here=_still_here(question),
        state=question.state,
        snapshot=snapshot,
        options=question.options,
        approvals=question.approvals,
        now=question.now,
    )


def _needs_columns(change: AnyChange, snapshot: Snapshot) -> bool:
    """Whether the rows alone say that the state was lost: columns make it likelier, or rule it out."""
    live = snapshot.datatables.get(change.live_id)
    return change.reason.code is ReasonCode.LOST_STATE and live is not None and live.columns is None


def _still_here(question: Question) -> frozenset[str]:
    """Contents that could be loaded from here: what is declared, and what a removed thing once held."""
    if question.sources is None:
        return frozenset()
    declared = {file.sha256 for files in question.sources.files.values() for file in files}
    unsure = sorted({upload.path for upload in _removable(question) if upload.sha256 not in declared} - {""})
    if unsure:
        declared |= set(question.contents_at(unsure).values())
    return frozenset(declared)


def _removable(question: Question) -> list[UploadRecord]:
    """Uploads on record of datasets that are not declared (any more), or are all to be destroyed."""
    state = question.state
    if state is None:
        return []
    declared = () if question.options.destroy else question.manifest.datasets
    uploads = [one for address, one in state.uploads.items() if address.dataset_address not in declared]
    for dataset in state.datasets.values():
        if dataset.superseded is not None:
            uploads += dataset.superseded.uploads.values()
    return uploads


def asked_again(question: Question, state: State) -> Question:
    """The same question after an apply, which spent what was allowed for that one run."""
    options = replace(question.options, allow=(), assume_uploaded=(), reupload=(), new_state=False)
    return replace(question, state=state, options=options)
