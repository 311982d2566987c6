"""The planner: manifest, state and snapshot -> plan. One pass over what is declared, one over the rest.

It decides nothing itself: it asks each room of rules for its changes, lets the guards look at all of
them, takes what was selected, judges consents, and digests the result.
"""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.diagnostics import Diagnostic
from pmsync.errors import InputError
from pmsync.model.address import Address, Kind
from pmsync.model.notes import Duplicate, Leftover, Note
from pmsync.model.plan import Adopt, AnyChange, Move, NoOp, Plan, RecordState, Replace, Upload
from pmsync.model.project import Environment, OtherName, SameName
from pmsync.model.reason import ReasonCode
from pmsync.model.source import SourceFile
from pmsync.model.state import only_probed
from pmsync.planning.consent import judge, misfits
from pmsync.planning.datasets import dataset_changes, followed_origins
from pmsync.planning.declared import Declared
from pmsync.planning.destroy import destroy_changes
from pmsync.planning.digest import digested
from pmsync.planning.duplicates import duplicates, twins_in_words
from pmsync.planning.fitting import unfit, unmatched
from pmsync.planning.folders import folder_changes
from pmsync.planning.inputs import Inputs, World, look_at
from pmsync.planning.limits import guarded
from pmsync.planning.moves import follow_moves
from pmsync.planning.order import ordered
from pmsync.planning.rebuilds import with_whole_rebuilds
from pmsync.planning.removed import removed_changes
from pmsync.planning.reverting import reverted
from pmsync.planning.selection import selected
from pmsync.planning.settling import came_to_nothing, settle_creates
from pmsync.planning.troubled import in_words, with_problems
from pmsync.planning.uploads import Filled
from pmsync.planning.wording import Ways, rows


def plan(inputs: Inputs) -> Plan:
    """The plan for these inputs, judged and digested.

    Raises InputError where nothing at all is declared or the sources cannot be what this tenant's upload
    behaviour allows, and UsageProblem where two flags mean different actions for one change.
    """
    settled = settle_creates(look_at(inputs))
    if inputs.options.destroy:
        return _compiled(settled.world, destroy_changes(settled.world), settled.found)
    _must_declare_something(inputs)
    _must_fit_behaviour(inputs)
    world, backs = _turned_back(settled.world)
    moved = follow_moves(world)
    first: tuple[Move | RecordState, ...] = (*settled.found, *backs, *moved.moves)
    return _compiled(moved.world, with_problems(moved.world, _everything(moved.world, first)), first)


def _turned_back(world: World) -> tuple[World, tuple[RecordState, ...]]:
    backs = reverted(world)
    if not backs:
        return world, ()
    return world.after(backs), backs


def _everything(world: World, first: tuple[Move | RecordState, ...]) -> Filled:
    told = frozenset(change.address for change in first)
    changes: list[AnyChange] = list(folder_changes(world, told))
    awaited = told | {change.address for change in changes if not isinstance(change, NoOp)}
    leftovers: list[Leftover] = []
    origins = followed_origins(world)
    continued: set[Address] = set()
    for address, spec in sorted(world.inputs.manifest.datasets.items()):
        filled = dataset_changes(Declared(world, spec, awaited, origins.get(address)))
        changes += filled.changes
        leftovers += filled.leftovers
        if address in origins and _continues(filled.changes[0]):
            continued.add(origins[address])
    for address in sorted(world.state.datasets.keys() | _unsettled_datasets(world)):
        if address not in world.inputs.manifest.datasets and address not in continued:
            changes += _undeclared(world, address)
    return Filled(tuple(changes), tuple(leftovers))


def _continues(change: AnyChange) -> bool:
    """Whether a new key goes on with what a gone key held, so that the gone one is not removed."""
    return isinstance(change, Replace) or change.reason.code is ReasonCode.KEY_AND_NAME_CHANGED


def _unsettled_datasets(world: World) -> set[Address]:
    return {address for address in world.unsettled if address.kind is Kind.DATASET}


def _undeclared(world: World, address: Address) -> tuple[AnyChange, ...]:
    """A dataset that nobody declares any more: what could be ours must be known before it is removed."""
    if address in world.unsettled:
        return (world.unsettled[address],)
    return removed_changes(world, address)


