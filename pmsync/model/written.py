"""What may stand in a file that only pmsync writes: the state, its journal.

The nouns say it of their fields, so that a file is read into them and refused at the first thing that no
pmsync writes. Must not know which files there are.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeVar

from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr

from pmsync.model.address import Address, AnyAddress
from pmsync.model.ids import SAFE_ID, UUID

Count = Annotated[int, Meta(ge=0, le=2**53)]
Difference = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Id = Annotated[str, Meta(pattern=rf"\A{SAFE_ID}\Z")]
IdOrNone = Annotated[str, Meta(pattern=rf"\A({SAFE_ID})?\Z")]
Uuid = Annotated[str, Meta(pattern=rf"\A{UUID}\Z")]
Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Sha256OrNone = Annotated[str, Meta(pattern=r"\A([0-9a-f]{64})?\Z")]
CommitId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{40}([0-9a-f]{24})?\Z")]
Text = Annotated[str, Meta(min_length=1)]
Moment = Annotated[str, Meta(max_length=40)]

Value = TypeVar("Value")
_AT: Final = re.compile(r"(?:JSON is malformed: )?(?P<reason>.*) \(byte (?P<byte>\d+)\)", re.DOTALL)


class Written(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One object of such a file. An unknown key is damage: writing the file anew would lose it."""


class Addressed(Written, frozen=True):
    """One that is about a managed thing."""

    address: AnyAddress

    def __post_init__(self) -> None:
        """A file says it as a plain text."""
        force_setattr(self, "address", Address(self.address))


def where_malformed(data: bytes, problem: str) -> tuple[str, int, int]:
    """Why a text is not JSON, and at which line and column, from 1; `problem` is what `msgspec` says.

    Where it names no byte the text is cut off: no reason, and the place is its end.
    """
    found = _AT.fullmatch(problem)
    before = data[: int(found["byte"])] if found else data
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return found["reason"] if found else "", line, column


def always(value: Value) -> Value:
    """A default that is written too, in an object that leaves out what says nothing (`omit_defaults`)."""
    default: Value = field(default_factory=lambda: value)
    return default


def address_shelves(whole: Struct, *shelves: str) -> None:
    """Make Addresses of the keys of these maps; a file says them as plain texts."""
    for name in shelves:
        shelf = getattr(whole, name)
        if type(next(iter(shelf), None)) is str:
            force_setattr(whole, name, {Address(key): record for key, record in shelf.items()})
