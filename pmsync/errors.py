"""Every error that pmsync raises on purpose, and the exit code each one means.

    PmsyncError                     1   some change failed, or something outside went wrong
    ├── InputError                  7   manifest, config or source is invalid: one diagnostic per problem
    ├── UsageProblem               64   flags that contradict each other, an environment that must be named
    ├── Refused                     3   declined, blocked, or against a rule that protects data or the key
    │   └── StateRefused            3   the state cannot be trusted: newer, foreign, torn, empty, missing
    ├── Locked                      5   another run holds the lock
    ├── StalePlan                   6   what was approved is not what would run now
    ├── Unconfirmed                 4   sent but not confirmed, or a lost answer matches several
    └── TenantError                 1   the tenant (or its bucket) did not do what was asked
        ├── AuthenticationFailed    8   the key is missing, unknown or not allowed
        ├── Unreachable             1   no answer: name, connection, TLS, time
        ├── AnswerLost              1   a request was sent and its answer never came: it may have happened
        ├── Rejected                1   an answer that says no (status and the tenant's own words)
        └── UnexpectedAnswer        1   an answer that is not what the API reference promises

Each error says what happened, where, and what to do. It must not know how it is shown: escaping and
colour are the views'. No error text ever holds the API key or the query of an upload URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from pmsync.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pmsync.diagnostics import Diagnostic


MOST_TOLD: Final = 100
"""Problems that one error tells; the others are counted. Nobody reads more, and a log must stay a log."""


class Secret:
    """A text that must never be shown. `reveal()` is called in one place only: where it is sent.

    Equality, hashing and repr do not touch the text, so a log line, a traceback or a dataclass repr
    cannot leak it. `origin` says where it came from, in words that may be shown; empty: nobody said.
    """

    __slots__ = ("_text", "origin")

    def __init__(self, text: str, *, origin: str = "") -> None:
        self._text = text
        self.origin = origin

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        msg = "a Secret is not serialised"
        raise TypeError(msg)


class PmsyncError(Exception):
    """Something went wrong, and the user is told what, where and what to do about it.

    `what` is one sentence; `where` an address, a file position or an endpoint; `hint` the next step,
    preferably a command to paste. `plan` is the pmsync.model.plan.Plan that is blocked, where that is why
    (this floor does not know it); `details` are sentences that say more, each a line of its own.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED
    plan: object = None
    details: tuple[str, ...] = ()

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.what}{advice}"


class InputError(PmsyncError):
    """The repository holds something that cannot be right.

    `diagnostics` are the first problems found, at most MOST_TOLD; `count` is the number of all; `then` says
    what follows from them.
    """

    exit_code = ExitCode.INVALID

    def __init__(
        self, diagnostics: Sequence[Diagnostic], *, count: int | None = None, then: str = ""
    ) -> None:
        self.diagnostics = tuple(diagnostics[:MOST_TOLD])
        self.count = len(diagnostics) if count is None else count
        problems = f"{self.count:,} problem{'' if self.count == 1 else 's'}"
        super().__init__(f"{problems} in manifests, config or sources{': ' if then else ''}{then}")

    @property
    def untold(self) -> int:
        """How many problems are in no diagnostic."""
        return self.count - len(self.diagnostics)


class UsageProblem(PmsyncError):
    """The command line cannot mean one thing: flags contradict, or a choice is missing."""

    exit_code = ExitCode.USAGE


class Refused(PmsyncError):
    """Nothing was sent: a rule that protects data, the key or a colleague's work says no."""

    exit_code = ExitCode.REFUSED


class StateRefused(Refused):
    """The state cannot be trusted, and an untrusted state is never taken as empty."""


class Locked(PmsyncError):
    """Another run holds the lock of this environment's state; `what` says who, where and since when."""

    exit_code = ExitCode.LOCKED


class StalePlan(PmsyncError):
    """What would run now is not what was approved; `what` or `details` say the difference in words."""

    exit_code = ExitCode.STALE


class Unconfirmed(PmsyncError):
    """Something was sent and the tenant does not show it, or shows more than one of it."""

    exit_code = ExitCode.UNCONFIRMED


class RowsAwaited(Unconfirmed):
    """A file is stored, and the time for its rows to show is over: they may still come."""


class TenantError(PmsyncError):
    """The tenant or its bucket did not do what was asked; `where` is the endpoint, without its query."""


class AuthenticationFailed(TenantError):
    """The API key is missing, unknown, or not allowed to do this."""

    exit_code = ExitCode.KEY


class Unreachable(TenantError):
    """No answer came and none can be on its way: the request was not sent whole."""


class AnswerLost(TenantError):
    """The request may have arrived, its answer did not: only a look at the tenant can tell."""


class Rejected(TenantError):
    """The tenant answered no. `status` is the HTTP status; `where` names the endpoint."""

    def __init__(self, what: str, *, status: int, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.status = status


class UnexpectedAnswer(TenantError):
    """The answer is not what the API reference promises; `what` names the endpoint's field."""
