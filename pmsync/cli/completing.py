"""Completion of what only a project knows: environments, variables, addresses and consents.

Cheap and silent: pmsync.yaml, the manifests and the state of this machine are read; never a source, never a
tenant. Whatever is wrong with them, completion offers what is left. What would need quotes in a shell, or
could draw on a terminal, is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem

from pmsync.cli.choices import chosen

if TYPE_CHECKING:
    from pmsync.cli.settings import GlobalOptions
    from pmsync.model.address import Kind
    from pmsync.model.state import State

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_MOST: Final = 500
"""Offers: more than anybody looks through, and soon sorted."""

_SAFE: Final = re.compile(r"[\w@%+=:,./-]+")


def _never_fails(names: Callable[[GlobalOptions, str], Iterable[str]]) -> Completer:
    """The names as offers: those that go on from what was typed, each once, sorted."""

    @wraps(names)
    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
        found: set[str] = set()
        with suppress(Exception):  # an error in the middle of a line that is typed helps nobody
            for name in names(chosen(ctx), incomplete):
                if name.startswith(incomplete) and _SAFE.fullmatch(name):
                    found.add(name)
        return [CompletionItem(name) for name in sorted(found)[:_MOST]]

    return complete


@_never_fails
def environments(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """Those of pmsync.yaml."""
    from pmsync.cli.knowing import config_tree  # noqa: PLC0415 - yaml, only where something is completed

    return list(config_tree(options).get("environments", {}))


@_never_fails
def variables(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """`NAME=`, of each declared variable."""
    from pmsync.cli.knowing import config_tree  # noqa: PLC0415 - as that

    return [f"{name}=" for name in config_tree(options).get("variables", {})]


@_never_fails
def addresses(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """Declared or in the state."""
    yield from _declared(options)
    yield from _recorded(options)


@_never_fails
def declared(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """What `import` may name: datasets, datatables and folders."""
    from pmsync.model.address import Kind  # noqa: PLC0415 - not for --help

    return _without(_declared(options), Kind.SOURCE)


@_never_fails
def recorded(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """What is in the state."""
    return _recorded(options)


@_never_fails
def sources(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """Source files alone."""
    from pmsync.model.address import Address, Kind  # noqa: PLC0415 - not for --help

    for one in (*_declared(options), *_recorded(options)):
        if Address(one).kind is Kind.SOURCE:
            yield one


@_never_fails
def consents(options: GlobalOptions, incomplete: str) -> Iterable[str]:
    """`KIND:`, then `KIND:ADDRESS`."""
    from pmsync.model.consent import Consent  # noqa: PLC0415 - not for --help

    kind, colon, _ = incomplete.partition(":")
    if not colon:
        yield from (f"{one}:" for one in Consent)
    elif kind in tuple(Consent):
        yield from (f"{kind}:{one}" for one in (*_declared(options), *_recorded(options)))


@_never_fails
def codes(_options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """Those of errors."""
    from pmsync.diagnostics import CODES  # noqa: PLC0415 - not for --help

    return list(CODES)


def _declared(options: GlobalOptions) -> Iterator[str]:
    from pmsync.cli.knowing import declared_addresses  # noqa: PLC0415 - yaml, only where something is completed

    with suppress(Exception):
        yield from declared_addresses(options)


def _recorded(options: GlobalOptions) -> Iterator[str]:
    from pmsync.cli.knowing import known_state  # noqa: PLC0415 - as that

    with suppress(Exception):
        state = known_state(options)
        if state is not None:
            yield from _records(state)


def _records(state: State) -> Iterator[str]:
    for shelf in (state.folders, state.datasets, state.datatables, state.uploads):
        yield from map(str, shelf)


def _without(names: Iterable[str], kind: Kind) -> Iterator[str]:
    from pmsync.model.address import Address  # noqa: PLC0415 - not for --help

    return (one for one in names if Address(one).kind is not kind)


def kinds_of_report(formats: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """`FORMAT=`, then a file."""
    form, equals, _ = incomplete.partition("=")
    if equals:
        return [CompletionItem(incomplete, type="file")] if form in formats else []
    return [CompletionItem(f"{one}=") for one in formats if one.startswith(incomplete)]
