"""Plan and apply as the commands share them: propose, show, bound by what was approved, ask, run, report.

`apply --dry-run` and `plan` are one function. It must not know options' spelling; commands pass values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pmsync.cli import output
from pmsync.cli.asking import confirm_apply, consents_from
from pmsync.errors import InputError, Refused, StalePlan, UsageProblem
from pmsync.exit_codes import ExitCode
from pmsync.model.document import PlanDocument
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import AnyChange, Plan
from pmsync.model.reason import BlockCode, ReasonCode
from pmsync.model.state import State, only_probed
from pmsync.views.escape import terminal

if TYPE_CHECKING:
    from pmsync.cli.runtime import Workplace
    from pmsync.engine.older import Checkout
    from pmsync.engine.propose import Question
    from pmsync.model.report import Report


class Proposal(Struct, frozen=True, kw_only=True):
    """A plan with what it was asked from."""

    plan: Plan
    question: Question
    document: PlanDocument


class Approved(Struct, frozen=True, kw_only=True):
    """What somebody approved: a digest, and the saved plan it came from (None: the digest alone)."""

    digest: str
    document: PlanDocument | None = None


class Wish(Struct, frozen=True, kw_only=True):
    """How an apply is to go about it."""

    auto_approve: bool = False
    safe_only: bool = False
    fail_fast: bool = False
    older: bool = False
    show: bool = True


def proposal(work: Workplace, planning: PlanningOptions, *, approved: Approved | None = None) -> Proposal:
    """Plan against the live tenant; warnings go to stderr.

    Raises UsageProblem where a selector fits nothing, unless the plan was approved: a killed run may have
    removed what was selected.
    """
    from pmsync.engine.propose import propose  # noqa: PLC0415
    from pmsync.views.document import document  # noqa: PLC0415
    from pmsync.views.plan_text import warnings  # noqa: PLC0415

    question = work.question(planning, work.store.read())
    _say_if_unbound(work, question.state)
    plan = propose(question, work.writer, work.observer)
    if plan.unmatched and approved is None:
        hint = "addresses are keys of the manifests; pmsync ls and pmsync state list show them"
        raise UsageProblem("; ".join(plan.unmatched), hint=hint)
    made = document(plan)
    for warning in warnings(made):
        output.warn(work.site.options, warning)
    return Proposal(plan=plan, question=question, document=made)


def _say_if_unbound(work: Workplace, state: State | None) -> None:
    """A state that does not say where it belongs yet: whoever applies binds it."""
    if state is not None and state.binding.owner is None:
        owner = terminal(str(work.binding.owner))
        output.warn(
            work.site.options,
            "note: the state is of format 1, which did not say what it belongs to: "
            f"an apply binds it to {owner}",
        )


def say_if_no_state(work: Workplace, found: Proposal) -> None:
    """A missing state, before a plan that may be all adoptions for want of it: `apply` would stop there."""
    missing = found.question.state is None or only_probed(found.question.state)
    if not missing or work.site.emulated or found.plan.options.new_state:
        return
    declared = len(found.question.manifest.datasets)
    live = {change.address.dataset_address for change in found.plan.changes if change.reason.code in _LIVE}
    there = f", but ProcessMind holds {len(live):,} of the {declared:,} declared datasets" if live else ""
    output.warn(
        work.site.options,
        f"warning: no state was found for environment {work.loaded.environment.name}{there}: "
        "if it was lost, bring it back first (pmsync state push FILE, or PMSYNC_STATE_DIR where it is); "
        "if there never was one, use --new-state, or apply stops with exit 3",
    )


_LIVE: Final = {ReasonCode.LIVE_UNCLAIMED, ReasonCode.AMBIGUOUS}
"""Why a plan looks at a dataset that is there and that no state knows."""


def say_if_locked(work: Workplace) -> None:
    """A run under way beside a plan: what is planned may be done by the time it is read."""
    holder = work.store.lock.holder()
    if holder is not None:
        output.warn(work.site.options, f"note: another run holds the lock: {terminal(str(holder))}")


def plan_exit_code(plan: Plan, *, detailed: bool) -> int:
    """0, or with `--detailed-exitcode`: 4 unconfirmed, 3 blocked, 2 changes (or drift, when refreshing)."""
    from pmsync.engine.readiness import UNSURE  # noqa: PLC0415

    if not detailed:
        return ExitCode.DONE
    codes = {change.block.code for change in plan.blocked if change.block}
    if codes & UNSURE:
        return ExitCode.UNCONFIRMED
    if codes:
        return ExitCode.REFUSED
    drifted = plan.options.refresh_only and bool(plan.drifted)
    return ExitCode.CHANGES if plan.steps or drifted else ExitCode.DONE


def applied(
    work: Workplace, planning: PlanningOptions, wish: Wish, approved: Approved | None
) -> tuple[Report, Plan]:
    """Plan, check it against what was approved, ask where somebody sits, run: the report, and what ran.

    Raises Refused, StalePlan or Unconfirmed before anything is sent, or what the engine raises.
    """
    from pmsync.engine.apply import apply  # noqa: PLC0415
    from pmsync.engine.approved import must_be_known, must_say_where_state_lives  # noqa: PLC0415
    from pmsync.engine.settle import let_rows_show, let_settle  # noqa: PLC0415
    from pmsync.views.plan_text import proposed_text  # noqa: PLC0415

    must_say_where_state_lives(work.loaded.environment, attended=output.may_ask())
    state = work.store.read()
    try:
        must_be_known(
            state,
            emulated=work.site.emulated,
            new_state=planning.new_state,
            approved=approved.digest if approved else None,
        )
    except Refused as refused:
        _must_have_sound_sources(work, planning, state, beside=refused)
        raise
    checkout = _checkout(work, may_be_older=wish.older or output.may_ask())
    tools = work.tools(fail_fast=wish.fail_fast, safe_only=wish.safe_only, checkout=checkout)
    let_settle(state, tools.request_patience, tools.now())
    environment = work.loaded.environment
    let_rows_show(state, environment.uploads, tools, at_most=environment.verify.timeout)
    found = proposal(work, planning, approved=approved)
    resumed = approved is not None and _within(found, approved)
    if wish.show:
        output.emit(proposed_text(found.document, output.look(work.site.options)))
    plan = found.plan if approved else _agreed(found, wish)
    assert work.guard is not None
    work.guard.stop.running = True
    report = apply(
        plan,
        found.question,
        tools,
        work.store,
        fresh=work.fresh_state(),
        resumed=resumed,
    )
    return report, plan


def _must_have_sound_sources(
    work: Workplace, planning: PlanningOptions, state: State | None, *, beside: Refused
) -> None:
    """Raises InputError for source files with problems, which outrank a refusal: that is told beside them."""
    sources = work.question(planning, state).sources
    if sources is not None and sources.diagnostics:
        output.warn(work.site.options, f"warning: {terminal(beside.what)}: {terminal(beside.hint or '')}")
        raise InputError(list(sources.diagnostics))


def _checkout(work: Workplace, *, may_be_older: bool = False) -> Checkout:
    """What is applied from, as far as Git knows."""
    from functools import partial  # noqa: PLC0415

    from pmsync.checkout.git import came_before, head_of  # noqa: PLC0415
    from pmsync.engine.older import Checkout  # noqa: PLC0415

    root = work.loaded.project.root
    head = head_of(root)
    if head.why_not:
        note = f"note: the age of this commit is not known, and an older run not noticed: {head.why_not}"
        output.warn(work.site.options, note)
    return Checkout(commit=head.commit, came_before=partial(came_before, root), may_be_older=may_be_older)


def say_if_older(work: Workplace, found: Proposal) -> None:
    """A newer commit that was applied, beside a plan: `apply` would stop there."""
    from pmsync.engine.older import must_not_be_older  # noqa: PLC0415

    state = found.question.state
    if state is None or state.last_apply is None or state.last_apply.commit is None:
        return
    try:
        must_not_be_older(state, _checkout(work))
    except StalePlan as error:
        output.warn(
            work.site.options, f"warning: {terminal(error.what)}: apply stops with exit 6 ({error.hint})"
        )


def _within(found: Proposal, approved: Approved) -> bool:
    """Whether the plan is the rest of the approved one; False: it is the very same.

    Raises StalePlan, with the differences in words, if it is neither.
    """
    from pmsync.engine.approved import Verdict, compare  # noqa: PLC0415
    from pmsync.planning.attributes import differences  # noqa: PLC0415

    verdict = compare(found.plan, approved.digest, found.question.state)
    if verdict is not Verdict.STALE:
        return verdict is Verdict.RESUMES
    if approved.document is None:
        what = f"today's plan has the digest {found.plan.digest}, not the expected {approved.digest}"
        raise StalePlan(what, hint="plan again, and have that approved")
    stale = StalePlan(
        "what would run now is not what was approved:", hint="plan again, and have that approved"
    )
    stale.details = differences(approved.document, found.document)
    raise stale


def _agreed(found: Proposal, wish: Wish) -> Plan:
    """The plan with the consents a person gave; without one, as it is."""
    from pmsync.planning.consent import judge  # noqa: PLC0415

    plan = found.plan
    if wish.auto_approve or not plan.steps:
        return plan
    if not output.may_ask():
        _must_not_wait(plan, wish)
        return plan
    if not wish.safe_only and any(_for_a_flag(change) for change in plan.blocked):
        return plan  # no answer would make it run
    given = consents_from(plan)
    state = found.question.state
    judged = judge(
        plan,
        allow=(*plan.options.allow, *given),
        approvals=found.question.approvals,
        spent=state.spent if state else frozenset(),
    )
    ready = any(change.block is None for change in judged.steps)
    if ready and (not judged.blocked or wish.safe_only):
        confirm_apply()
    return judged


def _for_a_flag(change: AnyChange) -> bool:
    """Whether the change is blocked for something else than a consent."""
    return change.block is not None and change.block.code is not BlockCode.CONSENT


def _must_not_wait(plan: Plan, wish: Wish) -> None:
    """Without a terminal nobody can say yes, also not to the part that `--safe-only` would run.

    Where something blocked stops the whole plan, the engine says so, with the ways out.
    """
    ready = any(change.block is None for change in plan.steps)
    if ready and (wish.safe_only or not plan.blocked):
        what = "approval required, and there is no terminal: nothing was sent"
        raise Refused(what, hint="--auto-approve, or apply a saved plan")
