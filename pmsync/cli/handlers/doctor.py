"""The checks of `doctor`: each looks at one thing and says how it stands. Sends GETs only, writes nothing.

A check never raises: what is wrong is what it is for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from pmsync.cli import output
from pmsync.cli.credentials import api_key
from pmsync.cli.handlers.schema import file_name, schemas
from pmsync.cli.network import outbound, told
from pmsync.cli.runtime import Workplace, at_work
from pmsync.cli.settings import GlobalOptions
from pmsync.cli.site import Site, known_binding, known_folder, site
from pmsync.disk.reading import Roots, read_regular
from pmsync.disk.refusals import Untrusted
from pmsync.errors import InputError, Locked, PmsyncError
from pmsync.exit_codes import ExitCode, ranked
from pmsync.model.checkup import Check, Verdict
from pmsync.model.project import CloudTenant
from pmsync.model.state import State, only_probed
from pmsync.statestore.shape import FORMAT_VERSION
from pmsync.tenant.hosts import api_address
from pmsync.tenant.retry import RetryPolicy
from pmsync.views.doctor_text import checks_json, checks_text

_MOST_SKEW: Final = 60.0
"""Seconds by which a clock may be wrong before it matters: a request may be under way for as long."""
_API_VERSION: Final = "pmsync/v1"
_LARGEST_SCHEMA: Final = 1024 * 1024
_INITIAL: Final = ("project", "manifest")
"""The schemas that `init` writes beside a project."""


def doctor(options: GlobalOptions, format_: str) -> int:
    """Look, and show it; the exit code of the worst that was found."""
    checks = checkup(options)
    code = ranked(check.exit_code for check in checks)
    as_json = format_ == "json"
    output.emit(checks_json(checks, exit_code=code) if as_json else checks_text(checks, output.look(options)))
    return code


def checkup(options: GlobalOptions) -> tuple[Check, ...]:
    """Everything that can be looked at, in the order in which it matters."""
    try:
        here = site(options, may_default=True, with_manifest=False)
    except PmsyncError as error:
        return (_problem("config", error),)
    config = _tried("config", lambda: _where(here))
    if config.verdict is Verdict.PROBLEM:  # no host to ask, and no tenant that a state could be bound to
        return (config, _manifests(options), _schemas(here))
    return (
        config,
        _manifests(options),
        _schemas(here),
        _tried("key", lambda: _key(here)),
        *_tenant(here, _tried("network", lambda: _network(here))),
        _tried("state", lambda: _state(here)),
        _tried("lock", lambda: _lock(here)),
        _tried("folder", lambda: _folder(here)),
    )


def _tried(name: str, look: Callable[[], tuple[str, str] | str]) -> Check:
    """The check that says what `look` says (and advises), or what went wrong with it."""
    try:
        seen = look()
    except PmsyncError as error:
        return _problem(name, error)
    says, remedy = (seen, "") if isinstance(seen, str) else seen
    return Check(name=name, verdict=Verdict.OK, says=says, remedy=remedy)


def _problem(name: str, error: PmsyncError) -> Check:
    what, remedy = f"{error.where}: {error.what}" if error.where else error.what, error.hint or ""
    if isinstance(error, InputError):
        first, count = error.diagnostics[0], error.count
        what = f"{first}{f' (and {count - 1} more)' if count > 1 else ''}"
        remedy = "pmsync validate shows every problem"
    return Check(name=name, verdict=Verdict.PROBLEM, says=what, remedy=remedy, exit_code=error.exit_code)


def _where(here: Site) -> str:
    """Which tenant, at which host, and who says so. Raises Refused for a host that may not have the key."""
    environment, options = here.loaded.environment, here.options
    if options.env:
        chosen = "named by -e or PMSYNC_ENV"
    else:
        chosen = "the only one" if len(here.loaded.project.environments) == 1 else "the default"
    first = f"environment {environment.name} ({chosen})"
    if not isinstance(environment.tenant, CloudTenant):
        return f"{first}, embedded emulator"
    binding = known_binding(here)
    if options.api_url:
        said = "from --api-url or PMSYNC_API_URL"
    else:
        said = "from pmsync.yaml" if environment.tenant.api_url else "the vendor's"
    return f"{first}, tenant {binding.tenant_id} (from pmsync.yaml) at {binding.host} ({said})"


def _manifests(options: GlobalOptions) -> Check:
    def look() -> str:
        silent_options = options._replace(quiet=2)  # what there is to warn of was said above
        declared = site(silent_options, may_default=True).loaded.manifest.datasets
        plural = "" if len(declared) == 1 else "s"
        return f"{len(declared)} dataset{plural} declared, apiVersion {_API_VERSION}"

    return _tried("manifests", look)


def _schemas(here: Site) -> Check:
    """Whether the schemas that editors use, where there are any, are those of this pmsync."""
    root = here.loaded.project.root
    found = {name: _read(os.path.join(root, "schema", file_name(name)), root) for name in _INITIAL}
    there = {name: text for name, text in found.items() if text is not None}
    if not there:
        return Check(name="schemas", verdict=Verdict.OK, says="none beside pmsync.yaml")
    old = [file_name(name) for name, text in there.items() if text != schemas()[name]]
    if old:
        what = f"{', '.join(old)} of another pmsync: editors check against other rules"
        remedy = "pmsync schema --out schema"
        return Check(
            name="schemas", verdict=Verdict.PROBLEM, says=what, remedy=remedy, exit_code=ExitCode.FAILED
        )
    return Check(name="schemas", verdict=Verdict.OK, says="those of this pmsync")


def _read(path: str, root: str) -> str | None:
    try:
        return read_regular(path, Roots.of(root), _LARGEST_SCHEMA).decode("utf-8", "replace")
    except (OSError, Untrusted):
        return None


def _key(here: Site) -> str:
    environment = here.loaded.environment.name
    if here.emulated:
        return "the emulator needs none"
    return f"from {api_key(environment, os.environ).origin}"


def _network(here: Site) -> str:
    """By which way the API is asked, and which certificates are believed. Raises UsageProblem."""
    tenant = here.loaded.environment.tenant
    if not isinstance(tenant, CloudTenant):
        return "the emulator is on this machine"
    return told(outbound(os.environ), api_address(tenant.api_url, here.options.api_url))


def _tenant(here: Site, network: Check) -> tuple[Check, ...]:
    """Network, connection and clock: what only an answer of the tenant can show. Nothing is asked twice."""
    if network.verdict is Verdict.PROBLEM:
        words = "the tenant cannot be reached like this"
        skipped = (Check(name=name, verdict=Verdict.SKIPPED, says=words) for name in ("connection", "clock"))
        return (network, *skipped)
    try:
        with (
            output.progress(here.options) as observer,
            at_work(here, observer, policy=RetryPolicy(attempts=1)) as work,
        ):
            return (
                network,
                Check(name="connection", verdict=Verdict.OK, says=_connection(work)),
                _clock(work),
            )
    except PmsyncError as error:
        no_clock = Check(name="clock", verdict=Verdict.SKIPPED, says="the tenant could not be read")
        return (network, _problem("connection", error), no_clock)


def _connection(work: Workplace) -> str:
    work.writer.tenant()
    listing, datatables = work.writer.datasets(), work.writer.datatables()
    return f"the key opens the tenant: {len(listing.datasets)} datasets, {len(datatables)} datatables"


def _clock(work: Workplace) -> Check:
    theirs = work.writer.time()
    return clock_check(datetime.now(UTC), theirs)


def clock_check(ours: datetime, theirs: datetime | None) -> Check:
    """This machine's time against the tenant's, which is in whole seconds (None: it did not say)."""
    if theirs is None:
        words = "the tenant's answers carry no time to compare with"
        return Check(name="clock", verdict=Verdict.SKIPPED, says=words)
    skew = (ours - theirs).total_seconds()
    if abs(skew) <= _MOST_SKEW:
        return Check(name="clock", verdict=Verdict.OK, says="as the tenant's, within a minute")
    what = f"{abs(skew):,.0f} seconds {'ahead of' if skew > 0 else 'behind'} the tenant's"
    remedy = "set this machine's clock: upload URLs expire, and uploads are recorded with their time"
    return Check(name="clock", verdict=Verdict.PROBLEM, says=what, remedy=remedy, exit_code=ExitCode.FAILED)


def _state(here: Site) -> tuple[str, str] | str:
    """Whether it can be read and belongs to this tenant. Raises StateRefused."""
    state = here.store(known_binding(here)).read()
    folder = known_folder(here)
    if state is None or only_probed(state):
        first = "pmsync apply makes it" if here.emulated else "the first apply needs --new-state"
        return f"none yet in {folder}", first
    words = f"in {folder}, format {FORMAT_VERSION}, serial {state.serial}, lineage {state.lineage}"
    words = f"{words}, {_records(state)}"
    if not state.intents:
        return words
    count = len(state.intents)
    open_ = f"{count} announced request{'' if count == 1 else 's'} of unknown outcome"
    return f"{words}; {open_}", "pmsync plan settles what a run that was cut off left open"


def _records(state: State) -> str:
    return f"{len(state.datasets)} datasets and {len(state.uploads)} uploads in it"


def _lock(here: Site) -> str:
    """Whether somebody holds the lock. Raises Locked."""
    holder = here.store(known_binding(here)).lock.holder()
    if holder is None:
        return "free"
    hint = f"wait for it to end; if it cannot end any more: pmsync state unlock {holder.id}"
    raise Locked(f"held by {holder}", hint=hint)


def _folder(here: Site) -> str:
    here.store(known_binding(here)).lock.must_be_possible()
    return f"{known_folder(here)} can be written, and takes locks"
