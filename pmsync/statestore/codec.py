"""State and journal lines as text, and back.

Canonical: keys sorted, every field written, UTF-8; a state has one value a line and a newline at its end, so
two versions of it differ in exactly the lines that changed. Reading stops at the first thing that is wrong.
It must not know where a text is kept: it is told what to call it (`where`) and what to advise (`remedy`) when
it cannot be trusted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.json import Decoder

from pmsync.errors import PmsyncError, StateRefused
from pmsync.model.outcome import Entry
from pmsync.model.state import State
from pmsync.statestore import format1, records, shape
from pmsync.statestore.shape import FORMAT_VERSION

LARGEST: Final = 64 << 20
"""Bytes of a state or a journal; ten thousand uploads take four million."""
_STATES: Final[dict[int, Decoder[shape.StateShape | format1.State1]]] = {
    1: Decoder(format1.State1),
    2: Decoder(shape.StateShape),
}
_LINES: Final[dict[int, Decoder[Any]]] = {1: Decoder(format1.Entries), 2: Decoder(shape.Entries)}
_HEADER: Final = Decoder(shape.HeaderShape)
_ECHOED: Final = 200
_PATTERN: Final = re.compile("Expected `str` matching regex .*", re.DOTALL)
T = TypeVar("T")


class Header(Struct, frozen=True, kw_only=True):
    """The first line of a journal: which version of which state it goes on from, and in which format."""

    lineage: str
    serial: int
    format: int = FORMAT_VERSION


class Place(Struct, frozen=True, kw_only=True):
    """Where a text came from, and what its owner can do if it is damaged."""

    where: str
    remedy: str

    def refuse(self, what: str) -> StateRefused:
        return StateRefused(what, where=self.where, hint=self.remedy)


class _Version(msgspec.Struct, rename="camel"):
    """What every format says, whatever the rest of it is."""

    format_version: msgspec.Raw = msgspec.Raw(b"null")
    pmsync_version: msgspec.Raw = msgspec.Raw(b"")


_VERSION: Final = Decoder(_Version)


def encode(state: State, *, pmsync_version: str) -> bytes:
    """The whole of state.json. `pmsync_version` is the writer's.

    Raises PmsyncError: it could not be read again.
    """
    try:
        text = _whole(records.state_shape(state, pmsync_version=pmsync_version))
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise _not_recorded("this state", error) from error
    if len(text) > LARGEST:
        raise PmsyncError(
            f"the state would be larger than {LARGEST >> 20} MiB, and no pmsync would read it again",
            hint="declare fewer datasets in one environment",
        )
    return text


def decode(data: bytes, place: Place) -> State:
    """The state that this text is.

    Raises StateRefused: empty, cut off, not JSON, of a newer format, or not what the format says.
    """
    raw = _read(_STATES[_version(data, place)], data, place, "state")
    if _whole(raw) != data:  # not as pmsync writes it: somebody was at it
        _no_key_twice(data, place)
    return records.state(raw)


def encode_header(header: Header, *, pmsync_version: str) -> bytes:
    """The body of a journal's first line."""
    return _line(
        shape.HeaderShape(
            format_version=FORMAT_VERSION,
            lineage=header.lineage,
            pmsync_version=pmsync_version,
            serial=header.serial,
        )
    )


def decode_header(body: bytes, place: Place) -> Header:
    """What a journal goes on from.

    Raises StateRefused: of a newer format, or not what the format says.
    """
    version = _version(body, place)
    raw = _read(_HEADER, body, place, "journal")
    return Header(lineage=raw.lineage, serial=raw.serial, format=version)


def encode_outcome(entries: Iterable[Entry]) -> bytes:
    """One outcome as a JSON list; `decode_outcomes` reads lists of them.

    Raises PmsyncError: it could not be read again, because a text is not Unicode (a file name in another
    encoding) or an address is of another kind than its record.
    """
    try:
        return _line([records.entry_shape(each) for each in entries])
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise _not_recorded("this outcome", error) from error


def decode_outcomes(body: bytes, place: Place, version: int = FORMAT_VERSION) -> list[Sequence[Entry]]:
    """The outcomes of one journal line of this format, in order.

    Raises StateRefused: not what the format says.
    """
    return [
        [records.entry(raw) for raw in outcome] for outcome in _read(_LINES[version], body, place, "journal")
    ]


