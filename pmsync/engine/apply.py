"""An apply from end to end: what is ready runs, what is not stays pending, and the tenant has the last word.

`converged` is said only if a fresh read of the tenant, planned against the new state, finds nothing.
"""

from __future__ import annotations

from contextlib import closing

from msgspec.structs import replace

from pmsync.engine.approved import must_say_where_state_lives
from pmsync.engine.course import Course
from pmsync.engine.execute import execute
from pmsync.engine.older import began, must_not_be_older
from pmsync.engine.propose import Question, asked_again, propose
from pmsync.engine.readiness import UNSURE, Readiness, must_be_unblocked, must_be_within_limits, readiness
from pmsync.engine.run import Run
from pmsync.engine.tools import Tools
from pmsync.errors import InputError, PmsyncError, Refused, StalePlan, Unconfirmed
from pmsync.exit_codes import ExitCode, ranked
from pmsync.model.address import Address, Kind
from pmsync.model.events import RunBegan
from pmsync.model.notes import Note
from pmsync.model.outcome import Begin, Entry
from pmsync.model.plan import AnyChange, Plan, Upload, action_of, is_pending
from pmsync.model.reason import BlockCode
from pmsync.model.report import Convergence, Fate, Report, Result
from pmsync.model.state import AppliedPlan, State
from pmsync.planning.digest import applied_plan
from pmsync.statestore.interface import Ledger, StateStore

_INTERRUPTED: tuple[str, ...] = ("the run was interrupted; the next one goes on where it stopped",)


def apply(
    plan: Plan, question: Question, tools: Tools, store: StateStore, *, fresh: State, resumed: bool = False
) -> Report:
    """Run the plan and look at the result.

    `fresh` is the state to begin from where there is none yet. `resumed`: the plan is what remained of the
    one that the state remembers, which stays the one being applied.

    Raises StalePlan, before anything is sent, if a newer commit was applied to this state or what was
    announced earlier came to something after all; Refused if nothing says what keeps the state, and Refused
    or Unconfirmed if something is blocked and `safe_only` was not asked for; any other PmsyncError where the
    tenant could not be read for that, or the state not be written.
    """
    must_say_where_state_lives(question.environment, attended=tools.attended)
    split = readiness(plan)
    if not plan.options.destroy:  # which works from the state alone, and is confirmed by name
        must_not_be_older(question.state, tools.checkout)
        must_be_within_limits(split, question.environment.limits)
    if not tools.safe_only:
        must_be_unblocked(plan)
    _must_still_be_void(plan, question, tools)
    before = question.state or fresh
    if not split.ready:
        _note(plan, question.state, tools, store)
        return Report(
            results=_pending(split), convergence=_without_changes(plan, split), remaining=_left(plan)
        )
    ledger = store.begin(before)
    try:
        results = _run(plan, question, tools, split, ledger=ledger, applied=_applied(plan, before, resumed))
    finally:
        ledger.close()
    convergence, remaining = Convergence.NOT, _INTERRUPTED
    if tools.safe_only:
        results = tuple(replace(one, exit_code=ExitCode.DONE) if one.awaited else one for one in results)
    if not tools.stopped():
        convergence, remaining = _look_again(question, tools, ledger.state, _may_come(results, tools))
    return Report(results=(*results, *_pending(split)), convergence=convergence, remaining=remaining)


def _note(plan: Plan, state: State | None, tools: Tools, store: StateStore) -> None:
    """What a run leaves in the state that finds nothing to do: from which commit, and what came to nothing.

    What a killed run announced must not stay open when a run says that all is well.
    """
    entries: list[Entry] = [*plan.void]
    if state is not None and tools.checkout.is_news_to(state):
        run = began(state, tools.checkout, tools.now())
        entries.append(Begin(state.runs, state.applied or applied_plan(plan), run))
    if entries and state is not None:
        with closing(store.begin(state)) as ledger:
            ledger.record(tuple(entries))


def _must_still_be_void(plan: Plan, question: Question, tools: Tools) -> None:
    """A second look before an announcement is crossed out: what one cut listing lacks would be forgotten."""
    if not plan.void:
        return
    again = propose(question, tools.writer, tools.observer).void
    for entry in plan.void:
        if entry not in again:
            what = "an earlier run announced it, and what came of that was not there when this was planned"
            raise StalePlan(what, where=entry.address, hint="plan again")


