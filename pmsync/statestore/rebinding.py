"""`state rebind OLD`: a state goes along with a project or environment that was renamed, or that moved.

Nobody is asked whether it did: a state that is taken for another project's would claim what that one made, so
whoever types OLD says it. It never leaves its tenant. This module must not know where states are kept.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import Final

from msgspec import Struct

from pmsync.errors import Refused, UsageProblem
from pmsync.model.state import Owner, State
from pmsync.statestore.local import LocalStateStore

_OLD: Final = re.compile(r"(?P<project>.+?)/(?P<environment>[a-z0-9][a-z0-9_-]*)(:(?P<path>.+))?", re.DOTALL)


class Former(Struct, frozen=True, kw_only=True):
    """What a state belonged to, as it was typed. `path` may be left out."""

    project: str
    environment: str
    path: str | None = None

    def fits(self, owner: Owner) -> bool:
        """Whether this is what is meant."""
        named = (owner.project, owner.environment) == (self.project, self.environment)
        return named and self.path in {None, owner.path}


def former(text: str) -> Former:
    """What `PROJECT/ENVIRONMENT` or `PROJECT/ENVIRONMENT:PATH` names. Raises UsageProblem: neither."""
    found = _OLD.fullmatch(text)
    if found is None:
        hint = "such as order-to-cash/prod, or as the refusal prints it"
        raise UsageProblem(f"'{text}' is no PROJECT/ENVIRONMENT", hint=hint)
    return Former(project=found["project"], environment=found["environment"], path=found["path"])


def rebind(here: LocalStateStore, there: LocalStateStore, old: Former) -> State:
    """Make the state of `old`, which is kept `there`, the one of `here`; what it is now.

    The caller holds the locks of both. `there` takes a state of any owner of this tenant; it may be the very
    folder of `here`. A second time finishes what a killed first one left.

    Raises Refused: there is none, it is another's, or there is one here already.
    """
    state = must_be_there(there, old)
    if here.folder.path == there.folder.path:
        return _taken_over(here, state)
    present = here.read()
    if present is None:
        present = _taken_over(here, state)
    elif present.lineage != state.lineage:
        raise Refused(
            f"there is a state here already (serial {present.serial}), and it is another one",
            where=here.folder.state,
            hint="move it aside if it is not the one to go on with",
        )
    there.folder.set_aside()
    return present


def must_be_there(there: LocalStateStore, old: Former) -> State:
    """The state of `old`. Raises Refused: there is none, or it is another's."""
    state = there.read()
    if state is None:
        raise Refused(
            f"there is no state of {old.project}/{old.environment} for this tenant",
            where=there.folder.path,
            hint="the names are those of pmsync.yaml before they were changed",
        )
    owner = state.binding.owner
    if owner is not None and not old.fits(owner):
        raise Refused(f"the state there belongs to {owner}", where=there.folder.state, hint="name that")
    return state


def _taken_over(here: LocalStateStore, state: State) -> State:
    with closing(here.take_over(state, state.binding.owner)) as ledger:
        return ledger.state
