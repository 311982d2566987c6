"""A state that is brought in: of another machine, a backup, or a pmsync that kept it in the checkout.

It is read by the rules of every state, with the journal of a killed run if that stands beside it, and takes
the place only of none or of an older version of itself. This module must not know who wants it.
"""

from __future__ import annotations

import errno
import os
import shlex
from typing import Final

from msgspec.structs import replace

from pmsync.disk.named import read_named
from pmsync.disk.private import Files
from pmsync.disk.refusals import Untrusted
from pmsync.errors import Refused, StateRefused
from pmsync.model.state import Binding, Sent, State, only_probed
from pmsync.statestore.codec import LARGEST, encode
from pmsync.statestore.folder import StateFolder
from pmsync.statestore.local import LocalStateStore

_STATE: Final = "state.json"


def read_pushed(path: str, binding: Binding, *, pmsync_version: str) -> State:
    """The state in a file, as the environment with this binding would read it.

    How far its announced uploads came is not believed: a run may have gone on elsewhere since.

    Raises StateRefused: there is none, it cannot be trusted, or it is of another tenant or place.
    """
    files, anywhere = _Beside(path), replace(binding, owner=None)
    store = LocalStateStore(os.path.dirname(path), anywhere, pmsync_version=pmsync_version, files=files)
    try:
        state = store.read()
    except StateRefused as error:
        where = path if error.where and os.path.basename(error.where) == _STATE else error.where
        raise StateRefused(error.what, where=where, hint=error.hint) from None
    if state is None:
        raise StateRefused("there is no such file", where=path, hint="name the state.json to bring in")
    owner = state.binding.owner
    if owner not in {None, binding.owner}:
        rebind = f"pmsync state rebind {shlex.quote(str(owner))}"
        raise StateRefused(
            f"it is the state of another place: {owner}, and this is {binding.owner}",
            where=path,
            hint=f"push it from there; then, if that was renamed or moved, take it along: {rebind}",
        )
    return replace(state, intents=tuple(replace(one, sent=Sent.UNKNOWN) for one in state.intents))


def push(folder: StateFolder, state: State, present: State | None, *, pmsync_version: str) -> bool:
    """Make it the state of a folder, whose lock must be held; False: it is there already.

    Raises Refused: what is present would be lost. Raises PmsyncError: the disk says no.
    """
    if present == state:
        return False
    if present is not None and not only_probed(present):
        _require_older(present, state, folder.path)
    folder.make()
    folder.stage(encode(state, pmsync_version=pmsync_version))
    folder.swap()
    return True


def _require_older(present: State, state: State, where: str) -> None:
    if present.lineage != state.lineage:
        what = f"there is another state here already, with a history of its own (lineage {present.lineage})"
        raise Refused(what, where=where, hint="if it may be given up, move its folder aside and push again")
    if present.serial >= state.serial:
        what = f"the state here is version {present.serial}, and the one in the file is {state.serial}"
        raise Refused(what, where=where, hint="the state here is the newer one: there is nothing to bring in")
    if present.intents:
        what = "a run was cut off here, and what became of its requests is not settled"
        raise Refused(what, where=where, hint="pmsync plan, then pmsync apply, settle it")


class _Beside(Files):
    """One file as the state, with the journal beside it if it is a whole folder of a state."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._with_journal = os.path.basename(path) == _STATE

    def read(self, path: str, limit: int = LARGEST) -> bytes:
        name = os.path.basename(path)
        if name != _STATE and not self._with_journal:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        try:
            return read_named(self._path if name == _STATE else path, limit)
        except Untrusted as problem:
            raise OSError(errno.EINVAL, f"it {problem}", path) from None

    def exists(self, _path: str) -> bool:
        return False  # a version before it has no say here

    def is_link(self, _path: str) -> bool:
        return False  # what leads out of a checkout is refused when it is read
