"""State and journal lines as text, and back.

Canonical: keys sorted, every field written, UTF-8; a state has one value a line and a newline at its end, so
two versions of it differ in exactly the lines that changed. It must not know where a text is kept: it is told
what to call it (`where`) and what to advise (`remedy`) when it cannot be trusted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pmsync.errors import PmsyncError, StateRefused
from pmsync.model.outcome import Entry
from pmsync.model.state import State
from pmsync.statestore import records
from pmsync.statestore.entries import entry, entry_shape

if TYPE_CHECKING:
    from pmsync.statestore import shape

FORMAT_VERSION: Final = 1
_WORDS: Final = ("true", "false", "null")
_UPGRADE: Final = "upgrade pmsync and run the same command again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line of a journal: which version of which state it goes on from."""

    lineage: str
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a text came from, and what its owner can do if it is damaged."""

    where: str
    remedy: str

    def refuse(self, what: str) -> StateRefused:
        return StateRefused(what, where=self.where, hint=self.remedy)


def encode(state: State, *, pmsync_version: str) -> bytes:
    """The whole of state.json. `pmsync_version` is the writer's."""
    from pmsync.statestore.checking import json_bytes  # noqa: PLC0415 - pydantic only where a state is touched

    return json_bytes(records.state_shape(state, pmsync_version=pmsync_version), indent=1) + b"\n"


def decode(data: bytes, place: Place) -> State:
    """The state that this text is.

    Raises StateRefused: empty, cut off, not JSON, of a newer format, or not what the format says.
    """
    from pmsync.statestore import checking  # noqa: PLC0415 - pydantic only where a state is touched

    raw = _parsed(data, place)
    _check_version(raw, place)
    try:
        return records.state(checking.state_shape(raw))
    except checking.MisshapenError as error:
        raise place.refuse(f"the state is damaged at {error}") from error


def encode_header(header: Header, *, pmsync_version: str) -> bytes:
    """The body of a journal's first line."""
    from pmsync.statestore.checking import json_bytes  # noqa: PLC0415 - as above

    raw: shape.HeaderShape = {
        "formatVersion": 1,
        "lineage": header.lineage,
        "pmsyncVersion": pmsync_version,
        "serial": header.serial,
    }
    return json_bytes(raw)


def decode_header(body: bytes, place: Place) -> Header:
    """What a journal goes on from.

    Raises StateRefused: of a newer format, or not what the format says.
    """
    from pmsync.statestore import checking  # noqa: PLC0415 - as above

    raw = _parsed(body, place)
    _check_version(raw, place)
    try:
        checked = checking.header_shape(raw)
    except checking.MisshapenError as error:
        raise place.refuse(f"the journal is damaged at {error}") from error
    return Header(lineage=checked["lineage"], serial=checked["serial"])


def encode_outcome(entries: Iterable[Entry]) -> bytes:
    """One outcome as a JSON list; `decode_outcomes` reads lists of them.

    Raises PmsyncError: it could not be read again, because a text is not Unicode (a file name in another
    encoding) or an address is of another kind than its record.
    """
    from pmsync.statestore import checking  # noqa: PLC0415 - as above

    listed = [entry_shape(each) for each in entries]
    try:
        checking.outcome_shapes([listed])
    except checking.MisshapenError as error:
        raise PmsyncError(
            f"this outcome cannot be recorded: {error}",
            hint="if a file name is not UTF-8, rename the file; otherwise report this as a fault of pmsync",
        ) from error
    return checking.json_bytes(listed)


def decode_outcomes(body: bytes, place: Place) -> list[Sequence[Entry]]:
    """The outcomes of one journal line, in order.

    Raises StateRefused: not what the format says.
    """
    from pmsync.statestore import checking  # noqa: PLC0415 - as above

    try:
        checked = checking.outcome_shapes(_json(body, place))
    except checking.MisshapenError as error:
        raise place.refuse(f"the journal is damaged at {error}") from error
    return [[entry(raw) for raw in outcome] for outcome in checked]


def _parsed(data: bytes, place: Place) -> dict[str, Any]:
    raw = _json(data, place)
    if not isinstance(raw, dict):
        raise place.refuse("it is JSON, but not a pmsync state: its top level is not an object")
    return raw


def _check_version(raw: dict[str, Any], place: Place) -> None:
    version = raw.get("formatVersion")
    if type(version) is not int or version < 1:
        raise place.refuse(f"it is not a pmsync state: no pmsync writes formatVersion {version!r}")
    if version > FORMAT_VERSION:
        writer = raw.get("pmsyncVersion", "of unknown version")
        raise StateRefused(
            f"it was written by a newer pmsync ({writer}, format {version}; "
            f"this one reads format {FORMAT_VERSION})",
            where=place.where,
            hint=_UPGRADE,
        )


def _json(data: bytes, place: Place) -> Any:
    text = _text(data, place)
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].strip()
        if error.msg.startswith("Unterminated") or any(word.startswith(rest) for word in _WORDS):
            raise place.refuse(f"it is cut off: it ends in the middle of line {error.lineno}") from error
        reason = f"it is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise place.refuse(reason) from error
    except RecursionError as error:
        raise place.refuse("it is not a pmsync state: it is nested too deeply") from error
    except ValueError as error:  # a key that stands twice, a number of thousands of digits
        raise place.refuse(f"it is damaged: {error}") from error


def _text(data: bytes, place: Place) -> str:
    if not data.strip():
        raise place.refuse(f"it is empty ({len(data)} bytes), and an empty state is never what pmsync wrote")
    if b"\0" in data:
        raise place.refuse("it is not text: it holds NUL bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise place.refuse(f"it is not text: byte {error.start} is not UTF-8") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that stands twice is what merging by hand leaves behind; neither value may be chosen."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} stands twice")
    return found
