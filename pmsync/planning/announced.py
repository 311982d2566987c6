"""Announced uploads that cannot be in the tenant: what an earlier run began and never finished.

Of a file whose last block was not announced the bucket stored nothing. One that was sent whole and is not in
the rows came to nothing once the time is over in which this tenant shows rows: so the user said
(`uploads.ingestsWithin`). Where the row count could not show it, nobody knows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pmsync.model.project import OtherName, SameName, UploadBehaviour
from pmsync.model.state import Intent, Sent
from pmsync.planning.inputs import World

BYTES_A_SECOND: Final = 5 * 1024 * 1024
"""How fast a tenant is assumed to load rows, at the least: waits for rows grow with this."""


def never_arrived(world: World, intent: Intent) -> bool:
    """Whether nothing of an announced upload is there, nor will come."""
    if intent.sent is Sent.BEGUN:
        return True
    live = world.snapshot.datatables.get(intent.parent_id or "")
    if live is None:
        return True
    until = shows_until(world.inputs.environment.uploads, intent)
    if until is None or world.inputs.now is None or world.inputs.now < until:
        return False
    return live.rows_shown and live.row_count == intent.rows_before and _would_show(world, intent)


def shows_until(uploads: UploadBehaviour, intent: Intent) -> datetime | None:
    """When this tenant shows an announced upload's rows at the latest, counted from its last block.

    Large ones get more time. None: nobody said, or it need not be known, as it may be sent again.
    """
    sent = moment(intent.at)
    if uploads.ingests_within is None or uploads.same_name is SameName.REPLACES or sent is None:
        return None
    return sent + timedelta(seconds=uploads.ingests_within + intent.size / BYTES_A_SECOND)


def moment(text: str) -> datetime | None:
    """An announcement's time; None where it says none, or no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _would_show(world: World, intent: Intent) -> bool:
    """Whether its rows would have moved the count: where other names may replace, as many rows do not."""
    adds = world.inputs.environment.uploads.other_name is OtherName.ADDS
    return intent.rows > 0 and (adds or intent.rows != intent.rows_before)
