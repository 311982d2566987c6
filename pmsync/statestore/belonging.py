"""Whose a state is: it is never used against another tenant or host, nor from another place.

It must not know how a state is stored.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError, StateRefused
from pmsync.model.state import Binding, Owner, State


def must_belong(
    state: State, ours: Binding, owner: Owner | None, *, where: str, stands_here: Callable[[Owner], bool]
) -> None:
    """Whether a state, kept `where`, is of our tenant and of this owner. One that says none is anybody's.

    `stands_here`: whether what another state belongs to is in this very checkout. Raises StateRefused or,
    where two of one checkout have one name, InputError.
    """
    theirs = state.binding
    if (theirs.tenant_id, theirs.host) != (ours.tenant_id, ours.host):
        raise StateRefused(
            f"it is the state of another tenant: {theirs.tenant_id} at {theirs.host}, and this "
            f"environment is {ours.tenant_id} at {ours.host}",
            where=where,
            hint="name the environment that it belongs to with -e, or mend the tenant in pmsync.yaml",
        )
    if theirs.owner is None or owner is None or theirs.owner == owner:
        return
    if stands_here(theirs.owner):
        raise _two_of_one_name(theirs.owner, owner)
    raise StateRefused(
        f"it is the state of another place: {theirs.owner}, and this is {ours.owner}",
        where=where,
        hint=f"if it was renamed or moved: pmsync state rebind {shlex.quote(str(theirs.owner))}; if "
        "this is a copy, give it a project name of its own in pmsync.yaml",
    )


def _two_of_one_name(theirs: Owner, ours: Owner) -> InputError:
    message = f"{theirs.path} in this work tree has the same project name, '{ours.project}', and one tenant"
    hint = "give one of the two a project: name of its own"
    return InputError([Diagnostic(Location(ours.path), "PM117", message, hint)])
