"""Whether what would run now is what was approved: a saved plan or digest is a bound, never instructions.

Pure. A killed run may be repeated with the same approval: what remains must be part of what was approved.
"""

from __future__ import annotations

from enum import Enum, auto

from pmsync.errors import Refused
from pmsync.model.plan import AnyChange, Plan, RecordState, Upload
from pmsync.model.project import EmulatedTenant, Environment
from pmsync.model.state import State, only_probed
from pmsync.planning.digest import fingerprint


class Verdict(Enum):
    """How today's plan relates to the approved digest."""

    SAME = auto()
    RESUMES = auto()
    """The state says that this very plan was being applied, and nothing but the rest of it remains."""
    STALE = auto()


def compare(plan: Plan, approved: str, state: State | None) -> Verdict:
    """`approved` is a digest or a structure digest."""
    if approved in {plan.digest, plan.structure_digest}:
        return Verdict.SAME
    applied = state.applied if state else None
    if applied is None or approved not in {applied.digest, applied.structure_digest}:
        return Verdict.STALE
    structure_only = approved != applied.digest
    rest = [change for change in plan.steps if not _free(change, structure_only=structure_only)]
    return Verdict.RESUMES if {fingerprint(one) for one in rest} <= applied.changes else Verdict.STALE


def _free(change: AnyChange, *, structure_only: bool) -> bool:
    """What needs no approval of its own: notes in the state, and uploads a structure digest leaves out."""
    return isinstance(change, RecordState) or (
        structure_only and isinstance(change, Upload) and not change.needs
    )


def must_say_where_state_lives(environment: Environment, *, attended: bool) -> None:
    """Raises Refused where a run without a terminal would leave its memory on a machine that may be gone.

    The embedded tenant is apart: its data and its state are one folder.
    """
    if attended or environment.state is not None or isinstance(environment.tenant, EmulatedTenant):
        return
    what = f"environment {environment.name} does not say what keeps its state, and there is no terminal"
    hint = f"if this machine keeps it, write state: file below {environment.name}: (a runner that is thrown "
    raise Refused(f"{what}: nothing was sent", where=str(environment.location), hint=f"{hint}away loses it)")


def must_be_known(state: State | None, *, emulated: bool, new_state: bool, approved: str | None) -> None:
    """Raises Refused where a lost state would look like a first run, or a present one would be ignored.

    A state that only `doctor --probe` used is none: it must not hide that the real one was lost.
    """
    if state is None or only_probed(state):
        if not emulated and not new_state:
            what = "no state was found: a first run, or a lost one? Nothing was sent"
            hint = (
                "use --new-state if this environment never had one; if it was renamed, pmsync state rebind "
                "PROJECT/ENVIRONMENT; otherwise bring its state back"
            )
            raise Refused(what, hint=hint)
        return
    applied = state.applied
    resumes = applied is not None and approved in {applied.digest, applied.structure_digest}
    if new_state and not resumes:
        what = "--new-state says that there is no state, and there is one"
        raise Refused(what, hint="leave --new-state out")
