"""`--select`, `--exclude`, `--refresh-only`: the part of a plan that is chosen.

Dependencies come along, and so does what is below; a DELETE only if its own address is named; a REPLACE
is chosen whole or not at all.
"""

from __future__ import annotations

from pmsync.model.address import Address, Kind, matches_any
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import AnyChange, Delete, Move, NoOp, RecordState, Replace, Retire
from pmsync.model.reason import ReasonCode
from pmsync.planning.folders import needed_folders


def selected(changes: tuple[AnyChange, ...], options: PlanningOptions) -> tuple[AnyChange, ...]:
    """The chosen changes, in their order, and of the folders only those that something is made in."""
    if options.refresh_only:
        return _chosen(tuple(_as_seen(change) for change in changes if _refreshes(change)), options)
    return needed_folders(_chosen(changes, options), options.select)


def _chosen(changes: tuple[AnyChange, ...], options: PlanningOptions) -> tuple[AnyChange, ...]:
    if not options.select and not options.exclude:
        return changes
    wanted = {i for i, change in enumerate(changes) if not options.select or _named(change, options.select)}
    if options.select:
        wanted = _with_dependencies(changes, _whole_replaces(changes, wanted))
    unwanted = {i for i, change in enumerate(changes) if _named(change, options.exclude)}
    unwanted = _with_dependents(changes, _whole_replaces(changes, unwanted))
    return tuple(change for i, change in enumerate(changes) if i in wanted and i not in unwanted)


_SEEN_LIVE = {ReasonCode.RENAMED_EVERYWHERE, ReasonCode.ROWS_SEEN, ReasonCode.SETTLED}
_DRIFTED = {
    ReasonCode.GONE,
    ReasonCode.GONE_REMADE,
    ReasonCode.GONE_SOURCES_MISSING,
    ReasonCode.ALL_DIFFER,
}
"""What `--refresh-only` shows as drift: the tenant no longer shows what the state remembers."""


def _refreshes(change: AnyChange) -> bool:
    """Whether a change only writes down, or says, what the tenant shows."""
    if isinstance(change, NoOp) or change.reason.code in _DRIFTED:
        return True
    return isinstance(change, RecordState) and change.reason.code in _SEEN_LIVE


def _as_seen(change: AnyChange) -> AnyChange:
    if isinstance(change, NoOp | RecordState):
        return change
    return NoOp(
        address=change.address,
        reason=change.reason,
        live_id=change.live_id,
        location=change.location,
        drift=change.reason.sentence,
    )


def _named(change: AnyChange, globs: tuple[str, ...]) -> bool:
    if isinstance(change, Delete):
        return matches_any(change.address, globs)
    return any(matches_any(address, globs) for address in _up_from(change.address))


def _up_from(address: Address) -> tuple[Address, ...]:
    """The address, its datatable's and its dataset's."""
    if address.kind is Kind.FOLDER:
        return (address,)
    return (address, address.datatable_address, address.dataset_address)


def _whole_replaces(changes: tuple[AnyChange, ...], chosen: set[int]) -> set[int]:
    """Plus the rest of every REPLACE that something was chosen of, whether it begins or goes on."""
    replaced = {change.address for change in changes if isinstance(change, Replace | Retire)}
    touched = {_up_from(changes[i].address)[-1] for i in chosen} & replaced
    if not touched:
        return chosen
    return chosen | {i for i, change in enumerate(changes) if _up_from(change.address)[-1] in touched}


def _with_dependencies(changes: tuple[AnyChange, ...], chosen: set[int]) -> set[int]:
    """Plus everything that what is chosen requires, and what that requires.

    A record that moves, or was found again, is what everything below its address is planned against.
    """
    positions: dict[Address, list[int]] = {}
    records: dict[Address, list[int]] = {}
    for i, change in enumerate(changes):
        positions.setdefault(change.address, []).append(i)
        if isinstance(change, Move) or change.reason.code in _FOUND:
            records.setdefault(change.address, []).append(i)
    todo, done = list(chosen), set(chosen)
    while todo:
        change = changes[todo.pop()]
        needed = [i for address in change.requires for i in positions.get(address, [])]
        needed += [i for address in _up_from(change.address) for i in records.get(address, [])]
        new = set(needed) - done
        done |= new
        todo += new
    return done


_FOUND = {ReasonCode.SETTLED, ReasonCode.REPLACE_REVERTED}


def _with_dependents(changes: tuple[AnyChange, ...], dropped: set[int]) -> set[int]:
    """Plus everything that cannot run without what is left out."""
    done = set(dropped)
    gone = {changes[i].address for i in dropped if not isinstance(changes[i], NoOp)}
    for i, change in enumerate(changes):
        if i not in done and gone.intersection(change.requires):
            done.add(i)
            gone.add(change.address)
    return done
