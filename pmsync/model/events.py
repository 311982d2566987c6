"""What the engine tells whoever watches while it works. A view makes lines or bars of it.

The engine takes a silent observer by default; an observer must not raise and must not block for long.
Events of parallel work come from several threads.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from pmsync.model.address import Address
from pmsync.model.plan import AnyChange
from pmsync.model.report import Result
from pmsync.model.snapshot import LeftOut


class Reading(Struct, frozen=True):
    """The tenant (or the sources) are being read; `what` says which, in a few words."""

    what: str


class NotAddressable(Struct, frozen=True):
    """Unmanaged things that are left out, because their ids are none: how many, and the first of them."""

    count: int
    first: LeftOut


class StillWaiting(Struct, frozen=True):
    """Nothing moved for a while: what is waited for, for how many seconds so far, and how many yet at most.

    `others`: so many more waits are due to be told, and are not.
    """

    what: str
    seconds: float
    left: float
    others: int = 0


class RunBegan(Struct, frozen=True):
    """An apply begins to send: how many changes, and how many bytes of files."""

    changes: int
    upload_bytes: int


class ChangeBegan(Struct, frozen=True):
    """Work on a change begins."""

    change: AnyChange


class BytesSent(Struct, frozen=True):
    """So many more bytes of this source file are on their way (negative: an attempt starts again)."""

    address: Address
    count: int


class WaitingForRows(Struct, frozen=True):
    """The tenant shows `seen` rows of the `expected` in this datatable."""

    address: Address
    seen: int
    expected: int


class Stopping(Struct, frozen=True):
    """The run was asked to end: nothing new is started, what is under way gets so many seconds."""

    seconds: float


class CutOff(Struct, frozen=True):
    """The run ends here, whatever is under way."""


class ChangeEnded(Struct, frozen=True):
    """A change met its fate."""

    result: Result


Event = (
    Reading
    | NotAddressable
    | StillWaiting
    | RunBegan
    | ChangeBegan
    | BytesSent
    | WaitingForRows
    | ChangeEnded
    | Stopping
    | CutOff
)

Observer = Callable[[Event], None]


def silent(_event: Event) -> None:
    """The observer that watches nothing."""
