"""What holds back whatever would delete or replace a protected dataset, and how that is lifted.

Protection ends with the plan after the one that sees it lifted: each remedy goes all the way, to the consent
that is needed then.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pmsync.diagnostics import Location
from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.reason import Block, BlockCode
from pmsync.model.remedy import Act, AnyRemedy, ApplyWith, ByHand
from pmsync.planning.inputs import World
from pmsync.planning.wording import Ways


def protected_block(
    world: World, address: Address, needs: Sequence[Consent], *, goes_to: Address | None = None
) -> Block:
    """The block on the change of a protected dataset that takes these consents once nothing protects it.

    `goes_to`: the key under which a dataset recorded at `address` is declared now.
    """
    environment = world.inputs.environment
    ways = Ways(environment.name)
    declared = goes_to or address
    record = world.state.datasets.get(address)
    spec = None if world.inputs.options.destroy else world.inputs.manifest.datasets.get(declared)
    agree = ways.allow("then agree to it", needs, declared)
    steps: list[AnyRemedy] = [agree]
    if record is not None and record.protect:
        steps.insert(0, ways.command("lift what the state keeps", "state", "unprotect", address))
    if environment.protect:
        who = f"environment {environment.name} protects all its datasets"
        what = f"take protect: true out of environment {environment.name}"
        steps.insert(0, _lifted(address, what, environment.location))
    elif spec is not None and spec.protect:
        who = "its manifest protects it"
        steps.insert(0, _lifted(address, "take protect: true out there", spec.location))
    elif spec is not None:
        who = "it was protected until now, and the lift counts from the next plan on"
    else:
        who = "it is protected: the state keeps that although its block was removed"
    return Block(BlockCode.PROTECTED, who, (in_order(steps),))


def all_lifted(world: World, addresses: Sequence[Address]) -> AnyRemedy:
    """One remedy for what several protected datasets hold back together: it lifts the protection of each."""
    remedies = [one for address in addresses for one in protected_block(world, address, ()).remedies]
    steps = dict.fromkeys(step for one in remedies for step in (replace(one, then=()), *one.then))
    agree = next(step for step in steps if isinstance(step, ApplyWith))
    return in_order([*(step for step in steps if step != agree), agree])


def in_order(steps: Sequence[AnyRemedy]) -> AnyRemedy:
    """Several steps as one remedy: the first, and what comes then."""
    first, *then = steps
    return replace(first, then=tuple(then))


def _lifted(address: Address, what: str, place: Location) -> ByHand:
    return ByHand(meaning=f"{what} ({place})", act=Act.UNPROTECT, address=address, location=place)
