"""The nouns of the fault script: what is to go wrong, with which request, at which moment of it.

Plain values that check themselves; must not know of HTTP, of connections or of tenants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal, get_args

from pmsync.emulator.endpoints import EndpointName, HostRole, Phase
from pmsync.emulator.errors import Invalid
from pmsync.emulator.faultactions import (
    Action,
    Answer,
    DelayedCommit,
    Drip,
    Drop,
    ExpireUrl,
    Hang,
    InconsistentListing,
    Lag,
    Mutate,
    Pause,
    Redirect,
    Remember,
    Reset,
    S3Error,
    ShortListing,
    StaleListing,
)
from pmsync.emulator.history import Exchange

EVERY_PHASE: Final[tuple[Phase, ...]] = get_args(Phase)
_ANSWERING: Final[tuple[Phase, ...]] = ("receive", "before-commit", "after-commit")
_ANSWERED: Final[tuple[Phase, ...]] = ("after-commit",)

NAMES: Final[Mapping[type[Action], str]] = {
    Drop: "drop",
    Reset: "reset",
    Hang: "hang",
    Pause: "pause",
    Drip: "drip",
    Answer: "answer",
    S3Error: "s3-error",
    Redirect: "redirect",
    StaleListing: "stale-listing",
    Remember: "remember",
    ShortListing: "short-listing",
    InconsistentListing: "inconsistent",
    Lag: "lag",
    Mutate: "mutate",
    ExpireUrl: "expire-url",
    DelayedCommit: "delayed-commit",
}

_PHASES: Final[Mapping[type[Action], tuple[Phase, ...]]] = {
    Drip: ("mid-response",),
    Answer: _ANSWERING,
    S3Error: _ANSWERING,
    Redirect: _ANSWERING,
    StaleListing: _ANSWERED,
    ShortListing: _ANSWERED,
    InconsistentListing: _ANSWERED,
    Lag: _ANSWERED,
    DelayedCommit: ("before-commit",),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong: with the `occurrence`-th request that matches, or with every one.

    What is None matches anything. Raises Invalid where the parts do not fit each other.
    """

    action: Action
    host: HostRole | None = None
    method: str | None = None
    path: str | None = None
    """A glob over the whole path."""

    endpoint: EndpointName | None = None
    occurrence: int | Literal["every"] = 1
    phase: Phase | None = None
    """None: the first phase the action can have."""

    after_bytes: int | None = None
    """In the phase `receive`: how many bytes of the body are taken first."""

    def __post_init__(self) -> None:
        if self.occurrence != "every" and self.occurrence < 1:
            raise Invalid("occurrence must be 1 or more, or every")
        if self.phase and self.phase not in self._phases:
            raise Invalid(f"{self.name} can have the phases {', '.join(self._phases)}, not {self.phase}")
        if isinstance(self.action, ExpireUrl) and self.endpoint not in {"upload.url", "upload.put"}:
            raise Invalid("expire-url needs the endpoint upload.url or upload.put")
        if self.after_bytes is not None and self.moment != "receive":
            raise Invalid("afterBytes goes with the phase receive only")

    @property
    def name(self) -> str:
        return NAMES[type(self.action)]

    @property
    def moment(self) -> Phase:
        """The phase in which it strikes."""
        return self.phase or self._phases[0]

    def matches(self, exchange: Exchange) -> bool:
        """Whether the request is one of those it is about."""
        return (
            (self.host is None or self.host == exchange.host)
            and (self.method is None or self.method == exchange.method)
            and (self.path is None or fnmatchcase(exchange.path, self.path))
            and (self.endpoint is None or self.endpoint == exchange.endpoint)
        )

    @property
    def _phases(self) -> tuple[Phase, ...]:
        if isinstance(self.action, ExpireUrl):
            return ("receive",) if self.endpoint == "upload.put" else _ANSWERED
        return _PHASES.get(type(self.action), EVERY_PHASE)
