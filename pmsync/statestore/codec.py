"""State and journal lines as text, and back.

Canonical: keys sorted, every field written, UTF-8; a state has one value a line and a newline at its end, so
two versions of it differ in exactly the lines that changed. Reading stops at the first thing that is wrong.
It must not know where a text is kept: it is told what to call it (`where`) and what to advise (`remedy`) when
it cannot be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.json import Decoder
from msgspec.structs import asdict, replace

from pmsync.errors import PmsyncError, StateRefused
from pmsync.model.outcome import Entry, Put
from pmsync.model.state import State
from pmsync.statestore import format1, shape
from pmsync.statestore.damage import ECHOED, malformed, of_keys
from pmsync.statestore.shape import FORMAT_VERSION

LARGEST: Final = 64 << 20
"""Bytes of a state or a journal; ten thousand uploads take four million."""
_STATES: Final[dict[int, Decoder[shape.StateFile | format1.State1]]] = {
    1: Decoder(format1.State1),
    2: Decoder(shape.StateFile),
}
_LINES: Final[dict[int, Decoder[Any]]] = {1: Decoder(format1.Entries), 2: Decoder(shape.Entries)}
_HEADER: Final = Decoder(shape.FirstLine)
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

    Its records were checked when they were recorded (`encode_outcome`) or read; the rest is now.

    Raises PmsyncError: it could not be read again.
    """
    whole = shape.StateFile(**asdict(state), pmsync_version=pmsync_version)
    try:
        _STATES[FORMAT_VERSION].decode(
            _line(replace(whole, folders={}, datasets={}, datatables={}, uploads={}))
        )
        text = _whole(whole)
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
    raw = _read_state(data, place)
    written = _whole(raw)
    # Where it is not as pmsync writes it, somebody was at it.
    if written != data and (damage := of_keys(data, written, raw.may_lack)):
        raise place.refuse(damage)
    if isinstance(raw, format1.State1):
        return msgspec.convert(raw, State, from_attributes=True)
    known = asdict(raw)
    del known["pmsync_version"]
    return State(**known)


def _read_state(data: bytes, place: Place) -> shape.StateFile | format1.State1:
    """Only of what is not as it nearly always is, the version is asked for."""
    try:
        return _STATES[FORMAT_VERSION].decode(data)
    except (msgspec.DecodeError, RecursionError):
        return _read(_STATES[_version(data, place)], data, place, "state")


def encode_header(header: Header, *, pmsync_version: str) -> bytes:
    """The body of a journal's first line."""
    return _line(
        shape.FirstLine(
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
        text = _line([_as_written(each) for each in entries])
        _LINES[FORMAT_VERSION].decode(b"[" + text + b"]")
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise _not_recorded("this outcome", error) from error
    return text


def decode_outcomes(body: bytes, place: Place, version: int = FORMAT_VERSION) -> list[Sequence[Entry]]:
    """The outcomes of one journal line of this format, in order.

    Raises StateRefused: not what the format says.
    """
    return [
        [_as_meant(entry) for entry in outcome] for outcome in _read(_LINES[version], body, place, "journal")
    ]


def _as_written(entry: Entry) -> Entry:
    """A journal says of a Put what it is a record of."""
    return shape.PUTS[type(entry.record)](entry.address, entry.record) if isinstance(entry, Put) else entry


def _as_meant(entry: Entry) -> Entry:
    match entry:
        case format1.PutDataset1() | format1.Announce1():
            return entry.now()
        case Put(address, record):
            return Put(address, record)
        case _:
            return entry


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
        raise place.refuse(f"it is not a pmsync state: no pmsync writes formatVersion {digits[:ECHOED]}")
    if len(digits) > 1 or int(digits) > FORMAT_VERSION:
        raise StateRefused(
            f"it was written by a newer pmsync ({_writer(said)}, format {digits[:ECHOED]}; "
            f"this one reads formats 1 to {FORMAT_VERSION})",
            where=place.where,
            hint="upgrade pmsync and run the same command again",
        )
    return int(digits)


def _writer(said: _Version) -> str:
    try:
        return msgspec.json.decode(said.pmsync_version, type=str)[:ECHOED]
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
        raise place.refuse(f"the {what} is damaged at {where}: {problem[:ECHOED]}") from None
    except msgspec.DecodeError as error:
        raise place.refuse(malformed(data, str(error))) from None
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
            return f"{shelf} → {address[:ECHOED]}{rest.replace('.', ' → ')}"
    return where
