"""The single lines of a plan: where it is for, what it comes to, what to type next; marks and verbs.

Everything is worked out from the document alone, so that a saved plan reads like a fresh one.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from typing import Final

from pmsync.model.document import ChangeLine, PlanDocument
from pmsync.model.plan import Action
from pmsync.model.reason import BlockCode
from pmsync.views.escape import terminal
from pmsync.views.lines import Style
from pmsync.views.quantities import count, size
from pmsync.views.remedies import apply_command

_VENDOR: Final = "api.processmind.com"  # the host that need not be said
_ID_SHOWN: Final = 8
_LEFTOVERS_SHOWN: Final = 20

MARKS: Final = {
    Action.CREATE: ("+", Style.GOOD),
    Action.ADOPT: ("~", Style.CHANGE),
    Action.MOVE: ("~", Style.CHANGE),
    Action.RECORD: ("~", Style.CHANGE),
    Action.FORGET: ("-", Style.CHANGE),
    Action.UPLOAD: ("+", Style.GOOD),
    Action.REPLACE: ("~", Style.BAD),
    Action.DELETE: ("-", Style.BAD),
    Action.NO_OP: (" ", Style.PLAIN),
    Action.BLOCKED: ("!", Style.ALARM),
}
_VERBS: Final = {
    Action.CREATE: "create",
    Action.ADOPT: "adopt",
    Action.MOVE: "move",
    Action.RECORD: "update state",
    Action.FORGET: "forget",
    Action.UPLOAD: "upload",
    Action.REPLACE: "replace",
    Action.DELETE: "delete",
}
_TO_DO: Final = {Action.RECORD: "to update in the state"}
"""Where "to" and the verb alone do not say it."""


def where(document: PlanDocument) -> str:
    """The first line of every plan and apply: `environment prod · tenant 7b1d… · protected`."""
    return place(
        document.environment,
        "" if document.emulated else document.tenant_id,
        host=document.host,
        protected=document.protected,
    )


def place(environment: str, tenant_id: str, *, host: str, protected: bool) -> str:
    """Environment and tenant in one line; no tenant id stands for the embedded emulator."""
    parts = [f"environment {terminal(environment)}"]
    if not tenant_id:
        parts.append("emulator, nothing real is touched")
    else:
        shown = tenant_id if len(tenant_id) <= _ID_SHOWN else f"{tenant_id[:4]}…"
        parts.append(f"tenant {terminal(shown)}")
        if host != _VENDOR:
            parts.append(f"at {terminal(host)}")
    if protected:
        parts.append("protected")
    return " · ".join(parts)


def action(change: ChangeLine) -> Action:
    """The action by its word; a word that this version does not know is shown as blocked, not guessed."""
    try:
        return Action(change.action)
    except ValueError:
        return Action.BLOCKED


def mark(change: ChangeLine) -> tuple[str, Style]:
    """`+ ~ - !` and its colour. An upload over rows that leave is a change, not an addition."""
    if is_blocked(change):
        return MARKS[Action.BLOCKED]
    if action(change) is Action.UPLOAD and change.reason != "new":
        return "~", Style.CHANGE
    return MARKS[action(change)]


def verb(change: ChangeLine) -> str:
    """What would be done, in a word; empty where that is still to be chosen."""
    return _VERBS.get(action(change), "")


def summary(document: PlanDocument) -> str:
    """One line, such as `Plan: 3 to create, 4 to upload (1.2 MiB, 12 rows), 1 blocked; 21 unchanged.`."""
    if not document.changes:
        return _no_changes(document)
    ready = [change for change in document.changes if change.block is None]
    counts = Counter(action(change) for change in ready)
    parts = [f"{counts[kind]:,} {to_do(kind)}{extent(ready, kind)}" for kind in _VERBS if counts[kind]]
    blocked = sum(is_blocked(change) for change in document.changes)
    waiting = {"blocked": blocked, "pending": len(document.changes) - len(ready) - blocked}
    parts += [f"{number:,} {word}" for word, number in waiting.items() if number]
    return f"Plan: {', '.join(parts)}; {document.unchanged:,} unchanged."


def _no_changes(document: PlanDocument) -> str:
    if document.drift:
        return f"No changes; {count(len(document.drift), 'thing')} drifted, {document.unchanged:,} unchanged."
    certain = [one for one in document.duplicates if one.certain]
    if certain:
        return f"No changes; {count(len(certain), 'duplicate')}, {document.unchanged:,} unchanged."
    if document.leftovers and not document.options.destroy:
        return f"No changes; {count(len(document.leftovers), 'leftover')}, {document.unchanged:,} unchanged."
    chosen = document.options.select or document.options.exclude
    if chosen:
        return f"No changes. What was selected of {terminal(document.environment)} is in sync."
    return f"No changes. {terminal(document.environment)} is in sync."


def to_do(kind: Action) -> str:
    """What is to be done, as counts say it: `to create`."""
    if kind in _TO_DO or kind not in _VERBS:
        return _TO_DO.get(kind, kind.value)
    return f"to {_VERBS[kind]}"


def extent(ready: Sequence[ChangeLine], kind: Action) -> str:
    """How much the changes of this kind send or delete, in brackets; empty where that says nothing."""
    mine = [change for change in ready if action(change) is kind]
    if kind is Action.UPLOAD:
        total, rows = sum(one.size or 0 for one in mine), sum(one.rows or 0 for one in mine)
        return f" ({size(total)}, {count(rows, 'row')})"
    if kind is Action.DELETE:
        rows = sum(one.stake.rows for one in mine if one.stake)
        return f" ({count(rows, 'row')})"
    return ""


def left_over(document: PlanDocument) -> tuple[str, ...]:
    """A line for each of what nobody declares any more and the API cannot remove; of many the first."""
    found = document.leftovers
    if not found:
        return ()
    if document.options.destroy:
        names = ", ".join(terminal(left.address) for left in found)
        return (f"What stays, as the API cannot remove it: {names}.",)
    lines = [f"Left over: {terminal(one.address)}{_rows_left(one.rows)}" for one in found[:_LEFTOVERS_SHOWN]]
    if more := found[_LEFTOVERS_SHOWN:]:
        rows = count(sum(one.rows or 0 for one in more), "row")
        lines.append(f"Left over: {len(more):,} more ({rows})")
    return (*lines, "What is left over is no longer declared, and the API cannot remove it.")


def _rows_left(rows: int | None) -> str:
    return "" if rows is None else f" ({count(rows, 'row')})"


def following(document: PlanDocument, *, saved_as: str = "") -> tuple[str, str]:
    """What to do next, and the command for it (or nothing). `saved_as`: the file the plan was saved in."""
    blocked = [change for change in document.changes if is_blocked(change)]
    if document.options.refresh_only or all(is_pending(change) for change in document.changes):
        return "", ""
    if saved_as and not blocked:
        return "Next:", f"pmsync apply {shlex.quote(saved_as)}"
    if not blocked:
        return "Next:", apply_command(document)
    if len(blocked) < len(document.changes) and not document.options.destroy:
        return "Next: resolve the blocked changes above; to run only the rest:", (
            f"{apply_command(document)} --safe-only"
        )
    return "Next: resolve the blocked changes above; nothing is applied until then.", ""


def needs_consent(change: ChangeLine) -> bool:
    """Whether a consent alone would let it run."""
    return is_pending(change) or (change.block is not None and change.block.code == BlockCode.CONSENT)


def is_pending(change: ChangeLine) -> bool:
    """Whether it waits for a consent, and nothing waits for it."""
    return change.block is not None and change.block.code == BlockCode.PENDING


def is_blocked(change: ChangeLine) -> bool:
    """Whether it may not run, and holds up what is to run with it."""
    return change.block is not None and not is_pending(change)
