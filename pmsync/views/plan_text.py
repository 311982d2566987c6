"""A plan as text: where, what would be destroyed, the tree of changes, and what it comes to.

Commands to paste stand on lines of their own and are never wrapped or cut. Everything foreign passes
`terminal` on its way in. This module must not know options or streams: warnings are offered apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pmsync.model.address import Address
from pmsync.model.document import BlockLine, ChangeLine, PlanDocument, RemedyLine, StakeLine, WayOutLine
from pmsync.model.plan import Action
from pmsync.model.reason import BlockCode, ReasonCode
from pmsync.views.approvals_text import approvals_block
from pmsync.views.escape import terminal
from pmsync.views.lines import (
    BLANK,
    MARGIN,
    Line,
    Look,
    Piece,
    Style,
    columns,
    line,
    padded,
    paragraph,
    render,
    sentence,
    shortened,
    size_of,
)
from pmsync.views.plan_counts import agreement, counted, listed
from pmsync.views.plan_tree import Node, label, tree, walk
from pmsync.views.plan_words import action, following, left_over, mark, summary, verb, where
from pmsync.views.quantities import count, size

_LOST_SHOWN = 20
_WARNINGS_SHOWN = 20
_NEW_ID = "it gets a new id; analyses built on the old one must be re-pointed"


def plan_text(document: PlanDocument, look: Look, *, saved_as: str = "") -> str:
    """The whole plan for people. `saved_as`: the file it was saved in, for the command that comes next."""
    body = [
        *plan_lines(document, look),
        *approvals_block(document, look),
        BLANK,
        *sentence(summary(document), look, style=Style.STRONG, hang=MARGIN),
        *_next(document, look, saved_as),
    ]
    return render(body, look)


def proposed_text(document: PlanDocument, look: Look) -> str:
    """The plan as apply shows it before it runs: what comes next is for apply to say."""
    body = [*plan_lines(document, look), *approvals_block(document, look), BLANK]
    return render([*body, *sentence(summary(document), look, style=Style.STRONG, hang=MARGIN), BLANK], look)


def plan_lines(document: PlanDocument, look: Look) -> list[Line]:
    """The plan without its summary: what apply shows before it asks."""
    lines = sentence(where(document), look, style=Style.STRONG)
    changes, rest = listed(document.changes)
    destructive = [change for change in changes if change.stake is not None]
    others = [change for change in changes if change.stake is None]
    if destructive:
        lines += [BLANK, line(Piece("These delete data:", Style.BAD))]
        lines += _entries(tree(destructive), look, others)
    if others:
        lines += [BLANK, line("Changes:")] if destructive else [BLANK]
        lines += _entries(tree(others), look, others)
    if rest:
        lines += [BLANK, *counted(rest, look), *agreement(rest, look)]
    return [*lines, *_around(document, look)]


def warnings(document: PlanDocument) -> tuple[str, ...]:
    """What is worth a warning on the error stream, one line each; of many about data files the first."""
    about_files = [note for note in document.notes if note.code]
    shown = [*(note for note in document.notes if not note.code), *about_files[:_WARNINGS_SHOWN]]
    lines = [
        f"warning: {terminal(note.address)}: {terminal(note.sentence)}"
        if note.address
        else f"warning: {terminal(note.sentence)}"
        for note in shown
    ]
    more = len(about_files) - _WARNINGS_SHOWN
    if more > 0:
        lines.append(f"warning: and {more:,} more about data files (pmsync validate lists them)")
    return tuple(lines)


def _next(document: PlanDocument, look: Look, saved_as: str) -> list[Line]:
    words, command = following(document, saved_as=saved_as)
    lines = [BLANK, *paragraph(words, width=look.width)] if words else []
    return [*lines, _command(command, MARGIN)] if command else lines


def _entries(nodes: list[Node], look: Look, created: Sequence[ChangeLine]) -> list[Line]:
    new = {one.address for one in created if action(one) is Action.CREATE}
    column = _label_column(nodes, look)
    return [one for node in walk(nodes) for one in _node(node, look, column, new)]


def _label_column(nodes: list[Node], look: Look) -> int:
    """Where the details begin: after the longest label, but not past two fifths of the width."""
    longest = max(
        (MARGIN * node.depth + size_of(terminal(label(node.address, node.depth))) for node in walk(nodes)),
        default=0,
    )
    return min(longest + 2 * MARGIN, look.width * 2 // 5) + MARGIN


def _node(node: Node, look: Look, column: int, new: set[str]) -> list[Line]:
    name = terminal(label(node.address, node.depth))
    if not node.changes:
        return _entry(Piece(" "), name, [], (look, column, node.depth))
    lines: list[Line] = []
    for change in node.changes:
        sign, style = mark(change)
        details = _details(change, parent_is_new=_parent_is_new(node.address, new))
        lines += _entry(Piece(sign, style), name, details, (look, column, node.depth))
        lines += _beneath(change, look, MARGIN * (node.depth + 2) + MARGIN)
    return lines


def _entry(sign: Piece, name: str, details: list[str], at: tuple[Look, int, int]) -> list[Line]:
    """`  + label    details`: details wrap at their column; a long label has a line of its own."""
    look, column, depth = at
    indent = MARGIN * (depth + 1)
    start = indent + 2
    shown = name if look.whole else shortened(name, max(look.width - start, 20))
    head = [sign, Piece(" "), Piece(shown)]
    if not details:
        return [line(*head, indent=indent)]
    rest = paragraph(details, width=look.width, indent=column, style=Style.FAINT)
    if start + size_of(shown) + 2 > column:
        return [line(*head, indent=indent), *rest]
    first = padded(shown, column - start)
    return [line(sign, " ", first, *rest[0].pieces, indent=indent), *rest[1:]]


def _parent_is_new(address: Address, new: set[str]) -> bool:
    parents = {str(address.datatable_address), str(address.dataset_address)} - {str(address)}
    return not address.startswith("folder:") and bool(parents & new)


def _details(change: ChangeLine, *, parent_is_new: bool) -> list[str]:
    match action(change):
        case Action.UPLOAD:
            return _upload_details(change)
        case Action.CREATE:
            said = [] if parent_is_new else [terminal(change.sentence)]
            return [_named(change), *said]
        case Action.DELETE | Action.REPLACE | Action.ADOPT:
            # The id need not be said twice.
            told = f"id {change.live_id}" if change.live_id in change.sentence else ""
            facts = [terminal(fact) for fact in change.facts if fact != told]
            return [f"{verb(change)} {_named(change)}", *facts, terminal(change.sentence)]
        case Action.MOVE:
            origin = f"moved from {change.origin}"
            first = [] if change.sentence.startswith(origin) else [terminal(origin)]
            return [*first, terminal(change.sentence)]
        case Action.RECORD | Action.FORGET:
            return [f"{_in_the_state(change)}: {terminal(change.sentence)}"]
        case _:
            return [terminal(change.drift or change.sentence)]


def _in_the_state(change: ChangeLine) -> str:
    """What becomes of the state alone, in words."""
    if change.reason == ReasonCode.ROWS_SEEN:
        return "confirm upload (state only)"
    return f"{verb(change)} (no data moves)" if action(change) is Action.RECORD else verb(change)


def _named(change: ChangeLine) -> str:
    """The display name, and the folder where there is one."""
    place = (
        f" in {terminal(change.folder)}" if change.folder and not change.address.startswith("folder:") else ""
    )
    return f"'{terminal(change.name)}'{place}"


def _upload_details(change: ChangeLine) -> list[str]:
    """Size, rows, why, and the sum where rows are there already."""
    sentence = "" if change.sentence.startswith("new: ") else terminal(change.sentence)
    parts = [size(change.size or 0)]
    if f"{change.rows or 0:,}" not in sentence:
        parts.append(count(change.rows or 0, "row"))
    if change.name and change.name != Address(change.address).key:
        parts.append(f"as '{terminal(change.name)}'")
    if sentence:
        parts.append(sentence)
    total = _sum(change)
    if total and total not in sentence:
        parts.append(total)
    return parts


def _sum(change: ChangeLine) -> str:
    """`12,431 + 8,000 = 20,431 rows`: what the datatable holds after this file, where that may surprise."""
    before, after, rows = change.rows_before, change.rows_after, change.rows
    if not before or after is None or rows is None:
        return ""
    leaving = before + rows - after
    if leaving == before:
        return ""
    minus = f" - {leaving:,}" if leaving else ""
    return f"{before:,}{minus} + {rows:,} = {count(after, 'row')}"


def _beneath(change: ChangeLine, look: Look, indent: int) -> list[Line]:
    """What stands under a change: what it takes away, and what stands in its way."""
    lines = [] if change.stake is None else _stake(change, change.stake, look, indent)
    if change.block is not None:
        lines += _block(change.block, change.sentence, look, indent)
    return lines


def _stake(change: ChangeLine, stake: StakeLine, look: Look, indent: int) -> list[Line]:
    goes = f"{count(stake.datatables, 'datatable')} with {count(stake.rows, 'row')}"
    goes += f", last loaded {terminal(stake.last_upload)}" if stake.last_upload else ""
    lines = paragraph(goes, width=look.width, indent=indent, style=Style.STRONG)
    if action(change) is Action.REPLACE:
        lines += paragraph(_NEW_ID, width=look.width, indent=indent, style=Style.STRONG)
    if not stake.lost:
        return lines
    lines.append(line(Piece("does not come back:", Style.ALARM), indent=indent))
    shown = [
        [terminal(loss.what), "? rows" if loss.rows is None else count(loss.rows, "row"), terminal(loss.why)]
        for loss in stake.lost[:_LOST_SHOWN]
    ]
    inner = indent + MARGIN
    for row in columns(shown):
        lines += paragraph("".join(row), width=look.width, indent=inner, hang=MARGIN)
    if len(stake.lost) > _LOST_SHOWN:
        more = len(stake.lost) - _LOST_SHOWN
        lines.append(line(f"… and {more:,} more (all of them: --format json)", indent=inner))
    return lines


def _block(block: BlockLine, told: str, look: Look, indent: int) -> list[Line]:
    lines: list[Line] = []
    if block.sentence and block.sentence != told:
        word = "pending" if block.code == BlockCode.PENDING else "blocked"
        text = f"{word}: {terminal(block.sentence)}"
        lines += paragraph(text, width=look.width, indent=indent, style=Style.ALARM, hang=MARGIN)
    for remedy in block.remedies or map(_of_before, block.ways_out):
        lines += _remedy(remedy, look, indent, mark="→ ")
    return lines


def _remedy(remedy: RemedyLine, look: Look, indent: int, *, mark: str = "") -> list[Line]:
    """What it means, the line to paste, and in the same way what comes after it."""
    place = f" ({terminal(remedy.file)}:{remedy.line})" if remedy.kind == "edit" and remedy.line else ""
    colon = ":" if remedy.text else ""
    text = f"{mark}{terminal(remedy.meaning)}{place}{colon}"
    lines = paragraph(text, width=look.width, indent=indent, hang=MARGIN)
    if remedy.text:
        lines.append(_command(remedy.text, indent + 2 * MARGIN))
    for step in remedy.then:
        lines += _remedy(step, look, indent + MARGIN)
    return lines


def _of_before(way: WayOutLine) -> RemedyLine:
    """A remedy of a plan that an older pmsync saved."""
    return RemedyLine(kind="", meaning=way.meaning, text=way.command)


def _command(text: str, indent: int) -> Line:
    return line(Piece(terminal(text), Style.COMMAND), indent=indent)


def _around(document: PlanDocument, look: Look) -> list[Line]:
    """What is no change: drift, leftovers, and what nobody here manages."""
    lines: list[Line] = []
    if document.drift:
        lines += [
            BLANK,
            *sentence("Drift (ProcessMind differs from the state; nothing is done about it):", look),
        ]
        lines += _entries(tree(document.drift), look, ())
    said = [*left_over(document), *_unmanaged(document)]
    lines += [BLANK] if said else []
    return [*lines, *(one for text in said for one in paragraph(text, width=look.width))]


def _unmanaged(document: PlanDocument) -> Iterable[str]:
    if not document.unmanaged:
        return ()
    return (f"{count(document.unmanaged, 'dataset')} in the tenant not managed here, and never touched.",)
