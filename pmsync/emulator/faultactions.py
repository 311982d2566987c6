"""What a fault does: the nouns of all actions, which check that they were told what they need.

Plain values; must not know of HTTP, of connections or of tenants.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pmsync.emulator.errors import Invalid

How = Literal["shuffled", "duplicates", "half"]

Change = Literal[
    "create-dataset",
    "rename-dataset",
    "recreate-dataset",
    "delete-dataset",
    "create-datatable",
    "rename-datatable",
    "delete-datatable",
    "add-rows",
]

NEEDS: Final[Mapping[Change, tuple[str, ...]]] = {
    "create-dataset": ("name",),
    "rename-dataset": ("dataset", "name"),
    "recreate-dataset": ("dataset",),
    "delete-dataset": ("dataset",),
    "create-datatable": ("dataset", "name"),
    "rename-datatable": ("datatable", "name"),
    "delete-datatable": ("datatable",),
    "add-rows": ("datatable", "rows"),
}
"""What each change must be told."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection ends in order (FIN) without another byte."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is torn down (RST)."""


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer comes, until the client leaves, the script is cleared or the emulator stops."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The request stands still until a test lets it go on or drops it, whether the client stays or not."""


@dataclass(frozen=True, slots=True)
class Drip:
    """The answer comes one byte at a time, so many seconds apart."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Another answer than the emulator's: JSON, with any status and headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class S3Error:
    """An error in the form of S3, as XML."""

    status: int
    code: str
    message: str = "Injected by the fault script."


@dataclass(frozen=True, slots=True)
class Redirect:
    """The client is sent elsewhere."""

    url: str
    status: int = 307


@dataclass(frozen=True, slots=True)
class StaleListing:
    """A listing as it was so many commits ago, or at a moment that was remembered by name.

    Commits are remembered from when the fault is added; farther back is the oldest that is remembered.
    """

    commits: int | None = None
    moment: str | None = None

    def __post_init__(self) -> None:
        _one_of(self.commits, self.moment, "stale-listing", "commits", "moment")


@dataclass(frozen=True, slots=True)
class Remember:
    """All listings are remembered under a name, for a stale listing later on."""

    moment: str


@dataclass(frozen=True, slots=True)
class ShortListing:
    """A listing of the first few entries only, or without the last few."""

    keep: int | None = None
    drop: int | None = None

    def __post_init__(self) -> None:
        _one_of(self.keep, self.drop, "short-listing", "keep", "drop")


@dataclass(frozen=True, slots=True)
class InconsistentListing:
    """A listing in another order, with every entry twice, or with every second entry missing."""

    how: How = "shuffled"


@dataclass(frozen=True, slots=True)
class Lag:
    """What the request creates is not in listings for so many seconds, or in the next few listings."""

    seconds: float | None = None
    listings: int | None = None

    def __post_init__(self) -> None:
        _one_of(self.seconds, self.listings, "lag", "seconds", "listings")


@dataclass(frozen=True, slots=True)
class ExpireUrl:
    """The upload URL that is issued, or that is used, counts as expired."""


@dataclass(frozen=True, slots=True)
class DelayedCommit:
    """The connection ends now; the commit comes so many seconds later, or when a test says so."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Mutate:
    """One change by hand. Raises Invalid where the change is not told what it needs."""

    change: Change
    dataset: str | None = None
    datatable: str | None = None
    name: str | None = None
    rows: int | None = None
    tenant: str | None = None
    """None: the tenant of the request that is struck."""

    def __post_init__(self) -> None:
        missing = [name for name in NEEDS[self.change] if getattr(self, name) is None]
        if missing:
            raise Invalid(f"{self.change} needs {' and '.join(missing)}")


Action = (
    Drop | Reset | Hang | Pause | Drip | Answer | S3Error | Redirect | StaleListing | Remember | ShortListing
    | InconsistentListing | Lag | Mutate | ExpireUrl | DelayedCommit
)  # fmt: skip


def _one_of(one: object, other: object, *names: str) -> None:
    """Exactly one of two choices must be made."""
    if (one is None) == (other is None):
        action, first, second = names
        raise Invalid(f"{action} needs either {first} or {second}")
