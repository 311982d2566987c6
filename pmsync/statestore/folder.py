"""The folder of one environment's state: its three files, and the rules for reading and replacing them.

    state.json            the last whole version
    state.previous.json   the version before it
    journal.jsonl         what was done since, while a run is under way or after one was killed

A file appears under its name only when all of it is on the disk, so a name never shows half a file.
It must not know what the files say.
"""

from __future__ import annotations

import errno
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from pmsync.disk.private import Files, IrregularFileError
from pmsync.errors import PmsyncError, StateRefused
from pmsync.statestore.codec import Place

ASIDE: Final = "state.rebound.json"
"""What is left where a state was taken away from."""
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class StateFolder:
    """Where the state of one environment is kept."""

    def __init__(self, path: str, files: Files) -> None:
        self.path = path
        self.files = files
        self.state = os.path.join(path, "state.json")
        self.previous = os.path.join(path, "state.previous.json")
        self.journal = os.path.join(path, "journal.jsonl")

    def state_place(self) -> Place:
        """How to speak of state.json, and what to do if it cannot be trusted."""
        if self.files.exists(self.previous):
            remedy = (
                "the version before it is kept, and knows nothing of what was done since: look at it, then "
                f"cp {shlex.quote(self.previous)} {shlex.quote(self.state)}"
            )
        else:
            remedy = (
                "put it back from a backup; if there is none, move it aside and run with --new-state: "
                "pmsync then asks before it touches what it finds"
            )
        return Place(where=self.state, remedy=remedy)

    def journal_place(self) -> Place:
        """How to speak of the journal, and what to do if it cannot be trusted."""
        aside = f"mv {shlex.quote(self.journal)} {shlex.quote(self.journal)}.damaged"
        return Place(
            where=self.journal,
            remedy="put it back from a backup; if there is none, move it aside, and the next plan asks about "
            f"what was done since the state was written: {aside}",
        )

    def read(self, place: Place) -> bytes | None:
        """The content of the state or the journal; None if there is no such file.

        Raises StateRefused: something else than a plain, readable file is there.
        """
        if self.files.is_link(self.path):
            raise StateRefused(
                "the folder of the state is a symbolic link, and pmsync follows none",
                where=self.path,
                hint="put a folder there",
            )
        try:
            return self.files.read(place.where)
        except FileNotFoundError:
            return None
        except IrregularFileError as error:
            raise StateRefused(
                f"it is {error.strerror}, and pmsync reads and replaces plain files only",
                where=place.where,
                hint="put the file itself there",
            ) from error
        except OSError as error:
            raise StateRefused(
                f"it cannot be read: {error.strerror}",
                where=place.where,
                hint="put a file there that the user running pmsync may read and write",
            ) from error

    def make(self) -> None:
        """Make the folder, and those above it, if they are not there.

        Raises PmsyncError: the disk says no.
        """
        with writing(self.path):
            missing = []
            path = os.path.abspath(self.path)
            while not self.files.exists(path):
                missing.append(path)
                path = os.path.dirname(path)
            for each in reversed(missing):
                with suppress(FileExistsError):  # a run for another environment was first
                    self.files.make_folder(each)
                self.files.sync_folder(os.path.dirname(each))

    def stage(self, data: bytes) -> None:
        """Put the next version on the disk beside the state; `swap` makes it the state.

        Raises PmsyncError: the disk says no; nothing has changed.
        """
        with writing(self.state):
            self.files.close(self._new(self.state, data))

    def swap(self) -> None:
        """Make the staged version the state, and the state the previous one.

        Raises PmsyncError: the disk says no; the state is the old version or the new one, never part of one.
        """
        with writing(self.state):
            if self.files.exists(self.state):
                self._keep_previous()
            self.files.rename(_temporary(self.state), self.state)
            self.files.sync_folder(self.path)

    def start_journal(self, first_line: bytes) -> int:
        """Put a new journal in place of any old one; the descriptor to append to.

        Raises PmsyncError: the disk says no; an old journal may still be there.
        """
        with writing(self.journal):
            descriptor = self._new(self.journal, first_line)
            self.files.rename(_temporary(self.journal), self.journal)
            self.files.sync_folder(self.path)
        return descriptor

    def remove_journal(self) -> None:
        """Take the journal away, once the state has all that it says.

        Raises PmsyncError: the disk says no; a journal that stays does no harm.
        """
        with writing(self.journal):
            self.files.discard(self.journal)
            self.files.sync_folder(self.path)

    def set_aside(self) -> None:
        """Leave nothing that would be read as a state: another folder has it now. It is kept under ASIDE.

        Raises PmsyncError: the disk says no; it may be tried again.
        """
        with writing(self.state):
            self.files.discard(self.previous)
            self.files.rename(self.state, os.path.join(self.path, ASIDE))
            self.files.discard(self.journal)
            self.files.sync_folder(self.path)

    def _new(self, path: str, data: bytes) -> int:
        """A file with this content, wholly on the disk, under the temporary name; still open.

        What a killed run left there goes first; a link there is refused, and never followed.
        """
        temporary = _temporary(path)
        self.files.discard(temporary)
        descriptor = self.files.create(temporary)
        try:
            self.files.write(descriptor, data)
            self.files.sync(descriptor)
        except OSError:
            with suppress(OSError):  # the first error is the one to tell, and a full disk wants its room back
                self.files.close(descriptor)
                self.files.discard(temporary)
            raise
        return descriptor

    def _keep_previous(self) -> None:
        """A second name for the state needs no room on a full disk. Where the disk has none, a copy."""
        temporary = _temporary(self.previous)
        self.files.discard(temporary)
        try:
            self.files.link(self.state, temporary)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self.files.close(self._new(self.previous, self.files.read(self.state)))
        self.files.rename(temporary, self.previous)
        # Where a killed run left both names on one file, the rename leaves this one too.
        self.files.discard(temporary)


@contextmanager
def writing(where: str) -> Iterator[None]:
    """Every way in which a disk says no becomes one error.

    Raises PmsyncError: instead of OSError.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            hint = "free some space, then run the same command again: nothing written before is lost"
        else:
            hint = (
                "let the user running pmsync write there, or set PMSYNC_STATE_DIR to a folder that is kept, "
                "then run the same command again"
            )
        raise PmsyncError(
            f"the state could not be written: {error.strerror}", where=where, hint=hint
        ) from error


def _temporary(path: str) -> str:
    """Always the same name, so that what a killed run leaves does not pile up."""
    return f"{path}.tmp"
