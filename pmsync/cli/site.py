"""One environment of one repository: what is declared, and where what is remembered of it stands.

Everything here is known before the tenant is reached. Libraries are imported where they are needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pmsync import __version__
from pmsync.cli import output
from pmsync.cli.embedded import EMULATOR_HOST, own_tenant
from pmsync.cli.memory import home, old_memory
from pmsync.model.manifest import Manifest
from pmsync.model.project import CloudTenant, EmulatedTenant
from pmsync.model.state import Binding, Owner

if TYPE_CHECKING:
    from pmsync.cli.settings import GlobalOptions
    from pmsync.loading.repository import Loaded
    from pmsync.statestore.home import Home
    from pmsync.statestore.local import LocalStateStore
    from pmsync.statestore.lock import LockFile


class Site(Struct, frozen=True, kw_only=True):
    """One environment of one repository, before its tenant is reached: what is declared and remembered."""

    options: GlobalOptions
    loaded: Loaded
    home: Home

    @property
    def emulated(self) -> bool:
        return isinstance(self.loaded.environment.tenant, EmulatedTenant)

    @property
    def cache_path(self) -> str | None:
        """The file of what the sources held."""
        return self.home.of_digests(self.loaded.project.root)

    @property
    def embedded_folder(self) -> str:
        """Where the embedded tenant and its state are."""
        return self.home.of_embedded(self.loaded.project.root, self.loaded.environment.name)

    def state_folder(self, binding: Binding) -> str:
        """Where the state is. Raises Refused where somebody else could have written there."""
        if self.emulated:
            return self.embedded_folder
        project, environment = self.loaded.project.name, self.loaded.environment.name
        return self.home.of_tenant(binding.host, binding.tenant_id, project=project, environment=environment)

    def store(self, binding: Binding) -> LocalStateStore:
        from pmsync.statestore.stores import store_of  # noqa: PLC0415

        kept_by = store_of(None if self.emulated else self.loaded.environment.state)
        return kept_by(
            self.state_folder(binding), binding, pmsync_version=__version__, stands_here=self._stands_here
        )

    def _stands_here(self, other: Owner) -> bool:
        """Whether the other project of a state is a neighbour of this one, not what this one was before."""
        from pmsync.loading.project import is_project_of  # noqa: PLC0415

        project = self.loaded.project
        return other.project == project.name and is_project_of(project, other.path)

    def contents_at(self, paths: Sequence[str]) -> Mapping[str, str]:
        from pmsync.sources import contents_at  # noqa: PLC0415

        return contents_at(
            paths,
            root=self.loaded.project.root,
            source_roots=self.options.source_roots,
            cache_path=self.cache_path,
            now_ns=time.time_ns,
        )


def site(
    options: GlobalOptions,
    *,
    may_default: bool,
    with_manifest: bool = True,
    variables: tuple[tuple[str, str], ...] | None = None,
) -> Site:
    """Find and load the repository. Raises InputError with every problem of every file.

    `variables` instead of `--var`: those of a saved plan. Without manifests only pmsync.yaml is read.
    """
    from pmsync.loading.project import find_config  # noqa: PLC0415
    from pmsync.loading.repository import Loaded, Wish, load, load_environment  # noqa: PLC0415

    wish = Wish(
        environment=options.env,
        may_default=may_default,
        variables=dict(options.variables if variables is None else variables),
        environ=os.environ,
    )
    config = options.config or find_config(".")
    if with_manifest:
        loaded = load(config, wish)
    else:
        project, environment = load_environment(config, wish)
        nothing = Manifest(datasets={})
        loaded = Loaded(project=project, environment=environment, manifest=nothing, approvals=frozenset())
    old = old_memory(loaded.project.root)
    if old:
        output.warn(options, old)
    return Site(options=options, loaded=loaded, home=home(os.environ))


def lock_of(here: Site) -> LockFile:
    """The lock of the site's state, whatever else is in its folder."""
    from pmsync.disk.private import Files  # noqa: PLC0415
    from pmsync.statestore.folder import StateFolder  # noqa: PLC0415
    from pmsync.statestore.lock import LockFile  # noqa: PLC0415

    return LockFile(StateFolder(known_folder(here), Files()))


def owner_of(loaded: Loaded) -> Owner:
    """What the state of this environment belongs to, beside its tenant."""
    return Owner(project=loaded.project.name, environment=loaded.environment.name, path=loaded.project.path)


def known_folder(here: Site) -> str:
    """Where the state is, without reaching the tenant, and without making an embedded one."""
    return here.embedded_folder if here.emulated else here.state_folder(known_binding(here))


def known_binding(here: Site) -> Binding:
    """What the state is bound to, without reaching the tenant: for commands that only look at the state."""
    from pmsync.tenant.hosts import api_address  # noqa: PLC0415

    match here.loaded.environment.tenant:
        case EmulatedTenant():
            return Binding(
                tenant_id=own_tenant(here.embedded_folder), host=EMULATOR_HOST, owner=owner_of(here.loaded)
            )
        case CloudTenant(tenant_id=tenant_id, api_url=from_yaml):
            address = api_address(from_yaml, here.options.api_url)
            return Binding(tenant_id=tenant_id, host=address.authority, owner=owner_of(here.loaded))


def store_of(here: Site, project: str, environment: str) -> LocalStateStore:
    """The state of another project or environment on the same tenant, whatever place it belongs to."""
    from pmsync.statestore.local import LocalStateStore  # noqa: PLC0415

    binding = replace(known_binding(here), owner=None)
    if here.emulated:
        folder = here.home.of_embedded(here.loaded.project.root, environment)
    else:
        folder = here.home.of_tenant(
            binding.host, binding.tenant_id, project=project, environment=environment
        )
    return LocalStateStore(folder, binding, pmsync_version=__version__)
