"""Holds a document against its shape: every deviation becomes a problem at its place.

What deviates is left out of the tree and the rest is checked again, so that one wrong key does not hide
what else is wrong in a file. This module must not know what the values mean.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import MOST_TOLD
from pmsync.loading import shape, shape_project
from pmsync.loading.problems import Problems, meant, shown
from pmsync.loading.scalars import kind_of
from pmsync.loading.tree import Document

Shape = TypeVar("Shape")
Loc = tuple[str | int, ...]
"""Where pydantic says that something is; a key that breaks a rule ends in `[key]`."""

_KEY: Final = "[key]"

# Which mapping has which keys; `*` is any key of the user's or any index.
_SHAPES: Final[tuple[tuple[Loc, type], ...]] = (
    (("datasets", "*"), shape.DatasetShape),
    (("datasets", "*", "datatables", "*"), shape.DatatableShape),
    (("datasets", "*", "datatables", "*", "sources", "*"), shape.SourceShape),
    (("datasets", "*", "datatables", "*", "checks"), shape.ChecksShape),
    (("variables", "*"), shape_project.VariableShape),
    (("environments", "*"), shape_project.EnvironmentShape),
    (("environments", "*", "limits"), shape_project.LimitsShape),
    (("environments", "*", "uploads"), shape_project.UploadsShape),
    (("environments", "*", "verify"), shape_project.VerifyShape),
    (("approvals", "*"), shape_project.ApprovalShape),
)
_CONTRACTS: Final = frozenset({"columns", "eventLog"})
_CHECKS: Final = ("checks",)
"""Of a datatable's checks only maxRowDrop is known yet; the others are contracts too."""
_SECRETS: Final = frozenset({"apikey", "api_key", "api-key", "key", "token", "password", "secret"})
_BODIES: Final = frozenset({"variables", "datasets", "datatables"})
_KINDS: Final = {"string_type": "a text", "dict_type": "a mapping", "list_type": "a list"}
_HINTS: Final = {
    "apiVersion": f"write apiVersion: {shape.VERSION}",
    "datasets": "what is to exist stands below datasets:",
    "environments": "the least is environments: {local: {tenant: emulator}}",
}
_TOO_SHORT: Final = {
    "environments": ("PM108", "no environment is declared", _HINTS["environments"]),
    "manifests": ("PM022", "no manifest is named", "leave manifests: out, or name a folder"),
    "id": (
        "PM303",
        "an approval needs the id of what the change touches",
        "a plan prints the lines to paste",
    ),
}
_MOST_EXAMINED: Final = 200_000
"""Deviations of one file that are put in order: more take seconds and gigabytes, and say no more."""


def checked(document: Document, form: type[Shape], problems: Problems) -> Shape | None:
    """The document as the shape; what deviates is reported, and left out of both. None: nothing is left.

    Afterwards the document's tree and the answer have the same keys in the same order.
    """
    any_form: Any = form  # a cache's key is Hashable to the type checker, and a type variable is not
    adapter: TypeAdapter[Shape] = shape.adapter(any_form)
    told = False
    while True:
        try:
            return adapter.validate_python(document.root)
        except ValidationError as fault:
            if fault.error_count() > _MOST_EXAMINED:
                message = f"{fault.error_count():,} problems in this file"
                place = Location(document.file)
                problems.add(Diagnostic(place, "PM033", message, "is it the right file?"))
                problems.count(fault.error_count() - 1)
                return None
            errors: list[Any] = fault.errors(include_url=False)
        if not told:  # what is wrong in a later round only follows from what was left out
            told = True
            _tell(document, form, errors, problems)
            if len(errors) > MOST_TOLD:
                return None
        if not _leave_out(document, errors):
            return None


def _tell(document: Document, form: type, errors: list[Any], problems: Problems) -> None:
    """The first by their places become problems; the others are counted, as each costs a search for words."""
    errors = sorted(errors, key=lambda error: document.at_key(error["loc"]))
    for error in errors[:MOST_TOLD]:
        problems.add(_problem(document, form, error))
    problems.count(len(errors[MOST_TOLD:]))


def _leave_out(document: Document, errors: list[Any]) -> bool:
    """Take what deviates out of the tree; False if the root itself cannot be mended that way."""
    emptied = {error["loc"] for error in errors if _is_body(error)}
    dropped = {_way_out(error) for error in errors if not _is_body(error)}
    if () in dropped:
        return False
    for steps in emptied - dropped:
        document.empty(steps)
    for steps in sorted(dropped, reverse=True):  # inner ones first, and lists from the back
        document.drop(steps)
    return True