def _line(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted", enc_hook=_plain)


def _plain(text: object) -> str:
    """An address is a text of a class of its own, which `msgspec` does not take for one."""
    assert isinstance(text, str), type(text)
    return str(text)


def _whole(value: object) -> bytes:
    return msgspec.json.format(_line(value), indent=1) + b"\n"


def _not_recorded(what: str, error: Exception) -> PmsyncError:
    return PmsyncError(
        f"{what} cannot be recorded: {error}",
        hint="if a file name is not UTF-8, rename the file; otherwise report this as a fault of pmsync",
    )


def _version(data: bytes, place: Place) -> int:
    """Which format it is. A newer one is told from damage by this number alone."""
    if not data or data.isspace():
        raise place.refuse(f"it is empty ({len(data)} bytes), and an empty state is never what pmsync wrote")
    if b"\0" in data:
        raise place.refuse("it is not text: it holds NUL bytes")
    said = _read(_VERSION, data, place, "")
    digits = bytes(said.format_version).decode()
    if not re.fullmatch(r"[1-9][0-9]*", digits):
        raise place.refuse(f"it is not a pmsync state: no pmsync writes formatVersion {digits[:_ECHOED]}")
    if len(digits) > 1 or int(digits) > FORMAT_VERSION:
        raise StateRefused(
            f"it was written by a newer pmsync ({_writer(said)}, format {digits[:_ECHOED]}; "
            f"this one reads formats 1 to {FORMAT_VERSION})",
            where=place.where,
            hint="upgrade pmsync and run the same command again",
        )
    return int(digits)


def _writer(said: _Version) -> str:
    try:
        return msgspec.json.decode(said.pmsync_version, type=str)[:_ECHOED]
    except msgspec.DecodeError:
        return "of unknown version"


def _read(decoder: Decoder[T], data: bytes, place: Place, what: str) -> T:
    """Raises StateRefused at the first thing that is wrong, with where in the text it is."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        if not what:
            raise place.refuse("it is JSON, but not a pmsync state: its top level is not an object") from None
        problem, _, path = str(error).partition(" - at ")
        problem = _PATTERN.sub("a text that pmsync never writes there", problem)
        where = path.replace("`", "").replace("$.", "").replace("$", "") or "its top level"
        where = _by_address(where, data, decoder)
        raise place.refuse(f"the {what} is damaged at {where}: {problem[:_ECHOED]}") from None
    except msgspec.DecodeError as error:
        raise place.refuse(_malformed(data, str(error))) from None
    except RecursionError:
        raise place.refuse("it is not a pmsync state: it is nested too deeply") from None


def _by_address(where: str, data: bytes, decoder: Decoder[Any]) -> str:
    """`datasets[...].id` does not say which: the address of the first record that is wrong."""
    shelf, found, rest = where.partition("[...]")
    known = get_type_hints(decoder.type) if found and isinstance(decoder.type, type) else {}
    if shelf not in known:
        return where
    record = get_args(known[shelf])[1]
    whole = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    for address, raw in msgspec.json.decode(whole[shelf], type=dict[str, msgspec.Raw]).items():
        try:
            msgspec.json.decode(raw, type=record)
        except msgspec.ValidationError:
            return f"{shelf} → {address[:_ECHOED]}{rest.replace('.', ' → ')}"
    return where


def _malformed(data: bytes, problem: str) -> str:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"it is not text: byte {error.start} is not UTF-8"
    found = re.search(r" \(byte (\d+)\)$", problem)
    if found is None:
        lines = data.count(b"\n") + 1
        return f"it is cut off: it ends in the middle of line {lines}"
    before = data[: int(found[1])]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    reason = problem[: found.start()].removeprefix("JSON is malformed: ")
    return f"it is not JSON: {reason} (line {line}, column {column})"


def _no_key_twice(data: bytes, place: Place) -> None:
    """A key that stands twice is what merging by hand leaves behind; neither value may be chosen."""
    try:
        json.loads(data, object_pairs_hook=_unique)
    except ValueError as error:
        raise place.refuse(f"it is damaged: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> None:
    """Keeps nothing of what it looked at."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise ValueError(f"key {key[:_ECHOED]!r} stands twice")
        seen.add(key)
