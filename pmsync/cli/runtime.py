"""The composition root: everything a command works with is built here, once, from options and environment.

Libraries are imported where they are needed, so that a command that sends nothing loads no HTTP client.
"""

from __future__ import annotations

import getpass
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pmsync.cli import output
from pmsync.cli.credentials import api_key, must_not_be_swapped
from pmsync.cli.embedded import EMULATOR_HOST, embedded, own_tenant
from pmsync.cli.network import outbound
from pmsync.cli.sending import putting, sending
from pmsync.cli.site import Site, lock_of, owner_of
from pmsync.errors import Secret
from pmsync.model.manifest import Manifest
from pmsync.model.options import PlanningOptions
from pmsync.model.project import PUBLIC_KEY, CloudTenant, EmulatedTenant
from pmsync.model.state import Binding, State

if TYPE_CHECKING:
    from pmsync.cli.signals import Stop
    from pmsync.engine.older import Checkout
    from pmsync.engine.propose import Question
    from pmsync.engine.sweeping import PutBytes
    from pmsync.engine.tools import Send, Tools
    from pmsync.loading.repository import Loaded
    from pmsync.model.events import Observer
    from pmsync.model.waits import Waits
    from pmsync.statestore.interface import Lease
    from pmsync.statestore.local import LocalStateStore
    from pmsync.statestore.lock import LockFile
    from pmsync.tenant.client import TenantWriter
    from pmsync.tenant.hosts import ApiAddress
    from pmsync.tenant.retry import RetryPolicy


class Guard(Struct, frozen=True, kw_only=True):
    """What stands over a run that changes something: the lock it holds, and the signals that may end it."""

    lease: Lease
    stop: Stop


class Workplace(Struct, frozen=True, kw_only=True):
    """A site with its tenant in reach. `guard` is there where something may be changed."""

    site: Site
    binding: Binding
    store: LocalStateStore
    waits: Waits
    writer: TenantWriter
    send: Send
    put: PutBytes
    observer: Observer
    guard: Guard | None = None

    @property
    def loaded(self) -> Loaded:
        return self.site.loaded

    def question(self, planning: PlanningOptions, state: State | None) -> Question:
        """What to plan: the manifests, the sources as they are now, and the state."""
        from pmsync.engine.propose import Question  # noqa: PLC0415
        from pmsync.sources import look  # noqa: PLC0415

        root = self.loaded.project.root
        manifest = Manifest(datasets={}) if planning.destroy else self.loaded.manifest
        sources = None
        if not planning.no_data:
            sources = look(
                manifest,
                root=root,
                source_roots=self.site.options.source_roots,
                cache_path=self.site.cache_path,
                now_ns=time.time_ns,
            )
        return Question(
            environment=self.loaded.environment,
            binding=self.binding,
            emulated=self.site.emulated,
            manifest=manifest,
            sources=sources,
            state=state,
            contents_at=self.site.contents_at,
            options=planning,
            approvals=self.loaded.approvals,
            now=datetime.now(UTC),
        )

    def tools(self, *, fail_fast: bool, safe_only: bool, checkout: Checkout | None = None) -> Tools:
        from pmsync.engine.older import NO_CHECKOUT  # noqa: PLC0415
        from pmsync.engine.tools import Tools  # noqa: PLC0415

        assert self.guard is not None, "nothing is changed without a lock"
        return Tools(
            writer=self.writer,
            send=self.send,
            now=lambda: datetime.now(UTC),
            monotonic=time.monotonic,
            sleep=self.guard.stop.sleep,
            stopped=self.guard.stop.asked,
            must_hold_lock=self.guard.lease.must_be_held,
            request_timeout=self.site.options.request_timeout,
            observer=self.observer,
            waits=self.waits,
            checkout=checkout or NO_CHECKOUT,
            parallelism=self.site.options.parallelism,
            fail_fast=fail_fast,
            safe_only=safe_only,
            attended=output.may_ask(),
        )

    def fresh_state(self) -> State:
        """The state to begin from where there is none."""
        from pmsync.statestore.local import fresh  # noqa: PLC0415

        return fresh(self.binding, str(uuid.uuid4()))


