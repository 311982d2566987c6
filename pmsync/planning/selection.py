"""`--select`, `--exclude`, `--refresh-only`: the part of a plan that is chosen.

Dependencies come along, and so does what is below; a DELETE only if its own address is named; a REPLACE
is chosen whole or not at all.
"""

from __future__ import annotations

from pmsync.model.address import Address, Kind, matches_any
from pmsync.model.plan import (
    AnyChange,
    Delete,
    NoOp,
    PlanningOptions,
    ReasonCode,
    RecordState,
    Replace,
)

_SEEN_LIVE = {ReasonCode.RENAMED_EVERYWHERE, ReasonCode.ROWS_SEEN, ReasonCode.SETTLED}


def selected(changes: tuple[AnyChange, ...], options: PlanningOptions) -> tuple[AnyChange, ...]:
    """The chosen changes, in their order."""
    if options.refresh_only:
        changes = tuple(change for change in changes if _refreshes(change))
    if not options.select and not options.exclude:
        return changes
    wanted = {i for i, change in enumerate(changes) if not options.select or _named(change, options.select)}
    if options.select:
        wanted = _whole_replaces(changes, wanted)
        wanted = _with_dependencies(changes, wanted)
    unwanted = {i for i, change in enumerate(changes) if _named(change, options.exclude)}
    unwanted = _with_dependents(changes, _whole_replaces(changes, unwanted))
    return tuple(change for i, change in enumerate(changes) if i in wanted and i not in unwanted)


def _refreshes(change: AnyChange) -> bool:
    """Whether a change only writes down what the tenant shows."""
    return isinstance(change, NoOp) or (isinstance(change, RecordState) and change.reason.code in _SEEN_LIVE)


def _named(change: AnyChange, globs: tuple[str, ...]) -> bool:
    if isinstance(change, Delete) or change.address.kind is Kind.FOLDER:
        return matches_any(change.address, globs)
    above = {change.address, change.address.datatable_address, change.address.dataset_address}
    return any(matches_any(address, globs) for address in above)


def _whole_replaces(changes: tuple[AnyChange, ...], chosen: set[int]) -> set[int]:
    replaced = {change.address for change in changes if isinstance(change, Replace)}
    touched = {_dataset(changes[i]) for i in chosen} & replaced
    return chosen | {i for i, change in enumerate(changes) if _dataset(change) in touched}


def _dataset(change: AnyChange) -> Address | None:
    return None if change.address.kind is Kind.FOLDER else change.address.dataset_address


def _with_dependencies(changes: tuple[AnyChange, ...], chosen: set[int]) -> set[int]:
    """Plus everything that what is chosen requires, and what that requires."""
    positions: dict[Address, list[int]] = {}
    for i, change in enumerate(changes):
        positions.setdefault(change.address, []).append(i)
    todo, done = list(chosen), set(chosen)
    while todo:
        for address in changes[todo.pop()].requires:
            new = [i for i in positions.get(address, []) if i not in done]
            done.update(new)
            todo += new
    return done


def _with_dependents(changes: tuple[AnyChange, ...], dropped: set[int]) -> set[int]:
    """Plus everything that cannot run without what is left out."""
    done = set(dropped)
    for i, change in enumerate(changes):
        gone = {changes[j].address for j in done if not isinstance(changes[j], NoOp)}
        if gone & set(change.requires):
            done.add(i)
    return done
