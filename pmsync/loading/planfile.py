"""Reads a saved plan back, and says what one looks like (schema/plan.schema.json).

A plan file is a bound on what may run, never instructions: it is compared with a plan made anew, so a
forged one can do nothing. Unknown fields are ignored (a minor version may add some), a newer major
version is refused. This module must not know how plans are made or shown.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from pydantic import ConfigDict, RootModel, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pmsync.diagnostics import Diagnostic, Location
from pmsync.disk.named import read_named
from pmsync.disk.refusals import TooLarge, Untrusted, why
from pmsync.errors import InputError
from pmsync.model.consent import Allow, Consent
from pmsync.model.document import PLAN_FORMAT, PlanDocument
from pmsync.model.options import PlanningOptions

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a plan file: 100,000 changes with their sentences are about 40 MiB."""

_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_PLAN_AGAIN: Final = "save it again with pmsync plan --out FILE"
_SHOWN: Final = 20


def read_plan_file(path: str) -> PlanDocument:
    """The plan that `pmsync plan --out` saved at this path.

    Raises one InputError with every fault found (the first twenty): PM311 not readable, PM312 too large,
    PM313 not a plan, PM314 of a newer major version.
    """
    data = _bytes(path)
    _require_version(path, data)
    try:
        return _shape().model_validate_json(data).root
    except ValidationError as fault:
        raise InputError(_problems(path, fault)) from None


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
    schema = _shape().model_json_schema(schema_generator=_Draft07)
    head = {"$schema": _DRAFT, "title": "A plan of pmsync, as plan --format json prints and --out saves it"}
    return json.dumps({**head, **{key: schema[key] for key in schema if key not in head}}, indent=2) + "\n"


@lru_cache(maxsize=1)
def _shape() -> type[RootModel[PlanDocument]]:
    """The document's types with camelCase keys and strict values; unknown keys are ignored."""

    class PlanFile(RootModel[PlanDocument]):
        model_config = ConfigDict(alias_generator=to_camel, strict=True)

    return PlanFile


class _Draft07(GenerateJsonSchema):
    """Pairs as draft-07 writes them, and field names without invented titles."""

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        made = super().tuple_schema(schema)
        if "prefixItems" in made:
            made["items"] = made.pop("prefixItems")
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the library's hook
        return False


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
        whole = json.loads(data.decode())
    except (ValueError, RecursionError) as fault:
        raise _refused(path, "PM313", f"this is no JSON, and so no saved plan: {_words(fault)}") from None
    version = whole.get("formatVersion") if isinstance(whole, dict) else None
    major, _, minor = version.partition(".") if isinstance(version, str) else ("", "", "")
    if not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()) or len(major) > 9:
        raise _refused(path, "PM313", "this is no saved plan: it has no formatVersion")
    if int(major) != int(PLAN_FORMAT.partition(".")[0]):
        message = f"the plan has format {version}, and this pmsync reads {PLAN_FORMAT}"
        raise _refused(path, "PM314", message, "plan again with the pmsync that applies it")


def _problems(path: str, fault: ValidationError) -> list[Diagnostic]:
    errors = fault.errors(include_url=False, include_input=False, include_context=False)
    return [_problem(path, error) for error in errors[:_SHOWN]]


def _problem(path: str, error: Any) -> Diagnostic:
    place = ".".join(str(part) for part in error["loc"])
    message = f"{place}: {error['msg']}" if place else str(error["msg"])
    return Diagnostic(Location(path), "PM313", f"this is no saved plan: {message}", _PLAN_AGAIN)


def _refused(path: str, code: str, message: str, suggestion: str = _PLAN_AGAIN) -> InputError:
    return InputError([Diagnostic(Location(path), code, message, suggestion)])


def _words(fault: Exception) -> str:
    if isinstance(fault, json.JSONDecodeError):
        return f"{fault.msg.lower()} at line {fault.lineno}, column {fault.colno}"
    return "not text in UTF-8" if isinstance(fault, UnicodeDecodeError) else "too deep"
