"""Reads a saved plan back, and says what one looks like (schema/plan.schema.json).

A plan file is a bound on what may run, never instructions: it is compared with a plan made anew, so a
forged one can do nothing. Unknown fields are ignored (a minor version may add some), a newer major
version is refused. This module must not know how plans are made or shown.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeVar

import msgspec

from pmsync.diagnostics import Diagnostic, Location
from pmsync.disk.named import read_named
from pmsync.disk.refusals import TooLarge, Untrusted, why
from pmsync.errors import InputError
from pmsync.model.consent import Allow, Consent
from pmsync.model.document import PLAN_FORMAT, PlanDocument
from pmsync.model.options import PlanningOptions
from pmsync.model.written import where_malformed

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a plan file: 100,000 changes with their sentences are about 40 MiB."""

_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_PLAN_AGAIN: Final = "save it again with pmsync plan --out FILE"
_Kind = TypeVar("_Kind")
_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")
_EXPECTED: Final = re.compile(r"Expected `(\w+)(?: \| null)?`, got .*")
_KINDS: Final = {
    "str": "string",
    "int": "integer",
    "bool": "boolean",
    "array": "array",
    "object": "dictionary",
}


class _Head(msgspec.Struct, rename="camel"):
    """What every version says."""

    format_version: msgspec.Raw = msgspec.Raw(b"null")


def read_plan_file(path: str) -> PlanDocument:
    """The plan that `pmsync plan --out` saved at this path.

    Raises InputError with the first fault found: PM311 not readable, PM312 too large, PM313 not a plan,
    PM314 of a newer major version.
    """
    data = _bytes(path)
    _require_version(path, data)
    try:
        return _decoded(path, data, PlanDocument)
    except msgspec.ValidationError as fault:
        raise _refused(path, "PM313", f"this is no saved plan: {_what(str(fault))}") from None


def options_of(document: PlanDocument) -> PlanningOptions:
    """The planning options of a saved plan, to plan again with.

    Raises InputError (PM313) where one of its consents is none that there is.
    """
    saved = document.options
    return PlanningOptions(
        variables=saved.variables,
        allow=tuple(_allow(text) for text in saved.allow),
        assume_uploaded=saved.assume_uploaded,
        reupload=saved.reupload,
        select=saved.select,
        exclude=saved.exclude,
        no_data=saved.no_data,
        refresh_only=saved.refresh_only,
        new_state=saved.new_state,
        destroy=saved.destroy,
    )


def _allow(text: str) -> Allow:
    kind, _, glob = text.partition(":")
    if kind not in tuple(Consent):
        raise _refused("options.allow", "PM313", f"this is no consent: {text[:80]!r}")
    return Allow(consent=Consent(kind), glob=glob)


def plan_json_schema() -> str:
    """The JSON Schema (draft-07) of a saved plan, as committed in schema/plan.schema.json."""
    made = json.dumps(msgspec.json.schema(PlanDocument))
    head = {"$schema": _DRAFT, "title": "A plan of pmsync, as plan --format json prints and --out saves it"}
    return json.dumps(head | json.loads(made, object_hook=_draft_07), indent=2) + "\n"


def _draft_07(schema: dict[str, Any]) -> dict[str, Any]:
    """A pair has its items, not a prefix of them."""
    return {**schema, "items": schema.pop("prefixItems")} if "prefixItems" in schema else schema


def _bytes(path: str) -> bytes:
    try:
        return read_named(path, LARGEST)
    except TooLarge as fault:
        raise _refused(path, "PM312", f"the plan file {fault}") from None
    except (OSError, Untrusted) as fault:
        raise _refused(path, "PM311", f"the plan file cannot be read: {why(fault)}") from None
    except ValueError as fault:  # a NUL in the path
        raise _refused(path, "PM311", "the plan file's path is no path") from fault


def _require_version(path: str, data: bytes) -> None:
    """Judged before anything else, so that a newer plan is not called a broken one."""
    try:
        version = msgspec.json.decode(_decoded(path, data, _Head).format_version, type=str)
    except msgspec.ValidationError:
        version = ""
    major, _, minor = version.partition(".")
    if not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()) or len(major) > 9:
        raise _refused(path, "PM313", "this is no saved plan: it has no formatVersion")
    if int(major) != int(PLAN_FORMAT.partition(".")[0]):
        message = f"the plan has format {version}, and this pmsync reads {PLAN_FORMAT}"
        raise _refused(path, "PM314", message, "plan again with the pmsync that applies it")


def _decoded(path: str, data: bytes, kind: type[_Kind]) -> _Kind:
    """Raises InputError where it is no JSON; msgspec.ValidationError where it is none of this kind."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError) as fault:
        what = f"this is no JSON, and so no saved plan: {_words(data, fault)}"
        raise _refused(path, "PM313", what) from None


def _refused(path: str, code: str, message: str, suggestion: str = _PLAN_AGAIN) -> InputError:
    return InputError([Diagnostic(Location(path), code, message, suggestion)])


def _what(fault: str) -> str:
    """The library's words in ours, after the place: `changes.0.address: Field required`."""
    what, _, way = fault.partition(" - at ")
    place = [part for part in re.split(r"[.\[\]`]+", way.replace("$", "")) if part]
    missing, expected = _MISSING.fullmatch(what), _EXPECTED.fullmatch(what)
    if missing:
        place.append(missing[1])
        what = "Field required"
    elif expected and expected[1] in _KINDS:
        what = f"Input should be a valid {_KINDS[expected[1]]}"
    return f"{'.'.join(place)}: {what}" if place else what


def _words(data: bytes, fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "too deep"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "not text in UTF-8"
    reason, line, column = where_malformed(data, str(fault))
    what = reason or str(fault)
    return f"{what[:1].lower()}{what[1:]} at line {line}, column {column}"
