"""What the user asked a plan to be: the planning options of one call, or those kept in a saved plan."""

from __future__ import annotations

from msgspec import Struct

from pmsync.model.consent import Allow


class PlanningOptions(Struct, frozen=True, kw_only=True):
    """What the user asked this plan to be; kept in a saved plan and part of its digest."""

    variables: tuple[tuple[str, str], ...] = ()
    allow: tuple[Allow, ...] = ()
    assume_uploaded: tuple[str, ...] = ()
    reupload: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    no_data: bool = False
    refresh_only: bool = False
    new_state: bool = False
    destroy: bool = False