def _compiled(world: World, filled: Filled, first: tuple[Move | RecordState, ...]) -> Plan:
    """Guards, order, selection, judgement and digest over everything that was found."""
    inputs = world.inputs
    told = {change.address for change in first}
    quiet = (
        change
        for change in filled.changes
        if not (isinstance(change, NoOp) and not change.drift and change.address in told)
    )
    changes = with_whole_rebuilds(world, ordered(guarded(world, [*first, *quiet])))
    beside = duplicates(world)
    found = Plan(
        environment=inputs.environment.name,
        binding=inputs.binding,
        emulated=inputs.emulated,
        protected=inputs.environment.protect,
        lineage=inputs.state.lineage if inputs.state else "",
        first_run=_is_first_run(inputs),
        options=inputs.options,
        changes=selected(changes, inputs.options),
        notes=(
            *_notes(Ways(inputs.environment.name), changes, filled.leftovers, beside),
            *_behaviour_unknown(inputs.environment, changes),
        ),
        duplicates=beside,
        leftovers=filled.leftovers,
        unmanaged=_unmanaged(world, changes),
        void=came_to_nothing(world),
    )
    judged = judge(found, allow=inputs.options.allow, approvals=inputs.approvals, spent=world.state.spent)
    warned = (Note(address, in_words(one), one.code) for address, one in inputs.warnings)
    notes = (*judged.notes, *misfits(judged, inputs.approvals), *warned)
    found = replace(judged, notes=notes, unfit=unfit(world, changes), unmatched=unmatched(world, changes))
    return digested(found)


def _is_first_run(inputs: Inputs) -> bool:
    """Whether an apply must say that there never was a state; an embedded tenant has its state with it."""
    return not inputs.emulated and (inputs.state is None or only_probed(inputs.state))


def _notes(
    ways: Ways,
    changes: tuple[AnyChange, ...],
    leftovers: tuple[Leftover, ...],
    beside: tuple[Duplicate, ...],
) -> tuple[Note, ...]:
    same = (
        Note(change.address, change.reason.sentence)
        for change in changes
        if change.reason.code is ReasonCode.SAME_CONTENT
    )
    copies = {change.address for change in changes if change.reason.code is ReasonCode.SAME_CONTENT}
    recent = (
        Note(left.address, _stays(ways, left, is_copy=left.address in copies))
        for left in leftovers
        if left.recent
    )
    twins = (Note(one.address, twins_in_words(one, ways)) for one in beside)
    return (*twins, *same, *recent)


def _behaviour_unknown(environment: Environment, changes: tuple[AnyChange, ...]) -> tuple[Note, ...]:
    """Said on the first day: on the second each changed file would be blocked."""
    sends = any(isinstance(change, Upload) for change in changes)
    if not sends or environment.uploads.same_name is not SameName.UNKNOWN:
        return ()
    probe = Ways(environment.name).typed("doctor", "--probe")
    sentence = f"uploads.sameName is not set for {environment.name}, so a changed file will be blocked"
    return (Note("", f"{sentence}; {probe} finds it out"),)


def _stays(ways: Ways, left: Leftover, *, is_copy: bool) -> str:
    """What is left of an upload whose source is declared no more, or became a copy of another."""
    stay = f"its {rows(left.rows or 0)} stay (the API cannot remove them)"
    if is_copy:
        return f"a copy of another source now; of what it was {stay}"
    accept = ways.typed("state", "accept", left.address.datatable_address)
    return f"removed from the manifest; {stay}; to take that as it is: {accept}"


def _unmanaged(world: World, changes: tuple[AnyChange, ...]) -> int:
    ours = world.claimed | {change.live_id for change in changes if isinstance(change, Adopt)}
    return len(set(world.snapshot.datasets) - ours - {record.id for record in world.state.folders.values()})


def _must_declare_something(inputs: Inputs) -> None:
    """To remove everything is said by a command of its own, never by manifests that hold nothing."""
    if not inputs.manifest.datasets:
        environment = inputs.environment
        message = f"nothing is declared for {environment.name}: empty manifests would delete everything"
        hint = f"declare a dataset, or run pmsync destroy -e {environment.name}"
        raise InputError([Diagnostic(environment.location, "PM023", message, hint)])


def _must_fit_behaviour(inputs: Inputs) -> None:
    """What the tenant does with a second file name must allow what the manifests ask for."""
    behaviour = inputs.environment.uploads.other_name
    blind = behaviour is OtherName.UNKNOWN and not inputs.environment.verify.rows
    problems: list[Diagnostic] = []
    for address, files in sorted((inputs.sources or {}).items()):
        if len(files) < 2:
            continue
        if behaviour is OtherName.REPLACES:
            message = f"{address} has {len(files)} sources, and this tenant keeps only the last one sent"
            problems.append(_problem(files[1], "PM401", message, "declare one source for each datatable"))
        elif blind:
            message = f"{address} has {len(files)} sources, and rows are not verified"
            hint = "say uploads: {otherName: adds} in pmsync.yaml, or let rows be verified"
            problems.append(_problem(files[1], "PM402", message, hint))
    if problems:
        raise InputError(problems)


def _problem(file: SourceFile, code: str, message: str, suggestion: str) -> Diagnostic:
    return Diagnostic(file.location, code, message, suggestion)
