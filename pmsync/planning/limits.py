"""Guards that look at a whole plan: caps on one run, ids that are held twice, and half of what is known gone.

They look at everything, selected or not.
"""

from __future__ import annotations

import math

from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Allow, Consent
from pmsync.model.plan import AnyChange, Delete, Replace, Retire, Upload
from pmsync.model.project import Limits
from pmsync.model.reason import Block, BlockCode
from pmsync.model.remedy import ApplyWith, Edit
from pmsync.planning.claims import claims_of, why_not_ours_to_delete
from pmsync.planning.consent import lacking
from pmsync.planning.halves import doubts_about
from pmsync.planning.inputs import World
from pmsync.planning.wording import Ways, line_to_write, number


def guarded(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    """The changes, with a block on each that a guard holds back (an earlier block stays).

    Scratch datasets of pmsync's own are not counted, and held back only where their id is something else's.
    """
    changes = _ours_alone(world, changes)
    own = [change for change in changes if change.address.reserved]
    return [*own, *_guarded(world, [change for change in changes if not change.address.reserved])]


def _guarded(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    blocks = {**_too_many_deletes(world, changes), **_too_many_bytes(world, changes)}
    held = [_held(change, blocks.get(type(change))) for change in changes] if blocks else changes
    doubts = doubts_about(world, held)
    return [_held(change, doubts.get(id(change))) for change in held] if doubts else held


def _ours_alone(world: World, changes: list[AnyChange]) -> list[AnyChange]:
    """Nothing is deleted that a record holds as another thing, nor replaced by what could not go then."""
    going = [change for change in changes if isinstance(change, Delete | Retire) and _deletes(change)]
    if not going:
        return changes
    claims = claims_of(world.state)
    begun = {change.address: change for change in changes if isinstance(change, Replace)}
    blocks = {
        (change.address, change.live_id): _not_ours(world, change, why)
        for change in going
        if (why := why_not_ours_to_delete(change, claims, begun.get(change.address)))
    }
    return [
        replace(change, block=blocks[change.address, change.live_id])
        if isinstance(change, Delete | Retire | Replace) and (change.address, change.live_id) in blocks
        else change
        for change in changes
    ]


def _deletes(change: AnyChange) -> bool:
    return isinstance(change, Delete) or (isinstance(change, Retire) and not change.retain)


def _not_ours(world: World, change: Delete | Retire, why: str) -> Block:
    ways = Ways(world.inputs.environment.name)
    meaning = "bring the right state back, or forget what this state holds"
    forget = ways.command(meaning, "state", "forget", change.address)
    return Block(BlockCode.CLAIMED, f"{why}, so it is not deleted", (forget,))


def _held(change: AnyChange, block: Block | None) -> AnyChange:
    if block is None or change.block is not None:
        return change
    return replace(change, block=block)


def _too_many_deletes(world: World, changes: list[AnyChange]) -> dict[type, Block]:
    limit = world.inputs.environment.limits.max_deletes
    replaced = {change.address for change in changes if isinstance(change, Replace)}
    count = sum(
        isinstance(change, Delete | Replace) or _ends_alone(world, change, replaced) for change in changes
    )
    if limit is None or count <= limit or world.inputs.options.destroy:
        return {}
    sentence = f"{count} datasets would be deleted or replaced in one run; limits.maxDeletes is {limit}"
    meaning = "delete fewer at a time, or raise the cap"
    way = _raised(world, meaning, max_deletes=count)
    wanted = [
        Allow(consent=one.consent, glob=one.address)
        for change in changes
        if isinstance(change, Delete | Replace) and change.block is None
        for one in lacking(change, world.granted)
    ]
    if wanted:
        way = replace(way, then=(ApplyWith(meaning="then agree to them", allow=tuple(wanted)),))
    block = Block(BlockCode.LIMIT, sentence, (way,))
    return {Delete: block, Replace: block, Retire: block}


def _raised(world: World, meaning: str, **caps: int) -> Edit:
    """The whole `limits:` line, with what it says already."""
    environment = world.inputs.environment
    limits = replace(environment.limits, **caps)
    said = {"maxDeletes": limits.max_deletes, "maxUploadBytes": limits.max_upload_bytes}
    words = [f"{name}: {cap}" for name, cap in said.items() if cap is not None]
    if limits.max_row_drop != Limits().max_row_drop:
        share = limits.max_row_drop
        words.append(f"maxRowDrop: {'off' if math.isinf(share) else f'{100 * share:g}%'}")
    line = f"limits: {{{', '.join(words)}}}"
    return line_to_write(f"{meaning} below {environment.name}", line, environment.location)


def _ends_alone(world: World, change: AnyChange, replaced: set[Address]) -> bool:
    """Whether it deletes the old half of a REPLACE that began earlier, and is not only pending."""
    if not isinstance(change, Retire) or change.retain or change.address in replaced:
        return False
    return Consent.REPLACE not in change.needs or not lacking(change, world.granted)


def _too_many_bytes(world: World, changes: list[AnyChange]) -> dict[type, Block]:
    limit = world.inputs.environment.limits.max_upload_bytes
    count = sum(change.file.size for change in changes if isinstance(change, Upload))
    if limit is None or count <= limit:
        return {}
    sentence = f"{number(count)} bytes would be sent in one run; limits.maxUploadBytes is {number(limit)}"
    way = _raised(world, "send less at a time, or raise the cap", max_upload_bytes=count)
    return {Upload: Block(BlockCode.LIMIT, sentence, (way,))}
