"""Completion of what only a project knows: environments, variables, addresses and consents.

Cheap and silent: pmsync.yaml, the manifests and the state of this machine are read as they are written,
bounded; never a source, never a tenant, and nothing is made. Whatever is wrong with them, completion offers
what is left. What would need quotes in a shell, or could draw on a terminal, is not offered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from pmsync.cli.memory import home
from pmsync.cli.settings import GlobalOptions, chosen
from pmsync.cli.site import Site, known_binding, known_folder
from pmsync.diagnostics import CODES, Location
from pmsync.loading.approvals import APPROVALS
from pmsync.loading.documents import read_document
from pmsync.loading.files import find_manifests
from pmsync.loading.problems import Problems
from pmsync.loading.project import find_config
from pmsync.loading.repository import Loaded, Wish, load_environment
from pmsync.model.address import Address, Kind, parse_folder
from pmsync.model.consent import Consent
from pmsync.model.manifest import Manifest
from pmsync.model.state import State

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_MOST: Final = 500
"""Offers: more than anybody looks through, and soon sorted."""

_SAFE: Final = re.compile(r"[\w@%+=:,./-]+")

_MOST_BYTES: Final = 4 * 1024 * 1024
"""Of manifests: completion must not keep anybody waiting."""

_NOWHERE: Final = Location("pmsync.yaml")
_PATTERN: Final = frozenset("*?[$")


def _never_fails(names: Callable[[GlobalOptions, str], Iterable[str]]) -> Completer:
    """The names as offers: those that go on from what was typed, each once, sorted."""

    @wraps(names)
    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
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
    return list(config_tree(options).get("environments", {}))


@_never_fails
def variables(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """`NAME=`, of each declared variable."""
    return [f"{name}=" for name in config_tree(options).get("variables", {})]


@_never_fails
def addresses(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """Declared or in the state."""
    yield from _declared(options)
    yield from _recorded(options)


@_never_fails
def declared(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """What `import` may name: datasets, datatables and folders."""
    return (one for one in _declared(options) if Address(one).kind is not Kind.SOURCE)


@_never_fails
def recorded(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """What is in the state."""
    return _recorded(options)


@_never_fails
def sources(options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """Source files alone."""
    for one in (*_declared(options), *_recorded(options)):
        if Address(one).kind is Kind.SOURCE:
            yield one


@_never_fails
def consents(options: GlobalOptions, incomplete: str) -> Iterable[str]:
    """`KIND:`, then `KIND:ADDRESS`."""
    kind, colon, _ = incomplete.partition(":")
    if not colon:
        yield from (f"{one}:" for one in Consent)
    elif kind in tuple(Consent):
        yield from (f"{kind}:{one}" for one in (*_declared(options), *_recorded(options)))


@_never_fails
def codes(_options: GlobalOptions, _incomplete: str) -> Iterable[str]:
    """Those of errors."""
    return list(CODES)


def _declared(options: GlobalOptions) -> Iterator[str]:
    with suppress(Exception):
        yield from declared_addresses(options)


def _recorded(options: GlobalOptions) -> Iterator[str]:
    with suppress(Exception):
        state = known_state(options)
        if state is not None:
            for shelf in (state.folders, state.datasets, state.datatables, state.uploads):
                yield from map(str, shelf)


def config_tree(options: GlobalOptions) -> Mapping[str, Any]:
    """pmsync.yaml as it is written. Raises whatever is wrong with it."""
    return _tree(_config(options))


def declared_addresses(options: GlobalOptions) -> Iterator[str]:
    """What the manifests declare, as written: variables and patterns are left out."""
    path = _config(options)
    patterns = _tree(path).get("manifests", ["manifests"])
    apart = frozenset({os.path.basename(path), APPROVALS})
    places = [(pattern, _NOWHERE) for pattern in patterns]
    room = _MOST_BYTES
    for one in find_manifests(os.path.dirname(path), places, apart=apart, problems=Problems()):
        room -= os.path.getsize(one.path)
        if room < 0:
            return
        document = read_document(one.path, one.file, Problems(), root=one.root)
        if document is not None:
            yield from _datasets(document.root.get("datasets"))


def known_state(options: GlobalOptions) -> State | None:
    """The state of the environment that is named, or the default; nothing is made for it."""
    wish = Wish(environment=options.env, may_default=True, environ=os.environ)
    project, environment = load_environment(_config(options), wish)
    loaded = Loaded(
        project=project, environment=environment, manifest=Manifest(datasets={}), approvals=frozenset()
    )
    here = Site(options=options, loaded=loaded, home=home(os.environ))
    if here.emulated and not os.path.exists(os.path.join(known_folder(here), "tenant-id")):
        return None  # looking would draw one
    return here.store(known_binding(here)).read()


def _config(options: GlobalOptions) -> str:
    folder = options.chdir or "."
    found = os.path.join(folder, options.config) if options.config else find_config(folder)
    return os.path.abspath(found)


def _tree(path: str) -> Mapping[str, Any]:
    document = read_document(path, os.path.basename(path), Problems(), root=os.path.dirname(path))
    return document.root if document else {}


def _datasets(datasets: Any) -> Iterator[str]:
    for key, body in _pairs(datasets):
        yield key
        folder = body.get("folder") if isinstance(body, dict) else None
        if isinstance(folder, str) and not _PATTERN.intersection(folder):
            path = parse_folder(folder)
            yield from (Address.folder(path[:depth]) for depth in range(1, len(path) + 1))
        for name, table in _pairs(body.get("datatables") if isinstance(body, dict) else None):
            datatable = Address.datatable(key, name)
            yield datatable
            for source in _sources(table):
                yield Address.source(datatable, source)


def _sources(table: Any) -> Iterator[str]:
    """The names of the files that are declared one by one."""
    sources = table.get("sources") if isinstance(table, dict) else None
    for source in sources if isinstance(sources, list) else ():
        path = source.get("path") if isinstance(source, dict) else source
        name = source.get("name") if isinstance(source, dict) else None
        shown = name or os.path.basename(path if isinstance(path, str) else "")
        if isinstance(shown, str) and shown and not _PATTERN.intersection(shown):
            yield shown


def _pairs(node: Any) -> Iterator[tuple[str, Any]]:
    return iter(node.items()) if isinstance(node, dict) else iter(())