@contextmanager
def guarded(here: Site, command: str, *also: LockFile) -> Iterator[Guard]:
    """The lock of the site's state, and signals that end a run in order, for as long as the context lasts.

    `command` is what other users are told; `also` are other locks that are needed. Raises Locked where
    another run holds one, and Refused where the embedded tenant stands in a real one's place: all that
    changes something comes through here.
    """
    from pmsync.cli.signals import stoppable  # noqa: PLC0415
    from pmsync.engine.watch import watching  # noqa: PLC0415
    from pmsync.statestore.interface import Holder, Waiting  # noqa: PLC0415

    if here.emulated:
        must_not_be_swapped(here.loaded.environment.name, os.environ)
    holder = Holder(
        id=uuid.uuid4().hex[:12],
        who=_user(),
        host=os.uname().nodename,
        pid=os.getpid(),
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
    )
    with stoppable() as stop, ExitStack() as stack:
        with output.progress(here.options) as observer, watching(observer, time.monotonic) as waits:
            waiting = Waiting(
                timeout=here.options.lock_timeout, monotonic=time.monotonic, sleep=stop.sleep, waits=waits
            )
            leases = [stack.enter_context(one.held(holder, waiting)) for one in (lock_of(here), *also)]
        yield Guard(lease=leases[0], stop=stop)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


@contextmanager
def at_work(
    here: Site, observer: Observer, guard: Guard | None = None, *, policy: RetryPolicy | None = None
) -> Iterator[Workplace]:
    """The site with its tenant in reach: connections are open for as long as the context lasts.

    `policy` instead of the usual one says how often a request is repeated.
    """
    from pmsync.engine.watch import watching  # noqa: PLC0415
    from pmsync.tenant.client import TenantWriter  # noqa: PLC0415
    from pmsync.tenant.connection import Patience  # noqa: PLC0415
    from pmsync.tenant.retry import Retrier, RetryPolicy, Timing  # noqa: PLC0415
    from pmsync.tenant.session import Session  # noqa: PLC0415
    from pmsync.tenant.uploads import Uploader  # noqa: PLC0415

    options = here.options
    with ExitStack() as stack:
        address, key, binding = _reach(here, stack)
        timing = Timing(sleep=guard.stop.sleep, stopped=guard.stop.asked) if guard else Timing()
        if guard is not None:
            guard.stop.observer = observer
        waits = stack.enter_context(watching(observer, time.monotonic))
        patience = Patience(total=options.request_timeout)
        limits = replace(policy or RetryPolicy(), longest_attempt=patience.total)
        retrier = Retrier(limits, timing=timing, waits=waits)
        threads = options.parallelism
        session = Session(
            address,
            key,
            monotonic=time.monotonic,
            patience=patience,
            outbound=outbound(os.environ),
            parallelism=threads,
        )
        stack.callback(session.close)
        uploader = Uploader(retrier=retrier, outbound=session.outbound, parallelism=threads)
        stack.callback(uploader.close)
        writer = TenantWriter(session, binding.tenant_id, retrier=retrier, upload_hosts=options.upload_hosts)
        yield Workplace(
            site=here,
            binding=binding,
            store=here.store(binding),
            waits=waits,
            writer=writer,
            send=sending(here.loaded.project.root, options.source_roots, urls=writer, uploader=uploader),
            put=putting(writer, uploader),
            observer=observer,
            guard=guard,
        )


def _reach(here: Site, stack: ExitStack) -> tuple[ApiAddress, Secret, Binding]:
    """Where the tenant is, the key for it, and what the state is bound to."""
    from pmsync.tenant.hosts import api_address  # noqa: PLC0415

    environment = here.loaded.environment
    match environment.tenant:
        case EmulatedTenant():
            tenant_id = own_tenant(here.embedded_folder)
            url = stack.enter_context(embedded(here.embedded_folder))
            binding = Binding(tenant_id=tenant_id, host=EMULATOR_HOST, owner=owner_of(here.loaded))
            return api_address(url, None), Secret(PUBLIC_KEY), binding
        case CloudTenant(tenant_id=tenant_id, api_url=from_yaml):
            address = api_address(from_yaml, here.options.api_url)
            binding = Binding(tenant_id=tenant_id, host=address.authority, owner=owner_of(here.loaded))
            return address, api_key(environment.name, os.environ), binding
