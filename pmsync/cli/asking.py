"""Asking a person, on a terminal, for what a plan still lacks: consents one by one, then the whole.

What destroys is typed, not nodded through. Nothing is ever asked elsewhere.
"""

from __future__ import annotations

from pmsync.cli import output
from pmsync.errors import Refused
from pmsync.model.consent import Allow, Approval, Consent
from pmsync.model.plan import Plan
from pmsync.planning.consent import approvals_for
from pmsync.views.escape import terminal

_TYPED = {Consent.DELETE, Consent.REPLACE}
_MOST_ASKED = 20
"""Adoptions up to which each is asked for."""
_YES = {"y", "yes"}


def consents_from(plan: Plan) -> tuple[Allow, ...]:
    """The consents that the person gives; what they decline stays blocked."""
    asked = list(approvals_for(plan))
    adoptions = [wanted for wanted in asked if wanted.consent is Consent.ADOPT]
    together: tuple[Allow, ...] = ()
    if len(adoptions) > _MOST_ASKED:
        asked = [wanted for wanted in asked if wanted.consent is not Consent.ADOPT]
        if output.ask(f"Consent to adopt for all {len(adoptions):,} of them? [y/N] ").lower() in _YES:
            together = (Allow(consent=Consent.ADOPT, glob="*"),)  # of this plan, which is bound already
    single = (Allow(consent=wanted.consent, glob=wanted.address) for wanted in asked if _agrees(wanted))
    return (*together, *single)


def _agrees(wanted: Approval) -> bool:
    address = terminal(wanted.address)
    if wanted.consent in _TYPED:
        return (
            output.ask(f"type the address ({address}) to {wanted.consent} it (empty: no): ") == wanted.address
        )
    return output.ask(f"Consent to {wanted.consent} for {address}? [y/N] ").lower() in _YES


def confirm_apply() -> None:
    """Raises Refused if the person does not want it."""
    _must_say_yes("Apply this plan?", declined="declined: nothing was sent")


def must_agree(question: str, *, unasked: str, hint: str, declined: str) -> None:
    """Raises Refused, in these words, where nobody sits at a terminal or the person says no."""
    if not output.may_ask():
        raise Refused(unasked, hint=hint)
    _must_say_yes(question, declined=declined)


def _must_say_yes(question: str, *, declined: str) -> None:
    if output.ask(f"{question} [y/N] ").lower() not in _YES:
        raise Refused(declined)


def confirm_destroy(environment: str) -> None:
    """Raises Refused unless the environment's name is typed."""
    words = (
        f"type the name ({terminal(environment)}) to destroy everything in it that pmsync made (empty: no): "
    )
    if output.ask(words) != environment:
        raise Refused("declined: nothing was sent")
