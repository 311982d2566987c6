"""Plans of very many changes as counts: what matters of them is still listed, up to a bound.

Listed stays what deletes data, what is blocked, and what needs another consent than to adopt. This module
must not know how a single change looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from pmsync.model.address import Address
from pmsync.model.consent import Consent
from pmsync.model.document import ChangeLine
from pmsync.model.plan import Action
from pmsync.views.escape import terminal
from pmsync.views.lines import MARGIN, Line, Look, Piece, Style, columns, line, paragraph
from pmsync.views.plan_words import action, extent, is_blocked, needs_consent, to_do
from pmsync.views.quantities import count

MOST_LISTED: Final = 1_000
"""Changes up to which a plan is listed whole."""
SHOWN: Final = 100
"""What matters of a longer one is listed up to here."""
_DATASETS_SHOWN: Final = 50


def listed(changes: Sequence[ChangeLine]) -> tuple[list[ChangeLine], list[ChangeLine]]:
    """What is listed one by one, what deletes data first, and what is only counted."""
    if len(changes) <= MOST_LISTED:
        return list(changes), []
    heavy = sorted(filter(_weighs, changes), key=lambda one: one.stake is None)[:SHOWN]
    shown = {id(one) for one in heavy}
    return heavy, [one for one in changes if id(one) not in shown]


def counted(changes: Sequence[ChangeLine], look: Look) -> list[Line]:
    """The changes in sums: for each dataset, or, of many datasets, for each kind of thing."""
    groups = _by_dataset(changes)
    if len(groups) > _DATASETS_SHOWN:
        groups = _by_kind(changes)
    heavy = sum(map(_weighs, changes))
    more = f", {heavy:,} of them delete data or are blocked" if heavy else ""
    words = f"{count(len(changes), 'change')} by their counts{more} (all of them: --format json):"
    lines = paragraph(words, width=look.width)
    rows = columns([[name, ", ".join(_sums(some))] for name, some in groups.items()])
    for row in rows:
        hang = min(len(rows[0][0]), look.width // 2)
        lines += paragraph("".join(row), width=look.width, indent=MARGIN, hang=hang)
    return lines


def agreement(changes: Sequence[ChangeLine], look: Look) -> list[Line]:
    """The one command that agrees to all adoptions among them; no lines where there are none."""
    adopts = [one for one in changes if _asks(one) and _only_adopts(one) and one.block is not None]
    if not adopts or adopts[0].block is None:
        return []
    lines: list[Line] = []
    for remedy in adopts[0].block.remedies:
        lines += paragraph(f"→ {terminal(remedy.meaning)}:", width=look.width, indent=MARGIN, hang=MARGIN)
        lines.append(line(Piece(terminal(remedy.text), Style.COMMAND), indent=3 * MARGIN))
    return lines


def _weighs(change: ChangeLine) -> bool:
    """Whether somebody must look at it before anything is sent."""
    return change.stake is not None or (_asks(change) and not _only_adopts(change))


def _asks(change: ChangeLine) -> bool:
    return is_blocked(change) or needs_consent(change)


def _only_adopts(change: ChangeLine) -> bool:
    return needs_consent(change) and set(change.needs) == {Consent.ADOPT}


def _by_dataset(changes: Iterable[ChangeLine]) -> dict[str, list[ChangeLine]]:
    found: dict[str, list[ChangeLine]] = {}
    for change in changes:
        address = Address(change.address)
        is_folder = address.startswith("folder:")
        name = "folders" if is_folder else terminal(str(address.dataset_address))
        found.setdefault(name, []).append(change)
    return found


def _by_kind(changes: Iterable[ChangeLine]) -> dict[str, list[ChangeLine]]:
    found: dict[str, list[ChangeLine]] = {}
    for change in changes:
        found.setdefault(f"{Address(change.address).kind.value}s", []).append(change)
    return found


def _sums(changes: list[ChangeLine]) -> list[str]:
    kinds = Counter(action(change) for change in changes)
    asked = {action(change) for change in changes if needs_consent(change)}
    return [
        f"{kinds[kind]:,} {to_do(kind)}{extent(changes, kind)}{' with your consent' if kind in asked else ''}"
        for kind in Action
        if kinds[kind]
    ]
