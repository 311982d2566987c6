"""What click says of a command line that makes no sense, in pmsync's words: what is wrong, and what goes.

Loaded only where something is wrong. It must not know how an error is shown.
"""

from __future__ import annotations

import re
from typing import Final

import click

from pmsync.cli.mistyped import no_option

_NOT_ONE_OF: Final = re.compile(r"^'(?P<given>.*)' is not one of (?P<known>.*)\.$", re.DOTALL)
_NO_NUMBER: Final = re.compile(r"^'(?P<given>.*)' is not a valid (integer|float).*\.$", re.DOTALL)
_EXTRA: Final = re.compile(r"^Got unexpected extra arguments? \((?P<given>.*)\)$", re.DOTALL)


def in_words(error: click.UsageError) -> str:
    """The error as one sentence."""
    match error:
        case click.NoSuchOption():
            return no_option(error)
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
