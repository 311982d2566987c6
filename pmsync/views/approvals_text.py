"""The block for approvals.yaml that would give every consent a plan still lacks.

Each line is bound to environment, address, kind and live id (and to the content of a file), so pasting it
can never agree to more than what the plan shows. Values are written as quoted YAML.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pmsync.model.document import ChangeLine, PlanDocument
from pmsync.views.escape import to_json
from pmsync.views.lines import BLANK, MARGIN, Line, Look, Piece, Style, line, paragraph
from pmsync.views.plan_words import needs_consent
from pmsync.views.quantities import count

_MOST_SHOWN: Final = 200
"""Approvals up to which the block is shown."""


def approvals_block(document: PlanDocument, look: Look) -> list[Line]:
    """What to paste into approvals.yaml; no lines where no consent is lacking."""
    entries = (entry for change in document.changes if needs_consent(change) for entry in _entries(change))
    wanted = dict.fromkeys(entries)
    if not wanted:
        return []
    if len(wanted) > _MOST_SHOWN:
        words = (
            f"Or approve them in approvals.yaml: {count(len(wanted), 'approval')}, each with the address, "
            "kind and id that --format json shows."
        )
        return [BLANK, *paragraph(words, width=look.width)]
    words = "Or approve it in approvals.yaml, reviewed and merged like everything else:"
    yaml = ["apiVersion: pmsync/v1", "approvals:"]
    for entry in wanted:
        pairs = [("environment", document.environment), *entry]
        yaml += [
            f"{'  - ' if index == 0 else '    '}{key}: {_scalar(value)}"
            for index, (key, value) in enumerate(pairs)
        ]
    lines = [line(Piece(text, Style.COMMAND), indent=MARGIN) for text in yaml]
    return [BLANK, *paragraph(words, width=look.width), *lines]


def _entries(change: ChangeLine) -> Iterable[tuple[tuple[str, str], ...]]:
    for consent in change.needs:
        entry = (("address", change.address), ("consent", consent), ("id", change.live_id))
        yield (*entry, ("content", change.content)) if change.content else entry


def _scalar(text: str) -> str:
    """A word as it is; everything else in double quotes, which YAML reads as JSON does.

    But for what JSON writes as two halves: YAML has one escape for it.
    """
    plain = text.replace("-", "").replace("_", "")
    if plain.isascii() and plain.isalpha():
        return text
    quoted = to_json(text)
    for char in {char for char in text if char > "\uffff"}:
        quoted = quoted.replace(to_json(char)[1:-1], f"\\U{ord(char):08x}")
    return quoted
