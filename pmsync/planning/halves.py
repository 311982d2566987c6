"""Half of what is known gone at once, from the tenant or from the manifests: not believed at first sight.

A listing that was cut looks like the one; a copied project, or a pattern that lost a folder, like the other.
What would follow waits until somebody says that it is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pmsync.model.address import Address, Kind
from pmsync.model.consent import Allow, Consent
from pmsync.model.plan import AnyChange, CreateDataset, Delete, Forget, Retire
from pmsync.model.reason import Block, BlockCode
from pmsync.model.remedy import Act, ByHand
from pmsync.planning.inputs import World, is_more_than_half
from pmsync.planning.naming import Name, canonical
from pmsync.planning.wording import Ways, number


def doubts_about(world: World, changes: list[AnyChange]) -> dict[int, Block]:
    """The block on each change that follows from so much being gone, by the change's `id()`."""
    found = dict(_undeclared(world, changes))
    return {**found, **dict(_not_shown(world, changes))} if world.doubted else found


def _undeclared(world: World, changes: list[AnyChange]) -> Iterable[tuple[int, Block]]:
    """Every DELETE and FORGET, where half of what is known is no longer declared.

    `destroy` is apart: that is what it says. What an earlier run set out to delete does not count.
    """
    underway = {intent.target_id for intent in world.state.intents}
    known = {
        one for one, record in world.state.datasets.items() if not one.reserved and record.id not in underway
    }
    removed = [change for change in changes if _is_removed(world, change) and change.live_id not in underway]
    gone = known & {change.address for change in removed}
    if world.inputs.options.destroy or not is_more_than_half(len(gone), len(known)):
        return
    if _DELETE_ALL in world.granted.allow or all(_is_approved(world, change) for change in removed):
        return
    block = _no_longer_declared(world, gone, known)
    for change in changes:
        forgets = isinstance(change, Forget) and change.live_id not in underway
        if forgets or isinstance(change, Delete | Retire):
            yield id(change), block


_DELETE_ALL = Allow(consent=Consent.DELETE, glob="*")


def _is_removed(world: World, change: AnyChange) -> bool:
    """Whether a dataset goes, or goes off the record, because the manifests do not hold it any more."""
    is_dataset = isinstance(change, Delete | Forget) and change.address.kind is Kind.DATASET
    return is_dataset and change.address not in world.inputs.manifest.datasets


def _is_approved(world: World, change: AnyChange) -> bool:
    wanted = world.granted.approval(Consent.DELETE, change.address, change.live_id)
    return wanted in world.granted.approvals


def _no_longer_declared(world: World, gone: set[Address], known: set[Address]) -> Block:
    sentence = (
        f"{number(len(gone))} of {number(len(known))} known datasets are no longer declared; a copied "
        "project, or a pattern that lost a folder, looks just like that"
    )
    ways = Ways(world.inputs.environment.name)
    out = (
        ByHand(meaning="declare them again, and plan again", act=Act.DECLARE, address=min(gone)),
        ways.allow("they are really to go (or approve each: delete)", [Consent.DELETE], Address("*")),
    )
    return Block(BlockCode.DECISION, sentence, out)


def _not_shown(world: World, changes: list[AnyChange]) -> Iterable[tuple[int, Block]]:
    """Everything that follows from absence, where half of what is known was not shown."""
    sentence = "more than half of the known datasets are gone; an incomplete answer looks just like that"
    ways = Ways(world.inputs.environment.name)
    ids, names = _absent(world)
    followed = [change for change in changes if _follows_from_absence(change, ids, names)]
    losses = (Allow(consent=Consent.LOSS, glob=one.address) for one in followed if Consent.LOSS in one.needs)
    agree = ways.allow("they are really gone (or approve each: recreate)", [Consent.RECREATE], Address("*"))
    out = (ways.plan_again("look again"), replace(agree, allow=(*agree.allow, *losses)))
    for change in followed:
        yield id(change), Block(BlockCode.DECISION, sentence, out)


def _absent(world: World) -> tuple[set[str], dict[str, list[Name]]]:
    """Known datasets that were not shown (unless an earlier run set out to delete them): ids, and names."""
    deleted = {intent.target_id for intent in world.state.intents}
    shown = world.snapshot.datasets
    known = (record for address, record in world.state.datasets.items() if not address.reserved)
    ids, names = set[str](), dict[str, list[Name]]()
    for record in known:
        if record.id not in shown and record.id not in deleted:
            ids.add(record.id)
            name = Name(record.display_name, record.folder)
            names.setdefault(canonical(record.display_name), []).append(name)
    return ids, names


def _follows_from_absence(change: AnyChange, ids: set[str], names: Mapping[str, list[Name]]) -> bool:
    """Whether a change is in the plan because something known was not shown.

    What would be made under the name of something that was not shown is in doubt under any key.
    """
    if isinstance(change, CreateDataset):
        name = Name(change.display_name, change.folder)
        same_named = names.get(canonical(change.display_name), ())
        return change.live_id in ids or any(name.same(one) for one in same_named)
    return isinstance(change, Forget) and change.live_id in ids
