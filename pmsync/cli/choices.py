"""The global options: before the command's name, after it, or both.

What stands after the command wins over what stands before it, repeatable options add up. Must stay light:
`pmsync --version` imports it. It must not know what a choice leads to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_MOST_PARALLEL: Final = 64
_COUNTED: Final = ("quiet", "verbose")
_DURATION: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(s|m|h|)", re.ASCII)
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}


class Given:
    """Gathers the global options while the line is parsed, from the left to the right."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def take(self, name: str, value: Any) -> None:
        """Note an option; what may be repeated adds up, of the rest the last one counts."""
        if isinstance(value, tuple):
            self.values[name] = (*self.values.get(name, ()), *value)
        elif name in _COUNTED:
            self.values[name] = self.values.get(name, 0) + value
        else:
            self.values[name] = value


class VariableType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """`NAME=VALUE`; the value may hold anything, `=` too."""

    name = "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).partition("=")
        if not (name and equals):
            self.fail("use NAME=VALUE", param, ctx)
        return name, text


class DurationType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """`90s`, `10m`, `2h`, or seconds as a number."""

    name = "DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = _DURATION.fullmatch(str(value))
        if found is None:
            self.fail("use a duration, such as 30, 90s or 10m", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


def completed_by(name: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """The completer of this name in `completing`, which is imported when it is called."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from pmsync.cli import completing  # noqa: PLC0415 - only where something is completed

        found: list[CompletionItem] = getattr(completing, name)(ctx, param, incomplete)
        return found

    return complete


def _note(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    given = ctx.find_root().obj
    name = str(param.name)
    if isinstance(given, Given) and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
        given.take(name, value)
    return value


def global_options(*, hidden: bool) -> list[click.Option]:
    """Those that every command takes."""

    def option(*names: str, **more: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=_note, hidden=hidden, **more)

    def listed(*names: str, **more: Any) -> click.Option:
        return option(*names, multiple=True, **more)

    most = click.IntRange(1, _MOST_PARALLEL)
    colours, formats = click.Choice(["auto", "always", "never"]), click.Choice(["text", "json"])
    roots = "Where sources may be besides the project.  [PMSYNC_SOURCE_ROOTS]"
    return [
        option(
            "-e",
            "--env",
            metavar="NAME",
            help="The environment.  [PMSYNC_ENV]",
            shell_complete=completed_by("environments"),
        ),
        listed(
            "--var",
            "variables",
            type=VariableType(),
            help="A variable's value.",
            shell_complete=completed_by("variables"),
        ),
        option("--config", metavar="FILE", help="pmsync.yaml, if it is not found by walking up."),
        option("-C", "--chdir", metavar="FOLDER", help="Work as if started in this folder."),
        option("-q", "--quiet", count=True, help="No progress; twice: no warnings either."),
        option("-v", "--verbose", count=True, help="More on stderr; twice: tracebacks too."),
        option("--color", type=colours, default="auto", help="Colour.  [NO_COLOR, FORCE_COLOR]"),
        option("--log-format", type=formats, default="text", help="Form of what goes to stderr."),
        option("--parallelism", type=most, help="Requests at once.  [8]"),
        option("--request-timeout", type=DurationType(), help="The most one request may take.  [60s]"),
        option("--lock-timeout", type=DurationType(), help="How long to wait for another run to end.  [0]"),
        option("--timings", is_flag=True, help="Say how long it took."),
        option("--api-url", metavar="URL", help="An API host to trust.  [PMSYNC_API_URL]"),
        listed("--upload-host", "upload_hosts", help="A host for files.  [PMSYNC_UPLOAD_HOSTS]"),
        listed("--source-root", "source_roots", metavar="FOLDER", help=roots),
    ]
