"""What was said on the command line or in approvals.yaml and fits nothing: named, with a guess at the typo.

A selector that fits nothing would silently leave everything out; a consent, `--reupload` or
`--assume-uploaded` that fits nothing would silently do nothing. Nothing here refuses: whoever asked decides.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from pmsync.model.address import Address, Kind, matches
from pmsync.model.consent import Allow, Approval
from pmsync.model.notes import Note
from pmsync.model.plan import AnyChange, NoOp
from pmsync.planning.consent import wanted_by
from pmsync.planning.inputs import World

_MOST_COMPARED: Final = 20_000
"""Addresses that a typo is compared with: enough for a guess, and soon done."""

_MOST_TOLD: Final = 20
_LONGEST: Final = 120


def unmatched(world: World, changes: tuple[AnyChange, ...]) -> tuple[str, ...]:
    """A sentence for each `--select` and `--exclude` that fits nothing declared, recorded or live."""
    options = world.inputs.options
    if not options.select and not options.exclude:
        return ()
    known = _known(world, changes)
    flags = [("--select", glob) for glob in options.select]
    flags += [("--exclude", glob) for glob in options.exclude]
    where = "fits nothing declared, in the state or in ProcessMind"
    return tuple(
        f"{flag} {_shown(glob)} {where}{_guess(world, glob, known=known)}"
        for flag, glob in flags
        if not _fits(world, glob, known=known)
    )


def unfit(world: World, changes: tuple[AnyChange, ...]) -> tuple[Note, ...]:
    """A note for each `--allow`, `--reupload`, `--assume-uploaded` and approval that fits nothing."""
    options, approvals = world.inputs.options, _own(world)
    if not (options.allow or options.reupload or options.assume_uploaded or approvals):
        return ()
    known = _known(world, changes)
    found = [
        *_unfit_allows(world, changes, known=known),
        *_unfit_sources(world, known),
        *_unfit_approvals(world, approvals, changes=changes, known=known),
    ]
    if len(found) <= _MOST_TOLD:
        return tuple(Note("", sentence) for sentence in found)
    more = f"and {len(found) - _MOST_TOLD:,} more consents that fit nothing"
    return tuple(Note("", sentence) for sentence in (*found[:_MOST_TOLD], more))


def _known(world: World, changes: tuple[AnyChange, ...]) -> frozenset[str]:
    """Every address that something declared, recorded, announced or live has."""
    inputs, state = world.inputs, world.state
    known: set[str] = {change.address for change in changes}
    for address, spec in inputs.manifest.datasets.items():
        known.update((address, *spec.datatables))
    known.update(file.address for files in (inputs.sources or {}).values() for file in files)
    known.update(inputs.problems)
    known.update((*state.folders, *state.datasets, *state.datatables, *state.uploads))
    known.update(intent.address for intent in state.intents)
    known.update(Address.folder(path) for path in world.folder_paths.values())
    return frozenset(one for one in known if not Address(one).reserved)


def _fits(world: World, glob: str, *, known: frozenset[str]) -> bool:
    """Whether some address matches. Without sources nobody knows which files there are."""
    if glob in known or any(matches(one, glob) for one in known):
        return True
    return world.inputs.sources is None and Address(glob).kind is Kind.SOURCE


def _unfit_allows(world: World, changes: tuple[AnyChange, ...], *, known: frozenset[str]) -> Iterator[str]:
    planned = {change.address for change in changes if not isinstance(change, NoOp)}
    for allow in world.inputs.options.allow:
        if not _fits(world, allow.glob, known=known):
            yield f"--allow {_shown(allow)} fits nothing{_guess(world, allow.glob, known=known)}"
        elif allow.glob in known and allow.glob not in planned:
            yield f"--allow {_shown(allow)} fits nothing: nothing is planned for {_shown(allow.glob)}"


def _unfit_sources(world: World, known: frozenset[str]) -> Iterator[str]:
    options = world.inputs.options
    if world.inputs.sources is None:
        return
    sources = frozenset(one for one in known if Address(one).kind is Kind.SOURCE)
    for flag, globs in (("--reupload", options.reupload), ("--assume-uploaded", options.assume_uploaded)):
        for glob in globs:
            if _fits(world, glob, known=sources):
                continue
            if _fits(world, glob, known=known):
                guess = f": it takes source files, such as {_shown(f'{glob}/*')}"
            else:
                guess = _guess(world, glob, known=sources)
            yield f"{flag} {_shown(glob)} fits nothing{guess}"


def _own(world: World) -> tuple[Approval, ...]:
    """The approvals for this environment that are not spent; none are looked at by `destroy`."""
    if world.inputs.options.destroy:
        return ()
    mine = (one for one in world.inputs.approvals if one.environment == world.inputs.environment.name)
    return tuple(sorted((one for one in mine if one not in world.state.spent), key=_order))


def _order(approval: Approval) -> tuple[str, str, str]:
    return approval.address, approval.consent, approval.live_id


def _unfit_approvals(
    world: World, approvals: tuple[Approval, ...], *, changes: tuple[AnyChange, ...], known: frozenset[str]
) -> Iterator[str]:
    """Those that no change wants, of an address or of an id that is not there."""
    wanted = {_unbound(one) for change in changes for one in wanted_by(change, world.inputs.environment.name)}
    live = world.snapshot.datasets.keys() | world.snapshot.datatables.keys()
    for one in approvals:
        if _unbound(one) in wanted:
            continue
        what = f"approvals.yaml: {one.consent} for {_shown(one.address)} fits nothing"
        if one.address not in known:
            yield f"{what}{_guess(world, one.address, known=known)}"
        elif one.live_id and one.live_id not in live:
            yield f"{what}: nothing of the id {_shown(one.live_id)} is in ProcessMind"


def _unbound(approval: Approval) -> tuple[str, str, str]:
    """Without the content: an approval for another content is told apart."""
    return approval.address, approval.consent, approval.live_id


def _guess(world: World, glob: str, *, known: Iterable[str]) -> str:
    """` (did you mean 'o2c'?)`: the address that has this display name, or the nearest; empty if none is."""
    named = {name.casefold(): address for name, address in _names(world)}
    near: list[str] = [named[glob.casefold()]] if glob.casefold() in named else []
    if not near:
        compared = list(islice(sorted(known), _MOST_COMPARED))
        near = difflib.get_close_matches(glob[:_LONGEST], compared, n=1)
    return f" (did you mean {_shown(near[0])}?)" if near else ""


def _names(world: World) -> Iterator[tuple[str, Address]]:
    for spec in islice(world.inputs.manifest.datasets.values(), _MOST_COMPARED):
        yield spec.display_name, spec.address
        for table in spec.datatables.values():
            yield table.display_name, table.address


def _shown(text: str | Allow) -> str:
    whole = str(text)
    return f"'{whole if len(whole) <= _LONGEST else whole[: _LONGEST - 1] + '…'}'"
