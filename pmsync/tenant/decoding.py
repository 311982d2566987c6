"""JSON of a host, decoded into a given type and no further than its first fault.

A tenant can be broken or hostile: nothing is built of what is not asked for, so that an answer takes no more
memory than a few times its own size. No sentence repeats what an answer holds. Must not know the endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from pmsync.errors import UnexpectedAnswer

T = TypeVar("T")

_PLACE: Final = re.compile(r" - at `\$\.?(?P<place>[^`]*)`\Z")
_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")
_TOO_LONG: Final = re.compile(r"Expected `(str|array)` of length <= (\d+)")
_KINDS: Final = {
    "str": "is not a text",
    "int": "is not a whole number",
    "bool": "is neither true nor false",
    "array": "is not a list",
    "object": "is not an object",
}
_EXPECTED: Final = re.compile(r"Expected `(\w+)")
_MOMENT: Final = re.compile(rb'"[0-9A-Za-z:+., -]{1,64}"', re.ASCII)


def decoded(decoder: msgspec.json.Decoder[T], body: bytes, where: str) -> T:
    """What the body of an answer says; UnexpectedAnswer names `where` and the first field that is wrong."""
    if not body:
        raise UnexpectedAnswer("the answer is empty", where=where)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as caught:
        fault, hint = _sentence(str(caught)), None
    except RecursionError:
        fault, hint = "the answer is JSON nested too deep", None
    except msgspec.DecodeError:
        fault = "the answer is not JSON"
        hint = "is --api-url or apiUrl the API itself, and not a proxy or a web page?"
    raise UnexpectedAnswer(fault, where=where, hint=hint)


def _sentence(fault: str) -> str:
    """The library's words in ours. They hold field names of our types and indexes, nothing of the answer."""
    found = _PLACE.search(fault)
    place, what = (found["place"], fault[: found.start()]) if found else ("", fault)
    missing = _MISSING.fullmatch(what)
    if missing:
        place = f"{place}.{missing[1]}".lstrip(".")
    subject = f"field '{place}'" if place else "the answer"
    return f"{subject} {'is missing' if missing else _says(what)}"


def _says(what: str) -> str:
    too_long = _TOO_LONG.fullmatch(what)
    if too_long:
        most = int(too_long[2])
        return f"holds more than {most:,} things" if too_long[1] == "array" else f"is longer than {most:,}"
    if ">= 0" in what:
        return "is negative"
    if "<=" in what or "out of range" in what:
        return "is too large a number"
    kind = _EXPECTED.match(what)
    return _KINDS.get(kind[1] if kind else "", "is not what it should be")


def moment(raw: msgspec.Raw) -> str:
    """The text of a time that nothing depends on; empty where it is absent or anything but a short text."""
    text = bytes(raw)
    return text[1:-1].decode("ascii") if _MOMENT.fullmatch(text) else ""


class _Said(msgspec.Struct):
    """An error answer (vendor's client examples)."""

    message: msgspec.Raw = msgspec.Raw()


_SAID: Final = msgspec.json.Decoder(_Said)
_TEXT: Final = msgspec.json.Decoder(str)


def said(body: bytes) -> tuple[str, bool]:
    """The `message` of an error answer, empty where it has none, and whether it can be the API's at all."""
    if not body:
        return "", True
    answer = _attempt(lambda: _SAID.decode(body))
    if answer is None:
        return "", False
    return _attempt(lambda: _TEXT.decode(answer.message)) or "", True


def _attempt(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except (msgspec.DecodeError, RecursionError):
        return None
