"""Consent: which changes of a plan may run, given what the user agreed to.

`Granted` answers the rules that choose an action by a consent; `judge` blocks what still lacks one.
Nothing here asks anybody: that is for the command line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pmsync.model.address import Address
from pmsync.model.consent import Allow, Approval, Consent
from pmsync.model.notes import Note
from pmsync.model.plan import Adopt, AnyChange, Plan, Retire, Undecided, Upload
from pmsync.model.reason import Block, BlockCode
from pmsync.model.remedy import ApplyWith
from pmsync.planning.wording import and_list

_MOST_NAMED: Final = 20
"""Adoptions up to which the command that agrees to them names each."""


class Granted(Struct, frozen=True, kw_only=True):
    """The consents of one run: `--allow` flags and approvals that are not spent."""

    environment: str
    allow: tuple[Allow, ...] = ()
    approvals: frozenset[Approval] = frozenset()

    def gives(self, consent: Consent, address: Address, live_id: str, content: str | None = None) -> bool:
        """Whether the user agreed to this, for this address and what is live there now."""
        if any(allow.covers(consent, address) for allow in self.allow):
            return True
        return self.approval(consent, address, live_id, content) in self.approvals

    def approval(
        self, consent: Consent, address: Address, live_id: str, content: str | None = None
    ) -> Approval:
        """The approval that would say so."""
        return Approval(
            environment=self.environment,
            address=address,
            consent=consent,
            live_id=live_id,
            content=content,
        )


def judge(
    plan: Plan, *, allow: tuple[Allow, ...], approvals: frozenset[Approval], spent: frozenset[Approval]
) -> Plan:
    """The plan in which exactly those changes wait that lack a consent (or were blocked before).

    Judging a judged plan again, with more consents, lifts blocks of consent and no others.
    """
    granted = Granted(environment=plan.environment, allow=allow, approvals=approvals - spent)
    changes = tuple(_judged(change, granted) for change in plan.changes)
    return replace(plan, changes=_adopted_together(changes, granted))


def lacking(change: AnyChange, granted: Granted) -> tuple[Approval, ...]:
    """The approvals that the change still needs, in the order of its consents."""
    return tuple(
        wanted
        for wanted in needed(change, granted.environment)
        if not granted.gives(wanted.consent, wanted.address, wanted.live_id, wanted.content)
    )


def needed(change: AnyChange, environment: str) -> tuple[Approval, ...]:
    """Everything the change needs consent for, each bound to what it would be given for."""
    if not change.needs:
        return ()
    content = change.file.sha256 if isinstance(change, Upload) else None
    granted = Granted(environment=environment)
    return tuple(
        granted.approval(consent, change.address, change.live_id, content) for consent in change.needs
    )


def approvals_for(plan: Plan) -> tuple[Approval, ...]:
    """What to write into approvals.yaml so that everything blocked for want of consent may run."""
    wanted = (
        approval
        for change in plan.changes
        if change.block is not None and change.block.code in _FOR_CONSENT
        for approval in needed(change, plan.environment)
    )
    return tuple(dict.fromkeys(wanted))


_FOR_CONSENT = {BlockCode.CONSENT, BlockCode.PENDING}


def misfits(plan: Plan, approvals: frozenset[Approval]) -> tuple[Note, ...]:
    """Approvals for a file that say nothing of its content, or are of another: what to write there."""
    if not approvals:
        return ()
    unbound = {replace(one, content=None) for one in approvals}
    return tuple(
        Note(wanted.address, f"its approval for {wanted.consent} is of no or other content; {_line(wanted)}")
        for change in plan.changes
        for wanted in wanted_by(change, plan.environment)
        if wanted.content and wanted not in approvals and replace(wanted, content=None) in unbound
    )


def wanted_by(change: AnyChange, environment: str) -> tuple[Approval, ...]:
    """Every approval that would let the change run, or choose what it is."""
    offers = change.offers if isinstance(change, Undecided) else ()
    return (*needed(change, environment), *offers)


def _line(wanted: Approval) -> str:
    return f'to agree to this file, write there: content: "{wanted.content}"'


def _judged(change: AnyChange, granted: Granted) -> AnyChange:
    if change.block is None and not change.needs:
        return change
    if change.block is not None and change.block.code not in _FOR_CONSENT:
        return change
    missing = lacking(change, granted)
    if not missing:
        return change if change.block is None else replace(change, block=None)
    kinds = tuple(wanted.consent for wanted in missing)
    code, what = BlockCode.CONSENT, f"needs your consent to {and_list(kinds)}"
    if _may_stay(change):
        code, what = BlockCode.PENDING, f"stays until you consent to {and_list(kinds)}"
    agree = ApplyWith(meaning="agree to it", allow=_allows(missing))
    return replace(change, block=Block(code, what, (agree,)))


def _allows(wanted: Iterable[Approval]) -> tuple[Allow, ...]:
    return tuple(Allow(consent=one.consent, glob=one.address) for one in wanted)


def _adopted_together(changes: tuple[AnyChange, ...], granted: Granted) -> tuple[AnyChange, ...]:
    """What is adopted is agreed to by one command: one for each would fail as long as the others wait."""
    asked = {
        i: missing
        for i, change in enumerate(changes)
        if isinstance(change, Adopt)
        and change.block is not None
        and change.block.code is BlockCode.CONSENT
        and (missing := lacking(change, granted))
    }
    if len(asked) < 2:
        return changes
    every = _allows(one for missing in asked.values() for one in missing)
    if len(every) > _MOST_NAMED:  # a command that nobody can paste, once for each of them
        every = (Allow(consent=Consent.ADOPT, glob="*"),)
    agree = ApplyWith(meaning=f"agree to all {len(asked):,} adoptions", allow=every)
    return tuple(
        replace(change, block=replace(change.block, remedies=(agree,)))
        if i in asked and change.block
        else change
        for i, change in enumerate(changes)
    )


def _may_stay(change: AnyChange) -> bool:
    """Whether all that is declared is there without it: the old half of a REPLACE that goes on."""
    return isinstance(change, Retire) and Consent.REPLACE in change.needs
