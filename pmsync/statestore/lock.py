"""The lock of one environment's state: one run at a time may change it.

A kernel lock on a file beside the state, so it ends with its process whatever ended that; the file says who
holds it, for people. It must not know what is done under the lock.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from msgspec.structs import asdict

from pmsync.disk.private import trial_file
from pmsync.errors import Locked, PmsyncError, Refused
from pmsync.model.waits import Wait
from pmsync.statestore.folder import StateFolder, writing
from pmsync.statestore.interface import Holder, Waiting

_BUSY: Final = frozenset({errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK})
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
_LOCAL_DISK: Final = "set PMSYNC_STATE_DIR to a folder on a disk of this machine"
_LARGEST: Final = 4096
_PAUSE: Final = 0.2
_TRIES: Final = 3
"""A look that takes no time must not make a run fail that comes in the same moment."""


class HeldFile:
    """A lock that is held, until it is released or somebody broke it."""

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self._path = path

    def must_be_held(self) -> None:
        """Raises Refused if somebody broke the lock: another run may be changing the state by now."""
        if os.fstat(self._descriptor).st_nlink == 0:
            what = "the lock of this run was broken by hand, so nothing more is sent"
            raise Refused(what, where=self._path, hint="plan again once no other run is under way")

    def release(self) -> None:
        """Let the next run in. The file stays, empty: removing it would race with whoever opens it now."""
        try:
            os.ftruncate(self._descriptor, 0)
        finally:
            os.close(self._descriptor)


class LockFile:
    """The lock of the state in one folder."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._path = os.path.join(folder.path, "lock")

    @contextmanager
    def held(self, holder: Holder, waiting: Waiting) -> Iterator[HeldFile]:
        """The lock, for as long as the context lasts. A lock whose process died is free.

        Raises Locked: another run has it, and still had it when the time to wait was over.
        Raises PmsyncError: the folder takes no lock file.
        """
        lease = self._taken(holder, waiting)
        try:
            yield lease
        finally:
            lease.release()

    def must_be_possible(self) -> None:
        """Whether the folder (or, until it is made, the one it will be in) takes files and locks on them.

        Leaves nothing there. Raises PmsyncError: it does not.
        """
        folder = os.path.abspath(self._folder.path)
        while not self._folder.files.exists(folder):
            folder = os.path.dirname(folder)
        with writing(folder), trial_file(folder) as trial:
            try:
                fcntl.flock(trial, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                what = f"the file system of this folder takes no locks: {error.strerror}"
                raise PmsyncError(what, where=folder, hint=_LOCAL_DISK) from error

    def holder(self) -> Holder | None:
        """Who seems to hold it, without taking it: for a note beside a plan. None: nobody alive."""
        found = self._said()
        return found if found is not None and _may_live(found) else None

    def broken(self, lock_id: str) -> Holder | None:
        """Break the lock with this id; who held it. None: nobody holds one.

        Raises Refused: it is another lock, or its process is alive on this machine and would go on.
        """
        found = self._said()
        if found is None:
            return None
        if found.id != lock_id:
            what = f"the lock that is held is {found.id} ({found}), not {lock_id}"
            raise Refused(what, where=self._path, hint=f"pmsync state unlock {found.id}")
        if found.host == os.uname().nodename and not self._is_free():
            what = f"process {found.pid} is alive and holds it: {found.command}"
            raise Refused(what, where=self._path, hint=f"let it end, or stop it: kill {found.pid}")
        with writing(self._path):
            self._folder.files.discard(self._path)
            self._folder.files.sync_folder(self._folder.path)
        return found

    def _is_free(self) -> bool:
        descriptor = self._opened()
        free = self._locks(descriptor)
        os.close(descriptor)
        return free

    def _taken(self, holder: Holder, waiting: Waiting) -> HeldFile:
        self._folder.make()
        with waiting.waits("the lock", waiting.timeout) as wait:
            return self._waited_for(holder, waiting, wait)

    def _waited_for(self, holder: Holder, waiting: Waiting, wait: Wait) -> HeldFile:
        ends = waiting.monotonic() + waiting.timeout
        tries = 0
        while True:
            descriptor = self._opened()
            if self._locks(descriptor):
                _say(descriptor, holder)
                return HeldFile(descriptor, self._path)
            os.close(descriptor)
            tries += 1
            held_by = self._said() or "a run that has just begun"
            wait.is_for(f"the lock, held by {held_by}", ends - waiting.monotonic())
            if tries >= _TRIES and waiting.monotonic() >= ends:
                raise self._locked()
            waiting.sleep(_PAUSE)

    def _opened(self) -> int:
        with writing(self._path):
            return self._folder.files.open_lock(self._path)

    def _locks(self, descriptor: int) -> bool:
        """Whether the kernel gives the lock, on the file that has the name now."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _BUSY:
                return False
            os.close(descriptor)
            if error.errno in _NO_LOCKS:
                what = f"the file system of this folder takes no locks: {error.strerror}"
                raise PmsyncError(what, where=self._path, hint=_LOCAL_DISK) from error
            raise PmsyncError(f"no lock can be taken: {error.strerror}", where=self._path) from error
        return os.fstat(descriptor).st_nlink > 0

    def _locked(self) -> Locked:
        found = self._said()
        what = f"another run holds the lock: {found or 'it has just begun'}"
        hint = "wait for it to end, or set how long to wait: --lock-timeout 5m"
        if found is not None:
            hint += f"; if it cannot end any more: pmsync state unlock {found.id}"
        return Locked(what, where=self._path, hint=hint)

    def _said(self) -> Holder | None:
        """What the lock file says; None where there is none, or it is empty or no lock file of ours."""
        try:
            raw = json.loads(self._folder.files.read(self._path, _LARGEST))
            texts = {name: str(raw[name]) for name in ("id", "who", "host", "since", "command")}
            return Holder(pid=int(raw["pid"]), **texts)
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _say(descriptor: int, holder: Holder) -> None:
    """Written for people: a lock is held whether or not this is on the disk."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(holder)).encode()[:_LARGEST], 0)


def _may_live(holder: Holder) -> bool:
    """Whether its process may be alive: nobody knows that of another machine."""
    if holder.host != os.uname().nodename:
        return True
    try:
        os.kill(holder.pid, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True