def _applied(plan: Plan, before: State, resumed: bool) -> AppliedPlan:  # noqa: FBT001 - one caller
    if resumed and before.applied is not None:
        return before.applied
    return applied_plan(plan)


def _run(
    plan: Plan,
    question: Question,
    tools: Tools,
    split: Readiness,
    *,
    ledger: Ledger,
    applied: AppliedPlan,
) -> tuple[Result, ...]:
    before = ledger.state
    ledger.record((Begin(before.runs + 1, applied, began(before, tools.checkout, tools.now())),))
    uploads = [change.file.size for change in split.ready if isinstance(change, Upload)]
    tools.observer(RunBegan(len(split.ready), sum(uploads)))
    run = Run(
        tools=tools,
        ledger=ledger,
        course=Course(before, tools.observer, fail_fast=tools.fail_fast, stopped=tools.stopped),
        environment=plan.environment,
        approvals=question.approvals,
        verify=question.environment.verify,
        uploads=question.environment.uploads,
    )
    return execute(run, split.ready, plan.void)


def _pending(split: Readiness) -> tuple[Result, ...]:
    return tuple(
        Result(
            change=change,
            fate=Fate.PENDING,
            live_id=change.live_id,
            problem=change.block.sentence if change.block else "",
        )
        for change in split.pending
    )


def _without_changes(plan: Plan, split: Readiness) -> Convergence:
    """Nothing was to be done: what was read for the plan is fresh enough."""
    if not all(is_pending(change) for change in split.pending):
        return Convergence.NOT
    return Convergence.EXCEPT if _left(plan) else Convergence.CONVERGED


def _left(plan: Plan) -> tuple[str, ...]:
    """What is still to be said once everything that could be done is done."""
    pending = tuple(_waits(change) for change in plan.pending)
    return pending if plan.is_clean else (*pending, *(_noted(note) for note in plan.notes if not note.code))


def _noted(note: Note) -> str:
    return f"{note.address}: {note.sentence}" if note.address else note.sentence


def _may_come(results: tuple[Result, ...], tools: Tools) -> frozenset[Address]:
    """Files of which the rows may still come: the first time, `--safe-only` leaves them to the next run."""
    return frozenset(one.change.address for one in results if one.awaited and tools.safe_only)


def _look_again(
    question: Question, tools: Tools, state: State, may_come: frozenset[Address]
) -> tuple[Convergence, tuple[str, ...]]:
    try:
        found = propose(asked_again(question, state), tools.writer, tools.observer)
    except PmsyncError as error:
        return Convergence.NOT, (f"the tenant could not be read again: {error}",)
    open_ = [change for change in found.steps if not is_pending(change)]
    awaited = [one for one in open_ if one.address in may_come and one.block and one.block.code in UNSURE]
    left = (*_left(found), *(f"{one.address}: {one.reason.sentence}" for one in awaited))
    remaining = tuple(_still_to_do(change) for change in open_ if change not in awaited)
    if remaining:
        return Convergence.NOT, (*left, *remaining)
    return (Convergence.EXCEPT if left else Convergence.CONVERGED), left


def _still_to_do(change: AnyChange) -> str:
    return f"{action_of(change)} {change.address}: {change.reason.sentence}"


def _waits(change: AnyChange) -> str:
    why = change.block.sentence if change.block else change.reason.sentence
    return f"{change.address}: the old dataset ({change.live_id}) {why}"


def _left_undone(change: AnyChange) -> int:
    """The exit code for something that stays pending: a file that is here was not sent, or nobody knows."""
    code = change.block.code if change.block else None
    if code is BlockCode.DATA:
        return InputError.exit_code
    if code in UNSURE:
        return Unconfirmed.exit_code
    is_file = isinstance(change, Upload) or change.address.kind is Kind.SOURCE
    return Refused.exit_code if is_file else 0


def exit_code(report: Report) -> int:
    """What the run came to, as one number.

    Of what `--safe-only` leaves pending, only structure is no failure: a rename, a delete, an adoption
    without files. Everything done and the tenant still not as declared is `sent, not confirmed`.
    """
    codes = {result.exit_code for result in report.results if result.exit_code}
    codes |= {_left_undone(result.change) for result in report.of(Fate.PENDING)} - {0}
    held_up = any(not is_pending(result.change) for result in report.of(Fate.PENDING))
    if not codes and report.convergence is Convergence.NOT and not held_up:
        codes = {ExitCode.UNCONFIRMED}
    return ranked(codes)
