"""Where this user's memory begins: from PMSYNC_STATE_DIR and PMSYNC_CACHE_DIR, else as the system has it.

It must not know what is kept there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from pmsync.errors import UsageProblem
from pmsync.statestore.home import Home

OLD: Final = ".pmsync"
"""Where the first version kept its memory: in the checkout, so that whoever may commit could write it."""

_STATE: Final = "PMSYNC_STATE_DIR"
_CACHE: Final = "PMSYNC_CACHE_DIR"


def home(environ: Mapping[str, str]) -> Home:
    """The folders of this user. Nothing is looked at or made.

    Raises UsageProblem: a variable names no absolute folder, or there is no home to begin from.
    """
    return Home(state=_folder(_STATE, environ), cache=_folder(_CACHE, environ))


def old_memory(root: str) -> str | None:
    """What to say of a memory of the first version beside pmsync.yaml; None: there is none.

    It is never opened.
    """
    if not os.path.lexists(os.path.join(root, OLD)):
        return None
    push = f"pmsync state push {OLD}/ENVIRONMENT/state.json -e ENVIRONMENT"
    return (
        f"note: {OLD} beside pmsync.yaml is of an older pmsync and is not read any more: "
        f"bring the state of each environment in with {push}, then remove it (an embedded tenant begins anew)"
    )


def _folder(variable: str, environ: Mapping[str, str]) -> str:
    named = environ.get(variable, "")
    if named and not os.path.isabs(named):
        what = f"{variable} is {named!r}, which is relative, and pmsync may be started anywhere"
        raise UsageProblem(what, hint="name a folder by its whole path, from /")
    if named:
        return os.path.normpath(named)
    import platformdirs  # noqa: PLC0415 - not where the variables say it

    find = platformdirs.user_state_dir if variable == _STATE else platformdirs.user_cache_dir
    found = find("pmsync", appauthor=False)
    if not os.path.isabs(found):
        what = "this user has no home folder, so there is no place for the state"
        raise UsageProblem(what, hint=f"set {variable} to a folder that is kept from run to run")
    return found
