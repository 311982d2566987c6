"""What click says of a command line that makes no sense, in pmsync's words: what is wrong, and what goes.

Knows what fingers type from other tools, and what was probably meant. Loaded only where something is wrong.
It must not know how an error is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

import click

from pmsync.cli.groups import UnknownCommand

_REMOVE: Final = (
    "take it out of the manifests and run pmsync apply; pmsync state forget ADDRESS only stops managing it"
)
_RENAME: Final = "change its displayName, or its key with pmsync state move OLD NEW"
_APPLY: Final = "pmsync apply"
_PLAN: Final = "pmsync plan"

_INSTEAD: Final[Mapping[str, Mapping[str, str]]] = {
    "": {
        **dict.fromkeys(("rm", "remove", "delete", "del"), _REMOVE),
        **dict.fromkeys(("mv", "rename", "move"), _RENAME),
        **dict.fromkeys(("list", "dir", "tree"), "pmsync ls"),
        **dict.fromkeys(("diff", "preview", "compare"), _PLAN),
        **dict.fromkeys(("status", "st"), "pmsync plan, for what differs; pmsync ls, for what is there"),
        **dict.fromkeys(("sync", "push", "deploy", "up", "run", "upload", "load"), _APPLY),
        **dict.fromkeys(("pull", "dump", "fetch"), "pmsync export"),
        **dict.fromkeys(("check", "lint", "test", "parse"), "pmsync validate"),
        **dict.fromkeys(("new", "create"), "pmsync init"),
        **dict.fromkeys(("down", "purge"), "pmsync destroy"),
        **dict.fromkeys(("accept", "forget", "unprotect", "unlock", "rebind"), "pmsync state {}"),
        "add": "declare it in a manifest, and run pmsync apply",
        "adopt": "pmsync apply --allow adopt:ADDRESS, or pmsync import ADDRESS ID",
        "help": "pmsync --help",
        "refresh": "pmsync plan --refresh-only",
        "reset": "pmsync emulator reset",
        "start": "pmsync emulator start",
    },
    "state": {
        **dict.fromkeys(("rm", "remove", "delete", "del"), "pmsync state forget ADDRESS"),
        **dict.fromkeys(("mv", "rename"), "pmsync state move OLD NEW"),
        "ls": "pmsync state list",
        "cat": "pmsync state show ADDRESS",
        "import": "pmsync import ADDRESS ID",
    },
}

_MEANT: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("-y", "--yes", "-a", "--approve", "--non-interactive"), ("--auto-approve", "--confirm")),
    **dict.fromkeys(("-o", "--output", "--output-file"), ("--out", "--report")),
    **dict.fromkeys(("-t", "--target", "--only", "--include"), ("--select",)),
    **dict.fromkeys(("-n", "--dryrun", "--check"), ("--dry-run",)),
    **dict.fromkeys(("-f", "--file"), ("--force", "--config")),
    **dict.fromkeys(("--environment", "--profile", "--workspace"), ("--env",)),
    **dict.fromkeys(("--json", "-j"), ("--format",)),
    **dict.fromkeys(("--debug", "--trace"), ("--verbose",)),
    **dict.fromkeys(("--silent", "-s"), ("--quiet",)),
    **dict.fromkeys(("--no-color", "--no-colour", "--colour"), ("--color",)),
    "--cwd": ("--chdir",),
    "--ignore": ("--exclude",),
}
_VALUES: Final = {"--json": "--format json", "-j": "--format json", "--no-color": "--color never"}
_ASKS_NOTHING: Final = "nothing is asked here: leave it out"
_AFTER: Final = "after the command: pmsync apply {}"

_NOT_ONE_OF: Final = re.compile(r"^'(?P<given>.*)' is not one of (?P<known>.*)\.$", re.DOTALL)
_NO_NUMBER: Final = re.compile(r"^'(?P<given>.*)' is not a valid (integer|float).*\.$", re.DOTALL)
_EXTRA: Final = re.compile(r"^Got unexpected extra arguments? \((?P<given>.*)\)$", re.DOTALL)


def in_words(error: click.UsageError) -> str:
    """The error as one sentence."""
    match error:
        case click.NoSuchOption():
            return _no_option(error)
        case UnknownCommand(message=name, ctx=click.Context() as ctx):
            return _no_command(name, ctx)
        case click.MissingParameter(param=click.Parameter() as param):
            return f"{_name(param)} is missing{_choice(param)}"
        case click.BadParameter(param=click.Parameter() as param):
            return f"{_name(param)}: {_fault(error.message, param)}"
        case click.BadOptionUsage(option_name=name):
            return f"{name} {'takes no' if 'does not take' in error.message else 'needs a'} value"
        case _:
            extra = _EXTRA.match(error.message)
            return f"not expected here: {extra['given']}" if extra else error.format_message()


def _name(param: click.Parameter) -> str:
    """An option by its long name; an argument as its usage line calls it."""
    if isinstance(param, click.Argument):
        return param.metavar or (param.name or "argument").upper()
    return max(param.opts, key=len)


def _choice(param: click.Parameter) -> str:
    kind = param.type
    return f": one of {', '.join(map(str, kind.choices))}" if isinstance(kind, click.Choice) else ""


def _fault(message: str, param: click.Parameter) -> str:
    kind = param.type
    if found := _NOT_ONE_OF.match(message):
        return f"'{found['given']}' is not one of {found['known'].replace(chr(39), '')}"
    if found := _NO_NUMBER.match(message):
        return f"'{found['given']}' is no number"
    if isinstance(kind, click.IntRange | click.FloatRange) and "is not in the range" in message:
        return f"{message.split(' ', 1)[0]} is not {_range(kind.min, kind.max)}"
    return message


def _range(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return f"at least {least}" if most is None else f"at most {most}"
    return f"between {least} and {most}"


def _no_command(name: str, ctx: click.Context) -> str:
    """That there is no such command, and which is meant."""
    group = ctx.info_name or "" if ctx.parent else ""
    known = ctx.command.list_commands(ctx) if isinstance(ctx.command, click.Group) else []
    what = f"there is no command '{' '.join(word for word in (group, name) if word)}'"
    instead = _INSTEAD.get(group, {}).get(name.lower())
    if instead is not None:
        return f"{what}: {instead.format(name.lower())}"
    near = get_close_matches(name.lower(), known, n=1)
    return f"{what}; did you mean '{near[0]}'?" if near else what


def _no_option(error: click.NoSuchOption) -> str:
    """That there is no such option, and which is meant."""
    name = error.option_name
    hint = _hint(name, error.ctx) if error.ctx is not None else ""
    return f"there is no option '{name}'{f': {hint}' if hint else ''}"


def _hint(name: str, ctx: click.Context) -> str:
    known = {option for param in ctx.command.params for option in (*param.opts, *param.secondary_opts)}
    meant = _MEANT.get(name, ())
    for one in meant:
        if one in known:
            return f"did you mean '{_VALUES.get(name, one)}'?"
    if "--auto-approve" in meant:
        return _AFTER.format("--auto-approve") if isinstance(ctx.command, click.Group) else _ASKS_NOTHING
    if "--out" in meant:
        return "write > FILE after the command"
    near = get_close_matches(name, sorted(one for one in known if one.startswith("--")), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(repr(one) for one in near)}?" if near else ""
