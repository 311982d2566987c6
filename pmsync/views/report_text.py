"""What an apply came to, as text: each change's fate, what to do about it, and one last line.

The last line is what a reader of a CI log looks for: `converged`, `converged except …` or
`not converged: …`. This module must not know how anything was executed.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from typing import Final, assert_never

from msgspec.structs import replace

from pmsync.model.plan import Action, Upload, action_of
from pmsync.model.report import Convergence, Fate, Report, Result
from pmsync.views.escape import terminal
from pmsync.views.lines import BLANK, MARGIN, Line, Look, Piece, Style, line, paragraph, render, sentence
from pmsync.views.plan_counts import MOST_LISTED, SHOWN
from pmsync.views.quantities import count, size

_FATES: Final = {
    Fate.DONE: ("✓", Style.GOOD),
    Fate.FAILED: ("✗", Style.ALARM),
    Fate.UNCONFIRMED: ("?", Style.CHANGE),
    Fate.SKIPPED: ("-", Style.FAINT),
    Fate.PENDING: ("!", Style.CHANGE),
}
_PAST: Final = {
    Action.CREATE: "created",
    Action.ADOPT: "adopted",
    Action.MOVE: "moved",
    Action.RECORD: "state updated",
    Action.FORGET: "forgotten",
    Action.UPLOAD: "uploaded",
    Action.REPLACE: "replacement made",
    Action.DELETE: "deleted",
    Action.NO_OP: "in sync",
    Action.BLOCKED: "blocked",
}
_NEXT: Final = {
    Fate.UNCONFIRMED: ("Next, once ProcessMind has had time to load the rows:", "plan"),
    Fate.FAILED: ("Next, once the cause is fixed (what is done stays done):", "apply"),
    Fate.SKIPPED: ("Next, to go on (what is done stays done):", "apply"),
    Fate.PENDING: ("Next, for what is pending and what resolves it:", "plan"),
}
"""What to say and which command to name after a run; the first fate that any change had counts."""

_REMAINING_SHOWN: Final = 20


def report_text(report: Report, look: Look, *, environment: str, told: bool = False) -> str:
    """The report for people. `told`: what was done has been shown already, change by change."""
    lines: list[Line] = []
    many = len(report.results) > MOST_LISTED
    for fate in Fate:
        if fate is Fate.DONE and many:
            lines += _done_in_sums(report.of(fate))
        elif fate is not Fate.DONE or not told:
            lines += _listed(report.of(fate), look, bound=SHOWN if many else len(report.results))
    if lines or told:
        lines.append(BLANK)
    counts = sentence(_counts(report), look)
    return render(
        [*lines, *counts, *_next(report, look, environment=environment), *last_lines(report, look)], look
    )


def _listed(results: Sequence[Result], look: Look, *, bound: int) -> list[Line]:
    lines = [one for result in results[:bound] for one in _result(result, look)]
    if len(results) > bound:
        more = len(results) - bound
        lines.append(line(f"… and {more:,} more {results[0].fate.value} (all of them: --format json)"))
    return lines


def _done_in_sums(results: Sequence[Result]) -> list[Line]:
    """What was done, counted by kind."""
    sign, style = _FATES[Fate.DONE]
    kinds = Counter(action_of(result.change) for result in results)
    return [line(Piece(sign, style), f" {kinds[kind]:,} {_PAST[kind]}") for kind in Action if kinds[kind]]


def result_line(result: Result) -> str:
    """One change's fate in one line, escaped: `✓ created order-to-cash (id 7b1d…)`."""
    change = result.change
    extent = (
        f" ({size(change.file.size)}, {count(change.file.rows, 'row')})" if isinstance(change, Upload) else ""
    )
    id_ = f" (id {terminal(result.live_id)})" if result.live_id and not extent else ""
    note = f": {terminal(result.note)}" if result.note else ""
    return f"{_FATES[result.fate][0]} {_did(result)} {terminal(change.address)}{extent}{id_}{note}"


def last_lines(report: Report, look: Look) -> list[Line]:
    """Whether the tenant now shows what is declared; what is told above of a change is not told again."""
    told = {result.change.address for result in report.results if result.fate is not Fate.DONE}
    news = [one for one in report.remaining if _about(one) not in told]
    above = len(report.remaining) - len(news)
    shown = [f"see the {count(above, 'change')} above"] if above else []
    shown += [terminal(sentence) for sentence in news[:_REMAINING_SHOWN]]
    if len(news) > _REMAINING_SHOWN:
        shown.append(f"and {len(news) - _REMAINING_SHOWN:,} more")
    match report.convergence:
        case Convergence.CONVERGED:
            return [line(Piece("converged", Style.GOOD))]
        case Convergence.EXCEPT:
            text, style = "converged, except ", Style.CHANGE
        case Convergence.NOT:
            text, style = "not converged: ", Style.BAD
        case _:
            assert_never(report.convergence)
    return paragraph(text + ("; ".join(shown) or "see above"), width=look.width, style=style, hang=MARGIN)


def _about(remaining: str) -> str:
    """The address in `action address: why`."""
    return remaining.partition(": ")[0].partition(" ")[2]


def result_lines(result: Result, look: Look) -> list[Line]:
    """One change's fate on as many lines as it takes, the sign in its colour."""
    _, style = _FATES[result.fate]
    sign, _, rest = result_line(result).partition(" ")
    first, *more = sentence(rest, look if look.whole else replace(look, width=look.width - MARGIN))
    lines = [line(Piece(sign, style), " ", *first.pieces)]
    return [*lines, *(line(*one.pieces, indent=MARGIN) for one in more)]


def _result(result: Result, look: Look) -> list[Line]:
    lines = result_lines(result, look)
    why = result.problem or ("" if result.change.block is None else result.change.block.sentence)
    if why and result.fate is not Fate.DONE:
        lines += paragraph(terminal(why), width=look.width, indent=2 * MARGIN)
    if result.hint and result.fate is not Fate.DONE:
        lines += paragraph(f"→ {terminal(result.hint)}", width=look.width, indent=2 * MARGIN, hang=MARGIN)
    return lines


def _did(result: Result) -> str:
    action = action_of(result.change)
    match result.fate:
        case Fate.DONE:
            return _PAST[action]
        case Fate.FAILED:
            return f"failed: {action.value}"
        case Fate.UNCONFIRMED:
            return f"sent, not confirmed: {action.value}"
        case Fate.SKIPPED:
            return f"skipped: {action.value}"
        case Fate.PENDING:
            return "pending" if action is Action.BLOCKED else f"pending: {action.value}"
        case _:
            assert_never(result.fate)


def _counts(report: Report) -> str:
    parts = [f"{len(report.of(fate)):,} {fate.value}" for fate in Fate if report.of(fate)]
    return f"Apply: {', '.join(parts) or 'nothing to do'}."


def _next(report: Report, look: Look, *, environment: str) -> list[Line]:
    """The one command that goes on from here."""
    known = (words for fate, words in _NEXT.items() if report.of(fate))
    otherwise = ("Next:", "plan") if report.convergence is Convergence.NOT else None
    found = next(known, otherwise)
    if found is None:
        return []
    words, command = found
    whole = terminal(f"pmsync {command} -e {shlex.quote(environment)}")
    return [*sentence(words, look), line(Piece(whole, Style.COMMAND), indent=MARGIN)]
