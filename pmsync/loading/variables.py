"""Variables: their values for one environment, and `${name}` in the texts of manifests.

A value is put in as it is and never looked at again, so that it can bring in no other variable. Only
declared variables can be reached: a pull request must not print a secret of the CI into a display name.
This module must not know which texts a manifest has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from pmsync.errors import UsageProblem
from pmsync.loading.problems import meant, shown
from pmsync.model.project import Environment, Project

FROM_ENVIRON: Final = "PMSYNC_VAR_"

LONGEST: Final = 4096
"""Characters that variables may put into one text: as long as a path can be."""

_MOST_USES: Final = 100
"""After so many uses in one text, of which some cannot be, the rest is not looked at."""

_USE: Final = re.compile(r"\$\$\{|\$\{(?P<name>[^{}\n]*)\}|\$\{")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Values(Struct, frozen=True, kw_only=True):
    """What the declared variables are for one environment; None: declared, and nobody gives a value.

    `certain` is False where pmsync.yaml itself has problems, so that a missing value may follow from them.
    """

    environment: str
    of: Mapping[str, str | None]
    certain: bool = True


class Fault(Struct, frozen=True, kw_only=True):
    """A use of a variable that cannot be: the nth `${` of the text, and what it says there."""

    nth: int
    text: str
    code: str
    message: str
    suggestion: str | None


def require_declared(project: Project, given: Mapping[str, str]) -> None:
    """UsageProblem for a `--var` that names no declared variable."""
    for name in given:
        if name not in project.variables:
            declared = ", ".join(project.variables) or "none"
            hint = meant(name, project.variables) or f"declared in {project.location.file}: {declared}"
            raise UsageProblem(f"--var names a variable that is not declared: {shown(name)}", hint=hint)


def values_for(
    project: Project, environment: Environment, *, given: Mapping[str, str], environ: Mapping[str, str]
) -> Values:
    """The first of: given (`--var`), PMSYNC_VAR_name, the environment's, the default."""
    of = {}
    for name, variable in project.variables.items():
        sources = (given.get(name), environ.get(FROM_ENVIRON + name), environment.variables.get(name))
        of[name] = next((value for value in sources if value is not None), variable.default)
    return Values(environment=environment.name, of=of)


def uncertain(project: Project) -> Values:
    """Values for a project that has problems: what is declared is known, what it has for a value is not."""
    return Values(environment="", of=dict.fromkeys(project.variables), certain=False)


def substituted(text: str, values: Values, report: Callable[[Fault], None]) -> str | None:
    """The text with its variables; None if one of them cannot be (said to `report`, where there is a why)."""
    parts: list[str] = []
    end = length = 0
    sound = True
    for nth, use in enumerate(_USE.finditer(text)):
        part = _part(use, nth, values, report)
        sound = sound and part is not None
        parts += text[end : use.start()], part or ""
        end = use.end()
        length += len(part or "")
        if length > LONGEST:  # a long value used often would fill the memory
            message = f"with its variables, this text is longer than {LONGEST:,} characters"
            report(Fault(nth=nth, text=use[0], code="PM113", message=message, suggestion=None))
            return None
        if nth == _MOST_USES and not sound:
            return None
    return "".join((*parts, text[end:])) if sound else None


def literal(text: str) -> str:
    """The text as a manifest must have it, so that `substituted` gives it back: no `${` means a variable."""
    return text.replace("${", "$${")


def _part(use: re.Match[str], nth: int, values: Values, report: Callable[[Fault], None]) -> str | None:
    """What stands for one `${…}`."""
    name = use["name"]
    if use[0] == "$${":
        return "${"
    if name is not None and values.of.get(name) is not None:
        return values.of[name]
    if name in values.of and not values.certain:
        return None
    code, message, suggestion = _complaint(name, values)
    report(Fault(nth=nth, text=use[0], code=code, message=message, suggestion=suggestion))
    return None


def _complaint(name: str | None, values: Values) -> tuple[str, str, str]:
    if name is None or not _NAME.fullmatch(name):
        what = "'${' has no '}'" if name is None else f"{shown(name)} cannot be a variable's name"
        return "PM111", what, "write ${name}, or $${ for the two characters"
    if name in values.of:
        message = f"variable {shown(name)} has no value in environment {values.environment}"
        return "PM110", message, f"give it one in pmsync.yaml, as PMSYNC_VAR_{name}, or by --var {name}=…"
    hint = meant(name, values.of) or "declare it below variables: in pmsync.yaml"
    return "PM109", f"variable {shown(name)} is not declared", hint
