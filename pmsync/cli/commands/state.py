"""`pmsync state …`: look at what pmsync remembers, and change it by hand. Nothing live is changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import click

from pmsync.cli import output
from pmsync.cli.choices import completed_by
from pmsync.cli.groups import HintingGroup
from pmsync.cli.options import format_option
from pmsync.cli.settings import GlobalOptions
from pmsync.errors import Refused
from pmsync.model.address import Address
from pmsync.model.outcome import Entry
from pmsync.model.state import State

if TYPE_CHECKING:
    from pmsync.cli.site import Site
    from pmsync.statestore.local import LocalStateStore


@click.group(cls=HintingGroup)
def command() -> None:
    """Look at what pmsync remembers, or change it by hand."""


@command.command("list")
@click.pass_obj
@format_option
def list_(options: GlobalOptions, *, format_: str) -> None:
    """List every record."""
    from pmsync.cli.site import known_folder  # noqa: PLC0415
    from pmsync.views.listings import state_json, state_text  # noqa: PLC0415

    here = _site(options, may_default=True)
    state, where = _must_be_there(_store(here).read()), known_folder(here)
    as_json = format_ == "json"
    output.emit(state_json(state, where) if as_json else state_text(state, where, output.look(options)))


@command.command()
@click.pass_obj
@click.argument("address", shell_complete=completed_by("recorded"))
@format_option
def show(options: GlobalOptions, *, address: str, format_: str) -> None:
    """Show one record."""
    from pmsync.views.listings import record_json, record_text, records  # noqa: PLC0415

    state = _must_be_there(_store(_site(options, may_default=True)).read())
    record = dict(records(state)).get(address)
    if record is None:
        raise Refused("not in the state", where=address, hint="pmsync state list")
    as_json = format_ == "json"
    output.emit(
        record_json(address, record) if as_json else record_text(address, record, output.look(options))
    )


@command.command()
@click.pass_obj
@click.argument("address", shell_complete=completed_by("recorded"))
def accept(options: GlobalOptions, *, address: str) -> None:
    """Take what is live as it is: a dataset's name and folder, a datatable's name and rows."""
    from pmsync.cli.looking import world_of  # noqa: PLC0415
    from pmsync.cli.runtime import at_work, guarded  # noqa: PLC0415
    from pmsync.cli.site import site  # noqa: PLC0415
    from pmsync.planning.edits import accept as accepted  # noqa: PLC0415

    here = site(options, may_default=output.may_ask())
    with (
        guarded(here, "pmsync state accept"),
        output.progress(options) as observer,
        at_work(here, observer) as work,
    ):
        state = _must_be_there(work.store.read())
        entries = accepted(world_of(work, here.loaded.manifest, state), Address(address))
        _record(work.store, state, entries)
    _say(address, "the state holds what is live now")


@command.command()
@click.pass_obj
@click.argument("address", shell_complete=completed_by("recorded"))
def forget(options: GlobalOptions, *, address: str) -> None:
    """Stop managing it and everything below it; the tenant keeps what it has."""
    from pmsync.planning.edits import forget as forgotten  # noqa: PLC0415

    count = _edit(options, lambda state: forgotten(state, Address(address)))
    _say(address, f"forgotten ({count} records); the tenant keeps it")


@command.command()
@click.pass_obj
@click.argument("origin", metavar="OLD", shell_complete=completed_by("recorded"))
@click.argument("address", metavar="NEW", shell_complete=completed_by("declared"))
def move(options: GlobalOptions, *, origin: str, address: str) -> None:
    """Manage it under another address, with everything below it."""
    from pmsync.planning.edits import move as moved  # noqa: PLC0415

    _edit(options, lambda state: moved(state, Address(origin), Address(address)))
    _say(origin, f"managed as {address} now")


@command.command()
@click.pass_obj
@click.argument("address", shell_complete=completed_by("recorded"))
def unprotect(options: GlobalOptions, *, address: str) -> None:
    """Lift a protection that outlived its block in the manifest."""
    from pmsync.planning.edits import unprotect as unprotected  # noqa: PLC0415

    _edit(options, lambda state: unprotected(state, Address(address)))
    _say(address, "not protected any more, unless a manifest says so again")


@command.command()
@click.pass_obj
@click.argument("lock_id", metavar="ID")
def unlock(options: GlobalOptions, *, lock_id: str) -> None:
    """Break the lock with this ID, of a run on another machine that cannot end any more."""
    holder = _store(_site(options)).lock.broken(lock_id)
    if holder is None:
        output.emit("no run holds the lock\n")
    else:
        _say(lock_id, f"the lock is broken; it was {holder}")


@command.command()
@click.pass_obj
@click.argument("file", metavar="FILE")
def push(options: GlobalOptions, *, file: str) -> None:
    """Bring a state in from FILE, a state.json: in place of none, or of an older version of it."""
    from pmsync import __version__  # noqa: PLC0415
    from pmsync.cli.runtime import guarded  # noqa: PLC0415
    from pmsync.cli.site import known_binding, known_folder  # noqa: PLC0415
    from pmsync.disk.private import Files  # noqa: PLC0415
    from pmsync.statestore.folder import StateFolder  # noqa: PLC0415
    from pmsync.statestore.pushing import push as pushed  # noqa: PLC0415
    from pmsync.statestore.pushing import read_pushed  # noqa: PLC0415

    here = _site(options)
    binding, folder = known_binding(here), known_folder(here)
    with guarded(here, click.get_current_context().command_path):
        state = read_pushed(file, binding, pmsync_version=__version__)
        present = here.store(binding).read()
        new = pushed(StateFolder(folder, Files()), state, present, pmsync_version=__version__)
    _say(file, f"serial {state.serial} is the state in {folder} now" if new else "it is the state already")


@command.command()
@click.pass_obj
@click.argument("former", metavar="OLD")
def rebind(options: GlobalOptions, *, former: str) -> None:
    """Take the state of OLD along: project or environment were renamed, or the repository was moved.

    OLD is PROJECT/ENVIRONMENT as pmsync.yaml said before, or what the refusal prints.
    """
    from pmsync.cli.runtime import guarded  # noqa: PLC0415
    from pmsync.cli.site import known_binding, store_of  # noqa: PLC0415
    from pmsync.statestore import rebinding  # noqa: PLC0415

    here, old = _site(options), rebinding.former(former)
    there, store = store_of(here, old.project, old.environment), _store(here)
    rebinding.must_be_there(there, old)
    also = () if there.folder.path == store.folder.path else (there.lock,)
    with guarded(here, click.get_current_context().command_path, *also):
        state = rebinding.rebind(store, there, old)
    count = f"{len(state.datasets)} datasets and {len(state.uploads)} uploads"
    _say(former, f"its state (serial {state.serial}, {count}) belongs to {known_binding(here).owner} now")


def _site(options: GlobalOptions, *, may_default: bool = False) -> Site:
    """The environment alone, without reading a manifest. What changes nothing may take the default one."""
    from pmsync.cli.site import site  # noqa: PLC0415

    return site(options, may_default=may_default or output.may_ask(), with_manifest=False)


def _store(here: Site) -> LocalStateStore:
    """Where its state is, without reaching the tenant."""
    from pmsync.cli.site import known_binding  # noqa: PLC0415

    return here.store(known_binding(here))


def _must_be_there(state: State | None) -> State:
    if state is None:
        raise Refused("there is no state yet", hint="pmsync apply makes it")
    return state


def _edit(options: GlobalOptions, edit: Callable[[State], tuple[Entry, ...]]) -> int:
    from pmsync.cli.runtime import guarded  # noqa: PLC0415

    here = _site(options)
    with guarded(here, click.get_current_context().command_path):
        store = _store(here)
        state = _must_be_there(store.read())
        entries = edit(state)
        _record(store, state, entries)
    return len(entries)


def _record(store: LocalStateStore, state: State, entries: tuple[Entry, ...]) -> None:
    with closing(store.begin(state)) as ledger:
        ledger.record(entries)


def _say(address: str, words: str) -> None:
    from pmsync.views.escape import terminal  # noqa: PLC0415

    output.emit(f"{terminal(address)}: {terminal(words)}\n")
