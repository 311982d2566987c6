"""What a rebuild takes, wherever a rule offers one: all its consents, or that it cannot be had.

A rule that meets a changed file knows nothing of the whole dataset. Here every offer is held against the
REPLACE that would follow from it, so that nobody consents to one thing and is asked for the next.
"""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Allow, Consent
from pmsync.model.plan import AnyChange, Replace, Undecided
from pmsync.model.reason import BlockCode
from pmsync.model.remedy import AnyRemedy, ApplyWith
from pmsync.planning.declared import Declared
from pmsync.planning.inputs import World
from pmsync.planning.protection import in_order
from pmsync.planning.replacing import end_of_replace, replace_changes


def with_whole_rebuilds(world: World, changes: tuple[AnyChange, ...]) -> tuple[AnyChange, ...]:
    """The changes, in which each rebuild that is offered says all that it takes."""
    offers = _Offers(world)
    return tuple(
        offers.held_against(change) if isinstance(change, Undecided) else change for change in changes
    )


class _Offers(Struct, frozen=True):
    world: World
    starts: dict[Address, Replace] = field(default_factory=dict)

    def held_against(self, change: Undecided) -> Undecided:
        block = change.block
        if block is None or not any(map(_rebuilt, block.remedies)):
            return change
        remedies = tuple(whole for one in block.remedies for whole in self._whole(change, one))
        code = block.code if remedies else BlockCode.WAITS  # for whatever holds the rebuild back
        return replace(change, block=replace(block, code=code, remedies=remedies))

    def _whole(self, change: Undecided, remedy: AnyRemedy) -> tuple[AnyRemedy, ...]:
        dataset = _rebuilt(remedy)
        if dataset is None:
            return (remedy,)
        *first, last = _steps(remedy)
        assert isinstance(last, ApplyWith)
        if self.world.is_replacing(dataset):
            return (end_of_replace(self.world, dataset, "finish the REPLACE under way first"),)
        start = self._start(change, dataset)
        code = start.block.code if start.block else None
        if start.block is not None and code is BlockCode.PROTECTED:
            (lifting,) = start.block.remedies
            *lifted, agree = _steps(lifting)
            return (in_order([*first, *lifted, replace(agree, meaning=f"then {last.meaning}")]),)
        if code not in {None, BlockCode.NO_DATA}:
            return ()
        wants_loss = Consent.LOSS in start.needs and code is None
        loss = (Allow(consent=Consent.LOSS, glob=dataset),) if wants_loss else ()
        whole = replace(last, allow=(*last.allow, *loss), with_data=code is BlockCode.NO_DATA)
        return (in_order([*first, whole]),)

    def _start(self, change: Undecided, dataset: Address) -> Replace:
        """The REPLACE of the dataset, recorded under its own key or under the one that it follows."""
        if dataset not in self.starts:
            spec = self.world.inputs.manifest.datasets[dataset]
            records = self.world.state.datasets
            origin = dataset
            if dataset not in records:
                known = self.world.datasets_by_id[change.live_id]
                (origin,) = (one for one in known if records[one].id == change.live_id)
            start = replace_changes(Declared(self.world, spec), origin)[0]
            assert isinstance(start, Replace)
            self.starts[dataset] = start
        return self.starts[dataset]


def _steps(remedy: AnyRemedy) -> tuple[AnyRemedy, ...]:
    return (replace(remedy, then=()), *remedy.then)


def _rebuilt(remedy: AnyRemedy) -> Address | None:
    """The dataset that the remedy builds anew, if it does."""
    last = _steps(remedy)[-1]
    if not isinstance(last, ApplyWith) or last.first:
        return None
    return next((Address(one.glob) for one in last.allow if one.consent is Consent.REPLACE), None)
