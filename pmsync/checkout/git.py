"""The commit that a project stands at, and whether one commit came before another.

A checkout's configuration can name programs: hooks, a pager, a file system monitor, a signature checker, a
helper to fetch missing objects. None of them is started: only plumbing that has no use for them is run, with
each of them switched off besides, without the caller's `GIT_*` variables, and for seconds at most. Must not
know what a commit's age is good for.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from pmsync.model.commit import Commit

_TIMEOUT: Final = 10.0
"""Seconds for one question. None reads more than a few objects, or walks more than the history."""
_ID: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_HEAD: Final = re.compile(rb"(\d{1,12}) ([0-9a-f]{40}(?:[0-9a-f]{24})?)\n")
_SWITCHED_OFF: Final = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.sshCommand=false",
    "protocol.allow=never",
    "log.showSignature=false",
    "safe.bareRepository=explicit",
)
_KEPT: Final = ("HOME", "XDG_CONFIG_HOME")
"""The user's own configuration says which folders are safe."""
_ENVIRONMENT: Final = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class Head(Struct, frozen=True):
    """What Git says of a folder: its commit, or why none is known (empty: it is in no checkout)."""

    commit: Commit | None = None
    why_not: str = ""


def head_of(folder: str) -> Head:
    """The commit that the checkout around a folder stands at. Starts nothing where there is no `.git`."""
    if not _in_a_checkout(folder):
        return Head()
    git = _git(folder)
    if git is None:
        return Head(why_not="git is not installed")
    said = _asked(git, folder, "rev-list", "--max-count=1", "--timestamp", "HEAD", "--")
    return Head(why_not="git did not answer") if said is None else _read(said)


def _read(said: subprocess.CompletedProcess[bytes]) -> Head:
    if b"dubious ownership" in said.stderr:
        return Head(why_not="the checkout belongs to another user (git config safe.directory)")
    found = _HEAD.fullmatch(said.stdout) if said.returncode == 0 else None
    if found is None:
        return Head(why_not="git knows no commit here")
    try:
        at = datetime.fromtimestamp(int(found[1]), UTC)
    except (ValueError, OverflowError, OSError):
        return Head(why_not="the commit has no time that a calendar knows")
    return Head(Commit(found[2].decode(), at))


def came_before(folder: str, earlier: str, later: str) -> bool:
    """Whether `earlier` is known to be an ancestor of `later`; what a shallow clone lacks is not known."""
    git = _git(folder)
    if git is None or not (_ID.fullmatch(earlier) and _ID.fullmatch(later)):
        return False
    said = _asked(git, folder, "merge-base", "--is-ancestor", earlier, later)
    return said is not None and said.returncode == 0


def _in_a_checkout(folder: str) -> bool:
    """Whether there is a `.git` here or above."""
    here = os.path.realpath(folder)
    while not os.path.lexists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            return False
        here = above
    return True


def _git(folder: str) -> str | None:
    """The program, found by absolute folders only: what a checkout holds under this name is none."""
    folders = (one for one in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(one))
    found = shutil.which("git", path=os.pathsep.join(folders))
    if found is None:
        return None
    inside = os.path.join(os.path.realpath(folder), "")
    return None if os.path.realpath(found).startswith(inside) else found


def _asked(git: str, folder: str, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    switched_off = [word for one in _SWITCHED_OFF for word in ("-c", one)]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        return subprocess.run(  # noqa: S603 - the program is found above, the words are ours
            [git, "--no-pager", "--literal-pathspecs", *switched_off, "-C", folder, *words],
            env={**kept, **_ENVIRONMENT, "PATH": os.path.dirname(git)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            start_new_session=True,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
