"""Options that several commands share, each group gathered into one argument.

Spelling only: what an option means is for whoever gets it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from pmsync.cli.choices import completed_by
from pmsync.cli.settings import GlobalOptions

if TYPE_CHECKING:
    from pmsync.model.consent import Allow

Command = TypeVar("Command", bound=Callable[..., Any])

_FORMATS: Final = ("text", "json")
_KINDS: Final = "adopt, delete, replace, recreate, add-rows or loss"
_PLANNING: Final = (
    "select",
    "exclude",
    "allow",
    "assume_uploaded",
    "reupload",
    "no_data",
    "refresh_only",
    "new_state",
    "destroy",
)


class AllowType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """`KIND:ADDRESS-GLOB`, a consent for this one run."""

    name = "KIND:GLOB"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Allow:
        from pmsync.model.consent import Allow, Consent  # noqa: PLC0415 - not for --help

        if isinstance(value, Allow):
            return value
        kind, _, glob = str(value).partition(":")
        if kind not in tuple(Consent) or not glob:
            self.fail(f"use KIND:ADDRESS-GLOB, where KIND is {_KINDS}", param, ctx)
        return Allow(consent=Consent(kind), glob=glob)


class ReportType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """`FORMAT=FILE`; `FORMAT=+FILE` adds to its end."""

    name = "FORMAT=FILE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        form, _, path = str(value).partition("=")
        if form not in _FORMATS or path in {"", "+"}:
            self.fail(f"use FORMAT=FILE, where FORMAT is {' or '.join(_FORMATS)}", param, ctx)
        return form, path

    def shell_complete(
        self, _ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """`FORMAT=`, then a file."""
        form, equals, _ = incomplete.partition("=")
        if equals:
            return [CompletionItem(incomplete, type="file")] if form in _FORMATS else []
        return [CompletionItem(f"{one}=") for one in _FORMATS if one.startswith(incomplete)]


def planning_options(*, destroy: bool) -> Callable[[Any], Any]:
    """The planning options, as one argument `planning`. `destroy`: whether --destroy is one of them."""

    def decorate(function: Callable[..., Any]) -> Any:
        @wraps(function)
        def gathered(*args: Any, **values: Any) -> Any:
            from pmsync.model.options import PlanningOptions  # noqa: PLC0415 - not for --help

            taken = {name: values.pop(name) for name in _PLANNING if name in values}
            planning = PlanningOptions(variables=_variables(), **taken)
            return function(*args, planning=planning, **values)

        command: Any = gathered
        for option in reversed(_planning(destroy=destroy)):
            command = option(command)
        return command

    return decorate


def allowances(function: Command) -> Command:
    """`--allow` alone, as one argument `allow`."""
    command: Command = _allow()(function)
    return command


def format_option(function: Command) -> Command:
    """`--format`, as `format_`."""
    return click.option(
        "--format", "format_", type=click.Choice(_FORMATS), default="text", help="Form of the result."
    )(function)


def output_options(function: Command) -> Command:
    """`--format` and `--report`, as `format_` and `reports`."""
    report = click.option(
        "--report",
        "reports",
        type=ReportType(),
        multiple=True,
        help="Write the result to a file as well; =+FILE adds to its end (repeatable).",
    )
    return format_option(report(function))


def _variables() -> tuple[tuple[str, str], ...]:
    """What --var said: of one name the last counts."""
    options: GlobalOptions = click.get_current_context().obj
    return tuple(sorted(dict(options.variables).items()))


def _planning(*, destroy: bool) -> list[Callable[[Any], Any]]:
    """In the order in which --help lists them."""
    options = [
        _globs("--select", "Only these, what they need and what is in them", known="addresses"),
        _globs("--exclude", "Not these", known="addresses"),
        _allow(),
        _globs("--assume-uploaded", "The tenant holds these files already", known="sources"),
        _globs("--reupload", "Send these files again", known="sources"),
        _flag("--no-data", "Do not look at the sources."),
        _flag("--refresh-only", "Change nothing but the state."),
        _flag("--new-state", "This environment never had a state."),
    ]
    return [*options, _flag("--destroy", "What pmsync destroy would do.")] if destroy else options


def _allow() -> Callable[[Any], Any]:
    text = f"Agree to {_KINDS} (repeatable)."
    complete = completed_by("consents")
    return click.option("--allow", type=AllowType(), multiple=True, help=text, shell_complete=complete)


def _globs(flag: str, text: str, *, known: str) -> Callable[[Any], Any]:
    return click.option(
        flag,
        multiple=True,
        metavar="ADDRESS-GLOB",
        help=f"{text} (repeatable).",
        shell_complete=completed_by(known),
    )


def _flag(flag: str, text: str) -> Callable[[Any], Any]:
    return click.option(flag, is_flag=True, help=text)
