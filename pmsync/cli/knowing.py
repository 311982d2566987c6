"""What a project says of itself before anything is checked: for completion, where half of it may be wrong.

Reads pmsync.yaml, manifests and the state of this machine, bounded; makes nothing, and reaches no tenant.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pmsync.diagnostics import Location
from pmsync.loading.approvals import APPROVALS
from pmsync.loading.documents import read_document
from pmsync.loading.files import find_manifests
from pmsync.loading.problems import Problems
from pmsync.loading.project import find_config
from pmsync.model.address import Address, parse_folder

if TYPE_CHECKING:
    from pmsync.cli.settings import GlobalOptions
    from pmsync.model.state import State

_MOST_BYTES: Final = 4 * 1024 * 1024
"""Of manifests: completion must not keep anybody waiting."""

_NOWHERE: Final = Location("pmsync.yaml")
_PATTERN: Final = frozenset("*?[$")


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
    from pmsync.cli.memory import home  # noqa: PLC0415
    from pmsync.cli.site import Site, known_binding, known_folder  # noqa: PLC0415
    from pmsync.loading.repository import Loaded, Wish, load_environment  # noqa: PLC0415
    from pmsync.model.manifest import Manifest  # noqa: PLC0415

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
