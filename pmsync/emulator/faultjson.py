"""Faults as JSON: reading them from a list, every value checked, and writing what is left of a script.

The format is described in docs/emulator.md, "Faults". A problem is an errors.Invalid that names its place.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final, Literal, TypeVar, get_args

from pmsync.emulator.endpoints import EndpointName, HostRole, Phase
from pmsync.emulator.errors import Invalid
from pmsync.emulator.faultactions import (
    Action,
    Answer,
    Change,
    DelayedCommit,
    Drip,
    Drop,
    ExpireUrl,
    Hang,
    How,
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
from pmsync.emulator.faults import NAMES, Fault

T = TypeVar("T")


def read_faults(text: bytes) -> list[Fault]:
    """The faults of a JSON list, or of one object."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("the faults are not valid JSON") from None
    if isinstance(document, list):
        return [_fault(value, f"[{index}]") for index, value in enumerate(document)]
    return [_fault(document, "the fault")]


def fault_json(fault: Fault, seen: int) -> dict[str, Any]:
    """A fault as it could be posted again, and how many requests matched it so far."""
    told = {_key(f.name): getattr(fault.action, f.name) for f in fields(fault.action)}
    matched = {_key(f.name): getattr(fault, f.name) for f in fields(fault) if f.name != "action"}
    given = {**told, **matched, "phase": fault.moment}
    return {
        "action": fault.name,
        **{key: value for key, value in given.items() if value is not None and value != {}},
        "seen": seen,
    }


def _key(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


class _Fields:
    """The values of one JSON object, each asked for by its name; what nobody asked for is a mistake."""

    def __init__(self, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            raise Invalid(f"{at} must be an object")
        self._values: Mapping[str, Any] = value
        self._at = at
        self._asked: set[str] = set()

    def get(self, name: str, right: Callable[[Any], bool], what: str) -> Any:
        """The value of that name; None where it is not there."""
        self._asked.add(name)
        value = self._values.get(name)
        if value is not None and not right(value):
            raise Invalid(f"{self._at}: {name} must be {what}")
        return value

    def text(self, name: str) -> Any:
        return self.get(name, lambda value: isinstance(value, str), "a text")

    def seconds(self, name: str) -> Any:
        return self.get(
            name, lambda v: _is_number(v, int, float) and 0 <= v < math.inf, "a number of seconds, 0 or more"
        )

    def count(self, name: str, *, least: int = 0) -> Any:
        return self.get(name, lambda v: _is_number(v, int) and v >= least, f"a whole number, {least} or more")

    def status(self) -> Any:
        return self.get(
            "status", lambda v: _is_number(v, int) and 200 <= v <= 599, "a status from 200 to 599"
        )

    def choice(self, name: str, choices: Any) -> Any:
        known: tuple[str, ...] = get_args(choices)
        return self.get(name, lambda v: v in known, f"one of {', '.join(known)}")

    def needed(self, name: str, value: T | None) -> T:
        if value is None:
            raise Invalid(f"{self._at}: {name} is missing")
        return value

    def check_all_asked(self) -> None:
        for name in self._values:
            if name not in self._asked:
                raise Invalid(f"{self._at}: unknown key {name!r}; known are {', '.join(sorted(self._asked))}")


def _fault(value: Any, at: str) -> Fault:
    given = _Fields(value, at)
    known = list(_READERS)
    name = given.needed("action", given.get("action", lambda v: v in known, f"one of {', '.join(known)}"))
    try:
        action = _READERS[name](given)
        matched: dict[str, Any] = {
            "host": given.choice("host", HostRole),
            "method": given.text("method"),
            "path": given.text("path"),
            "endpoint": given.choice("endpoint", EndpointName),
            "occurrence": _occurrence(given),
            "phase": given.choice("phase", Phase),
            "after_bytes": given.count("afterBytes"),
        }
        given.get("seen", lambda _: True, "")  # what a script that was read says; it may be posted again
        given.check_all_asked()
        return Fault(action, **matched)
    except Invalid as error:
        said = str(error)
        raise Invalid(said if said.startswith(at) else f"{at}: {said}") from None


def _occurrence(given: _Fields) -> int | Literal["every"]:
    occurrence: int | Literal["every"] | None = given.get(
        "occurrence", lambda v: v == "every" or (_is_number(v, int) and v >= 1), "1 or more, or every"
    )
    return 1 if occurrence is None else occurrence


def _is_number(value: Any, *types: type) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


def _answer(given: _Fields) -> Action:
    headers = given.get(
        "headers",
        lambda value: isinstance(value, dict) and all(isinstance(text, str) for text in value.values()),
        "an object of texts",
    )
    status = given.needed("status", given.status())
    return Answer(status, given.get("body", lambda _: True, ""), headers or {})


def _s3_error(given: _Fields) -> Action:
    status = given.needed("status", given.status())
    code, message = given.needed("code", given.text("code")), given.text("message")
    return S3Error(status, code) if message is None else S3Error(status, code, message)


def _redirect(given: _Fields) -> Action:
    return Redirect(given.needed("url", given.text("url")), given.status() or 307)


def _mutate(given: _Fields) -> Action:
    return Mutate(
        given.needed("change", given.choice("change", Change)),
        dataset=given.text("dataset"),
        datatable=given.text("datatable"),
        name=given.text("name"),
        rows=given.get("rows", lambda value: _is_number(value, int), "a whole number"),
        tenant=given.text("tenant"),
    )


_TOLD: Final[Mapping[type[Action], Callable[[_Fields], Action]]] = {
    Drop: lambda _: Drop(),
    Reset: lambda _: Reset(),
    Hang: lambda _: Hang(),
    Pause: lambda _: Pause(),
    Drip: lambda given: Drip(given.needed("seconds", given.seconds("seconds"))),
    Answer: _answer,
    S3Error: _s3_error,
    Redirect: _redirect,
    StaleListing: lambda given: StaleListing(given.count("commits", least=1), given.text("moment")),
    Remember: lambda given: Remember(given.needed("moment", given.text("moment"))),
    ShortListing: lambda given: ShortListing(given.count("keep"), given.count("drop")),
    InconsistentListing: lambda given: InconsistentListing(given.choice("how", How) or "shuffled"),
    Lag: lambda given: Lag(given.seconds("seconds"), given.count("listings", least=1)),
    Mutate: _mutate,
    ExpireUrl: lambda _: ExpireUrl(),
    DelayedCommit: lambda given: DelayedCommit(given.seconds("seconds")),
}

_READERS: Final = {name: _TOLD[action] for action, name in NAMES.items()}
