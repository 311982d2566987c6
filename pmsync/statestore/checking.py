"""Parsed JSON held against the shapes of the state and its journal; and JSON written.

It must not know what a shape is for, nor where a text came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from pmsync.statestore.shape import STRICT, EntryShape, HeaderShape, StateShape

Shape = TypeVar("Shape")

_STATE: Final = TypeAdapter(StateShape)
_HEADER: Final = TypeAdapter(HeaderShape)
_OUTCOMES: Final[TypeAdapter[list[list[EntryShape]]]] = TypeAdapter(
    list[list[Annotated[EntryShape, Field(discriminator="entry")]]], config=STRICT
)


class MisshapenError(ValueError):
    """The JSON is not what the format says; the text names the place and the first problem."""


def state_shape(raw: Any) -> StateShape:
    """The parsed content of state.json, checked.

    Raises MisshapenError: something is missing, unknown, or of another type.
    """
    return _checked(_STATE, raw)


def header_shape(raw: Any) -> HeaderShape:
    """The parsed first line of a journal, checked.

    Raises MisshapenError: something is missing, unknown, or of another type.
    """
    return _checked(_HEADER, raw)


def outcome_shapes(raw: Any) -> list[list[EntryShape]]:
    """The outcomes of one line of a journal, parsed or about to be written, checked.

    Raises MisshapenError: something is missing, unknown, or of another type.
    """
    return _checked(_OUTCOMES, raw)


def _checked(adapter: TypeAdapter[Shape], raw: Any) -> Shape:
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise MisshapenError(f"{_place(first['loc'])}: {first['msg']}{more}") from error


def _place(parts: Iterable[int | str]) -> str:
    """`datatables → order-to-cash.events → rows`: addresses hold dots, so dots cannot separate."""
    return " → ".join(str(part) for part in parts) or "the whole"


def json_bytes(value: object, *, indent: int | None = None) -> bytes:
    """UTF-8 JSON in the order given. The standard library takes ten times as long to indent."""
    return to_json(value, indent=indent)