def _is_body(error: Any) -> bool:
    """Whether a named thing has a body of the wrong kind: its name stays known, so its uses are right."""
    return error["type"] == "dict_type" and len(error["loc"]) > 1 and error["loc"][-2] in _BODIES


def _way_out(error: Any) -> Loc:
    """The way to what has to go for this deviation to be gone."""
    steps: Loc = error["loc"]
    match error["type"]:
        case "extra_forbidden":
            return steps
        case "string_pattern_mismatch" | "missing":
            steps = steps[:-1]
        case _:
            pass
    return steps[:6] if steps[4:5] == ("sources",) else steps  # half a source would lead to more complaints


def _problem(document: Document, form: type, error: Any) -> Diagnostic:
    """What pydantic says, in the words of this product."""
    steps: Loc = error["loc"]
    match error["type"]:
        case "extra_forbidden":
            return _unknown_key(document, form, steps)
        case "missing":
            hint = _HINTS.get(str(steps[-1])) if len(steps) == 1 else None
            message = f"the key {shown(str(steps[-1]))} is missing"
            return Diagnostic(document.at_key(steps[:-1]), "PM016", message, hint)
        case "string_pattern_mismatch":
            return _bad_key(document, steps[:-1])
        case "literal_error":
            return _bad_choice(document, error)
        case "too_short" | "string_too_short":
            return Diagnostic(document.at(steps), *_TOO_SHORT[str(steps[-1])])
        case _:
            return _bad_value(document, error)


def _bad_value(document: Document, error: Any) -> Diagnostic:
    """A value of the wrong kind, or one that scalars.py refused with a code of its own."""
    place, kind = document.at(error["loc"]), error["type"]
    if kind in _KINDS:
        message = f"{_KINDS[kind]} is expected here, not {kind_of(error['input'])}"
        return Diagnostic(place, "PM017", message)
    return Diagnostic(place, kind, error["ctx"]["message"], error["ctx"]["hint"] or None)


def _unknown_key(document: Document, form: type, steps: Loc) -> Diagnostic:
    key = str(steps[-1])
    place = document.at_key(steps)
    known = _shape_at(form, steps[:-1]).__annotations__
    contract = key in _CONTRACTS if len(steps) == 5 else steps[4:-1] == _CHECKS
    if contract and not meant(key, known):
        message = f"{shown(key)}: data contracts are not part of this version of pmsync"
        return Diagnostic(place, "PM031", message, "remove the block: it would not be checked")
    if key.lower() in _SECRETS and form is shape_project.ProjectShape:
        hint = "the API key comes from PMSYNC_API_KEY_<ENVIRONMENT> or PMSYNC_API_KEY, never from a file here"
        return Diagnostic(place, "PM012", f"unknown key {shown(key)}", hint)
    hint = meant(key, known) or f"known here: {', '.join(known)}"
    return Diagnostic(place, "PM012", f"unknown key {shown(key)}", hint)


def _shape_at(form: type, steps: Loc) -> type:
    for pattern, one in _SHAPES:
        if len(pattern) == len(steps) and all(p in {"*", s} for p, s in zip(pattern, steps, strict=True)):
            return one
    return form


def _bad_key(document: Document, steps: Loc) -> Diagnostic:
    if "variables" in {steps[0], steps[-2]}:
        rule = "letters, digits and '_', and no digit first"
    else:
        rule = "lower-case letters, digits, '-' and '_', and the first a letter or digit"
    return Diagnostic(document.at_key(steps), "PM019", f"{shown(str(steps[-1]))} cannot be a key", rule)


def _bad_choice(document: Document, error: Any) -> Diagnostic:
    steps: Loc = error["loc"]
    value = error["input"]
    if steps == ("apiVersion",):
        message = (
            f"apiVersion is {kind_of(value).removeprefix('the text ')}, and this pmsync reads {shape.VERSION}"
        )
        return Diagnostic(document.at(steps), "PM020", message, _HINTS["apiVersion"])
    choices = re.findall("'([^']*)'", error["ctx"]["expected"])
    message = f"{_listed(choices)} is expected here, not {kind_of(value)}"
    return Diagnostic(
        document.at(steps), "PM018", message, meant(value, choices) if isinstance(value, str) else None
    )


def _listed(choices: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join(part for part in (", ".join(choices[:-1]), choices[-1]) if part)
